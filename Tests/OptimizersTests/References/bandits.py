"""Probabilities of Tsallis-INF after fixed costs, by bisection instead of Newton's steps. Prints what BanditTests.swift holds."""
import numpy as np
from scipy.optimize import brentq

arms, sums, total, chosen = 4, np.zeros(4), 0.0, []
uniforms, costs = [0.1, 0.9, 0.3, 0.6, 0.2, 0.75], [[9, 5, 30, 2], [1, 7, 3, 4]]
for t, u in enumerate(uniforms, 1):
    eta, scale = 2 / np.sqrt(t), total / (t - 1) if t > 1 else 1
    p = lambda x: 4 / (eta * (sums / scale - x)) ** 2
    x = brentq(lambda x: p(x).sum() - 1, -1e3, -1e-9, xtol=1e-14)
    probabilities = p(x)
    arm = int(np.searchsorted(np.cumsum(probabilities), u, side="right"))
    chosen.append(arm)
    cost = costs[t % 2][arm]
    sums[arm] += cost / probabilities[arm]
    total += cost
print(chosen, ", ".join(f"{v:.12f}" for v in probabilities))
