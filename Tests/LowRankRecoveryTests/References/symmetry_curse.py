"""Prints the numbers of SymmetryCurseTests: both descents transcribed in NumPy, from inputs that need no random numbers."""
import numpy as np


def wave(rows, columns, phase):
    """A full-rank matrix that any language can make: 0.5 sin(1 + 1.7 i + 0.37 i^2 + phase); without the square it would have rank 2."""
    i = np.arange(rows * columns)
    return 0.5 * np.sin(1 + 1.7 * i + 0.37 * i * i + phase).reshape(rows, columns)


n, r, k, eta, steps = 6, 2, 3, 0.1, 50
v = wave(n, r, 0.0)
m = v @ v.T
x, f, g = wave(n, k, 0.3), wave(n, k, 0.6), wave(n, k, 0.9) / 3
symmetric, asymmetric = [], []
for t in range(steps + 1):
    if t % 10 == 0:
        symmetric.append(np.sum((x @ x.T - m) ** 2))
        asymmetric.append(np.sum((f @ g.T - m) ** 2))
    if t == 20:  # the rebalancing step, on the way
        p, s, qt = np.linalg.svd(f, full_matrices=False)
        f, g = 0.7 * p, g @ qt.T @ np.diag(s) / 0.7
    x = x - eta * (x @ x.T - m) @ x
    e = f @ g.T - m
    f, g = f - eta * e @ g, g - eta * e.T @ f
print("symmetric ", [float(f"{l:.17g}") for l in symmetric])
print("asymmetric", [float(f"{l:.17g}") for l in asymmetric])
