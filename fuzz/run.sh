#!/bin/sh
# Fuzzes a parser of data sets: fuzz/run.sh idx|cifar|libsvm|csv [seconds, 600] [folder for corpus and findings, .build/corpus]
#
# What is found, a file named crash-..., timeout-... or oom-..., is mended and kept in Tests/DatasetsTests/FuzzFindingsTests.swift.
set -eu
parser=${1:?say which: idx, cifar, libsvm or csv}
seconds=${2:-600}
cd "$(dirname "$0")"
folder=${3:-.build/corpus}
# Debug keeps every overflow check, in Tensors too; -O makes it fast all the same.
swift build -c debug -Xswiftc -O -Xswiftc -sanitize=fuzzer --product fuzz >&2
python3 seeds.py "$folder"
mkdir -p "$folder/findings"
# Records of images are long, text is found in short inputs.
longest=4096
if [ "$parser" = cifar ]; then longest=9300; fi
SWIFT_BACKTRACE=enable=no OFFPRINT_FUZZ=$parser exec .build/debug/fuzz -max_total_time="$seconds" -max_len=$longest -timeout=10 -rss_limit_mb=1024 \
  -artifact_prefix="$folder/findings/$parser-" -print_final_stats=1 "$folder/$parser"
