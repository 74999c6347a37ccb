"""The two small transformers with weights that are sines, written out with loops; gradients by central differences.

    python3 transformers.py
"""

import math

import numpy as np


def sines(shape, phase):
    return np.sin(np.arange(np.prod(shape)) + phase).reshape(shape)


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def show(name, values):
    print(name, ", ".join(f"{v:.7f}" for v in np.ravel(values)))


# The disentangled transformer: S = 2, T = 3.
S, T = 2, 3
d = S + T
tokens = np.array([[0, 1, 1], [1, 0, 1]])
targets = np.array([[0.25, 0.75], [0.9, 0.1]])


def attend(x, a):
    out = np.zeros_like(x)
    for i in range(T):
        out[i] = softmax(np.array([x[i] @ a @ x[j] for j in range(i + 1)])) @ x[: i + 1]
    return out


def scores(seq, a1, a2, w):
    x = np.zeros((T, d))
    for i, s in enumerate(seq):
        x[i, s] = x[i, S + i] = 1
    h1 = np.concatenate([x, attend(x, a1)], 1)
    h2 = np.concatenate([h1, attend(h1, a2)], 1)
    return h2[-1] @ w


def loss(a1, a2, w):
    return -np.mean([t @ np.log(softmax(scores(s, a1, a2, w))) for s, t in zip(tokens, targets)])


a1, a2, w = sines((d, d), 0.1), sines((2 * d, 2 * d), 0.2), sines((4 * d, S), 0.3)
show("scores", [scores(s, a1, a2, w) for s in tokens])
print("loss", loss(a1, a2, w))
for name, place in [("a1", (3, 2)), ("a1", (4, 3))]:
    step = np.zeros((d, d))
    step[place] = 1e-5
    show(f"gradient {place}", (loss(a1 + step, a2, w) - loss(a1 - step, a2, w)) / 2e-5)

# The planar transformer: 3 tokens, L = 4, E = 2, 3 hidden units.
tok, pos, q, wv = sines((3, 2), 0.1), sines((4, 2), 0.2), sines((2,), 0.3), sines((2, 2), 0.4)
w1, b1, w2, b2 = sines((2, 3), 0.5), sines((3,), 0.6), sines((3, 2), 0.7), sines((2,), 0.8)


def norm(x):
    return x / (math.sqrt(np.mean(x**2)) + 1e-5)


def gelu(x):
    return x * 0.5 * (1 + math.erf(x / math.sqrt(2)))


for seq in ([0, 2, 1, 1], [2, 2, 0, 1]):
    h = [norm(tok[s] + pos[place]) for place, s in enumerate(seq)]
    a = softmax(np.array([x @ q for x in h]) / math.sqrt(2))
    o = sum(a[place] * (h[place] @ wv) for place in range(4))
    answer = (o + np.array([gelu(v) for v in norm(o) @ w1 + b1]) @ w2 + b2) @ tok.T
    show("attention", a)
    show("output", o)
    show("answer", answer)
