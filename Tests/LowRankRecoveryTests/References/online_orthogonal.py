"""Prints the numbers of OnlineOrthogonalTests: Frank-Wolfe on a stream of batches that need no random numbers."""
import numpy as np


def wave(rows, columns, phase):
    """A full-rank matrix that any language can make: 0.5 sin(1 + 1.7 i + 0.37 i^2 + phase); without the square it would have rank 2."""
    i = np.arange(rows * columns)
    return 0.5 * np.sin(1 + 1.7 * i + 0.37 * i * i + phase).reshape(rows, columns)


def polar(g):
    u, _, vt = np.linalg.svd(g)
    return u @ vt


def ascent(d, y):
    z = d.T @ y
    return y @ (np.abs(z) * z).T / y.shape[1]


def gap(d, y):
    g = ascent(d, y)
    return np.linalg.svd(g)[1].sum() - np.sum(d * g)


def error(d, d0):
    return 1 - np.mean(np.max((d.T @ d0) ** 2, axis=0))


def step(d, g, y, t, averaging=True):
    rho = min(1, 4 / (t + 8) ** 0.5) if averaging else 1
    gamma = min(1, 2 / (t + 8) ** 0.75)
    g = (1 - rho) * g + rho * ascent(d, y)
    return d + gamma * (polar(g) - d), g


if __name__ == "__main__":
    n, b = 5, 9
    d0, d = np.linalg.qr(wave(n, n, 0.0))[0], np.linalg.qr(wave(n, n, 1.0))[0]
    for averaging in [True, False]:
        x, g, rows = d, np.zeros((n, n)), []
        for t in range(50):
            y = d0 @ (wave(n, b, 0.3 * t) ** 3)
            x, g = step(x, g, y, t, averaging)
            if t % 10 == 9:
                rows.append([gap(x, d0 @ wave(n, 40, 2.0) ** 3), error(x, d0), np.linalg.svd(x)[1][-1]])
        print(averaging, [[float(f"{v:.17g}") for v in row] for row in rows])
    y, x = d0 @ wave(n, 40, 2.0) ** 3, d
    for _ in range(5):
        x = polar(ascent(x, y))
    print("power", error(x, d0), x[0, 0], x[3, 2])
