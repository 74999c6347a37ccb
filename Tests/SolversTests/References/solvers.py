"""Writes solvers.json: what SciPy finds for the problems in SolverTests.swift."""
import json, pathlib
import numpy as np, scipy.integrate, scipy.optimize

# The symmetric positive definite matrix A_ij = cos(i j) / 4 + 3 (i == j), and b_i = sin(i).
n = 6
i = np.arange(n)
a = np.cos(np.outer(i, i)) / 4 + 3 * np.eye(n)
result = {"solution": np.linalg.solve(a, np.sin(i)).tolist(), "eigenvalues": np.linalg.eigvalsh(a).tolist()}

# Van der Pol's equation, mu = 2, from (2, 0), at 0, 1, ..., 8.
f = lambda t, y: [y[1], 2 * (1 - y[0] ** 2) * y[1] - y[0]]
orbit = scipy.integrate.solve_ivp(f, (0, 8), [2, 0], method="DOP853", rtol=1e-13, atol=1e-14, t_eval=np.arange(9))
result["vanDerPol"] = orbit.y.T.ravel().tolist()

# A minimum in five dimensions without a closed form: sum exp(a_i x) + |x|^2, with a_ij = sin(i + 2 j).
g = np.sin(np.add.outer(np.arange(7), 2 * np.arange(5)))
fit = scipy.optimize.minimize(lambda x: np.exp(g @ x).sum() + x @ x, np.zeros(5), jac=lambda x: g.T @ np.exp(g @ x) + 2 * x,
                              method="BFGS", options={"gtol": 1e-13})
result["minimum"] = fit.x.tolist()
result["rosenbrock"] = scipy.optimize.minimize(scipy.optimize.rosen, -np.ones(10), jac=scipy.optimize.rosen_der, method="L-BFGS-B").nfev
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n")
