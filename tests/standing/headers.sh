#!/usr/bin/env bash
# Every header compiles alone, and twice over: headers.sh ROOT C_COMPILER CXX_COMPILER [compiler flags]
# The public C header must also be plain C11.
set -euo pipefail
root=$1 export_cc=$2 export_cxx=$3
shift 3
export root export_cc export_cxx flags="$*"

check() {
  local header=$1 language=c++ compiler=$export_cxx standard=c++20
  case $header in
    c11:*) header=${header#c11:} language=c compiler=$export_cc standard=c11 ;;
  esac
  # shellcheck disable=SC2086  # flags is a list of words
  printf '#include "%s"\n#include "%s"\nint main(void) { return 0; }\n' "$header" "$header" |
    "$compiler" -fsyntax-only -std=$standard -Wall -Wextra -Wshadow -pedantic -Werror \
      -I"$root" -I"$root/host/include" $flags -x $language - || {
    echo "$header does not compile alone as $standard" >&2
    return 1
  }
}
export -f check

cd "$root"
folders=()
for folder in kernels host bench tests; do
  [ ! -d "$folder" ] || folders+=("$folder")
done
headers=$(find "${folders[@]}" -name '*.hpp' -o -name '*.h' | sort)
# What links cuBLAS includes the toolkit's headers.
# shellcheck disable=SC2086  # flags is a list of words
echo '#include <cublasLt.h>' | "$export_cxx" -fsyntax-only $flags -x c++ - 2>/dev/null || {
  echo "bench/gpu is left out: there is no cublasLt.h"
  headers=$(grep -v '^bench/gpu/' <<<"$headers")
}
[ -n "$headers" ] || { echo "no header found: is $root the repository?" >&2; exit 1; }
{
  echo "$headers"
  echo "$headers" | grep -E '\.h$' | sed 's/^/c11:/'
} | xargs -P "$(nproc)" -I{} bash -c 'check "$1"' - {}
echo "$(echo "$headers" | wc -l) headers compile alone"
