"""The random numbers of RandomTests.swift and its neighbours, written again from the papers in Python: prints what the tests hold.

Needs nothing but the standard library: normal quantiles come from statistics.NormalDist (also AS 241, in C and without our vector
code), so they agree to some last places and not to the bit. Run: python3 Tests/TensorsTests/References/random.py
"""
from math import copysign, exp, floor, lgamma, log, log1p, sqrt
from statistics import NormalDist

MASK32, MASK64 = 2**32 - 1, 2**64 - 1


def philox(counter, key):
    """Philox4x32-10 of Salmon et al. (SC 2011); counter of 128 bits, key of 64, four words back as one 128-bit number."""
    c = [(counter >> (32 * i)) & MASK32 for i in range(4)]
    k = [key & MASK32, key >> 32]
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(p1 >> 32) ^ c[1] ^ k[0], p1 & MASK32, (p0 >> 32) ^ c[3] ^ k[1], p0 & MASK32]
        k = [(k[0] + 0x9E3779B9) & MASK32, (k[1] + 0xBB67AE85) & MASK32]
    return sum(word << (32 * i) for i, word in enumerate(c))


assert philox(0, 0) == 0x9B00DBD8BC57AC4CE169C58D6627E8D5


class Key:
    def __init__(self, key, stream=0):
        self.key, self.stream = key, stream

    def bits(self, count):
        return philox(count | self.stream << 64, self.key)

    def derived(self, word):
        bits = self.bits(1 << 63 | word)
        return Key(bits & MASK64, bits >> 64)

    def __getitem__(self, index):
        return self.derived(index)

    def named(self, name):
        data, key = name.encode(), self
        while True:
            piece, data = data[:7], data[7:]
            key = key.derived(1 << 62 | len(piece) << 56 | int.from_bytes(piece, "little"))
            if len(piece) < 7:
                return key

    def draw(self, i):
        return self.bits(i >> 1) >> (64 * (i & 1)) & MASK64

    def uniform(self, i):
        return (self.draw(i) >> 11) * 2.0**-53

    def normal(self, i):
        return NormalDist().inv_cdf(((self.draw(i) >> 11) + 0.5) * 2.0**-53)


for label, key in [
    ("Key(seed: 0)", Key(0)),
    ("Key(seed: 42)[7]", Key(42)[7]),
    ('Key(seed: 42).named("init")', Key(42).named("init")),
    ('Key(seed: 42).named("weights of layer 3")[1]', Key(42).named("weights of layer 3")[1]),
]:
    print(f"Row({label},")
    print("  uniform: [" + ", ".join(repr(key.uniform(i)) for i in range(5)) + "],")
    print("  normal: [" + ", ".join(repr(key.normal(i)) for i in range(5)) + "],")
    order = sorted(range(9), key=lambda i: (key.draw(i), i))
    print(f"  permutation: {order}),")

# The distributions of RandomDistributionTests.swift and RandomDiscreteTests.swift, from the same draws.


def cell(bits):
    return ((bits >> 11) + 0.5) * 2.0**-53


def exponential(bits):
    return -log1p(-cell(bits))


def laplace(bits):
    q = cell(bits) - 0.5
    return copysign(-log1p(-2 * abs(q)), q)


def gumbel(bits):
    return -log(-log(cell(bits)))


def first_accepted(key, i, propose):
    attempt = 0
    while True:
        block = key[attempt].bits(i)
        value = propose(cell(block & MASK64), cell(block >> 64))
        if value is not None:
            return value
        attempt += 1


def gamma(key, i, a):
    """Marsaglia and Tsang (2000)."""
    d = (a if a >= 1 else a + 1) - 1 / 3
    c = 1 / sqrt(9 * d)

    def propose(p, u):
        z = NormalDist().inv_cdf(p)
        v = (1 + c * z) ** 3
        return d * v if v > 0 and log(u) < z * z / 2 + d - d * v + d * log(v) else None

    value = first_accepted(key, i, propose)
    return value if a >= 1 else value * exp(-exponential(key.named("boost").draw(i)) / a)


def tail(key, i, lower):
    """Robert (1995): a normal number above `lower` > 0."""
    rate = (lower + sqrt(lower * lower + 4)) / 2

    def propose(p, u):
        z = lower - log1p(-p) / rate
        return z if u < exp(-((z - rate) ** 2) / 2) else None

    return first_accepted(key, i, propose)


def poisson(key, i, mean):
    """Inversion below 10; PTRS of Hörmann (1993), squeezes included, from 10 on."""
    if mean < 10:
        p, k, term = cell(key.draw(i)), 0, exp(-mean)
        total = term
        while total < p:
            k += 1
            term *= mean / k
            total += term
        return k
    b = 0.931 + 2.53 * sqrt(mean)
    a = -0.059 + 0.02483 * b
    inverse_alpha, vr = 1.1239 + 1.1328 / (b - 3.4), 0.9277 - 3.6224 / (b - 2)

    def propose(p, v):
        u = p - 0.5
        us = 0.5 - abs(u)
        k = floor((2 * a / us + b) * u + mean + 0.43)
        if us >= 0.07 and v <= vr:
            return k
        if k < 0 or (us < 0.013 and v > us):
            return None
        return k if log(v * inverse_alpha / (a / us**2 + b)) <= k * log(mean) - mean - lgamma(k + 1) else None

    return first_accepted(key, i, propose)


def choice(key, count, total):
    order = list(range(total))
    for i in range(count):
        j = i + (key.draw(i) * (total - i) >> 64)
        order[i], order[j] = order[j], order[i]
    return order[:count]


key = Key(42).named("init")
six = range(6)
for name, values in [
    ("exponential", [exponential(key.draw(i)) for i in six]),
    ("laplace", [laplace(key.draw(i)) for i in six]),
    ("gumbel", [gumbel(key.draw(i)) for i in six]),
    ("gamma 3", [gamma(key, i, 3) for i in six]),
    ("gamma 0.5", [gamma(key, i, 0.5) for i in six]),
    ("normal above 2", [tail(key, i, 2) for i in six]),
    ("poisson 2.5", [poisson(key, i, 2.5) for i in range(20)]),
    ("poisson 30", [poisson(key, i, 30) for i in range(20)]),
    ("integers -5..<12", [-5 + (key.draw(i) * 17 >> 64) for i in range(12)]),
    ("bernoulli 0.4", [int(cell(key.draw(i)) < 0.4) for i in range(12)]),
    ("signs", [1 if key.draw(i) >> 63 else -1 for i in range(12)]),
    ("choice 8 of 20", choice(key, 8, 20)),
]:
    print(f"{name}: {values}")
