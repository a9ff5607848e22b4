#!/usr/bin/env bash
# A function added on the fly: the example of docs/add_an_activation.md, in a folder of a product that takes the library
# by add_subdirectory, is in the registry, the catalogue, a layer and the generic tests with no other edit. The same
# function under another name and without a reference fails those tests. own_function.sh CMAKE ROOT SCRATCH
set -euo pipefail
cmake=$1 root=$2 scratch=$3
page=$root/docs/add_an_activation.md
rm -rf "$scratch"
mkdir -p "$scratch/functions"

name=$(sed -n 's/^<!-- file: \([a-z_0-9]*\)\.hpp -->$/\1/p' "$page")
awk '/^<!-- file: / { found = 1; next } found && /^```/ { if (inside) exit; inside = 1; next } inside' "$page" \
  >"$scratch/functions/$name.hpp"
grep -q "struct $name " "$scratch/functions/$name.hpp" || { echo "no example in $page" >&2; exit 1; }
sed -e "s/struct $name /struct unproved /" -e '/static double reference/d' "$scratch/functions/$name.hpp" \
  >"$scratch/functions/unproved.hpp"
! grep -q ' reference(' "$scratch/functions/unproved.hpp"

generator=()
! command -v ninja >/dev/null || generator+=(-G Ninja)
! command -v ccache >/dev/null ||
  generator+=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
# One instruction set, no optimisation but the loops' own, many sources at once: what is looked at here does not depend on it.
"$cmake" -S "$root/tests/package/own_function" -B "$scratch/build" "${generator[@]}" -DGEMMACT_SOURCE="$root" \
  -DGEMMACT_ACTIVATION_PATH="$scratch/functions" -DGEMMACT_CPU_ISAS=baseline -DCMAKE_BUILD_TYPE=None \
  -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=12
"$cmake" --build "$scratch/build" --parallel "$(nproc)" --target product gemmact_command activation_test

find_built() { find "$scratch/build" -type f -name "$1" -perm -u+x; }
must_say() {
  local words=$1
  shift
  "$@" | tee "$scratch/output"
  grep -qF -- "$words" "$scratch/output" || { echo "not said: $words" >&2; exit 1; }
}
command=$(find_built gemmact)
must_say "$name" "$command" list
must_say "$name" "$command" explain --m 4 --n 4 --k 4 --activation "$name"
must_say "20 of 20 outputs are right" "$(find_built product)" "$name"
# A tenth of the inputs: the whole suite runs on the functions that ship.
export GEMMACT_TEST_SHARE=0.1
tests=$(find_built activation_test)
must_say '[  PASSED  ]' "$tests" --gtest_filter="*/$name"
status=0
"$tests" --gtest_filter="*/unproved" >"$scratch/output" 2>&1 || status=$?
[ $status != 0 ] && grep -q 'unproved has neither' "$scratch/output" || {
  cat "$scratch/output"
  echo "a function without a reference passed the tests" >&2
  exit 1
}
