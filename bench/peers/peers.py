"""Times the workloads of bench.md on their peers (JAX, SciPy, POT) and prints the ratios to ours.

Usage: peers.py <our bench program> [workload ...]. Each workload is timed here and there in turn, so that both see the same machine.
"""

import json
import os
import subprocess
import sys
import time

import jax
import jax.numpy as jnp
import numpy as np
import ot
import scipy.linalg

WORKLOADS = {}


def workload(name, peer="JAX jit"):
    def register(prepare):
        WORKLOADS[name] = (peer, prepare)
        return prepare

    return register


def seconds(step, repeats=9):
    """Median time of one call, as in bench/workloads/Workload.swift."""
    def measure(count):
        start = time.perf_counter()
        for _ in range(count):
            step()
        return (time.perf_counter() - start) / count

    for _ in range(4):
        step()
    count = 1
    while measure(count) * count < 0.1:
        count *= 2
    return sorted(measure(count) for _ in range(repeats))[repeats // 2]


def normal(seed, *shape):
    return jax.random.normal(jax.random.PRNGKey(seed), shape)


def classification(count, width, classes):
    y = np.zeros((count, classes), np.float32)
    y[np.arange(count), np.arange(count) * 7 % classes] = 1
    return normal(3, count, width), jnp.array(y)


def mlp(widths):
    return [
        (normal(i, m, n) * (2 / m) ** 0.5, jnp.zeros(n)) for i, (m, n) in enumerate(zip(widths, widths[1:]))
    ]


def forward(model, x, activation):
    for w, b in model[:-1]:
        x = activation(x @ w + b)
    w, b = model[-1]
    return x @ w + b


def cross_entropy(logits, y):
    return -(y * jax.nn.log_softmax(logits)).sum() / logits.shape[0]


def tanh_loss(model, x, y):
    return cross_entropy(forward(model, x, jnp.tanh), y)


def relu_loss(model, x, y):
    return cross_entropy(forward(model, x, jax.nn.relu), y)


def sgd(model, gradient, rate):
    return jax.tree.map(lambda p, g: p - rate * g, model, gradient)


def loop(step, state):
    """A training loop: each call waits for its result, as ours does."""
    holder = [state]

    def once():
        holder[0] = jax.block_until_ready(step(holder[0]))

    return once


def tiny_or_small(widths, batch):
    x, y = classification(batch, widths[0], widths[-1])
    step = jax.jit(lambda model: sgd(model, jax.grad(tanh_loss)(model, x, y), 0.1))
    return loop(step, mlp(widths))


@workload("mlp-tiny")
def _():
    return tiny_or_small([16, 32, 4], 16)


@workload("mlp-small")
def _():
    return tiny_or_small([64, 128, 10], 64)


@workload("mlp-mnist")
def _():
    x, y = classification(128, 784, 10)

    @jax.jit
    def step(state):
        model, first, second, t = state
        g = jax.grad(relu_loss)(model, x, y)
        t = t + 1
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, g)
        second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, g)
        update = lambda p, m, v: p - 1e-3 * (m / (1 - 0.9**t)) / (jnp.sqrt(v / (1 - 0.999**t)) + 1e-8)
        return jax.tree.map(update, model, first, second), first, second, t

    model = mlp([784, 256, 256, 10])
    zeros = jax.tree.map(jnp.zeros_like, model)
    return loop(step, (model, zeros, zeros, jnp.float32(0)))


@workload("mlp-tiny-vmap-1024")
def _():
    copies = 1024
    x, y = classification(16, 16, 4)
    models = jax.tree.map(lambda p: p + 0.01 * normal(1, copies).reshape((copies,) + (1,) * p.ndim), mlp([16, 32, 4]))
    rates = jax.random.uniform(jax.random.PRNGKey(2), (copies,))
    one = lambda model, rate: sgd(model, jax.grad(tanh_loss)(model, x, y), rate)
    return loop(jax.jit(lambda models: jax.vmap(one)(models, rates)), models)


