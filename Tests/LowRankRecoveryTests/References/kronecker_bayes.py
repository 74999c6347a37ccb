"""Prints the numbers of KroneckerSparseBayesTests: three kinds of EM and orthogonal matching pursuit on one small problem, all dense."""
import numpy as np


def wave(rows, columns, phase):
    """A full-rank matrix that any language can make: 0.5 sin(1 + 1.7 i + 0.37 i^2 + phase); without the square it would have rank 2."""
    i = np.arange(rows * columns)
    return 0.5 * np.sin(1 + 1.7 * i + 0.37 * i * i + phase).reshape(rows, columns)


def kron(g):
    return np.kron(np.kron(g[0], g[1]), g[2])


def e_step(a, y, gam, nv):
    s = nv * np.eye(len(y)) + (a * gam) @ a.T
    si = np.linalg.inv(s)
    mu = gam * (a.T @ si @ y)
    lam = gam - gam ** 2 * np.sum(a * (si @ a), axis=0) + mu ** 2
    return mu, lam, np.linalg.slogdet(s)[1] + y @ si @ y


def relative(new, old):
    return np.linalg.norm(new - old) / np.linalg.norm(old)


def inverse(g):
    return np.divide(1, g, out=np.zeros_like(g), where=g > 0)


def am_step(lam, g, tolerance=1e-5, rounds=10000):
    g = [x.copy() for x in g]
    lam = lam.reshape([len(x) for x in g])
    for _ in range(rounds):
        old = kron(g)
        for i, formula in enumerate(["ijk,j,k->i", "ijk,i,k->j", "ijk,i,j->k"]):
            others = [g[j] for j in range(3) if j != i]
            kept = np.prod([np.sum(x > 0) for x in others])
            g[i] = np.where(g[i] > 0, np.einsum(formula, lam, inverse(others[0]), inverse(others[1])) / kept, 0)
        scale = [np.linalg.norm(g[0]), np.linalg.norm(g[1])]
        g = [g[0] / scale[0], g[1] / scale[1], g[2] * scale[0] * scale[1]]
        if relative(kron(g), old) < tolerance:
            break
    return g


def svd_step(lam, g):
    n = len(g[0])
    u, s, vt = np.linalg.svd(lam.reshape(n, -1), full_matrices=False)
    u2, s2, vt2 = np.linalg.svd((s[0] * np.abs(vt[0])).reshape(len(g[1]), -1), full_matrices=False)
    return [np.abs(u[:, 0]), np.abs(u2[:, 0]), s2[0] * np.abs(vt2[0])]


def em(a, y, nv, n, kind, steps, prune=0.0, tolerance=1e-4):
    g = [np.ones(n) / np.sqrt(n), np.ones(n) / np.sqrt(n), np.ones(n) * n]
    gam, costs = kron(g), []
    for _ in range(steps):
        mu, lam, cost = e_step(a, y, gam, nv)
        costs.append(cost)
        old = gam
        if kind == "sbl":
            gam = lam
        else:
            g = (am_step if kind == "am" else svd_step)(lam, g)
            g = [np.where(x < prune * x.max(), 0, x) for x in g]
            gam = kron(g)
        if relative(gam, old) < tolerance:
            break
    mu, _, cost = e_step(a, y, gam, nv)
    return mu, costs + [cost], gam


def matching_pursuit(a, y, count):
    chosen, residual = [], y
    for _ in range(count):
        score = np.abs(a.T @ residual)
        score[chosen] = -1
        chosen.append(int(np.argmax(score)))
        coefficients = np.linalg.lstsq(a[:, chosen], y, rcond=None)[0]
        residual = y - a[:, chosen] @ coefficients
    x = np.zeros(a.shape[1])
    x[chosen] = coefficients
    return x


if __name__ == "__main__":
    n, m, nv = 4, 3, 1e-2
    factors = [wave(m, n, p) for p in (0.0, 0.7, 1.9)]
    factors = [f / np.linalg.norm(f, axis=0) for f in factors]
    a = kron(factors)
    x = np.zeros((n, n, n))
    x[np.ix_([0, 2], [1, 2], [0, 3])] = 2 * wave(4, 2, 0.4).reshape(2, 2, 2)
    x = x.ravel()
    y = a @ x + 0.1 * wave(1, m ** 3, 0.9)[0]
    for kind, prune in [("sbl", 0), ("am", 0), ("svd", 0), ("am", 0.03), ("svd", 0.03)]:
        mu, costs, gam = em(a, y, nv, n, kind, 50, prune)
        print(kind, prune, len(costs), [float(f"{c:.17g}") for c in (costs + costs[-1:] * 60)[:51:10]],
              float(f"{np.sum((mu - x) ** 2) / np.sum(x ** 2):.17g}"), np.sum(gam > 0))
    print("pursuit", np.sum((matching_pursuit(a, y, 8) - x) ** 2) / np.sum(x ** 2))
