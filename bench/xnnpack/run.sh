#!/bin/sh
# Times our softmax against XNNPACK's. Arguments: [repeats] [lengths...]; JSON=1 for one JSON object a line.
set -eu
cd "$(dirname "$0")"
if ! [ -f /usr/include/xnnpack.h ] || ! [ -f /usr/include/pthreadpool.h ]; then
  echo "bench-xnnpack needs XNNPACK: sudo apt-get install libxnnpack-dev libpthreadpool-dev" >&2
  exit 0
fi
swift build -c release --product compare >&2
exec .build/release/compare "$@"
