#!/usr/bin/env bash
# Every loop of math_loops.cpp becomes vector code that calls nothing, but for the planted one, which is found.
# vectorised.sh ROOT CXX FLAG...
set -euo pipefail
root=$1 compiler=$2
shift 2
source=$root/tests/kernels/math_loops.cpp
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"$compiler" -std=c++20 -I"$root" "$@" -fopt-info-vec-optimized -c "$source" -o "$scratch/loops.o" 2>"$scratch/said"
found=$(
  grep -n '^LOOP' "$source" | while IFS=: read -r line text; do
    grep -q "math_loops.cpp:$line:.*loop vectorized" "$scratch/said" || echo "not vectorised: ${text%%,*}"
  done
  nm --undefined-only "$scratch/loops.o" | sed 's/^ *U /calls /'
)
planted=$'not vectorised: LOOP(planted\ncalls sinf'
[ "$found" = "$planted" ] || {
  printf 'expected to find\n%s\nand found\n%s\n' "$planted" "$found" >&2
  exit 1
}
