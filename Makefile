# Offprint: every paper is `make reproduce-<paper>`. `make` alone says what there is.

build := .build/release
offprint := $(build)/offprint
sources := $(shell find Package.swift Sources Plugins experiments -type f 2>/dev/null)
# The list of topics is read from experiments/ when the package is described: never from a cached description.
swift_build := swift build -c release --manifest-cache none

.DEFAULT_GOAL := help
.PHONY: help setup build test smoke run-smoke verify-all test-faults test-slurm report check-report gallery interop bench bench-peers bench-xnnpack list reproduce-all format lint clean
.DELETE_ON_ERROR:

help:
	@echo 'make reproduce-<paper>   everything: system packages, build, run (quick), figures, table of claims'
	@echo 'make figures-<paper>     the figures again, from the stored results'
	@echo 'make claims-<paper>      the claims again, from the stored results'
	@echo 'make reproduce-all       every paper, as many at once as the machine takes; goes on where it was'
	@echo 'make list                the papers and the state of their results'
	@echo 'make report              pages of all results: report/index.html'
	@echo 'make check-report        open the pages in Chromium: links, search, accessibility'
	@echo 'make test                set up, build, run the unit tests and the smoke preset of every paper'
	@echo 'make smoke               only the smoke presets'
	@echo 'make verify-all          the smoke preset of every paper again, alone and beside others: the same bits'
	@echo 'make gallery             the pictures of the README from the figures of stored results'
	@echo 'make test-faults         kill, starve, crowd and deceive the program; the table of docs/reliability.md'
	@echo 'make test-slurm          sweeps on a real Slurm cluster of one node, this machine'
	@echo 'make interop             check the stored results with h5py, xarray, h5dump, and as notebooks'
	@echo 'make bench           time the workloads of the numeric core (JSON=1 for a line of JSON each)'
	@echo 'make bench-peers     the same work on JAX, SciPy and POT, in a virtual environment, and the ratios'
	@echo 'make bench-xnnpack       softmax side by side with XNNPACK (needs libxnnpack-dev)'
	@echo 'make build | format | lint | clean'

setup:
	@scripts/setup.sh

# The stamp is younger than the sources when the build is up to date, so that nothing to do takes no time.
.build/offprint.stamp: $(sources)
	@$(MAKE) --no-print-directory setup
	@echo 'building Offprint (release; the first time takes a few minutes)'
	@$(swift_build) --product offprint
	@touch $@

build: .build/offprint.stamp

reproduce-%: .build/offprint.stamp
	@scripts/setup.sh
	@$(offprint) run $* --resume

figures-%: .build/offprint.stamp
	@$(offprint) figures $*

claims-%: .build/offprint.stamp
	@$(offprint) claims $*

reproduce-all: .build/offprint.stamp
	@$(offprint) run --all --resume

list: .build/offprint.stamp
	@$(offprint) list

report: .build/offprint.stamp
	@$(offprint) report

check-report: report
	@command -v chromium >/dev/null || { echo 'check-report needs chromium: apt-get install chromium' >&2; exit 1; }
	@python3 -m venv .venv-site && .venv-site/bin/pip install --quiet playwright axe-core-python
	@.venv-site/bin/python scripts/check-report.py report

gallery:
	@python3 -m venv .venv-site && .venv-site/bin/pip install --quiet pillow
	@.venv-site/bin/python scripts/gallery.py figures docs/images

# One build serves the unit tests, the cluster and the smoke runs. Where Slurm is not there and cannot be installed, that part says so.
test: setup
	@$(swift_build) --build-tests
	@swift test -c release --manifest-cache none --skip-build --disable-xctest
	@scripts/test-slurm.sh --if-possible
	@$(MAKE) --no-print-directory run-smoke

smoke: build
	@$(MAKE) --no-print-directory run-smoke

run-smoke:
	@$(offprint) run --all --preset smoke --force --results .build/smoke/results --figures .build/smoke/figures

# Again with one thread, one paper at a time, and with two threads, eight papers at a time.
verify-all: smoke
	@$(offprint) verify --all --preset smoke --jobs 1 --threads 1 --results .build/smoke/results
	@$(offprint) verify --all --preset smoke --jobs 8 --threads 2 --results .build/smoke/results

# A few minutes; FACTOR=10 tries ten times as much, FAMILIES="kills disks" only these. With mounts of its own, where that is allowed.
test-faults: build
	@$(swift_build) --product faults
	@$$(unshare -rm true 2>/dev/null && echo unshare -rm) $(build)/faults $(if $(FACTOR),--factor $(FACTOR)) $(if $(FAMILIES),$(FAMILIES),--table docs/reliability.md)

test-slurm: setup
	@$(swift_build) --build-tests
	@scripts/test-slurm.sh

interop: build
	@python3 -m venv .venv && .venv/bin/pip install --quiet h5py xarray h5netcdf netCDF4 numpy matplotlib nbclient ipykernel
	@.venv/bin/python scripts/interop.py results/*/*.h5
	@.venv/bin/python scripts/run-notebooks.py $(offprint) $(notdir $(patsubst %/quick-seed0.h5,%,$(wildcard results/*/quick-seed0.h5)))

# OPENBLAS_CORETYPE pins the kernels of OpenBLAS, often to slow ones: what is timed is the machine.
bench:
	@scripts/setup.sh 1>&2
	@$(swift_build) --product bench 1>&2
	@env -u OPENBLAS_CORETYPE $(build)/bench $(WORKLOADS)

bench-peers:
	@scripts/setup.sh 1>&2
	@$(swift_build) --product bench 1>&2
	@python3 -m venv .venv-bench && .venv-bench/bin/pip install --quiet jax scipy pot numpy
	@env -u OPENBLAS_CORETYPE .venv-bench/bin/python bench/peers/peers.py $(build)/bench $(WORKLOADS)

bench-xnnpack: setup
	@bench/xnnpack/run.sh

format:
	@swift format --in-place --parallel --recursive Package.swift Plugins Sources Tests experiments bench faults fuzz/Package.swift fuzz/Sources

lint:
	@swift format lint --strict --parallel --recursive Package.swift Plugins Sources Tests experiments bench faults fuzz/Package.swift fuzz/Sources

clean:
	@rm -rf .build .venv
