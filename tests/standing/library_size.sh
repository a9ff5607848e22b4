#!/usr/bin/env bash
# The shared library stays below 10 MB, packs apart: library_size.sh LIBRARY [MOST_BYTES]
set -euo pipefail
most=${2:-10000000}
bytes=$(stat -L -c %s "$1")
echo "$1: $bytes bytes"
[ "$bytes" -lt "$most" ] || { echo "$1 has $bytes bytes, and must stay below $most" >&2; exit 1; }
