"""Writes trajectories.json: where 24 steps of each update rule lead on one small problem, by other implementations.

    python3 -m venv venv; venv/bin/pip install numpy torch optax jax pytorch_optimizer adabelief-pytorch grams-pytorch
    venv/bin/python trajectories.py

Rules that PyTorch, optax or the authors' package have as the paper does are run by them. The others are written down here in NumPy, from
the algorithm boxes of the papers, one coordinate array for each tensor. Where two sources exist they are held against each other.
"""
import importlib.metadata, json, pathlib, types
import jax, numpy as np, optax, torch

jax.config.update("jax_enable_x64", True)
torch.set_default_dtype(torch.float64)

# The problem, 11 numbers in tensors of shapes [2, 3], [4], [1]; step t = 0, 1, ... has noise of its own.
STEPS, KEPT = 24, (1, 2, 7, 24)
SHAPES = ((2, 3), (4,), (1,))
k = np.arange(11.0)
curvature, center = 10 ** (-1 + 0.2 * k), np.cos(k)
start = 1.5 * np.sin(3 * k + 1)
noise = lambda t: 0.5 * np.sin(1.7 * t + 2.3 * k + 0.37 * t * k)
loss = lambda x, t: float(np.sum(0.5 * curvature * (x - center) ** 2 + 0.3 * np.sin(2 * x + k)) + noise(t) @ x + 5)
slope = lambda x, t: curvature * (x - center) + 0.6 * np.cos(2 * x + k) + noise(t)


def tensors(x):
    parts, at = [], 0
    for shape in SHAPES:
        size = int(np.prod(shape))
        parts.append(np.asarray(x[at:at + size]).reshape(shape))
        at += size
    return parts


flat = lambda parts: np.concatenate([np.asarray(p, dtype=float).ravel() for p in parts])
results = {}


def record(name, reference, trajectory, **more):
    assert len(trajectory) == STEPS and np.isfinite(trajectory).all(), name
    results[name] = {"reference": reference, "points": [list(map(float, trajectory[t - 1])) for t in KEPT]}
    for key, values in more.items():
        results[name][key] = [float(values[t - 1]) if np.ndim(values[t - 1]) == 0 else list(map(float, values[t - 1])) for t in KEPT]


def same(name, other, source, tolerance=1e-12):
    """A second source for a rule that was recorded."""
    ours = np.array(results[name]["points"])
    theirs = np.array([other[t - 1] for t in KEPT])
    error = np.abs(ours - theirs).max() / np.abs(ours).max()
    print(f"{name}: {source} differs by {error:.1e}")
    assert error < tolerance, (name, source, error)
    results[name]["reference"] += f"; {source}"


# ---- Other implementations

def with_torch(make, scheduler=None, prepare=None, after=None):
    parameters = [torch.nn.Parameter(torch.tensor(p.copy())) for p in tensors(start)]
    optimizer = make(parameters)
    schedule = scheduler(optimizer) if scheduler else None
    trajectory, extra = [], []
    for t in range(STEPS):
        x = flat([p.detach().numpy() for p in parameters])
        for p, g in zip(parameters, tensors(slope(x, t))):
            p.grad = torch.tensor(g.copy())
        if prepare:
            prepare(parameters)
        optimizer.step()
        if schedule:
            schedule.step()
        trajectory.append(flat([p.detach().numpy() for p in parameters]))
        if after:
            extra.append(after(optimizer, parameters))
    return (trajectory, extra) if after else trajectory


def with_optax(optimizer):
    parameters = [jax.numpy.asarray(p) for p in tensors(start)]
    state, trajectory = optimizer.init(parameters), []
    for t in range(STEPS):
        gradient = [jax.numpy.asarray(g) for g in tensors(slope(flat(parameters), t))]
        updates, state = optimizer.update(gradient, state, parameters)
        parameters = optax.apply_updates(parameters, updates)
        trajectory.append(flat(parameters))
    return trajectory


o, version = torch.optim, "torch " + torch.__version__.split("+")[0]
optax_version = "optax " + optax.__version__


