"""Prints the numbers of AugmentedLagrangianTests.swift and EqualityConstrainedTests.swift: solutions by SciPy's SLSQP and trust-constr."""
import numpy as np
from scipy.optimize import NonlinearConstraint, minimize

np.set_printoptions(precision=12, floatmode="fixed")


def solve(name, f, c, start):
    slsqp = minimize(f, start, method="SLSQP", constraints={"type": "eq", "fun": c}, options={"ftol": 1e-15, "maxiter": 1000})
    trust = minimize(f, start, method="trust-constr", constraints=NonlinearConstraint(c, 0, 0),
                     options={"gtol": 1e-10, "xtol": 1e-14, "maxiter": 5000})
    print(name, "SLSQP", slsqp.fun, slsqp.x, "trust-constr", trust.fun, "differ by", abs(slsqp.x - trust.x).max())


# A logistic loss on the sphere with a linear equation, no randomness.
i, j = np.arange(20)[:, None], np.arange(5)[None, :]
features, labels = np.sin(1.3 * i + 2.1 * j + 0.2 * i * j), np.where(np.cos(2.7 * np.arange(20)) > 0, 1.0, -1.0)
solve("logistic", lambda x: np.logaddexp(0, -labels * (features @ x)).mean(),
      lambda x: np.array([x.sum() - 0.5, x @ x - 1]), np.array([1, 0.5, 0, -1, 0.2]))

# Control with six points.
n = 6
h, target = 1 / (n + 1), np.sin(np.pi * np.arange(1, n + 1) / (n + 1))


def equation(x):
    u, q = x[:n], x[n:]
    padded = np.concatenate([[0], u, [0]])
    return 2 * u - padded[:-2] - padded[2:] + h * h * (u ** 3 - q)
solve("control", lambda x: np.sum((x[:n] - target) ** 2) + 1e-3 * np.sum(x[n:] ** 2), equation, np.zeros(2 * n))
