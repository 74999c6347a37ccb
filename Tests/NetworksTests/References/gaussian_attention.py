"""Prints what GaussianAttentionTests expects: Nystrom attention of six tokens by NumPy, with few steps of Newton's iteration.

Number s of the inputs holds sin(1.7 s + 0.9 i) at place i: tokens [6, 2], landmarks [3, 2], values [6, 2].
"""
import numpy as np

def fill(rows, columns, s):
    return np.sin(1.7 * s + 0.9 * np.arange(rows * columns)).reshape(rows, columns)

def kernel(x, y):
    return np.exp(-((x[:, None] - y[None]) ** 2).sum(-1) / 2)

def softmax(x):
    e = np.exp(x)
    return e / e.sum(-1, keepdims=True)

q, landmarks, v = fill(6, 2, 0), fill(3, 2, 1), fill(6, 2, 2)
p, a = kernel(q, landmarks), kernel(landmarks, landmarks)
regularized = a + 0.05 * np.eye(3)
inverse = 2 * 0.9 / a.sum(1).max() ** 2 * regularized
for _ in range(3):
    inverse = 2 * inverse - inverse @ regularized @ inverse
d = np.diag(a.sum(1) ** -0.5)
np.set_printoptions(precision=15, floatmode="fixed")
print("SOFT", (p @ inverse @ p.T @ v).ravel())
print("SOFT++", (p @ d @ inverse @ d @ p.T @ v).ravel())
three = softmax(q @ landmarks.T) @ np.linalg.pinv(softmax(landmarks @ landmarks.T)) @ softmax(landmarks @ q.T)
print("three softmaxes", (three @ v).ravel())