def by_torch(name, make, **options):
    record(name, version, with_torch(make, **options))


def by_optax(name, optimizer):
    record(name, optax_version, with_optax(optimizer))


by_torch("sgd", lambda p: o.SGD(p, lr=0.05))
by_torch("momentum", lambda p: o.SGD(p, lr=0.02, momentum=0.9))
by_torch("nesterov", lambda p: o.SGD(p, lr=0.02, momentum=0.9, nesterov=True))
by_torch("adam", lambda p: o.Adam(p, lr=0.1))
by_torch("adamw", lambda p: o.AdamW(p, lr=0.1, weight_decay=0.05))
by_torch("adam-l2", lambda p: o.Adam(p, lr=0.1, weight_decay=0.05))
by_torch("adagrad", lambda p: o.Adagrad(p, lr=0.3))
by_torch("adagrad-accumulator", lambda p: o.Adagrad(p, lr=0.3, eps=1e-3, initial_accumulator_value=0.1))
by_torch("rmsprop", lambda p: o.RMSprop(p, lr=0.05, alpha=0.9))
by_torch("adadelta", lambda p: o.Adadelta(p, lr=1, rho=0.95))
by_torch("amsgrad-corrected", lambda p: o.Adam(p, lr=0.1, amsgrad=True))
by_torch("adamax", lambda p: o.Adamax(p, lr=0.1))
by_torch("nadam-beta1", lambda p: o.NAdam(p, lr=0.1))
by_torch("clip-norm-epsilon", lambda p: o.SGD(p, lr=0.05), prepare=lambda p: torch.nn.utils.clip_grad_norm_(p, 2.0))
by_torch("clip-value", lambda p: o.SGD(p, lr=0.05), prepare=lambda p: torch.nn.utils.clip_grad_value_(p, 0.8))
by_torch("adam-cosine", lambda p: o.Adam(p, lr=0.1),
         scheduler=lambda optimizer: o.lr_scheduler.CosineAnnealingLR(optimizer, T_max=30, eta_min=0.01))
by_torch("sgd-staircase", lambda p: o.SGD(p, lr=0.05),
         scheduler=lambda optimizer: o.lr_scheduler.MultiStepLR(optimizer, [5, 12], gamma=0.3))
trajectory, average = with_torch(lambda p: o.ASGD(p, lr=0.05, lambd=0, alpha=0, t0=0),
                                 after=lambda optimizer, p: flat([optimizer.state[q]["ax"].numpy() for q in p]))
record("averaged", version + " ASGD", trajectory, average=average)
by_optax("sign-sgd", optax.sign_sgd(0.05))
by_optax("lion", optax.lion(0.15, weight_decay=0))
by_optax("lion-decay", optax.lion(0.15, weight_decay=0.5))
by_optax("lamb", optax.lamb(0.05, weight_decay=0.01))
by_optax("adabelief", optax.adabelief(0.05))
by_optax("clip-norm", optax.chain(optax.clip_by_global_norm(2.0), optax.sgd(0.05)))
by_optax("lamb-decay", optax.lamb(0.05, weight_decay=0.3))

same("sgd", with_optax(optax.sgd(0.05)), optax_version)
same("nesterov", with_optax(optax.sgd(0.02, momentum=0.9, nesterov=True)), optax_version)
same("adam", with_optax(optax.adam(0.1)), optax_version)
same("adamw", with_optax(optax.adamw(0.1, weight_decay=0.05)), optax_version)
same("adadelta", with_optax(optax.adadelta(1, rho=0.95, eps=1e-6)), optax_version)

import adabelief_pytorch, grams
packages = {n: importlib.metadata.version(n) for n in ("adabelief-pytorch", "grams-pytorch", "pytorch_optimizer")}
record("adabelief-rectified", "adabelief-pytorch " + packages["adabelief-pytorch"], with_torch(
    lambda p: adabelief_pytorch.AdaBelief(p, lr=0.05, print_change_log=False)))
