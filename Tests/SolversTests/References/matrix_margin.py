"""Prints the numbers of MatrixMarginTests.

Frobenius: the least distance program by Lawson and Hanson's reduction to non-negative least squares (SciPy's nnls). Nuclear: SLSQP on
W = K Q^T with min (||K||^2 + ||Q||^2) / 2, whose minimum over full factors is the least nuclear norm, the best of many starts.
"""
import numpy as np
from scipy.optimize import minimize, nnls

count, rows, columns = 7, 3, 4
k = np.arange(count * rows * columns, dtype=float)
a = np.sin(1 + k + 0.3 * k**2).reshape(count, rows * columns)

e = np.vstack([a.T, np.ones(count)])
f = np.zeros(rows * columns + 1)
f[-1] = 1
y, _ = nnls(e, f, maxiter=10_000)
r = e @ y - f
w = -r[:-1] / r[-1]
print("frobenius", repr(np.linalg.norm(w)), "margins", (a @ w).min(), w.round(9).tolist())


def parts(x):
    return x[: rows * 3].reshape(rows, 3), x[rows * 3 :].reshape(columns, 3)


def product(x):
    p, q = parts(x)
    return (p @ q.T).ravel()


def jacobian(x):
    p, q = parts(x)
    gp = np.einsum("nij,jk->nik", a.reshape(count, rows, columns), q).reshape(count, -1)
    gq = np.einsum("nij,ik->njk", a.reshape(count, rows, columns), p).reshape(count, -1)
    return np.hstack([gp, gq])


best = None
for seed in range(20):
    x0 = np.random.default_rng(seed).normal(size=(rows + columns) * 3)
    result = minimize(
        lambda x: (x @ x / 2, x), x0, jac=True, method="SLSQP", options={"maxiter": 2000, "ftol": 1e-15},
        constraints={"type": "ineq", "fun": lambda x: a @ product(x) - 1, "jac": jacobian})
    if result.success and (best is None or result.fun < best.fun):
        best = result
w = product(best.x)
s = np.linalg.svd(w.reshape(rows, columns), compute_uv=False)
print("nuclear", repr(best.fun), "margins", (a @ w).min(), "singular values", s, w.round(6).tolist())
