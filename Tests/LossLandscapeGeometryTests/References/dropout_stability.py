"""Prints the numbers of DropoutStabilityTests: two steps of SGD with the gradients written out, for one and two hidden layers."""
import numpy as np


def numbers(shape, shift):
    k = np.arange(np.prod(shape)) + shift
    return np.sin(1 + k + 0.3 * k**2).reshape(shape)


d, N, eta = 3, 4, 0.3
x, y = numbers((5, d), 0), np.sign(numbers((5,), 50))
w, a = numbers((d, N), 100), numbers((N,), 200)
for _ in range(2):
    z = x @ w
    h = np.maximum(z, 0)
    e = h @ a / N - y
    a, w = a - eta * (e @ h) / 5, w - eta * x.T @ (e[:, None] * a * (z > 0)) / 5
print(w.ravel().tolist(), a.tolist())
h = np.maximum(x @ w, 0) * a
print(float(np.mean((h.mean(1) - y) ** 2)), h.var(1, ddof=1).tolist())

w, W, a = numbers((d, N), 100), 2 * numbers((N, N), 300), numbers((N,), 200)
for _ in range(2):
    z = x @ w
    h = np.maximum(z, 0)
    z2 = h @ W / N
    h2 = np.maximum(z2, 0)
    e = h2 @ a / N - y
    # Times N for a, N^2 for W, N for w: what each neuron feels.
    back = e[:, None] * a * (z2 > 0)
    a, W, w = a - eta * (e @ h2) / 5, W - eta * h.T @ back / 5, w - eta * x.T @ (back @ W.T / N * (z > 0)) / 5
print(w.ravel().tolist(), W.ravel().tolist(), a.tolist())
