"""One step of the linear student and of the Langevin equation by loops, a step of the tanh network by JAX, and a semicircle's share."""

import jax
import jax.numpy as jnp
import numpy as np
from scipy.integrate import quad

jax.config.update("jax_enable_x64", True)


def numbers(first, shape):
    k = np.arange(first, first + np.prod(shape))
    return np.sin(1 + k + 0.3 * k * k).reshape(shape)


q, w = numbers(0, (2, 2)), numbers(4, (2, 2))
x, noise = numbers(8, (3, 2)), numbers(14, (3, 2))
gradient = sum(np.outer(w @ x[i] - (q @ x[i] + noise[i]), x[i]) for i in range(3))
print("student", (w - 0.2 / 3 * gradient).ravel().tolist())

levels, t, dt, target = np.array([0.9, 1.05, 1.3]), 0.02, 1e-2, 1.1
normal = numbers(20, (3,))
variance = 2 * t * 4 * target * dt
moved = []
for i in range(3):
    drift = -2 * (levels[i] - target)
    for j in range(3):
        gap = levels[i] - levels[j]
        drift += t * 4 * target * gap / (gap**2 + variance) if i != j else 0
    moved.append(levels[i] + dt * drift + variance**0.5 * normal[i])
print("langevin", moved)

layers = [0.5 * numbers(0, (2, 3)), 0.5 * numbers(6, (3, 3)), 0.5 * numbers(15, (3, 1))]
points, y = numbers(20, (4, 2)), numbers(30, (4,))


def loss(layers, batch):
    h = jnp.tanh(jnp.tanh(points[batch] @ layers[0]) @ layers[1]) @ layers[2]
    return jnp.mean((h[:, 0] - y[batch]) ** 2)


for batch in ([1, 3], [0, 0]):
    layers = [p - 0.2 * g for p, g in zip(layers, jax.grad(loss)(layers, np.array(batch)))]
print("tanh", np.concatenate([np.ravel(p) for p in layers]).tolist())
print("loss", float(loss(layers, np.arange(4))), "singular", np.linalg.svd(layers[1], compute_uv=False).tolist())
print("share", quad(lambda x: 2 / np.pi * np.sqrt(1 - x * x), -1, 0.3)[0])
