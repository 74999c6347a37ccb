"""Prints the numbers of UnitStatisticsTests: correlations and canonical correlations with NumPy, mutual information with scikit-learn."""
import numpy as np
from sklearn.metrics import mutual_info_score

i = np.arange(30)[:, None]
a = np.sin(0.37 * (i + 1) * (np.arange(4) + 1) + 0.5 * np.arange(4))
b = np.cos(0.29 * (i + 1) * (np.arange(3) + 1)) + 0.8 * a[:, :3]

print(np.corrcoef(a.T, b.T)[:4, 4:].ravel().tolist())


def whitened(x):
    x = x - x.mean(0)
    values, vectors = np.linalg.eigh(x.T @ x)
    return x @ vectors / np.sqrt(values) @ vectors.T


print(np.linalg.svd(whitened(a).T @ whitened(b), compute_uv=False).tolist())


def bins(x):
    return np.digitize(x, np.linspace(x.min(), x.max(), 6)[1:-1])


print([mutual_info_score(bins(x), bins(y)) for x in a.T for y in b.T])