record("adabelief-rectified-decay", "adabelief-pytorch " + packages["adabelief-pytorch"], with_torch(
    lambda p: adabelief_pytorch.AdaBelief(p, lr=0.05, weight_decay=0.2, print_change_log=False)))
record("grams", "grams-pytorch " + packages["grams-pytorch"], with_torch(lambda p: grams.Grams(p, lr=0.1)))
record("grams-decay", "grams-pytorch " + packages["grams-pytorch"], with_torch(
    lambda p: grams.Grams(p, lr=0.1, weight_decay=0.2)))


# ---- Algorithm boxes: rule(t, theta, g, s) for each tensor, t from 1, s the memory of that tensor; returns the new theta

def boxes(rule, transform=None, report=None):
    x, memory, trajectory, extra = start.copy(), [types.SimpleNamespace() for _ in SHAPES], [], []
    shared = types.SimpleNamespace(history=[])
    for t in range(1, STEPS + 1):
        g = slope(x, t - 1)
        if transform:
            g = transform(t, x, g, shared)
        x = flat([rule(t, w, gw, s) for w, gw, s in zip(tensors(x), tensors(g), memory)])
        trajectory.append(x)
        if report:
            extra.append(report(shared))
    return (trajectory, extra) if report else trajectory


def box(name, rule, **options):
    record(name, "NumPy", boxes(rule, **options))


get = lambda s, name, initial: getattr(s, name, initial)
norm = np.linalg.norm
rms = lambda a: np.sqrt(np.mean(a * a))
sgd = lambda lr: lambda t, w, g, s: w - lr * g


def adam_moments(t, g, s, b1=0.9, b2=0.999):
    s.m = b1 * get(s, "m", 0 * g) + (1 - b1) * g
    s.v = b2 * get(s, "v", 0 * g) + (1 - b2) * g ** 2
    return s.m / (1 - b1 ** t), s.v / (1 - b2 ** t)


def adam_direction(t, g, s, eps=1e-8):
    m, v = adam_moments(t, g, s)
    return m / (np.sqrt(v) + eps)


def signum(t, w, g, s):
    s.m = 0.9 * get(s, "m", 0 * g) + 0.1 * g
    return w - 0.05 * np.sign(s.m)
box("signum", signum)


def rmsprop_previous(t, w, g, s):
    v = get(s, "v", 0 * g + 4.0)
    s.v = 0.99 * v + 0.01 * g ** 2
    return w - 0.1 * g / (np.sqrt(v) + 1e-8)
box("rmsprop-previous", rmsprop_previous)


def amsgrad(t, w, g, s):
    adam_moments(t, g, s, 0.9, 0.99)
    s.u = np.maximum(get(s, "u", 0 * g), s.v)
    return w - 0.05 * s.m / (np.sqrt(s.u) + 1e-8)
box("amsgrad", amsgrad)


def nadam(t, w, g, s):
    mu = lambda i: 0.9 * (1 - 0.5 * 0.96 ** (i / 250))
    s.m = mu(t) * get(s, "m", 0 * g) + (1 - mu(t)) * g
    s.n = 0.999 * get(s, "n", 0 * g) + 0.001 * g ** 2
    past, ahead = np.prod([mu(i) for i in range(1, t + 1)]), np.prod([mu(i) for i in range(1, t + 2)])
    m = mu(t + 1) * s.m / (1 - ahead) + (1 - mu(t)) * g / (1 - past)
    return w - 0.1 * m / (np.sqrt(s.n / (1 - 0.999 ** t)) + 1e-8)
box("nadam", nadam)


def diffgrad(frozen):
    def rule(t, w, g, s):
        difference = 0 * g if frozen else np.abs(get(s, "p", 0 * g) - g)
        xi = 1 / (1 + np.exp(-difference))
        s.p = g.copy()
        s.m = 0.9 * get(s, "m", 0 * g) + 0.1 * g
        s.v = 0.999 * get(s, "v", 0 * g) + 0.001 * g * g
        return w - 0.1 * np.sqrt(1 - 0.999 ** t) / (1 - 0.9 ** t) * xi * s.m / (np.sqrt(s.v) + 1e-3)
    return rule
