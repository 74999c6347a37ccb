"""Prints the numbers of AltminCompletionTests: alternating minimization for completion, one small problem after the other."""
import numpy as np


def wave(rows, columns, phase):
    """A full-rank matrix that any language can make: 0.5 sin(1 + 1.7 i + 0.37 i^2 + phase); without the square it would have rank 2."""
    i = np.arange(rows * columns)
    return 0.5 * np.sin(1 + 1.7 * i + 0.37 * i * i + phase).reshape(rows, columns)


def start(m, mask, p, k, threshold):
    u = np.linalg.svd(m * mask / p)[0][:, :k]
    u[np.linalg.norm(u, axis=1) > threshold] = 0
    return np.linalg.qr(u)[0]


def exact(a, b, j):
    return np.linalg.lstsq(a, b, rcond=None)[0]


def perturbed(direction, epsilon):
    """The error model of the theorem, here with given directions."""
    def solver(a, b, j):
        v = exact(a, b, j)
        return v + epsilon * np.linalg.norm(v) * direction[j] / np.linalg.norm(direction[j])
    return solver


def sketched(buckets, signs, q):
    """q steps of conjugate gradients on the normal equations, preconditioned by the R of a CountSketch; rows of a are masked, not cut."""
    def solver(a, b, j):
        n, k = a.shape
        s = np.zeros((4 * k, n))
        s[buckets, np.arange(n)] = signs
        r = np.linalg.qr(s @ a)[1]
        p = a @ np.linalg.inv(r)
        z = np.zeros(k)
        residual = p.T @ b
        direction = residual.copy()
        for _ in range(q):
            image = p.T @ (p @ direction)
            energy = residual @ residual
            step = energy / (direction @ image)
            z = z + step * direction
            residual = residual - step * image
            direction = residual + (residual @ residual) / energy * direction
        return np.linalg.solve(r, z)
    return solver


def run(m, mask, u, solver, halves):
    errors = []
    for t in range(halves):
        x, w = (m, mask) if t % 2 == 0 else (m.T, mask.T)
        v = np.stack([solver(u * w[:, [j]], w[:, j] * x[:, j], j) for j in range(x.shape[1])])
        errors.append(np.linalg.norm(u @ v.T - x) / np.linalg.norm(m))
        u = np.linalg.qr(v)[0]
    return errors


if __name__ == "__main__":
    n, k, p = 24, 3, 0.6
    m = wave(n, k, 0.0) @ wave(n, k, 0.4).T
    r, c = np.indices((n, n))
    mask = ((5 * r + 3 * c + r * c) % 10 < 6).astype(float)
    u = start(m, mask, p, k, 0.5)
    at = [0, 9, 19, 29, 39, 49]
    h = (5 * np.arange(n) ** 2 + 1) % (4 * k)
    signs = 1.0 - 2 * (np.arange(n) % 3 == 0)
    for name, solver in [("exact", exact), ("perturbed", perturbed(wave(n, k, 0.8), 1e-3)), ("sketched", sketched(h, signs, 2))]:
        errors = run(m, mask, u, solver, 50)
        print(name, [float(f"{errors[t]:.17g}") for t in at])
