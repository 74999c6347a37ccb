"""Prints the numbers of InterpolatedAccelerationTests: SGD and the three accelerated methods with the sampled gradients of rows taken in turn, and
the strong growth constant as a maximum over random directions."""
import numpy as np

k = np.arange(12)
x = np.sin(1 + k + 0.3 * k**2).reshape(4, 3)
target = np.array([1.0, -2.0, 0.5])
n, steps = 4, 12
h = x.T @ x / n
s = (x.T * (x**2).sum(1)) @ x / n
rho = float(np.linalg.eigvals(np.linalg.solve(h @ h, s)).real.max())
values = np.linalg.eigvalsh(h)
mu, smooth = float(values[0]), float(values[-1])
print("rho, mu, L", rho, mu, smooth)
e = np.random.default_rng(0).normal(size=(3, 200000))
print("largest ratio found", (np.sum((x @ e) ** 2 * (x**2).sum(1)[:, None], 0) / n / ((h @ e) ** 2).sum(0)).max())
eta = 1 / (rho * smooth)


def gradient(w, k):
    row = x[k % n]
    return row * (row @ (w - target))


w = np.zeros(3)
for k in range(steps):
    w = w - eta * gradient(w, k)
print("SGD", w.tolist())
for name, alpha in (("old", np.sqrt(mu * eta / rho)), ("new", np.sqrt(mu * eta))):
    w, v = np.zeros(3), np.zeros(3)
    for k in range(steps):
        y = (w + alpha * v) / (1 + alpha)
        g = gradient(y, k)
        w, v = y - eta * g, (1 - alpha) * v + alpha * y - alpha / mu * g
    print(name, w.tolist(), v.tolist())
w, v, gamma = np.zeros(3), np.zeros(3), 1 / eta
for k in range(steps):
    # The positive root of alpha^2 + eta gamma alpha - eta gamma = 0.
    alpha = max(np.roots([1, eta * gamma, -eta * gamma]).real)
    y = (1 - alpha) * w + alpha * v
    g = gradient(y, k)
    gamma = (1 - alpha) * gamma
    w, v = y - eta * g, v - alpha / gamma * g
print("convex", w.tolist(), v.tolist(), gamma)
