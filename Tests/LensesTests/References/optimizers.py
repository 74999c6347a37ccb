"""Three steps of each rule on sum(l x^2)/2, written from the papers: the numbers of LearnerTests.swift."""
import numpy as np

l, start = np.array([3.0, 0.5]), np.array([1.0, -2.0])


def descent(rate=0.1):
    x = start.copy()
    for _ in range(3):
        x = x - rate * l * x
    return x


def momentum(nesterov, rate=0.1, gamma=0.9):
    x, v = start.copy(), np.zeros(2)
    for _ in range(3):
        v = gamma * v - rate * l * (x + gamma * v if nesterov else x)
        x = x + v
    return x


def adagrad(rate=0.1, delta=1e-7):
    x, s = start.copy(), np.zeros(2)
    for _ in range(3):
        g = l * x
        s = s + g * g
        x = x - rate * g / (delta + np.sqrt(s))
    return x


def adam(rate=0.1, b1=0.9, b2=0.999, delta=1e-8):
    x, m, v = start.copy(), np.zeros(2), np.zeros(2)
    for t in range(1, 4):
        g = l * x
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        x = x - rate * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + delta)
    return x


for name, x in [("gd", descent()), ("momentum", momentum(False)), ("nesterov", momentum(True)),
                ("adagrad", adagrad()), ("adam", adam())]:
    print(f'    "{name}": [{x[0]!r}, {x[1]!r}],'.replace("np.float64(", "").replace(")", ""))