box("diffgrad", diffgrad(False))
box("diffgrad-frozen", diffgrad(True))


def adan(lr=0.1, decay=0.0, proximal=True, factor=0.92):
    b1, b2, b3 = 0.98, 0.92, 0.99
    def rule(t, w, g, s):
        difference = g - get(s, "p", g)
        s.m = b1 * get(s, "m", 0 * g) + (1 - b1) * g
        s.d = b2 * get(s, "d", 0 * g) + (1 - b2) * difference
        s.n = b3 * get(s, "n", 0 * g) + (1 - b3) * (g + factor * difference) ** 2
        s.p = g
        step = (s.m / (1 - b1 ** t) + factor * s.d / (1 - b2 ** t)) / (np.sqrt(s.n) / np.sqrt(1 - b3 ** t) + 1e-8)
        return (w - lr * step) / (1 + lr * decay) if proximal else w * (1 - lr * decay) - lr * step
    return rule
box("adan", adan())
box("adan-decay", adan(decay=0.3))
box("adan-forward", adan(decay=0.3, proximal=False))
box("adan-difference", adan(factor=0.08))


def lion_k(gradient, lr=0.05, b1=0.95, b2=0.98, decay=0.5):
    x, m, trajectory = start.copy(), np.zeros(11), []
    for t in range(STEPS):
        g = slope(x, t)
        ahead, m = b1 * m - (1 - b1) * g, b2 * m - (1 - b2) * g
        x = (x + lr * gradient(ahead)) / (1 + lr * decay)
        trajectory.append(x)
    return trajectory
record("lion-k", "NumPy", lion_k(np.sign))
record("lion-k-norm", "NumPy", lion_k(lambda m: np.sign(m) * np.abs(m) ** 0.5 / np.sum(np.abs(m) ** 1.5) ** (0.5 / 1.5)))
record("lion-k-huber", "NumPy", lion_k(lambda m: np.clip(m / 0.1, -1, 1)))
record("lion-k-smooth", "NumPy", lion_k(lambda m: m / np.sqrt(m ** 2 + 0.1 ** 2)))


def novograd(decay, averaging):
    def rule(t, w, g, s):
        square = np.sum(g ** 2)
        s.v = square if t == 1 else 0.98 * s.v + 0.02 * square
        bracket = g / (np.sqrt(s.v) + 1e-8) + decay * w
        if averaging:
            bracket = (1 - 0.95) * bracket
        s.m = bracket if t == 1 else 0.95 * s.m + bracket
        return w - 0.05 * s.m
    return rule
box("novograd", novograd(0, False))
box("novograd-decay", novograd(0.1, True))


def lars(t, w, g, s):
    ratio = 0.02 * norm(w) / (norm(g) + 0.01 * norm(w))
    s.u = 0.9 * get(s, "u", 0 * g) + 1.5 * ratio * (g + 0.01 * w)
    return w - s.u
box("lars", lars)


def fadam(clip=True, raw=False, natural_decay=True, rho=0.5, lr=0.3, c=0.8, decay=0.1):
    def rule(t, w, g, s):
        b = 0.999 * (1 - 0.999 ** (t - 1)) / (1 - 0.999 ** t)
        s.f = b * get(s, "f", 0 * g + 1) + (1 - b) * g ** 2
        e = min(1e-2, 0.01 * rms(g))
        cut = (lambda a: a / max(1, rms(a) / c)) if clip else (lambda a: a)
        natural = lambda a: cut(a / (s.f ** rho + e))
        if raw:
            s.m = 0.9 * get(s, "m", 0 * g) + 0.1 * g
            direction = natural(s.m)
        else:
            s.m = 0.9 * get(s, "m", 0 * g) + 0.1 * natural(g)
            direction = s.m
        return w - lr * (direction + decay * (natural(w) if natural_decay else w))
    return rule
