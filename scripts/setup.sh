#!/bin/sh
# Makes sure that this machine has what Offprint builds with: installs missing Debian packages where it may, else says what to run.
# Silent and quick (one dpkg query) when nothing is missing.
set -eu

packages="libhdf5-dev libgnuplot-iostream-dev gnuplot-nox libopenblas-dev liblapacke-dev libfftw3-dev liblemon-dev libssl-dev zlib1g-dev pkg-config"

fail() { echo "setup: $1" >&2; exit 1; }

swift --version >/dev/null 2>&1 ||
  fail "swift does not run: $(swift --version 2>&1 | tail -n 1). Install Swift 6.2 or later and the packages it names, from https://swift.org/install."

if ! command -v dpkg-query >/dev/null 2>&1; then
  fail "this is not a Debian-like system; install what these packages provide by hand: $packages"
fi

missing=""
for package in $packages; do
  case " $(dpkg-query -W -f='${Package}=${db:Status-Status} ' $packages 2>/dev/null) " in
    *" $package=installed "*) ;;
    *) missing="$missing $package" ;;
  esac
done
[ -n "$missing" ] || exit 0

install="apt-get update && apt-get install -y --no-install-recommends$missing"
echo "setup: missing packages:$missing"
if [ "$(id -u)" = 0 ]; then
  as_root="sh -c"
elif command -v sudo >/dev/null 2>&1 && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
  as_root="sudo sh -c"
else
  fail "no right to install them. Run this once as root, then try again:
  $install"
fi
echo "setup: $install"
DEBIAN_FRONTEND=noninteractive $as_root "$install" >/tmp/offprint-setup.$$ 2>&1 || {
  tail -n 5 /tmp/offprint-setup.$$ >&2
  fail "the installation failed (whole log: /tmp/offprint-setup.$$)"
}
rm -f /tmp/offprint-setup.$$
