"""Exports the notebook of each paper whose result is stored, runs it, and checks that it drew a figure.

    scripts/run-notebooks.py OFFPRINT PAPER...

Needs nbformat, nbclient, ipykernel, numpy, h5py, xarray, h5netcdf and matplotlib. Exits with 1 after one line a finding.
"""

import pathlib
import subprocess
import sys
import tempfile

import nbclient
import nbformat


def check(offprint, paper, folder):
    path = pathlib.Path(folder) / f"{paper}.ipynb"
    subprocess.run([offprint, "export", paper, "--notebook", "--output", path], check=True, stdout=subprocess.DEVNULL)
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": folder}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    if not any("image/png" in output.get("data", {}) for output in outputs):
        raise ValueError("it drew no figure")


def main(offprint, papers):
    findings = 0
    for paper in papers:
        with tempfile.TemporaryDirectory() as folder:
            try:
                check(offprint, paper, folder)
            except Exception as error:  # Whatever a cell raises is the finding.
                print(f"{paper}: {str(error).strip().splitlines()[-1]}")
                findings += 1
    print(f"{len(papers)} notebooks, {findings} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2:]))
