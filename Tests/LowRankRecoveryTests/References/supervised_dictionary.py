"""Prints the numbers of SupervisedDictionaryTests: LPGD, block coordinate descent and the two-stage fit on one small problem."""
import numpy as np


def wave(rows, columns, phase):
    """A full-rank matrix that any language can make: 0.5 sin(1 + 1.7 i + 0.37 i^2 + phase); without the square it would have rank 2."""
    i = np.arange(rows * columns)
    return 0.5 * np.sin(1 + 1.7 * i + 0.37 * i * i + phase).reshape(rows, columns)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


class Problem:
    def __init__(self, x, covariates, y, xi, nu):
        self.x, self.c, self.y, self.xi, self.nu = x, covariates, y, xi, nu
        self.norm = np.linalg.norm(np.vstack([x, covariates]), 2)
        self.mu, self.l = 2 * min(xi, nu), max(2 * xi, 2 * nu + self.norm ** 2 / 4)
        self.tau = (1 / (2 * self.mu) + 3 / (2 * self.l)) / 2

    def f(self, a, b, g):
        z = self.x.T @ a + self.c.T @ g
        return (np.sum(np.logaddexp(0, z) - self.y * z) + self.xi * np.sum((self.x - b) ** 2)
                + self.nu * (a @ a + g @ g))

    def slack(self, a, g):
        return sigmoid(self.x.T @ a + self.c.T @ g) - self.y

    def gradients(self, a, b, g):
        s = self.slack(a, g)
        return self.x @ s + 2 * self.nu * a, 2 * self.xi * (b - self.x), self.c @ s + 2 * self.nu * g


def project(z, r):
    u, s, vt = np.linalg.svd(z, full_matrices=False)
    return (u[:, :r] * s[:r]) @ vt[:r]


def lpgd(p, z, g, r, steps, tau=None):
    tau = tau or p.tau
    path = [(z, g)]
    for _ in range(steps):
        ga, gb, gg = p.gradients(z[:, 0], z[:, 1:], g)
        z = project(z - tau * np.column_stack([ga, gb]), r)
        g = g - tau * gg
        path.append((z, g))
    return path


def bcd(p, w, h, beta, g, sweeps):
    values = []
    curvature = 2 * p.nu + np.linalg.norm(p.x, 2) ** 2 / 4
    for _ in range(sweeps):
        h = np.linalg.solve(w.T @ w, w.T @ p.x)
        lipschitz = 2 * p.nu * np.linalg.norm(w, 2) ** 2 + np.linalg.norm(w.T @ p.x, 2) ** 2 / 4
        for _ in range(5):
            a = w @ beta
            beta = beta - w.T @ (p.x @ p.slack(a, g) + 2 * p.nu * a) / lipschitz
        lipschitz = 2 * p.nu + (np.linalg.norm(p.c, 2) ** 2 / 4 if len(p.c) else 0)
        for _ in range(5):
            g = g - (p.c @ p.slack(w @ beta, g) + 2 * p.nu * g) / lipschitz
        lipschitz = 2 * p.xi * np.linalg.norm(h @ h.T, 2) + beta @ beta * curvature
        for _ in range(5):
            a = w @ beta
            s = p.slack(a, g)
            w = w - (np.outer(p.x @ s + 2 * p.nu * a, beta) + 2 * p.xi * (w @ h - p.x) @ h.T) / lipschitz
        values.append(p.f(w @ beta, w @ h, g))
    return values, w, h, beta, g


def two_stage(p, r, steps=50):
    w = np.linalg.svd(p.x)[0][:, :r]
    m = np.vstack([w.T @ p.x, p.c])
    t = np.zeros(len(m))
    for _ in range(steps):  # Newton
        q = sigmoid(m.T @ t)
        t = t - np.linalg.solve((m * (q * (1 - q))) @ m.T + 2 * p.nu * np.eye(len(m)), m @ (q - p.y) + 2 * p.nu * t)
    return w @ t[:r], w @ (w.T @ p.x), t[r:]


if __name__ == "__main__":
    d, n, r, q = 6, 10, 2, 2
    stack = np.vstack([wave(d, n, 0.1), wave(q, n, 0.5)])
    stack *= 2 / np.linalg.norm(stack, 2)
    y = (np.arange(n) % 3 == 0).astype(float)
    p = Problem(stack[:d], stack[d:], y, 0.8, 1.1)
    path = lpgd(p, wave(d, 1 + n, 0.7), np.zeros(q), r, 50)
    print("tau, mu, l", p.tau, p.mu, p.l)
    print("lpgd", [float(f"{p.f(z[:, 0], z[:, 1:], g):.17g}") for z, g in path[::10]])
    z, g = path[7]
    print("iterate 7", z[1, 0], z[3, 4], g[1])
    values = bcd(p, wave(d, r, 0.2), wave(r, n, 0.3), wave(r, 1, 0.6)[:, 0], np.zeros(q), 50)[0]
    print("bcd", [float(f"{values[t]:.17g}") for t in [0, 9, 19, 29, 39, 49]])
    print("two stages", p.f(*two_stage(p, r)))