box("fadam", fadam())
box("fadam-unclipped", fadam(clip=False))
box("fadam-raw", fadam(raw=True))
box("fadam-euclidean", fadam(natural_decay=False))
box("fadam-rho", fadam(rho=1.0))


def superpositional(t, w, g, s):
    adam_moments(t, g, s)
    q = np.where(np.arange(w.size).reshape(w.shape) < 3, np.sin(np.pi * w) * g, 0)
    return w - 0.03 * (s.m / np.sqrt(s.v + 1e-8) + 0.5 * q)
box("superpositional", superpositional)


def cautious(rescaled):
    def rule(t, w, g, s):
        u = adam_direction(t, g, s)
        mask = (u * g > 0).astype(float)
        return w - 0.1 * u * (mask / max(mask.mean(), 1e-3) if rescaled else mask)
    return rule
box("cautious", cautious(True))
box("cautious-unscaled", cautious(False))


def adagrad_norm(t, x, g, shared):
    shared.sum = get(shared, "sum", 0.5 ** 2) + np.sum(g ** 2)
    return g / np.sqrt(shared.sum)
box("adagrad-norm", sgd(0.7), transform=adagrad_norm)


def clip_coordinates(u):
    tau = np.quantile(np.abs(u), 1 - 0.25)
    return np.sign(u) * np.minimum(np.abs(u), tau)
box("clip-coordinates", sgd(0.05), transform=lambda t, x, g, shared: clip_coordinates(g))


def adam_clipped():
    x, memory, trajectory = start.copy(), types.SimpleNamespace(), []
    for t in range(1, STEPS + 1):
        x = x - clip_coordinates(0.1 * adam_direction(t, slope(x, t - 1), memory))
        trajectory.append(x)
    return trajectory
record("adam-clip-coordinates", "NumPy", adam_clipped())


def autoclip(percentile, capacity):
    def transform(t, x, g, shared):
        shared.history.append(norm(g))
        shared.threshold = np.percentile(shared.history[-capacity:], percentile)
        return g * min(1, shared.threshold / (norm(g) + 1e-6))
    return transform
for name, percentile, capacity in (("autoclip", 30, 100), ("autoclip-bounded", 30, 5)):
    trajectory, thresholds = boxes(sgd(0.05), transform=autoclip(percentile, capacity), report=lambda shared: shared.threshold)
    record(name, "NumPy", trajectory, threshold=thresholds)


def clip_then_adam(t, w, g, s):
    return w - 0.1 * adam_direction(t, g, s)
box("autoclip-adam", clip_then_adam, transform=autoclip(10, 100))


def sam(rule, rho):
    x, memory, trajectory = start.copy(), [types.SimpleNamespace() for _ in SHAPES], []
    for t in range(1, STEPS + 1):
        g = slope(x, t - 1)
        uphill = slope(x + rho * g / norm(g), t - 1)
        x = flat([rule(t, w, gw, s) for w, gw, s in zip(tensors(x), tensors(uphill), memory)])
        trajectory.append(x)
    return trajectory
record("sam", "NumPy", sam(sgd(0.05), 0.3))
record("sam-adam", "NumPy", sam(clip_then_adam, 0.05))


def aegd(element_wise, eta):
    x, r, trajectory = start.copy(), None, []
    for t in range(STEPS):
        l = np.sqrt(loss(x, t) + 1)
        v = slope(x, t) / (2 * l)
        r = l if r is None else r
        r = r / (1 + 2 * eta * (v ** 2 if element_wise else v @ v))
        x = x - 2 * eta * r * v
        trajectory.append(x)
    return trajectory
record("aegd", "NumPy", aegd(True, 0.1))
record("aegd-global", "NumPy", aegd(False, 0.05))


# ---- Polyak steps, model building, ratios across workers, local entropy: methods that see more than one gradient

