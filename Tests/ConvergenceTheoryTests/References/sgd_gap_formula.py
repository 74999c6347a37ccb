"""Prints the numbers of SGDGapFormulaTests: moments of single-example gradients by hand, and the second-order difference of GD and SGD by
enumerating every training set of two points from a population of three."""
import itertools
import numpy as np

x = np.sin(1 + 1.3 * np.arange(6)).reshape(3, 2)
y = np.array([1.0, -1.0, 1.0])
theta = np.array([0.4, -0.3])


def gradients(theta, rows):
    return (-y[rows] / (1 + np.exp(y[rows] * (x[rows] @ theta))))[:, None] * x[rows]


def loss(theta, rows):
    return np.logaddexp(0, -y[rows] * (x[rows] @ theta)).mean()


everything = [0, 1, 2]


def trace(theta):
    g = gradients(theta, everything)
    return ((g - g.mean(0)) ** 2).sum() / 3


mu, h = gradients(theta, everything).mean(0), 1e-4
drift = sum(mu[i] * (trace(theta + h * e) - trace(theta - h * e)) / (2 * h) for i, e in enumerate(np.eye(2)))
print("mu", mu.tolist(), "trace", trace(theta), "drift", drift)

for eta in (0.1, 0.01):
    growth, difference = 0.0, 0.0
    for a in itertools.product(everything, repeat=2):
        a = list(a)
        full = theta - eta * gradients(theta, a).mean(0)
        growth += (loss(full, everything) - loss(full, a) - loss(theta, everything) + loss(theta, a)) / 9
        full = full - eta * gradients(full, a).mean(0)
        sgd = theta - eta * gradients(theta, a[:1]).mean(0)
        sgd = sgd - eta * gradients(sgd, a[1:]).mean(0)
        difference += (loss(full, everything) - loss(sgd, everything)) / 9
    print("eta", eta, "growth", growth, growth / (eta * trace(theta) / 2), "difference", difference, difference / (eta**2 / 4 * drift))
