"""Prints the numbers of SecondMomentMapTests: the expectation over all batches, written out, and the map's spectral radius."""
from itertools import product

import numpy as np

n, d, r, eta = 3, 2, 2, 0.7
k = np.arange(n * d * r, dtype=float)
a = np.sin(1 + k + 0.3 * k**2).reshape(n, d, r)
h = np.array([x @ x.T for x in a])
w = np.array([[1.0, 0.3], [0.3, 0.5]])


def bernoulli(w, b):
    total = 0
    for chosen in product([0, 1], repeat=n):
        share = np.prod([b / n if c else 1 - b / n for c in chosen])
        step = np.eye(d) - eta / b * sum(c * x for c, x in zip(chosen, h))
        total = total + share * step @ w @ step.T
    return total


def with_replacement(w, b):
    total = 0
    for chosen in product(range(n), repeat=b):
        step = np.eye(d) - eta / b * sum(h[i] for i in chosen)
        total = total + step @ w @ step.T / n**b
    return total


for name, map_, b in (("bernoulli", bernoulli, 2), ("withReplacement", with_replacement, 2), ("withReplacement", with_replacement, 1)):
    matrix = np.array([map_(e.reshape(d, d), b).ravel() for e in np.eye(d * d)]).T
    print(name, b, map_(w, b).ravel().tolist(), float(np.abs(np.linalg.eigvals(matrix)).max()))
