#!/usr/bin/env bash
# dlopen; and the library needs nothing of CUDA to load: loaded.sh C_COMPILER HERE SCRATCH
set -euo pipefail
cc=$1 here=$2 scratch=$3
library=$(find "$scratch/prefix" -name libgemmact.so)
"$cc" -std=c11 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -pedantic -Werror -I"$scratch/prefix/include" "$here/loaded.c" \
  -o "$scratch/loaded" -ldl
"$scratch/loaded" "$library"
needed=$(readelf -d "$library" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p')
unexpected=$(grep -vE '^(libstdc\+\+|libm|libgcc_s|libc|libpthread|libdl|librt|ld-linux.*)\.so' <<<"$needed" || true)
[ -z "$unexpected" ] || { echo "the library needs more than the C++ runtime: $unexpected" >&2; exit 1; }
readelf -d "$library" | grep -q 'SONAME.*\[libgemmact\.so\.[0-9]' || { echo "no versioned SONAME" >&2; exit 1; }
