"""Three steps of batch-1 SGD on the patch network, its gradients by JAX from the loss (f - y)²/2."""

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)


def numbers(first, shape):
    k = np.arange(first, first + np.prod(shape))
    return np.sin(1 + k + 0.3 * k * k).reshape(shape)


def output(w, x):
    relu = jnp.maximum(jnp.einsum("jrd,pd->jrp", w, x), 0)
    f = (relu**2).sum((1, 2)) / w.shape[1]
    return f[0] - f[1]


points, labels = numbers(0, (3, 3, 4)), np.array([1.0, -1.0, 1.0])
w = numbers(40, (2, 2, 4))
loss = lambda w, x, y: (output(w, x) - y) ** 2 / 2
shortfall = 0.0
for i in (2, 0, 1):
    margin = float(labels[i] * output(w, points[i]))
    shortfall += 1 - margin if i < 2 else 0
    w = w - 0.3 * np.array(jax.grad(loss)(w, points[i], labels[i]))
print("w", w.ravel().tolist())
print("margin", margin, "shortfall", shortfall)
print("outputs", [float(output(w, x)) for x in points])
