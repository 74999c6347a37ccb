"""Prints the numbers of TraceStabilityTests: SGD and gradient descent with gradients by hand, and the second-moment map as a matrix on the whole
parameter space."""
import numpy as np

n, d, width = 3, 2, 4
s = np.sin(1 + np.arange(40) + 0.3 * np.arange(40) ** 2)
x, y = s[:6].reshape(n, d), s[6:9]


def diagonal(theta, x):
    a, b = theta[:d], theta[d:]
    return a * b @ x, np.concatenate([b * x, a * x])


def relu(theta, x):
    w, a = theta[: width * d].reshape(width, d), theta[width * d :]
    z = w @ x
    return a @ np.maximum(z, 0), np.concatenate([np.outer(a * (z > 0), x).ravel(), np.maximum(z, 0)])


def run(name, model, theta, rate, proxy):
    sgd = theta.copy()
    for i in (2, 0, 1, 1):
        f, g = model(sgd, x[i])
        sgd = sgd - rate * (f - y[i]) * g
    print(name, "sgd", sgd.tolist())
    gd = theta.copy()
    for _ in range(3):
        gd = gd - rate * sum((model(gd, x[i])[0] - y[i]) * model(gd, x[i])[1] for i in range(n)) / n
    print(name, "gd", gd.tolist())
    print(name, "loss", float(sum((model(gd, x[i])[0] - y[i]) ** 2 for i in range(n)) / (2 * n)), "proxy", float(proxy(gd)))
    g = np.array([model(gd, x[i])[1] for i in range(n)])
    h = g.T @ g / n
    eye = np.eye(len(gd))
    map_ = sum(np.kron(eye - rate * np.outer(q, q), eye - rate * np.outer(q, q)) for q in g) / n
    w = h.ravel()
    for _ in range(60):
        last, w = w / np.linalg.norm(w), map_ @ w / np.linalg.norm(w)
    print(name, "trace", float(np.trace(h)), "top", float(np.linalg.eigvalsh(h)[-1]), "growth", float(np.linalg.norm(w)))


run("diagonal", diagonal, s[10:14], 0.3, lambda t: (t**2).sum())
run("relu", relu, s[14:26], 0.3, lambda t: ((t[:8] ** 2).sum() + d * (t[8:] ** 2).sum()) / 2)
