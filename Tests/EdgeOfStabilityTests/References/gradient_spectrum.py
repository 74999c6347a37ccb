"""The gradient of softmax regression in the eigenvectors of its Hessian, from closed forms: the numbers in GradientSpectrumTests.swift."""

import numpy as np

n, d, k = 7, 2, 3
grid = np.arange(1, n + 1) / 3
x = np.sin(7 * np.outer(grid, np.arange(1, d + 1)))
labels = np.arange(n) % k
# The parameters in the order of the tree: weight [d, k], then bias [k].
theta = np.cos(3 * np.arange(d * k + k))
weight, bias = theta[: d * k].reshape(d, k), theta[d * k :]
extended = np.hstack([x, np.ones((n, 1))])
scores = x @ weight + bias
p = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
gradient = (extended.T @ (p - np.eye(k)[labels]) / n).ravel()
hessian = sum(np.kron(np.outer(e, e), np.diag(q) - np.outer(q, q)) for e, q in zip(extended, p)) / n
values, vectors = np.linalg.eigh(hessian)
shares = (vectors.T @ gradient) ** 2 / (gradient @ gradient)
print("loss", -np.log(p[np.arange(n), labels]).mean())
print("eigenvalues", values[::-1][:4].tolist())
print("shares of the first 2 and the next 2", shares[::-1][:2].sum(), shares[::-1][2:4].sum())
