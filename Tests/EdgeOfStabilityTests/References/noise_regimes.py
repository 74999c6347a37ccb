"""SGD on the perceptron in NumPy, and one step of the lazy network with gradients by JAX."""

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)


def numbers(first, shape):
    k = np.arange(first, first + np.prod(shape))
    return np.sin(1 + k + 0.3 * k * k).reshape(shape)


rows, w = numbers(0, (5, 16)), 0.1 * numbers(80, (16,))
for batch in ((0, 3), (4, 1), (2, 2), (1, 0)):
    w = w + 0.7 * sum((rows[i] for i in batch if rows[i] @ w < 0.05), np.zeros(16))
print("w", w.tolist(), "noise", np.linalg.norm(w[1:]))
print("margins", (rows @ w).tolist())


def output(net, x):
    w, a = net
    return a @ jnp.maximum(w @ x / np.sqrt(2), 0) / np.sqrt(3)


x, y = numbers(0, (4, 2)), np.array([1.0, -1, -1, 1])
start = (jnp.array(numbers(10, (3, 2))), jnp.array(numbers(20, (3,))))
alpha, temperature, net = 2.0, 0.3, start


def loss(net, batch):
    f0 = jnp.array([output(start, x[i]) for i in batch])
    f = jnp.array([output(net, x[i]) for i in batch])
    return jnp.mean(jnp.maximum(0, 1 - alpha * y[np.array(batch)] * (f - f0))) / alpha


for batch in ((0, 2), (3, 1), (2, 2)):
    gradient = jax.grad(loss)(net, batch)
    net = jax.tree.map(lambda p, g: p - temperature * 2 * g, net, gradient)
print("network", net[0].ravel().tolist(), net[1].tolist())
change = sum(float(((p - q) ** 2).sum()) for p, q in zip(net, start))
print("change", (change / sum(float((q**2).sum()) for q in start)) ** 0.5)
print("F", [float(alpha * (output(net, v) - output(start, v))) for v in x])
