#!/usr/bin/env python3
"""Checks that other people's tools read a results file as it is meant: h5py, xarray with h5netcdf, netCDF4, h5dump.

usage: interop.py FILE.h5...        exits with 0, or with 1 after one line per finding

Needs h5py, xarray, h5netcdf, netCDF4 and numpy, in a throw-away environment, and h5dump (Debian: hdf5-tools):
    python3 -m venv .venv && .venv/bin/pip install -q h5py xarray h5netcdf netCDF4 numpy
"""

import re
import shutil
import subprocess
import sys

import h5py
import netCDF4
import numpy as np
import xarray

# What two equal runs may differ in, and so belongs in /run alone.
VOLATILE = re.compile(r"(?:^|_)(started|finished|duration|durations|seconds|elapsed|host|hostname|command|threads|date|time|pid)$")
ARRAYS = ("/traces", "/tensors")


def in_arrays(path):
    return path.startswith(tuple(root + "/" for root in ARRAYS))


def links(group):
    """All links below a group, soft and external ones as they are, none followed."""
    for name in group:
        link = group.get(name, getlink=True)
        path = group.name.rstrip("/") + "/" + name
        yield path, link
        if isinstance(link, h5py.HardLink) and isinstance(group[name], h5py.Group):
            yield from links(group[name])


def check_type(path, dataset, report):
    """Halves abort netCDF4; bools, complex numbers and text come back as what they are."""
    kinds = [dataset.dtype] if dataset.dtype.names is None else [dataset.dtype[name] for name in dataset.dtype.names]
    if any(kind == np.float16 for kind in kinds):
        report(path, "holds float16, on which netCDF4 aborts")
    low = dataset.id.get_type()
    if low.get_class() == h5py.h5t.ENUM and dataset.dtype != np.bool_:
        report(path, f"is an enumeration that h5py reads as {dataset.dtype}, not as bool")
    if low.get_class() == h5py.h5t.COMPOUND and dataset.dtype.kind != "c":
        report(path, f"is a compound that h5py reads as {dataset.dtype}, not as complex")
    text = h5py.check_string_dtype(dataset.dtype)
    if text is not None and (text.length is not None or text.encoding != "utf-8"):
        report(path, "is text that is not UTF-8 of variable length")
    if low.get_class() in (h5py.h5t.INTEGER, h5py.h5t.FLOAT) and low.get_order() == h5py.h5t.ORDER_BE:
        report(path, "is big-endian")


def check_dataset(path, dataset, report):
    if dataset.shape is None:
        return report(path, "has a null space, which xarray refuses")
    try:
        dataset[()]
    except Exception as error:
        return report(path, f"h5py cannot read it: {error}")
    # Scalars and datasets without elements cannot be chunked; libhdf5 1.10 takes no filter on text of variable length.
    is_text = h5py.check_string_dtype(dataset.dtype) is not None
    if dataset.size and dataset.shape and not is_text and not dataset.fletcher32:
        report(path, "has no Fletcher32")
    check_type(path, dataset, report)
    if in_arrays(path):
        check_labels(path, dataset, report)


def check_labels(path, dataset, report):
    wanted = ["long_name"] if dataset.is_scale else ["long_name", "units"]
    for name in wanted:
        value = dataset.attrs.get(name)
        if not isinstance(value, str):
            report(path, f"attribute {name} is missing or not text")
    if dataset.is_scale:
        if dataset.ndim != 1:
            report(path, f"is a dimension scale of {dataset.ndim} axes")
        return
    for axis, dimension in enumerate(dataset.dims):
        scales = dimension.values()
        if not scales:
            report(path, f"axis {axis} has no dimension scale")
        for scale in scales:
            if scale.name is None or not scale.attrs.get("NAME"):
                report(path, f"the scale of axis {axis} has no name")
            elif scale.parent.name != dataset.parent.name:
                report(path, f"the scale {scale.name} of axis {axis} is in another group, where xarray does not find it")
            elif scale.shape != (dataset.shape[axis],):
                report(path, f"axis {axis} has {dataset.shape[axis]} elements, its scale {scale.name} has shape {scale.shape}")


