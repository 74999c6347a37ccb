"""Trajectories of the rules that need more than one gradient, transcribed from the papers with NumPy: objective_rules.json.

Parameters W [3, 2] and b [2], as one vector of 8. The loss of step t is 10 mean log cosh(A W + b - T) over six of twelve rows, the first
or the second half in turn; three workers have two rows each. Hutchinson's metric is tried on a separable function, where every probe
of random signs gives the diagonal of the Hessian exactly; Entropy-SGD without noise.
"""

import json
import math
from pathlib import Path

import numpy as np

STEPS = 24
A = np.sin(1.3 * np.arange(36) + 0.2).reshape(12, 3)
T = 2 * np.cos(0.7 * np.arange(24)).reshape(12, 2)
START = np.concatenate([0.5 * np.sin(np.arange(6) + 1.0), [0.3, -0.2]])
GROUPS = [slice(0, 6), slice(6, 8)]


def rows(t):
    return slice(6 * (t % 2), 6 * (t % 2) + 6)


def loss_of_rows(x, r):
    return 10 * np.mean(np.log(np.cosh(A[r] @ x[:6].reshape(3, 2) + x[6:] - T[r])))


def gradient_of_rows(x, r):
    e = 10 * np.tanh(A[r] @ x[:6].reshape(3, 2) + x[6:] - T[r]) / T[r].size
    return np.concatenate([(A[r].T @ e).ravel(), e.sum(0)])


def loss(x, t):
    return loss_of_rows(x, rows(t))


def gradient(x, t):
    return gradient_of_rows(x, rows(t))


def smb(rate, independent=False, every=0, c=0.3, eta=0.99):
    x, path, flags, failed = START.copy(), [], [], None
    batches = models = 0
    for t in range(STEPS):
        f, g = loss(x, t), gradient(x, t)
        s = -rate * g
        ft, gt = loss(x + s, t), gradient(x + s, t)
        ok = ft <= f - c * rate * g @ g
        use_model = (failed is not None) if independent else not ok
        if use_model:
            target = failed if independent else g
            step = np.zeros(8)
            for k in GROUPS:
                gk, sk, yk, hk = target[k], s[k], (gt - g)[k], g[k]
                norm = np.linalg.norm
                sigma = 0.5 * (norm(sk) * (norm(yk) + norm(hk) / eta) - yk @ sk)
                b = (np.outer(yk, sk) + np.outer(sk, yk) + 2 * sigma * np.eye(len(sk))) / (sk @ sk)
                step[k] = np.linalg.solve(b, -gk)
        elif ok:
            step = s
        else:
            step = np.zeros(8)
        if independent:
            failed = None if use_model or ok else g
        x = x + step
        path.append(x.tolist())
        flags.append(float(use_model))
        batches += 1
        models += use_model
        if every and batches == every:
            rate = rate * 0.9 if models / batches > 0.05 else min(rate / 0.9, 20)
            batches = models = 0
    assert 0 < sum(flags) < STEPS, sum(flags)
    return {"path": path, "flags": flags}


class Metric:
    def __init__(self, kind):
        self.kind, self.sum, self.t = kind, np.zeros(8), 0

    def __call__(self, g):
        self.t += 1
        if self.kind == "adagrad":
            self.sum += g * g
            return np.sqrt(self.sum) + 1e-10
        if self.kind == "adam":
            self.sum = 0.999 * self.sum + 0.001 * g * g
            return np.sqrt(self.sum / (1 - 0.999**self.t)) + 1e-10
        return np.ones(8)


def polyak(kind, slack=None, lam=0.0):
    x, s, metric, path, slacks = START.copy(), 0.0, Metric(kind), [], []
    for t in range(STEPS):
        f, g = loss(x, t), gradient(x, t)
        b = metric(g)
        n = np.sum(g * g / b)
        if slack == "L1":
            g3 = max(f - s + lam, 0) / (1 + n)
            gamma = min(g3, f / n)
            s = max(s - lam + g3, 0)
        elif slack == "L2":
            h = 1 / (1 + lam)
            gamma = max(f - h * s, 0) / (h + n)
            s = h * (s + gamma)
        else:
            gamma = f / n
        x = x - gamma * g / b
        path.append(x.tolist())
        slacks.append(s)
    return {"path": path, "flags": slacks}


