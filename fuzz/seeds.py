"""Writes small valid files for each parser into <folder>/<parser>/: where libFuzzer starts."""

import gzip
import pathlib
import struct
import sys

root = pathlib.Path(sys.argv[1])


def idx(*axes, kind=8):
    count = 1
    for axis in axes:
        count *= axis
    return bytes([0, 0, kind, len(axes)]) + struct.pack(f">{len(axes)}I", *axes) + bytes(i % 256 for i in range(count))


record = bytes([7]) + bytes(i % 251 for i in range(3072))
seeds = {
    "idx": [idx(3), idx(2, 3, 3), idx(0, 4), idx(2, 2, kind=13), gzip.compress(idx(4, 5)), b"\0\0\x08\xff"],
    "cifar": [record, record * 2, bytes([10]) + record[1:], gzip.compress(record * 3), record[:-1]],
    "libsvm": [
        b"+1 1:0.5 3:-2e-3 # first\n-1 2:1e400\n", b"0\n1 1:1\r\n\r\n2 7:nan\n", b"3.5 1:.5 2:5. 9:+1\n", b"1 2147483647:1\n",
        b"nan 1:inf\n", gzip.compress(b"1 1:1\n2 2:2\n"), b"1 2:1 1:1\n", b"1e5 1:123456789012345678901234567890\n",
    ],
    "csv": [
        b"a,b\n1,2\n3,4\n", b"\xef\xbb\xbf\"x\", y \r\n1e-3,-inf\r\n\r\n nan,.5", b"1 \t 2  \n  3 4\n", b"1,,3\n", b"1\t2\n",
        b"569,30,malignant\n1,2\n", gzip.compress(b"1,2\n3,4\n"), b"9007199254740993,123456789012345678901234567890\n",
    ],
}
for parser, files in seeds.items():
    folder = root / parser
    folder.mkdir(parents=True, exist_ok=True)
    for number, content in enumerate(files):
        (folder / f"seed{number}").write_bytes(content)
