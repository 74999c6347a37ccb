"""The landscape's gradient by JAX, its local minimum by Newton's method, and the Hessian there."""

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)


def landscape(x, centers, depth, width):
    return x @ x / 2 - depth * jnp.exp(-((x - centers) ** 2).sum(1) / (2 * width**2)).sum()


centers = jnp.array([[0.5, -0.2, 0.1], [0.3, 0.4, -0.6]])
x = jnp.array([0.2, 0.3, -0.4])
print("value", float(landscape(x, centers, 0.6, 0.5)))
print("gradient", jax.grad(landscape)(x, centers, 0.6, 0.5).tolist())

well = lambda x: landscape(x, jnp.array([[2.0, 0.0]]), 0.7, 0.1)
x = jnp.array([1.97, 0.0])
for _ in range(20):
    x = x - jnp.linalg.solve(jax.hessian(well)(x), jax.grad(well)(x))
print("minimum", x.tolist(), "curvatures", jnp.linalg.eigvalsh(jax.hessian(well)(x)).tolist())