def hutchinson():
    """sum_j c_j (cosh w_j - 1), whose Hessian is diag(c_j cosh w_j)."""
    c = np.exp(np.sin(2.0 * np.arange(8)))
    x, d, path = START.copy() + 1, np.full(8, 0.5), []
    for _ in range(STEPS):
        f, g = c @ (np.cosh(x) - 1), c * np.sinh(x)
        d = 0.9 * d + 0.1 * c * np.cosh(x)
        b = np.maximum(1e-4, np.abs(d))
        x = x - f / np.sum(g * g / b) * g / b
        path.append(x.tolist())
    return {"path": path, "flags": []}


def variance_reduced(rule, rate, b3=0.0):
    x, p, path, first = START.copy(), np.zeros(8), [], []
    m, v = np.zeros(8), np.zeros(8)
    for t in range(STEPS):
        begin = rows(t).start
        g = np.stack([gradient_of_rows(x, slice(begin + 2 * d, begin + 2 * d + 2)) for d in range(3)])
        gm = g.mean(0)
        r = gm**2 / ((g**2).mean(0) - gm**2)
        for k in GROUPS:
            r[k] = np.clip(r[k] / r[k].mean(), 0.1, 1)
        first.append(r[0])
        p = b3 * p + (1 - b3) * r
        gh = p / (1 - b3 ** (t + 1)) * gm
        if rule == "sgd":
            x = x - rate * gh
        elif rule == "momentum":
            m = 0.9 * m + gh
            x = x - rate * m
        else:
            m = 0.9 * m + 0.1 * gh
            v = 0.999 * v + 0.001 * gh**2
            x = x - rate * (m / (1 - 0.9 ** (t + 1))) / (np.sqrt(v / (1 - 0.999 ** (t + 1))) + 1e-8)
        path.append(x.tolist())
    return {"path": path, "flags": first}


def entropy(form, rate, inner, h, a, g0, g1=0.0, decay=0.0, momentum=0.0, damping=0.0):
    x, path, t = START.copy(), [], 0
    outer_velocity = np.zeros(8)
    for outer in range(STEPS // inner):
        g = g0 * (1 + g1) ** outer
        xp, mu, velocity = x.copy(), x.copy(), np.zeros(8)
        inners = []
        for _ in range(inner):
            d = gradient(xp, t) + decay * xp
            t += 1
            if momentum:
                velocity = momentum * velocity + (1 - damping) * d
                d = d + momentum * velocity
            d = d - g * (x - xp)
            xp = xp - h * d
            inners.append(xp)
            mu = np.mean(inners, 0) if a is None else (1 - a) * mu + a * xp
            path.append(x.tolist())
        d = (g if form == "paper" else 1) * (x - mu) + decay * x
        if momentum:
            outer_velocity = momentum * outer_velocity + (1 - damping) * d
            d = d + momentum * outer_velocity
        x = x - rate * d
        path[-1] = x.tolist()
    return {"path": path, "flags": []}


CASES = {
    "smb": smb(0.6),
    "smb-independent": smb(0.6, independent=True),
    "smb-schedule": smb(0.6, every=4),
    "sps": polyak("identity"),
    "psps-adagrad": polyak("adagrad"),
    "psps-adam": polyak("adam"),
    "psps-l1": polyak("adagrad", "L1", 0.3),
    "psps-l2": polyak("adam", "L2", 0.3),
    "psps-hutchinson": hutchinson(),
    "vr-sgd": variance_reduced("sgd", 0.5),
    "vr-momentum": variance_reduced("momentum", 0.1),
    "vr-adam": variance_reduced("adam", 0.05, 0.9),
    "entropy-paper": entropy("paper", 0.8, 4, 0.1, 0.75, 0.7),
    "entropy-absorbed": entropy("absorbed", 1.0, 6, 0.2, None, 0.3),
    "entropy-code": entropy("code", 0.9, 4, 0.1, 0.25, 0.3, 0.1, 0.01, 0.8, 0.1),
}

assert all(math.isfinite(v) for case in CASES.values() for row in case["path"] for v in row)
Path(__file__).with_suffix(".json").write_text(json.dumps(CASES) + "\n")