def polyak(metric=lambda t, g, s: 1 + 0 * g, slack=None, lam=0.1, factor=0.2):
    """slack None, "L1" or "L2"; factor multiplies the step."""
    x, s, memory, trajectory = start.copy(), 0.0, types.SimpleNamespace(), []
    for t in range(1, STEPS + 1):
        f, g = loss(x, t - 1), slope(x, t - 1)
        b = metric(t, g, memory)
        square = np.sum(g ** 2 / b)
        if slack is None:
            gamma = f / square
        elif slack == "L1":
            third = max(f - s + lam, 0) / (1 + square)
            gamma, s = min(third, f / square), max(s - lam + third, 0)
        else:
            shrunk = 1 / (1 + lam)
            gamma = max(f - shrunk * s, 0) / (shrunk + square)
            s = shrunk * (s + gamma)
        x = x - factor * gamma * g / b
        trajectory.append(x)
    return trajectory


def sums(t, g, s):
    s.v = get(s, "v", 0 * g) + g ** 2
    return np.sqrt(s.v) + 1e-10


def means(t, g, s):
    s.v = 0.999 * get(s, "v", 0 * g) + 0.001 * g ** 2
    return np.sqrt(s.v / (1 - 0.999 ** t)) + 1e-10


record("sps", "NumPy", polyak())
record("psps-adagrad", "NumPy", polyak(sums))
record("psps-adam", "NumPy", polyak(means))
record("psps-l1", "NumPy", polyak(sums, "L1"))
record("psps-l2", "NumPy", polyak(sums, "L2", lam=2.0))


def smb(lr, independent=False, c=0.1, eta=0.99):
    x, failed, trajectory, models = start.copy(), None, [], 0
    for t in range(STEPS):
        f, g = loss(x, t), slope(x, t)
        s = -lr * g
        g_trial = slope(x + s, t)
        enough = loss(x + s, t) <= f - c * lr * (g @ g)
        model_gradient = (failed if independent else (None if enough else g))
        if model_gradient is not None:
            models += 1
            parts = []
            for s_l, g_l, y_l, m_l in zip(*(tensors(a) for a in (s, g, g_trial - g, model_gradient))):
                s_l, g_l, y_l, m_l = (a.ravel() for a in (s_l, g_l, y_l, m_l))
                sigma = 0.5 * (norm(s_l) * (norm(y_l) + norm(g_l) / eta) - y_l @ s_l)
                # The definition, not its closed form: B step = -g.
                b = (np.outer(y_l, s_l) + np.outer(s_l, y_l) + 2 * sigma * np.eye(s_l.size)) / (s_l @ s_l)
                parts.append(np.linalg.solve(b, -m_l))
            step, failed = np.concatenate(parts), None
        elif independent and not enough:
            step, failed = 0 * s, g
        else:
            step = s
        x = x + step
        trajectory.append(x)
    assert 3 < models < STEPS - 3, models
    return trajectory
record("smb", "NumPy", smb(0.3))
record("smbi", "NumPy", smb(0.3, independent=True))

# Four workers, whose gradients differ by constants of mean 0.
offsets = 0.4 * np.cos(1.3 * np.arange(4)[:, None] + 0.9 * k)
offsets = offsets - offsets.mean(0)


def reduced(rule, smoothing=None):
    x, memory, p, trajectory = start.copy(), [types.SimpleNamespace() for _ in SHAPES], 0 * start, []
    for t in range(1, STEPS + 1):
        workers = slope(x, t - 1) + offsets
        mean = workers.mean(0)
        ratio = mean ** 2 / workers.var(0)
        ratio = np.clip(flat([r / r.mean() for r in tensors(ratio)]), 0.1, 1)
        if smoothing:
            p = smoothing * p + (1 - smoothing) * ratio
            ratio = p / (1 - smoothing ** t)
        x = flat([rule(t, w, g, s) for w, g, s in zip(tensors(x), tensors(ratio * mean), memory)])
        trajectory.append(x)
    return trajectory


def heavy_ball(t, w, g, s):
    s.v = 0.9 * get(s, "v", 0 * g) + g
    return w - 0.02 * s.v


record("vr-sgd", "NumPy", reduced(sgd(0.05)))
record("vr-momentum", "NumPy", reduced(heavy_ball))
record("vr-adam", "NumPy", reduced(clip_then_adam, 0.9))


