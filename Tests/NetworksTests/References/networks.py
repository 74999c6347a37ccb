"""Writes networks.json: a tiny transformer, attention and recurrent cells by JAX in float64.

Weights need no file: tensor number s of a model holds 0.3 sin(1.7 s + 0.9 i) at place i, in the order of the Swift properties.
Gradients are given as their inner products with sin(0.3 i + 1), tensor by tensor.
"""
import json, pathlib
import jax, jax.numpy as jnp, numpy as np
jax.config.update("jax_enable_x64", True)

def fill(shape, s):
    return jnp.asarray(0.3 * np.sin(1.7 * s + 0.9 * np.arange(int(np.prod(shape))))).reshape(shape)

def project(g):
    return float(jnp.sum(g.ravel() * jnp.sin(0.3 * jnp.arange(g.size) + 1)))

def fills(shapes):
    return [fill(shape, s) for s, shape in enumerate(shapes)]

def norm(x, scale, shift):
    mean, variance = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
    return (x - mean) / jnp.sqrt(variance + 1e-5) * scale + shift

def attention(p, x, context, heads, mask):
    wq, bq, wk, bk, wv, bv, wo, bo = p
    split = lambda t: t.reshape(t.shape[:-1] + (heads, -1)).swapaxes(-2, -3)
    q, k, v = split(x @ wq + bq), split(context @ wk + bk), split(context @ wv + bv)
    scores = jnp.einsum("...qd,...kd->...qk", q, k) / np.sqrt(q.shape[-1])
    weights = jax.nn.softmax(jnp.where(mask, scores, -1e30), axis=-1)
    y = (weights @ v).swapaxes(-2, -3)
    return y.reshape(y.shape[:-2] + (-1,)) @ wo + bo

V, T, D, F, H = 7, 5, 6, 8, 2
attention_shapes = [(D, D), (D,)] * 4
block_shapes = [(D,), (D,)] + attention_shapes + [(D,), (D,), (D, F), (F,), (F, D), (D,)]
shapes = [(V, D), (T, D)] + block_shapes * 2 + [(D,), (D,), (D, V)]
tokens = np.array([[0, 3, 6, 2, 1], [5, 5, 0, 4, 2]])
labels = np.array([[3, 6, 2, 1, 4], [5, 0, 4, 2, 6]])

def logits(p, tied):
    x = p[0][tokens] + p[1]
    at = 2
    for _ in range(2):
        b = p[at:at + 16]
        at += 16
        n = norm(x, b[0], b[1])
        x = x + attention(b[2:10], n, n, H, jnp.tril(jnp.ones((T, T), bool)))
        x = x + jax.nn.gelu(norm(x, b[10], b[11]) @ b[12] + b[13], approximate=True) @ b[14] + b[15]
    x = norm(x, p[at], p[at + 1])
    return x @ (p[0].T if tied else p[at + 2])

def loss(p, tied):
    l = jax.nn.log_softmax(logits(p, tied))
    return -jnp.take_along_axis(l, labels[..., None], -1).mean()

result = {}
for name, tied in [("untied", False), ("tied", True)]:
    p = fills(shapes[:-1] if tied else shapes)
    value, gradient = jax.value_and_grad(loss)(p, tied)
    result[name] = {"loss": float(value), "gradient": [project(g) for g in gradient]}

# Cross attention: 3 queries, 4 keys, one of which is hidden in the second sequence.
p = fills([(D, D), (D,), (4, D), (D,), (4, D), (D,), (D, D), (D,)])
mask = np.array([[True] * 4, [True, False, True, True]])[:, None, None, :]
result["cross"] = np.asarray(attention(p, fill((2, 3, D), 20), fill((2, 4, 4), 21), H, mask)).ravel().tolist()

# Recurrent cells: 3 inputs, 2 units, 4 steps, 2 sequences.
x = fill((2, 4, 3), 20)
sigmoid = jax.nn.sigmoid
u, b, w = fills([(3, 2), (2,), (2, 2)])
h, out = jnp.zeros((2, 2)), []
for t in range(4):
    h = jnp.tanh(x[:, t] @ u + b + h @ w)
    out.append(h)
result["rnn"] = np.asarray(jnp.stack(out, 1)).ravel().tolist()
u, b, w, c = fills([(3, 6), (6,), (2, 6), (2,)])
h, out = jnp.zeros((2, 2)), []
for t in range(4):
    i, s = jnp.split(x[:, t] @ u + b, 3, -1), jnp.split(h @ w, 3, -1)
    r, z = sigmoid(i[0] + s[0]), sigmoid(i[1] + s[1])
    h = (1 - z) * jnp.tanh(i[2] + r * (s[2] + c)) + z * h
    out.append(h)
result["gru"] = np.asarray(jnp.stack(out, 1)).ravel().tolist()
u, b, w = fills([(3, 8), (8,), (2, 8)])
h, c, out = jnp.zeros((2, 2)), jnp.zeros((2, 2)), []
for t in range(4):
    i, f, g, o = jnp.split(x[:, t] @ u + b + h @ w, 4, -1)
    c = sigmoid(f) * c + sigmoid(i) * jnp.tanh(g)
    h = sigmoid(o) * jnp.tanh(c)
    out.append(h)
result["lstm"] = np.asarray(jnp.stack(out, 1)).ravel().tolist()

pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n")
