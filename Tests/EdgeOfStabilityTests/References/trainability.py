"""One pixel of the trainability images, with gradients by hand: the numbers in TrainabilityTests.swift."""

import numpy as np


def intensity(x, y, w0, w1, rates, steps, tail, phi, cap=1e6):
    n, points = w0.shape[0], x.shape[0]
    c = np.sqrt(2) if phi == "tanh" else 1.0
    ratios = []
    for _ in range(steps):
        z = x @ w0 / np.sqrt(n)
        a = np.tanh(c * z) if phi == "tanh" else z
        r = a @ w1 / n - y
        loss = np.mean(r**2)
        if not ratios:
            first = loss
        ratio = loss / first
        ratios.append(ratio if ratio <= cap else cap)
        d = 2 * r / points / n
        slope = c * (1 - a**2) if phi == "tanh" else 1.0
        g0 = x.T @ (d @ w1.T * slope) / np.sqrt(n)
        g1 = a.T @ d
        w0, w1 = w0 - rates[0] * g0, w1 - rates[1] * g1
    l = np.array(ratios)
    return -l.sum() if l[-tail:].mean() < 1 else (1 / l).sum()


def quadratic(w, rates, steps, tail, cap=1e6):
    h = np.array([[1, 0.6], [0.6, 2]])
    ratios, first = [], w @ h @ w / 2
    for _ in range(steps):
        ratio = w @ h @ w / 2 / first
        ratios.append(ratio if ratio <= cap else cap)
        w = w - rates * (h @ w)
    l = np.array(ratios)
    return -l.sum() if l[-tail:].mean() < 1 else (1 / l).sum()


with np.errstate(all="ignore"):
    grid = np.arange(1, 7) / 3
    x = np.sin(7 * np.outer(grid, [1, 2]))
    y = np.cos(5 * grid)[:, None]
    w0 = np.array([[0.5, -1.0], [1.25, 0.75]])
    w1 = np.array([[1.5], [-0.5]])
    for phi in ["tanh", "identity"]:
        print(phi, [float(intensity(x, y, w0, w1, r, 30, 10, phi)) for r in [(0.5, 2.0), (3.0, 0.25), (40.0, 8.0), (1e3, 1e4)]])
    print("quadratic", [float(quadratic(np.array([1.0, -0.5]), np.array(r), 30, 10)) for r in [(0.5, 0.25), (2.5, 0.1), (1.5, 1.25)]])
