"""l_p sensitivities by SciPy: linear programs for p = 1, L-BFGS on the free part of x else. Prints what SamplingTests.swift holds."""
import numpy as np
from scipy.linalg import null_space
from scipy.optimize import linprog, minimize

n, d = 12, 3
i, j = np.meshgrid(np.arange(n), np.arange(d), indexing="ij")
a = np.sin(1 + i * (j + 1)) * (1 + 4 * (i == 2))

def linear(k):
    c = np.r_[np.zeros(d), np.ones(n)]
    bounds = np.block([[a, -np.eye(n)], [-a, -np.eye(n)]])
    result = linprog(c, bounds, np.zeros(2 * n), np.r_[a[k], np.zeros(n)][None], [1], [(None, None)] * (d + n))
    return 1 / result.fun

def smooth(k, p):
    x0, free = a[k] / (a[k] @ a[k]), null_space(a[k][None])
    f = lambda z: np.sum(np.abs(a @ (x0 + free @ z)) ** p)
    return 1 / min(minimize(f, s, method="BFGS", options=dict(gtol=1e-12)).fun for s in [np.zeros(d - 1), np.ones(d - 1)])

for p in [1, 1.5, 3, 4]:
    print(p, ", ".join(f"{linear(k) if p == 1 else smooth(k, p):.9f}" for k in range(n)))
