"""Prints the numbers of ConvergentLearningTests: matching with SciPy, prediction with scikit-learn and NumPy."""
import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.linear_model import Lasso

i = np.arange(40)[:, None]
a = np.sin(0.37 * (i + 1) * (np.arange(5) + 1) + 0.5 * np.arange(5))
b = np.cos(0.29 * (i + 1) * (np.arange(4) + 1)) + 0.8 * a[:, [2, 0, 1, 3]] + 0.4 * a[:, [0, 1, 3, 4]]
a[:, 3] *= 1e-4  # Dead.
a = a[:, np.std(a, axis=0) >= 1e-3]
c = np.corrcoef(a.T, b.T)[:4, 4:]
rows, columns = linear_sum_assignment(-c)
print(c.max(1).tolist(), columns.tolist(), c[rows, columns].tolist())

a, b = ((x - x.mean(0)) / x.std(0) for x in (a, b))
weights = []
for l1 in (0.5, 0.2, 0.05):
    weights.append([Lasso(alpha=l1, fit_intercept=False, tol=1e-14, max_iter=100000).fit(b, t).coef_ for t in a.T])
    print(l1, [int(np.sum(w != 0)) for w in weights[-1]], [float(np.mean((t - b @ w) ** 2)) for w, t in zip(weights[-1], a.T)])


def explained(columns, t):
    return 1 - np.mean((t - columns @ np.linalg.lstsq(columns, t, rcond=None)[0]) ** 2) if columns.shape[1] else 0.0


few = []
for unit, t in enumerate(a.T):
    w = np.abs(next((w[unit] for w in weights if np.sum(w[unit] != 0) >= 2), weights[-1][unit]))
    few.append(float(explained(b[:, [j for j in np.argsort(-w)[:2] if w[j] > 0]], t)))
print((c**2).max(1).tolist(), few, [float(explained(b, t)) for t in a.T])
