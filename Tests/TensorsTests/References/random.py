"""The random numbers of RandomTests.swift, written again from the papers in Python: prints the table that the test holds.

Needs nothing but the standard library: normal quantiles come from statistics.NormalDist (also AS 241, in C and without our vector
code), so they agree to some last places and not to the bit. Run: python3 Tests/TensorsTests/References/random.py
"""
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
