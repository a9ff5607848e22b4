#!/usr/bin/env bash
# The shared library exports the symbols of a golden list and no others: exported_symbols.sh LIBRARY LIST
set -euo pipefail
diff -u --label "the list $2" --label "exported by $1" "$2" \
  <(nm -D --defined-only "$1" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | LC_ALL=C sort)
