"""Writes factor_descents.json: the descents of FactorDescentTests.swift and the t-product, transcribed in NumPy measurement by measurement
(no normal matrix, no Fourier transform in the t-product), from inputs that need no random numbers."""
import json, pathlib
import numpy as np

steps = 50


def wave(shape, phase):
    i = np.arange(int(np.prod(shape)), dtype=float)
    return 0.5 * np.sin(1 + 1.7 * i + 0.37 * i * i + phase).reshape(shape)


def flat(a):
    return [float(x) for x in np.ravel(a)]


result = {}

# Sensing with symmetrized measurements.
n, r, k, m = 6, 2, 3, 40
a = wave((m, n, n), 0.0) / np.sqrt(m) * 2
a = (a + a.transpose(0, 2, 1)) / 2
v = wave((n, r), 0.5)
target = v @ v.T
y = np.array([np.sum(ai * target) for ai in a])


def adjoint(z):
    return sum(zi * ai for zi, ai in zip(z, a))


def measure(x):
    return np.array([np.sum(ai * x) for ai in a])


for name, damping in (("scaled", 0.05), ("undamped", 0.0), ("plain", None)):
    x = 0.3 * wave((n, k), 0.3)
    for _ in range(steps):
        g = adjoint(measure(x @ x.T) - y) @ x
        p = np.eye(k) if damping is None else np.linalg.inv(x.T @ x + damping * np.eye(k))
        x = x - 0.1 * g @ p
    result[name] = flat(x)

# The best rank-1 approximation of the sensing loss, from the spectral truncation of A*(y).
w, q = np.linalg.eigh(adjoint(y))
u = np.sqrt(max(w[-1], 0)) * q[:, -1:]
for _ in range(steps):
    u = u - 0.1 * adjoint(measure(u @ u.T) - y) @ u
result["best"] = flat(u @ u.T)

# Sub-gradients and squared loss on measurements of which every seventh is wrong.
s = np.where(np.arange(m) % 7 == 0, 3.0, 0.0)
yn = y + s
c = adjoint(np.sign(yn)) / m
w, q = np.linalg.eigh(c)
w, q = np.maximum(w[::-1][:k], 0), q[:, ::-1][:, :k]
b = q * np.sqrt(w)
b = b / np.linalg.norm(b, 2)
result["spectral_start"] = flat(b @ b.T)  # The signs of eigenvectors are nobody's.
u = 0.1 * wave((n, k), 0.7)
l2 = u.copy()
for t in range(steps):
    qt = adjoint(np.sign(yn - measure(u @ u.T))) / m
    u = u + 0.25 * 0.97**t / np.linalg.norm(qt) * qt @ u
    l2 = l2 + 0.1 / m * adjoint(yn - measure(l2 @ l2.T)) @ l2
result["subgradient"], result["squared"] = flat(u), flat(l2)

# The t-product, slices first: circular convolution of slices.
tubes, n, r, width, m = 5, 4, 2, 3, 30


def product(a, b):
    k = len(a)
    return np.array([sum(a[j] @ b[(i - j) % k] for j in range(k)) for i in range(k)])


def transpose(a):
    return np.array([a[-i % len(a)].T for i in range(len(a))])


p, q = wave((tubes, 3, 4), 0.1), wave((tubes, 4, 2), 0.2)
result["t_product"], result["t_transpose"] = flat(product(p, q)), flat(transpose(p))
fourier = lambda x: np.fft.fft(x, axis=0)[: tubes // 2 + 1]
result["t_singular_values"] = flat(np.linalg.svd(fourier(p), compute_uv=False))
x, left = wave((tubes, n, r), 0.4), wave((tubes, n, width), 0.6)
sines = []
for fx, fu in zip(fourier(x), fourier(left)):
    qx = np.linalg.qr(fx)[0]
    lead = np.linalg.svd(fu)[0][:, :r]
    sines.append(np.linalg.norm(lead - qx @ (qx.conj().T @ lead), 2))
result["t_sines"] = flat(sines)

a = wave((m, tubes, n, n), 0.8) / np.sqrt(m)
a = np.array([(ai + transpose(ai)) / 2 for ai in a])
target = product(x, transpose(x))
y = measure(target)
u = 0.2 * left
for _ in range(steps):
    u = u + 0.05 * product(adjoint(y - measure(product(u, transpose(u)))), u)
result["tubal"] = flat(u)
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n")