@workload("per-example-gradients")
def _():
    model = mlp([64, 128, 10])
    x, y = classification(64, 64, 10)
    one = lambda model, x, y: tanh_loss(model, x[None], y[None])
    gradients = jax.jit(jax.vmap(jax.grad(one), (None, 0, 0)))
    return lambda: jax.block_until_ready(gradients(model, x, y))


@workload("hvp")
def _():
    model = mlp([64, 128, 10])
    direction = mlp([64, 128, 10])
    x, y = classification(64, 64, 10)
    gradient = lambda model: jax.grad(tanh_loss)(model, x, y)
    product = jax.jit(lambda model, direction: jax.jvp(gradient, (model,), (direction,))[1])
    return lambda: jax.block_until_ready(product(model, direction))


@workload("convnet")
def _():
    x = normal(0, 64, 28, 28, 1)
    y = classification(64, 1, 10)[1]
    model = (normal(1, 3, 3, 1, 16) * 0.3, jnp.zeros(16), normal(2, 3, 3, 16, 32) * 0.1, jnp.zeros(32),
             normal(3, 7 * 7 * 32, 10) * 0.03, jnp.zeros(10))

    def convolve(x, w, b):
        z = jax.lax.conv_general_dilated(x, w, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
        z = jax.nn.relu(z + b)
        return jax.lax.reduce_window(z, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")

    def loss(model):
        w1, b1, w2, b2, w3, b3 = model
        h = convolve(convolve(x, w1, b1), w2, b2)
        return cross_entropy(h.reshape(64, -1) @ w3 + b3, y)

    return loop(jax.jit(lambda model: sgd(model, jax.grad(loss)(model), 0.1)), model)


@workload("transformer")
def _():
    layers, width, heads, tokens, batch, vocabulary = 2, 128, 4, 64, 16, 256
    text = jax.random.randint(jax.random.PRNGKey(0), (batch, tokens + 1), 0, vocabulary)
    scale = width**-0.5
    block = lambda i: dict(
        n1=jnp.ones(width), c1=jnp.zeros(width), qkv=normal(i, width, 3 * width) * scale, out=normal(i + 10, width, width) * scale,
        n2=jnp.ones(width), c2=jnp.zeros(width), up=normal(i + 20, width, 4 * width) * scale, bu=jnp.zeros(4 * width),
        down=normal(i + 30, 4 * width, width) * scale / 2, bd=jnp.zeros(width))
    model = dict(
        embedding=normal(40, vocabulary, width) * 0.02, position=normal(41, tokens, width) * 0.02,
        blocks=[block(i) for i in range(layers)], n=jnp.ones(width), c=jnp.zeros(width), head=normal(42, width, vocabulary) * scale)
    mask = jnp.tril(jnp.ones((tokens, tokens), bool))

    def norm(x, gain, bias):
        centred = x - x.mean(-1, keepdims=True)
        return centred / jnp.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5) * gain + bias

    def attention(x, p):
        split = lambda z: z.reshape(batch, tokens, heads, width // heads).transpose(0, 2, 1, 3)
        q, k, v = map(split, jnp.split(x @ p["qkv"], 3, -1))
        scores = q @ k.transpose(0, 1, 3, 2) * (width // heads) ** -0.5
        weights = jax.nn.softmax(jnp.where(mask, scores, -jnp.inf))
        return (weights @ v).transpose(0, 2, 1, 3).reshape(batch, tokens, width) @ p["out"]

    def loss(model):
        x = model["embedding"][text[:, :-1]] + model["position"]
        for p in model["blocks"]:
            x = x + attention(norm(x, p["n1"], p["c1"]), p)
            x = x + jax.nn.gelu(norm(x, p["n2"], p["c2"]) @ p["up"] + p["bu"]) @ p["down"] + p["bd"]
        logits = norm(x, model["n"], model["c"]) @ model["head"]
        picked = jnp.take_along_axis(jax.nn.log_softmax(logits), text[:, 1:, None], -1)
        return -picked.mean()

    return loop(jax.jit(lambda model: sgd(model, jax.grad(loss)(model), 0.1)), model)


def attention_operands():
    return [normal(i, 1, 2048, 8, 64) for i in range(3)]


@workload("attention-2048")
def _():
    q, k, v = attention_operands()
    attend = jax.jit(jax.nn.dot_product_attention)
    return lambda: jax.block_until_ready(attend(q, k, v))


@workload("attention-2048-gradient")
def _():
    q, k, v = attention_operands()
    slopes = jax.jit(jax.grad(lambda q, k, v: (jax.nn.dot_product_attention(q, k, v) ** 2).sum(), argnums=(0, 1, 2)))
    return lambda: jax.block_until_ready(slopes(q, k, v))


@workload("softmax-16m")
def _():
    x = normal(0, 1 << 24)
    softmax = jax.jit(jax.nn.softmax)
    return lambda: jax.block_until_ready(softmax(x))


def product(n):
    @workload(f"sgemm-{n}")
    def _():
        a, b = normal(0, n, n), normal(1, n, n)
        multiply = jax.jit(jnp.matmul)
        return lambda: jax.block_until_ready(multiply(a, b))


for n in (64, 256, 1024):
    product(n)


@workload("matrix-sensing-gd")
def _():
    with jax.enable_x64(True) if hasattr(jax, "enable_x64") else jax.experimental.enable_x64():
        n, k, m = 50, 10, 1500
        rng = np.random.default_rng(0)
        a = jnp.array(rng.normal(size=(m, n * n)))
        b = jnp.array(rng.normal(size=m))
        x = jnp.array(rng.normal(size=(n, k)) * 0.1)

        @jax.jit
        def step(x, a, b):
            gradient = (a.T @ (a @ (x @ x.T).ravel() - b)).reshape(n, n)
            return x - 1e-9 * (gradient + gradient.T) @ x

        compiled = step.lower(x, a, b).compile()
    holder = [x]

    def once():
        holder[0] = jax.block_until_ready(compiled(holder[0], a, b))

    return once


def positive_definite(n):
    a = np.random.default_rng(0).normal(size=(n, n))
    return a @ a.T + n * np.eye(n)


@workload("cholesky-1500", "SciPy")
def _():
    a = positive_definite(1500)
    return lambda: scipy.linalg.cholesky(a, lower=True, check_finite=False)


@workload("eigh-600", "SciPy")
def _():
    a = positive_definite(600)
    return lambda: scipy.linalg.eigh(a, check_finite=False)


@workload("sinkhorn-1000x100", "POT")
def _():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(1000, 2)), rng.normal(size=(1000, 2))
    cost = ((x[:, None] - y[None]) ** 2).sum(-1)
    cost /= cost.max()
    weights = np.full(1000, 1e-3)
    return lambda: ot.sinkhorn(weights, weights, cost, 0.05, numItermax=100, stopThr=0, warn=False)


def main():
    ours, wanted = sys.argv[1], sys.argv[2:]
    print(f"{'workload':24} {'peer':8} {'peer ms':>10} {'ours ms':>10} {'ratio':>7}")
    for name, (peer, prepare) in WORKLOADS.items():
        if wanted and not any(w in name for w in wanted):
            continue
        output = subprocess.run([ours, name], env={**os.environ, "JSON": "1"}, capture_output=True, text=True).stdout
        own = {entry["workload"]: entry["seconds"] for entry in map(json.loads, output.splitlines())}
        if name not in own:
            continue
        theirs = seconds(prepare())
        print(f"{name:24} {peer:8} {theirs * 1e3:10.4f} {own[name] * 1e3:10.4f} {theirs / own[name]:7.2f}", flush=True)


if __name__ == "__main__":
    main()