def check_h5py(file, report):
    """Everything that h5py sees; returns the groups that hold datasets."""
    groups = []
    check_attributes("/", file, report)
    for path, link in links(file):
        if isinstance(link, h5py.ExternalLink):
            report(path, "is an external link")
        if not isinstance(link, h5py.HardLink):
            continue
        node = file[path]
        check_attributes(path, node, report)
        if isinstance(node, h5py.Dataset):
            check_dataset(path, node, report)
            groups.append(path.rpartition("/")[0] or "/")
    return sorted(set(groups))


def check_attributes(path, node, report):
    try:
        values = dict(node.attrs)
    except Exception as error:
        return report(path, f"h5py cannot read its attributes: {error}")
    for name in values:
        if isinstance(values[name], h5py.Empty):
            report(path, f"attribute {name} has a null space")
        if VOLATILE.search(name) and path != "/run" and not path.startswith("/run/"):
            report(path, f"attribute {name} changes from run to run and belongs in /run")


def check_xarray(file_name, file, group, report):
    try:
        opened = xarray.open_dataset(file_name, engine="h5netcdf", group=group)
    except Exception as error:
        return report(group, f"xarray cannot open it: {error}")
    with opened:
        opened.load()
        for name, node in file[group].items():
            if not isinstance(node, h5py.Dataset):
                continue
            path = f"{group.rstrip('/')}/{name}"
            if name not in opened.variables:
                report(path, "xarray does not show it")
                continue
            if not in_arrays(path):
                continue
            variable = opened.variables[name]
            if any(str(dimension).startswith("phony_dim") for dimension in variable.dims):
                report(path, f"xarray names its axes {variable.dims}")
            if node.is_scale and name not in opened.coords:
                report(path, "is a dimension scale that xarray does not take for a coordinate")
            kind = h5py.check_string_dtype(node.dtype)
            if kind is None and variable.dtype.kind != node.dtype.kind:
                report(path, f"xarray reads {node.dtype} as {variable.dtype}")
            if kind is not None and not all(isinstance(text, str) for text in np.ravel(variable.values)):
                report(path, "xarray does not read its text as text")


def check_netcdf4(file_name, report):
    """netCDF4 shows no bools or complex numbers by itself, but must open the file and read everything else.

    In a process of its own, since the C library aborts on some files."""
    script = (
        "import netCDF4, sys\n"
        "def walk(g):\n"
        "  for v in g.variables.values(): v[...]\n"
        "  for sub in g.groups.values(): walk(sub)\n"
        "walk(netCDF4.Dataset(sys.argv[1]))\n"
    )
    done = subprocess.run([sys.executable, "-c", script, file_name], capture_output=True, text=True)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        report("/", f"netCDF4 {netCDF4.__version__} cannot read the file: {last}")


def check_h5dump(file_name, report):
    if shutil.which("h5dump") is None:
        return report("/", "h5dump is not installed (Debian: hdf5-tools)")
    done = subprocess.run(["h5dump", "-H", file_name], capture_output=True, text=True)
    if done.returncode:
        report("/", f"h5dump -H exits with {done.returncode}: {done.stderr.strip()[:200]}")


def check(file_name):
    findings = []

    def report(path, text):
        findings.append(f"{file_name}: {path}: {text}")

    try:
        file = h5py.File(file_name, "r")
    except OSError as error:
        report("/", f"h5py cannot open the file: {error}")
        return findings
    with file:
        for group in check_h5py(file, report):
            check_xarray(file_name, file, group, report)
    check_netcdf4(file_name, report)
    check_h5dump(file_name, report)
    return findings


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    findings = [finding for file_name in sys.argv[1:] for finding in check(file_name)]
    print("\n".join(findings) or f"interop: {len(sys.argv) - 1} file(s), no findings")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
