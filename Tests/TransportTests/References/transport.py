"""Writes transport.json: what POT finds for the problem in TransportTests.swift. pip install pot numpy"""
import json, pathlib
import numpy as np, ot

# Points and weights by formula; squared distances over their maximum.
n, m = 30, 20
i, j = np.arange(n), np.arange(m)
x = np.stack([np.cos(1.7 * i), np.sin(0.9 * i)], 1)
y = np.stack([1.5 + np.sin(1.3 * j), np.cos(2.1 * j)], 1)
cost = ((x[:, None] - y[None]) ** 2).sum(-1)
cost /= cost.max()
a, b = 2 + np.sin(i), 2 + np.cos(3 * j)
a, b = a / a.sum(), b / b.sum()
plan, log = ot.emd(a, b, cost, log=True)
result = {"exactCost": log["cost"], "exactPlan": plan.ravel().tolist()}
square = ((x[:20, None] - y[None]) ** 2).sum(-1)
result["assignmentCost"] = ot.emd2(np.full(20, 1 / 20), np.full(20, 1 / 20), square)
for name, epsilon, sweeps in [("wide", 0.05, 100), ("narrow", 0.001, 300)]:
    # POT begins with the columns: with the sides exchanged its sweeps are ours.
    plan = ot.sinkhorn(b, a, cost.T, epsilon, method="sinkhorn_log", numItermax=sweeps, stopThr=0, warn=False).T
    result[name] = {"plan": plan.ravel().tolist(), "cost": float((plan * cost).sum())}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n")
