"""Prints the numbers of LargeStepPerceptronTests: the four update rules transcribed in NumPy, on data without random numbers."""
import numpy as np

m, d, steps = 8, 3, 25
z = np.sin(1 + 1.3 * np.arange(m * d)).reshape(m, d)
z[:, 0] = np.abs(z[:, 0]) + 0.1 * np.arange(m)
copies = 1.0 + np.arange(m) % 3


def weights(rule, margin):
    if rule in ("LR", "NLR"):
        return 1 / (1 + np.exp(margin))
    return np.where(margin < 0, 1.0, np.where(margin == 0, 0.5, 0.0))


for rule, gamma in (("LR", 3.0), ("NLR", 0.7), ("batch perceptron", 1.0), ("averaged perceptron", 1.0)):
    theta = np.zeros(d)
    for _ in range(steps):
        s = copies * weights(rule, z @ theta)
        # The averaged perceptron has nothing to average once all is classified.
        if s.sum() == 0:
            break
        theta = theta + gamma * (z.T @ s) / (s.sum() if rule in ("NLR", "averaged perceptron") else copies.sum())
    margin = z @ theta
    loss = np.sum(copies * np.logaddexp(0, -margin)) / copies.sum()
    print(rule, theta.tolist(), float(loss), float(np.sum(copies * (margin <= 0))))

for n in (10, 100, 1000):
    hard, count = np.array([[1.0, 0.0], [-0.5, 0.1]]), np.array([n - 1.0, 1.0])
    updates = {}
    for rule, gamma in (("LR", 1e5), ("NLR", 1e5), ("NLR", 10.0), ("averaged perceptron", 1.0)):
        theta, t = np.zeros(2), 0
        while t == 0 or not np.all(hard @ theta > 0):
            with np.errstate(over="ignore"):
                s = count * weights(rule, hard @ theta)
            theta = theta + gamma * (hard.T @ s) / (s.sum() if rule in ("NLR", "averaged perceptron") else n)
            t += 1
        updates[f"{rule} {gamma:g}"] = t
    print(n, updates)
