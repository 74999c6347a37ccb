"""Prints the numbers of StabilityCoherenceTests: coherence, and one step of SGD, from Hessians written out."""
import numpy as np
from scipy.linalg import sqrtm

n, d, r = 4, 3, 2
k = np.arange(24.0)
a = np.sin(1 + k + 0.3 * k**2).reshape(n, d, r)
h = [x @ x.T for x in a]
roots = [np.real(sqrtm(x)) for x in h]
s = np.array([[np.linalg.norm(p @ q) for q in roots] for p in roots])
print("coherence", float(np.linalg.eigvalsh(s)[-1] / max(np.linalg.eigvalsh(x)[-1] for x in h)))

# Logistic regression with labels 1/2, one step with the batch {0, 2} of mean size 2.
x = np.sin(1 + k[:12] + 0.3 * k[:12] ** 2).reshape(n, d)
w = np.array([0.4, -1.1, 0.7])
gradient = sum((1 / (1 + np.exp(-x[i] @ w)) - 0.5) * x[i] for i in (0, 2))
print("logistic", (w - 0.8 / 2 * gradient).tolist())
