"""Prints the numbers of AcceleratedSGDRiskTests: SGD and accelerated SGD transcribed in NumPy, on data without random numbers."""
import numpy as np

delta, gamma, kappa, psi = 0.1, 1.0, 5.0, 3.0
beta = delta / (psi * kappa * gamma)
alpha = 1 / (1 + beta)
d, steps = 3, 20
h = np.arange(1, d + 1.0) ** -2
x = np.sin(1 + 1.3 * np.arange(steps * d)).reshape(steps, d)
noise = np.cos(2 + 0.7 * np.arange(steps))
start = np.array([1.0, -2.0, 0.5])

w, average = start.copy(), np.zeros(d)
for t in range(steps):
    w = w - delta * (w @ x[t] - noise[t]) * x[t]
    average += (w if t >= steps // 2 else 0) / (steps // 2)
print("SGD", w.tolist(), float(h @ average**2))

w, v, average = start.copy(), start.copy(), np.zeros(d)
for t in range(steps):
    y = alpha * w + (1 - alpha) * v
    g = (y @ x[t] - noise[t]) * x[t]
    w, v = y - delta * g, beta * y + (1 - beta) * v - gamma * g
    average += (w if t >= steps // 2 else 0) / (steps // 2)
print("ASGD", w.tolist(), v.tolist(), float(h @ average**2))

for eigenvalue in (1.0, 0.1, 1e-3):
    mean = np.array([[alpha, 1 - alpha]])
    a = np.vstack([(1 - delta * eigenvalue) * mean, (beta - gamma * eigenvalue) * mean + np.array([[0, 1 - beta]])])
    print(eigenvalue, float(np.abs(np.linalg.eigvals(a)).max()))
