"""References for ShapeReferenceTests.swift, by NumPy and JAX in double precision: writes shapes.json beside itself.

Inputs are waves that both sides compute: element i of `wave(shape, seed)` is sin(0.7 i + seed) + 0.3 cos(1.9 i). Needs numpy and jax;
last run with numpy 2.4.6, jax 0.10.2. Run: python3 Tests/TransformsTests/References/shapes.py
"""
import json
import pathlib

import jax
import numpy as np

jax.config.update("jax_enable_x64", True)


def wave(shape, seed):
    i = np.arange(int(np.prod(shape)), dtype=np.float64)
    return (np.sin(0.7 * i + seed) + 0.3 * np.cos(1.9 * i)).reshape(shape)


cases = {}


def case(name, value):
    value = np.asarray(value, dtype=np.float64)
    cases[name] = {"shape": list(value.shape), "values": [float(f"{v:.15g}") for v in value.ravel()]}


x = wave((4, 5, 6), 0)
case("slice", x[1, 1:4, ::-2])
case("slice-strided", x[::2, 1::3, 5:1:-1])
updated = x.copy()
updated[1:3, :, 2] = wave((5,), 1)
case("updating", updated)
case("pad-constant", np.pad(x, [(1, 0), (0, 2), (1, 1)], constant_values=2.5))
for mode, theirs in (("edge", "edge"), ("reflect", "reflect"), ("circular", "wrap")):
    case("pad-" + mode, np.pad(x, [(1, 2), (0, 3), (2, 1)], mode=theirs))
case("roll", np.roll(x, -8, axis=1))
case("tile", np.tile(x[0], (2, 3)))
case("repeat", np.repeat(x[0], 3, axis=1))
case("stack", np.stack([x, 2 * x], axis=2))
case("gather", np.take(x, [[0, 4], [4, 2]], axis=1))
case("argsort", np.argsort(x, axis=1, kind="stable"))
case("sort-descending", -np.sort(-x, axis=0))
case("quantile", np.quantile(x, 0.3, axis=1))
case("median", np.median(x, axis=2))
case("cumprod", np.cumprod(x, axis=1))
case("logcumsumexp", np.logaddexp.accumulate(30 * x, axis=2))
case("searchsorted", np.searchsorted(np.sort(x.ravel()[:40]), wave((3, 4), 2)))
a, b, c = wave((3, 4, 5), 0), wave((3, 5, 2), 1), wave((2, 4), 2)
case("einsum-batched", np.einsum("bij,bjk->bik", a, b))
case("einsum-chain", np.einsum("bij,bjk,ki->b", a, b, c))
case("einsum-transposed", np.einsum("bji,bki->jbk", wave((3, 4, 5), 0), wave((3, 2, 5), 1)))
case("einsum-diagonal", np.einsum("iij->ji", wave((3, 3, 4), 0)))
case("einsum-trace", np.einsum("ii", wave((5, 5), 0)))
case("einsum-outer", np.einsum("i,jk", wave((3,), 0), wave((2, 4), 1)))
case("einsum-implicit", np.einsum("ba,cb", wave((3, 4), 0), wave((2, 3), 1)))
case("tensordot", np.tensordot(wave((3, 4, 5), 0), wave((4, 3, 2), 1), axes=([1, 0], [0, 1])))

for name, n, size, cin, cout, kernel, stride, padding, groups in (
    ("valid", 2, (7, 8), 3, 5, (3, 2), (1, 1), "VALID", 1),
    ("same", 3, (6, 5), 1, 16, (3, 3), (1, 1), "SAME", 1),
    ("strided", 2, (9, 7), 2, 17, (3, 4), (2, 3), "SAME", 1),
    ("grouped", 2, (5, 6), 6, 9, (2, 3), (2, 1), [(1, 0), (2, 1)], 3),
    ("one-output", 2, (8, 8), 9, 1, (3, 3), (1, 1), [(1, 1), (1, 1)], 1),
    ("large-padding", 1, (4, 4), 2, 3, (2, 2), (1, 2), [(3, 2), (2, 4)], 1),
):
    shape = (*kernel, cin // groups, cout)

    def convolve(x, f):
        return jax.lax.conv_general_dilated(
            x, f, stride, padding, dimension_numbers=("NHWC", "HWIO", "NHWC"), feature_group_count=groups)

    x, f = wave((n, *size, cin), 0), wave(shape, 1)
    y, pullback = jax.vjp(convolve, x, f)
    case("conv-" + name, y)
    gx, gf = pullback(wave(y.shape, 2))
    case("conv-" + name + "-image", gx)
    case("conv-" + name + "-filter", gf)

for name, kind, init, window, stride, padding in (
    ("max", jax.lax.max, -np.inf, (3, 2), (2, 1), "SAME"),
    ("average", jax.lax.add, 0.0, (2, 3), (2, 2), "VALID"),
):
    def pool(x):
        y = jax.lax.reduce_window(x, init, kind, (1, *window, 1), (1, *stride, 1), padding)
        return y if name == "max" else y / (window[0] * window[1])

    y, pullback = jax.vjp(pool, wave((2, 7, 6, 3), 0))
    case("pool-" + name, y)
    case("pool-" + name + "-gradient", pullback(wave(y.shape, 1))[0])

pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")
