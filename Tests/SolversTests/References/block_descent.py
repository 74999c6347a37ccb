"""Prints the numbers of BlockDescentTests: greedy block coordinate descent on least squares, and LASSO by SciPy's bounded quasi-Newton method on
the split x = u - v, transcribed independently."""
import numpy as np
from scipy.optimize import minimize

n, d, size = 12, 9, 3
k = np.arange(n * d)
a = np.sin(1 + k + 0.3 * k**2).reshape(n, d) * np.exp(np.linspace(-1, 2, d))[::-1]
b = np.cos(np.arange(n))
h, c = a.T @ a + 0.1 * np.eye(d), a.T @ b
order = np.argsort(np.diag(h))
blocks = [order[i : i + size] for i in range(0, d, size)]
for rule in ("GS", "GSL", "GSD", "GSQ"):
    for update in ("gradient", "newton"):
        x, chosen = np.zeros(d), []
        for _ in range(15):
            g = h @ x - c
            scores = []
            for block in blocks:
                gb, hb = g[block], h[np.ix_(block, block)]
                scores.append(
                    {
                        "GS": gb @ gb,
                        "GSL": gb @ gb / np.linalg.eigvalsh(hb)[-1],
                        "GSD": np.sum(gb**2 / np.diag(hb)),
                        "GSQ": gb @ np.linalg.solve(hb, gb),
                    }[rule]
                )
            j = int(np.argmax(scores))
            chosen.append(j)
            block = blocks[j]
            hb = h[np.ix_(block, block)]
            x[block] -= np.linalg.solve(hb, g[block]) if update == "newton" else g[block] / np.linalg.eigvalsh(hb)[-1]
        print(rule, update, chosen, 0.5 * x @ h @ x - c @ x)

lam = 0.2 * np.abs(a.T @ b).max()
g, r = a.T @ a, a.T @ b


def split(uv):
    x = uv[:d] - uv[d:]
    s = g @ x - r
    return 0.5 * x @ g @ x - r @ x + lam * uv.sum(), np.concatenate([s + lam, lam - s])


result = minimize(split, np.zeros(2 * d), jac=True, bounds=[(0, None)] * (2 * d), method="L-BFGS-B", options=dict(ftol=1e-16, gtol=1e-12, maxiter=10000))
print("lasso", result.fun, (result.x[:d] - result.x[d:]).tolist())
