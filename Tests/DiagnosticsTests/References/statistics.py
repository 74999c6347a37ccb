"""What SciPy and NumPy say of the small samples in StatisticsTests.swift: prints the numbers that the tests hold.

Run in a throw-away environment: python3 -m venv .venv && .venv/bin/pip install numpy scipy &&
.venv/bin/python Tests/DiagnosticsTests/References/statistics.py
"""
import numpy as np
from scipy import linalg, stats

x = [3.5, -1.25, 7, 0.5, 2.75, 10, 4.125, 0.5, 3.5]
y = [2, 0.25, 5, 0.25, 4.5, 9, -3, 1, 2]
z = [0.5, 1.5, -2, 8, 3.5]

print("pearson", stats.pearsonr(x, y).statistic)
print("spearman", stats.spearmanr(x, y).statistic)
print("kendall", stats.kendalltau(x, y).statistic)
print("wasserstein", stats.wasserstein_distance(x, z))
print("energy", stats.energy_distance(x, z))
print("kolmogorov", stats.ks_2samp(x, z).statistic, stats.kstest(x, "norm", (3, 4)).statistic)

for p, n in [(0.975, 1), (0.975, 2), (0.975, 5), (0.01, 7), (0.9, 30), (0.999, 101), (0.6, 1000)]:
    print("t", p, n, stats.t.ppf(p, n))
fit = stats.linregress([1, 2, 3, 5, 8, 13], [2.1, 3.9, 6.2, 9.7, 16.5, 25.1])
for confidence in [0.95, 0.5]:
    half = stats.t.ppf(0.5 + confidence / 2, 4) * fit.stderr
    print("interval", confidence, fit.slope - half, fit.slope + half)

# AUROC by the definition, as U of Mann and Whitney over the number of pairs.
scores = np.array([0.1, 0.4, 0.35, 0.8, 0.4, 0.9, 0.2, 0.4])
positive = np.array([0, 0, 1, 1, 1, 1, 0, 0], bool)
u = stats.mannwhitneyu(scores[positive], scores[~positive]).statistic
print("auroc", u / (positive.sum() * (~positive).sum()))

# ECE as in the code of Guo et al.: a loop over bins (low, high].
confidence = np.array([0.05, 0.2, 0.25, 0.5, 0.55, 0.75, 0.8, 0.95, 1.0, 0.6])
correct = np.array([0, 1, 0, 1, 0, 1, 1, 0, 1, 1])
for bins in [4, 15]:
    edges, total = np.linspace(0, 1, bins + 1), 0
    for low, high in zip(edges[:-1], edges[1:]):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            total += abs(confidence[inside].mean() - correct[inside].mean()) * inside.mean()
    print("ece", bins, total)
order = np.argsort(-confidence, kind="stable")
print("aurc", np.mean(np.cumsum(1 - correct[order]) / np.arange(1, len(order) + 1)))

a = np.array([[1.0, 2], [0, 1], [3, -1], [2, 0.5], [-1, 1]])
b = np.array([[0.5, 1, 2], [1, 0, -1], [2, 2, 0], [0, 1, 1], [1, -1, 3]])
print("angles", linalg.subspace_angles(a, b)[::-1].tolist())
grid = np.array([[[1, 5], [2, 3]], [[4, 1], [0, 7]], [[9, 2], [8, 1]], [[3, 3], [5, 6]]], float)
for axis in [0, 1, 2]:
    print("bands", axis, np.quantile(grid, [0.25, 0.5, 0.9], axis=axis).reshape(3, -1).tolist())
