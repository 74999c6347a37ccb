#!/bin/sh
# Sweeps on a real Slurm, one node on this machine, started here and stopped at the end. The tests must be built.
#
# With --if-possible a machine where Slurm cannot be installed or does not start is told so, and is no failure.
set -eu
cd "$(dirname "$0")/.."
optional=${1:-}
not_tried() {
  echo "test-slurm: not tried: $1" >&2
  [ "$optional" = --if-possible ] && exit 0
  exit 1
}
PATH=$PATH:/usr/sbin
packages="slurm-wlm munge"

lacks_slurm() { ! command -v slurmctld >/dev/null || ! command -v munged >/dev/null; }
if lacks_slurm && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  (apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $packages) >/dev/null 2>&1 || true
fi
if lacks_slurm; then not_tried "Slurm is not here: as root, apt-get install $packages"; fi

folder=$(mktemp -d /tmp/offprint-slurm.XXXXXX)
trap 'scripts/cluster.sh stop "$folder"; sleep 1; rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM
chmod 755 "$folder"
scripts/cluster.sh start "$folder" || not_tried "the cluster does not start"
OFFPRINT_CLUSTER=$folder SLURM_CONF=$folder/slurm.conf \
  swift test -c release --manifest-cache none --skip-build --disable-xctest --filter SlurmTests