def entropy(code):
    """Without noise; three inner steps, each on the batch of its own step."""
    x, trajectory, g = start.copy(), [], 0.5
    inner, mu, velocity, outer = x.copy(), x.copy(), 0 * x, 0 * x
    for t in range(STEPS):
        if code:
            d = slope(inner, t) + 0.01 * inner
            velocity = 0.9 * velocity + d
            inner = inner - 0.05 * (d + 0.9 * velocity - g * (x - inner))
            mu = 0.75 * mu + 0.25 * inner
        else:
            inner = inner - 0.05 * (slope(inner, t) - g * (x - inner))
            mu = (1 - 0.75) * mu + 0.75 * inner
        if t % 3 == 2:
            if code:
                d = x - mu + 0.01 * x
                outer = 0.9 * outer + d
                x = x - 0.5 * (d + 0.9 * outer)
                g = g * 1.1
            else:
                x = x - 0.5 * g * (x - mu)
            inner, mu, velocity = x.copy(), x.copy(), 0 * x
        trajectory.append(x)
    return trajectory
record("entropy-sgd", "NumPy", entropy(False))
record("entropy-sgd-code", "NumPy", entropy(True))

# A diagonal metric.
metric = 0.5 + 0.3 * k
record("preconditioned", "NumPy", boxes(sgd(0.05), transform=lambda t, x, g, shared: g / metric))


def aepg(eta):
    x, r, trajectory = start.copy(), None, []
    for t in range(STEPS):
        l = np.sqrt(loss(x, t) + 1)
        v = slope(x, t) / (2 * l) / metric
        r = (l if r is None else r) / (1 + 2 * eta * np.sum(v ** 2 * metric))
        x = x - 2 * eta * r * v
        trajectory.append(x)
    return trajectory
record("aepg", "NumPy", aepg(0.05))

record("adam-uncorrected", "NumPy", boxes(lambda t, w, g, s: (
    adam_moments(t, g, s), w - 0.1 * np.sqrt(1 - 0.999 ** t) / (1 - 0.9 ** t) * s.m / (np.sqrt(s.v) + 1e-2))[1]))

# Curvature: the dense Fisher matrix of the last five gradients, and the Hessian, which is diagonal here.
def mfac(eta, damping, m, mu=0.9):
    x, v, window, trajectory = start.copy(), 0 * start, [], []
    for t in range(STEPS):
        g = slope(x, t)
        window = (window + [g])[-m:]
        fisher = damping * np.eye(11) + sum(np.outer(h, h) for h in window) / m
        v = mu * v + (1 - mu) * np.linalg.solve(fisher, g)
        x = x - eta * v
        trajectory.append(x)
    return trajectory
record("mfac", "NumPy", mfac(0.02, 0.1, 5))


def newton(eta, curvature, dampings):
    x, trajectory = start.copy(), []
    for t in range(STEPS):
        metric = curvature_of(x, curvature)
        points = [x - eta * slope(x, t) / (metric + delta) for delta in dampings]
        x = min(points, key=lambda point: loss(point, t))
        trajectory.append(x)
    return trajectory


def curvature_of(x, kind):
    w = curvature - 1.2 * np.sin(2 * x + k)
    return abs(w) if kind == "absolute" else w - min(w.min(), 0)
record("saddle-free-newton", "NumPy", newton(0.5, "absolute", 10.0 ** -np.arange(7)))
record("damped-newton", "NumPy", newton(0.5, "shifted", [1, 0.1]))

import pytorch_optimizer
source = "pytorch_optimizer " + packages["pytorch_optimizer"]
same("adan", with_torch(lambda p: pytorch_optimizer.Adan(p, lr=0.1)), source)
same("lion", with_torch(lambda p: pytorch_optimizer.Lion(p, lr=0.15, weight_decay=0)), source)

lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in sorted(results.items()))
pathlib.Path(__file__).with_suffix(".json").write_text("{\n" + lines + "\n}\n")
print(len(results), "rules")
