"""Values and gradients of LinearAlgebraDerivativeTests.swift and FourierTests.swift by NumPy, SciPy and JAX in double precision.

Needs jax and scipy. Run: python3 Tests/TransformsTests/References/linear_algebra.py > Tests/TransformsTests/References/linear_algebra.json

Every case is a real function of one real tensor x to a list of real tensors, free of the signs that LAPACK may choose; the gradient is
that of the sum of cos(i) times number i of all results one after the other.
"""
import json
import sys

import jax
import jax.numpy as jnp
import numpy as np
import scipy.linalg

jax.config.update("jax_enable_x64", True)
random = np.random.default_rng(7)


def positive(a):
    return a @ jnp.swapaxes(a, -1, -2) + jnp.eye(a.shape[-1])


def parts(z):
    return [jnp.real(z), jnp.imag(z)]


def complex_of(x):
    return x[0] + 1j * x[1]


def eigh(a):
    values, vectors = jnp.linalg.eigh(a, symmetrize_input=True)
    return [values, vectors**2]


def svd(a):
    u, s, vt = jnp.linalg.svd(a, full_matrices=False)
    return [u**2, s, vt**2]


def qr(a):
    q, r = jnp.linalg.qr(a)
    return [q**2, r**2]


def log_determinant(a):
    sign, logarithm = jnp.linalg.slogdet(a)
    return [sign, logarithm]


B = jnp.array(random.normal(size=(4, 2)))
CASES = {
    "cholesky": ((2, 4, 4), lambda x: [jnp.linalg.cholesky(positive(x))]),
    "triangularSolve": ((2, 4, 4), lambda x: [
        jax.scipy.linalg.solve_triangular(x[0], x[1], lower=True),
        jax.scipy.linalg.solve_triangular(x[0], x[1], lower=True, trans=1, unit_diagonal=True),
        jax.scipy.linalg.solve_triangular(x[0], x[1], lower=False)]),
    "solve": ((3, 4, 4), lambda x: [jnp.linalg.solve(x[:2], x[2])]),
    "inverse": ((2, 3, 3), lambda x: [jnp.linalg.inv(x)]),
    "determinant": ((3, 3, 3), lambda x: [jnp.linalg.det(x)]),
    "logDeterminant": ((3, 3, 3), lambda x: log_determinant(x)),
    "eigh": ((2, 4, 4), eigh),
    "svdTall": ((2, 5, 3), svd),
    "svdWide": ((2, 3, 5), svd),
    "qr": ((2, 5, 3), qr),
    "pseudoInverse": ((5, 3), lambda x: [jnp.linalg.pinv(x)]),
    "leastSquares": ((5, 5), lambda x: [jnp.linalg.lstsq(x[:, :3], x[:, 3:])[0]]),
    "leastSquaresWide": ((3, 7), lambda x: [jnp.linalg.pinv(x[:, :5]) @ x[:, 5:]]),
    "matrixExponential": ((4, 4), lambda x: [jax.scipy.linalg.expm(x)]),
    "matrixExponentialLarge": ((4, 4), lambda x: [jax.scipy.linalg.expm(8 * x)]),
    "eigenvalueSums": ((4, 4), lambda x: parts(jnp.sum(jnp.linalg.eigvals(x) ** 3)) + parts(
        jnp.prod(jnp.linalg.eigvals(x)))),
    "kronecker": ((2, 2, 3), lambda x: [jnp.kron(x[0], x[1])]),
    "complexMatmul": ((2, 4, 4), lambda x: parts(complex_of(x) @ complex_of(x).T)),
    "complexSolve": ((2, 4, 4), lambda x: parts(jnp.linalg.solve(complex_of(x), complex_of(x).T))),
    "complexFunctions": ((2, 5), lambda x: parts(jnp.exp(complex_of(x))) + [jnp.abs(complex_of(x)), jnp.angle(complex_of(x))]),
    "fft": ((2, 6, 5), lambda x: parts(jnp.fft.fft(complex_of(x), axis=0)) + parts(jnp.fft.ifft(complex_of(x)))),
    "fft2": ((2, 3, 4, 5), lambda x: parts(jnp.fft.fft2(complex_of(x))) + parts(jnp.fft.ifft2(complex_of(x), axes=(0, 2)))),
    "realFFT": ((6, 5), lambda x: parts(jnp.fft.rfft(x)) + parts(jnp.fft.rfft(x, axis=0))),
    "inverseRealFFT": ((2, 4, 5), lambda x: [
        jnp.fft.irfft(complex_of(x)), jnp.fft.irfft(complex_of(x), n=9), jnp.fft.irfft(complex_of(x), axis=0)]),
}


def flat(results):
    return jnp.concatenate([jnp.ravel(r) for r in results])


result = {}
for name, (shape, function) in CASES.items():
    x = jnp.array(np.round(random.normal(size=shape), 3))
    value = flat(function(x))
    weights = jnp.cos(jnp.arange(value.size, dtype=jnp.float64))
    gradient = jax.grad(lambda x: jnp.sum(weights * flat(function(x))))(x)
    assert jnp.all(jnp.isfinite(gradient)), name
    result[name] = {
        "shape": list(shape), "x": np.ravel(x).tolist(), "value": np.ravel(value).tolist(),
        "gradient": np.ravel(gradient).tolist(),
    }

# JAX has no advantage over SciPy here: the exponential of a matrix whose norm needs every degree of the approximant.
for norm in [0.01, 0.2, 0.9, 2.0, 5.0, 40.0]:
    a = random.normal(size=(5, 5))
    a = np.round(a * norm / np.abs(a).sum(axis=0).max(), 6)
    result[f"expm {norm}"] = {"shape": [5, 5], "x": np.ravel(a).tolist(), "value": np.ravel(scipy.linalg.expm(a)).tolist(), "gradient": []}

json.dump(result, sys.stdout, separators=(",", ":"))
print()
