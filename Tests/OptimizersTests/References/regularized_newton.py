"""Prints the numbers of RegularizedNewtonTests.swift: ten steps of each rule on f(x) = sum log cosh(A x) + |x|^4 / 40."""
import numpy as np

A = np.array([[1.0, 0.5, -0.3], [0.2, 2.0, 0.7], [-0.4, 0.1, 3.0]])
METRIC = np.diag([1.0, 4.0, 9.0])


def value(x): return np.log(np.cosh(A @ x)).sum() + (x @ x) ** 2 / 40
def gradient(x): return A.T @ np.tanh(A @ x) + (x @ x) * x / 10


def hessian(x):
    return A.T @ np.diag(1 - np.tanh(A @ x) ** 2) @ A + (x @ x) * np.eye(3) / 10 + np.outer(x, x) / 5


def run(exponent, test, factor, metric=np.eye(3), curvature=hessian, steps=10):
    x, M, solves = np.array([2.0, -1.0, 1.5]), 1.0, 0
    norm = lambda g: np.sqrt(g @ np.linalg.inv(metric) @ g)
    for _ in range(steps):
        g = gradient(x)
        while True:
            lam = M * norm(g) ** exponent
            solves += 1
            y = x - np.linalg.solve(curvature(x) + lam * metric, g)
            gy = gradient(y)
            if test == "new": ok = value(x) - value(y) >= norm(gy) ** 2 / (8 * lam)
            elif test == "alignment": ok = gy @ (x - y) >= norm(gy) ** 2 / (4 * lam)
            else: ok = value(x) - value(y) >= norm(g) ** 2 / (2 * lam)
            if ok: break
            M *= factor
        x, M = y, M / factor
    return [*map(float, x), M, solves]


zero = lambda x: np.zeros((3, 3))
print("normalized", run(1, "new", 2, steps=5))
print("normalized, metric", run(1, "new", 2, METRIC, steps=5))
print("normalized, zero", run(1, "new", 2, curvature=zero))
print("super-universal", run(2 / 3, "alignment", 4, steps=5))
print("backtracking", run(0, "old", 2, curvature=zero))
