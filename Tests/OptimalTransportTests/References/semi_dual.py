"""Writes semi_dual.json: POT's values and gradients of the semi-duals in SemiDualTests.swift. pip install pot numpy"""
import json, pathlib
import numpy as np
from ot.smooth import SparsityConstrained

m, n = 12, 7
i, j = np.arange(m), np.arange(n)
cost = 1 + np.cos(np.outer(i, j) + 0.3 * i[:, None])
a, b = 2 + np.sin(i), 2 + np.cos(3 * j)
a, b = a / a.sum(), b / b.sum()
alpha = np.sin(2.0 * i)
result = []
for k in (1, 3, 12):
    for gamma in (0.5, 5.0):
        # Of each column's distribution, t_j / b_j.
        values, shares = SparsityConstrained(max_nz=k, gamma=gamma).max_Omega(alpha[:, None] - cost, b)
        result.append({"cardinality": k, "gamma": gamma, "value": float(alpha @ a - values @ b), "plan": (shares * b).ravel().tolist()})
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n")
