"""Values, first and second derivatives of elementwise functions and reductions by JAX, in double precision.

Writes elementwise.json beside this file. Needs jax and numpy from PyPI (made with jax 0.10.2).
"""

import json
import pathlib

import jax
import jax.numpy as jnp
import jax.scipy.special as special
import numpy as np

jax.config.update("jax_enable_x64", True)

REAL = [-3.1, -1.4, -0.6, -0.02, 0.3, 0.9, 1.7, 2.6]
POSITIVE = [0.003, 0.2, 0.7, 1.0, 1.9, 4.5, 30.0]
UNIT = [-0.97, -0.5, -0.1, 0.2, 0.6, 0.93]

UNARY = {
    "exp": (jnp.exp, REAL), "expm1": (jnp.expm1, REAL), "log": (jnp.log, POSITIVE), "log1p": (jnp.log1p, POSITIVE),
    "sqrt": (jnp.sqrt, POSITIVE), "reciprocalSquareRoot": (jax.lax.rsqrt, POSITIVE), "square": (jnp.square, REAL),
    "reciprocal": (jnp.reciprocal, REAL), "abs": (jnp.abs, REAL), "sign": (jnp.sign, REAL), "floor": (jnp.floor, REAL),
    "ceil": (jnp.ceil, REAL), "round": (jnp.round, REAL), "sin": (jnp.sin, REAL), "cos": (jnp.cos, REAL), "tan": (jnp.tan, REAL),
    "atan": (jnp.arctan, REAL), "erf": (special.erf, REAL), "erfc": (special.erfc, REAL), "erfinv": (special.erfinv, UNIT),
    "tanh": (jnp.tanh, REAL), "sigmoid": (jax.nn.sigmoid, REAL), "softplus": (jax.nn.softplus, REAL),
    "logSigmoid": (jax.nn.log_sigmoid, REAL), "silu": (jax.nn.silu, REAL),
    "gelu": (lambda x: jax.nn.gelu(x, approximate=False), REAL), "geluTanh": (lambda x: jax.nn.gelu(x, approximate=True), REAL),
    "relu": (jax.nn.relu, REAL), "power2.5": (lambda x: x**2.5, POSITIVE), "clamped": (lambda x: jnp.clip(x, -1, 1), REAL),
}

BINARY = {
    "add": jnp.add, "subtract": jnp.subtract, "multiply": jnp.multiply, "divide": jnp.divide, "maximum": jnp.maximum,
    "minimum": jnp.minimum, "power": lambda a, b: jnp.power(jnp.abs(a), b), "atan2": jnp.arctan2,
}

AXES = {
    "sum": lambda x: x.sum(1), "mean": lambda x: x.mean(1), "variance": lambda x: x.var(1), "max": lambda x: x.max(1),
    "min": lambda x: x.min(1), "product": lambda x: x.prod(1), "norm": lambda x: jnp.linalg.norm(x, axis=1),
    "logSumExp": lambda x: special.logsumexp(x, axis=1), "logSoftmax": lambda x: jax.nn.log_softmax(x, axis=1),
    "matmul": lambda x: x @ x.transpose(0, 2, 1),
}


def flat(x):
    return np.asarray(x, np.float64).ravel().tolist()


def unary(f, xs):
    x = jnp.array(xs)
    first = jax.vmap(jax.grad(f))
    return dict(x=xs, y=flat(f(x)), first=flat(first(x)), second=flat(jax.vmap(jax.grad(jax.grad(f)))(x)))


def binary(f):
    a, b = jnp.array([-1.3, 0.4, 2.2, -0.7, 1.1]), jnp.array([0.8, -1.9, 2.7, -0.3, 0.25])
    return dict(
        a=flat(a), b=flat(b), y=flat(f(a, b)), da=flat(jax.vmap(jax.grad(f, 0))(a, b)), db=flat(jax.vmap(jax.grad(f, 1))(a, b)),
        dab=flat(jax.vmap(jax.grad(jax.grad(f, 0), 1))(a, b)))


def along(f):
    x = jnp.array(np.random.default_rng(0).normal(size=(2, 3, 4)))
    y = f(x)
    weights = jnp.array(np.random.default_rng(1).normal(size=y.shape))
    direction = jnp.array(np.random.default_rng(2).normal(size=x.shape))
    loss = lambda x: (weights * f(x)).sum()
    return dict(
        x=flat(x), weights=flat(weights), direction=flat(direction), y=flat(y), gradient=flat(jax.grad(loss)(x)),
        product=flat(jax.jvp(jax.grad(loss), (x,), (direction,))[1]))


results = dict(
    unary={name: unary(f, xs) for name, (f, xs) in UNARY.items()},
    binary={name: binary(f) for name, f in BINARY.items()},
    axes={name: along(f) for name, f in AXES.items()},
)
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(results, indent=1) + "\n")
