"""Prints the numbers of QuadraticRegressionTests: gradient descent on the parameters, with gradients by hand."""
import numpy as np

# Two parameters: f = (theta_1² - epsilon theta_2²) / 2, target 0, step size 1.
epsilon, squared_a, z = 0.1, 1.2, -0.3
a, b = np.sqrt(squared_a), np.sqrt(epsilon * (squared_a - 2 * z))
theta = np.array([a, -b / epsilon])
q = np.diag([1, -epsilon])
for _ in range(15):
    theta = theta - (theta @ q @ theta / 2) * (q @ theta)
j = q @ theta
print("planar", float(theta @ q @ theta / 2), float(j[0]), float(abs(j[1])))

d, p, eta = 2, 3, 0.3
k = np.arange(30.0)
s = np.sin(1 + k + 0.3 * k**2)
q = s[: d * p * p].reshape(d, p, p)
q = (q + q.transpose(0, 2, 1)) / 2
g = s[18:24].reshape(d, p)
theta, y = s[24:27], s[27:29]
for _ in range(10):
    f = np.array([theta @ q[i] @ theta / 2 + g[i] @ theta for i in range(d)])
    theta = theta - eta * sum((f[i] - y[i]) * (q[i] @ theta + g[i]) for i in range(d))
f = np.array([theta @ q[i] @ theta / 2 + g[i] @ theta for i in range(d)])
j = np.array([q[i] @ theta + g[i] for i in range(d)])
print("theta", theta.tolist())
print("z", (f - y).tolist(), "j", j.ravel().tolist(), "lambda", float(np.linalg.eigvalsh(j @ j.T)[-1]))
