#!/usr/bin/env bash
# Every header compiles alone, and twice over: headers.sh ROOT C_COMPILER CXX_COMPILER [compiler flags]
# The public C header must also be plain C11. What a source of the same name includes before all else is compiled alone in each
# build, and is left out here if it says #pragma once.
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

has_its_source() {
  local source=${1%.hpp}.cpp
  [ "$source" != "$1" ] && [ -f "$source" ] && grep -q '^#pragma once$' "$1" &&
    [ "$(grep -m1 '^#include' "$source")" = "#include \"$1\"" ]
}

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
for header in $headers; do
  has_its_source "$header" || echo "$header"
  case $header in *.h) echo "c11:$header" ;; esac
done | xargs -P "$(nproc)" -I{} bash -c 'check "$1"' - {}
echo "$(echo "$headers" | wc -l) headers compile alone, or as the first of their sources"
