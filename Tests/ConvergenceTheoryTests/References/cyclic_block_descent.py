"""Prints the numbers of CyclicBlockDescentTests: cyclic block proximal descent and its recursive variance-reduced form transcribed in NumPy with
full products A x, on data without random numbers."""
import numpy as np

n, d, m, l1 = 6, 4, 2, 0.01
k = np.arange(n * d)
a = np.sin(1 + k + 0.3 * k**2).reshape(n, d)
y = np.array([1.0, -1, 1, 1, -1, -1])
c = 1 / (6 * np.sqrt(3))
blocks = [[0, 1], [2, 3]]
lip = [c * np.linalg.eigvalsh(a[:, b].T @ a[:, b] / n)[-1] for b in blocks]
full = c * np.linalg.eigvalsh(a.T @ a / n)[-1]


def slope(x, rows):
    s = 1 / (1 + np.exp(y[rows] * (a[rows] @ x)))
    return -y[rows] * s * (1 - s)


def prox(x, t):
    return np.sign(x) * np.maximum(np.abs(x) - t, 0)


def value(x):
    return (1 / (1 + np.exp(y * (a @ x)))).mean() + l1 * np.abs(x).sum()


def mapping(x):
    return full * np.linalg.norm(x - prox(x - a.T @ slope(x, np.arange(n)) / n / full, l1 / full))


x = np.zeros(d)
for _ in range(3):
    for j, b in enumerate(blocks):
        x[b] = prox(x[b] - a[:, b].T @ slope(x, np.arange(n)) / n / lip[j], l1 / lip[j])
print("cyclic", x.tolist(), float(value(x)), float(mapping(x)))

x, g, last = np.zeros(d), [None] * m, [None] * m
for cycle, sample in enumerate([None, [0, 3, 3], [5, 1, 2]]):
    for j, b in enumerate(blocks):
        if sample is None:
            g[j] = a[:, b].T @ slope(x, np.arange(n)) / n
        else:
            g[j] = g[j] + a[sample][:, b].T @ (slope(x, sample) - slope(last[j], sample)) / len(sample)
        last[j] = x.copy()
        x[b] = prox(x[b] - g[j] / (2 * lip[j]), l1 / (2 * lip[j]))
print("recursive", x.tolist())

q = c * a.T @ a / n
scale = np.diag(np.repeat(1 / np.sqrt(lip), 2))
total = np.zeros((d, d))
for j in range(m):
    hat = q.copy()
    hat[: 2 * j] = 0
    hat[:, : 2 * j] = 0
    total += scale @ hat @ scale
print("Lhat", float(np.linalg.norm(total, 2)))
