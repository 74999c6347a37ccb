"""Prints the numbers of OnlineAndMirrorTests: the methods transcribed from the papers in NumPy, on data without random numbers."""
import numpy as np


def wave(count, width, phase):
    return np.sin(phase + 1.3 * np.arange(count * width)).reshape(count, width)


def show(name, values):
    print(name, [float(v) for v in np.ravel(values)])


# Hard instance of T = 12: h_i as dense rows, the first largest one, projection on the unit ball.
T = 12
a = 1 / (8 * (T - np.arange(1, T + 1) + 1))
b = np.sqrt(np.arange(1, T + 1)) / (2 * np.sqrt(T))
h = np.zeros((T + 1, T))
for i in range(T + 1):
    h[i, :i] = a[:i]
    if i < T:
        h[i, i] = -b[i]
for name, eta in (("constant", lambda t: 1 / np.sqrt(T)), ("linear", lambda t: (T - t + 1) / T**1.5)):
    x, points = np.zeros(T), []
    for t in range(1, T + 1):
        points.append(x.copy())
        x = x - eta(t) * h[np.argmax(np.round(h @ x, 14))]
        x = x / max(1, np.linalg.norm(x))
    show("hard " + name, [(h @ points[-1]).max(), (h @ np.mean(points, 0)).max()])


# Optimistic mirror descent on the unit ball, eta = 1 / sqrt(delta + V).
def ball(x):
    return x / max(1, np.linalg.norm(x))


for name, optimistic in (("optimistic", True), ("plain", False)):
    anchor, hint, surprise, loss = np.zeros(3), np.zeros(3), 0.0, 0.0
    for g in -0.7 * wave(15, 3, 0.4) - 0.5 * np.eye(3)[0]:
        eta = 1 / np.sqrt(0.2 + surprise)
        x = ball(anchor - eta * hint)
        loss += g @ x
        surprise += (g - hint) @ (g - hint)
        anchor = ball(anchor - eta * g)
        hint = g if optimistic else hint
    show(name, np.append(x, [surprise, loss]))

# Mirror descent with momentum in the dual, three potentials.
inputs, labels, start = wave(4, 7, 0.2), np.array([1.0, -1, -1, 1]), 0.3 * wave(1, 7, 2.0)[0]
maps = {
    "2-norm": (lambda w: w, lambda y: y),
    "3-norm": (lambda w: np.sign(w) * w**2, lambda y: np.sign(y) * np.sqrt(np.abs(y))),
    "entropy": (lambda w: np.sign(w) * (np.log(np.abs(w)) + 1), lambda y: np.sign(start) * np.exp(np.sign(start) * y - 1)),
}
for name, (dual, primal) in maps.items():
    y, v = dual(start), np.zeros(7)
    for rate in (0.05, 0.04, 0.02, 0.0):
        w = primal(y)
        v = 0.9 * v + 2 / 4 * inputs.T @ (inputs @ w - labels)
        y = y - rate * v
    show(name, primal(y))
