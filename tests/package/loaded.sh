#!/usr/bin/env bash
# dlopen by the soname; and the library needs nothing of CUDA to load: loaded.sh C_COMPILER HERE SCRATCH SOVERSION
set -euo pipefail
cc=$1 here=$2 scratch=$3 soversion=$4
library=$(find "$scratch/prefix" -name libgemmact.so)
"$cc" -std=c11 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -pedantic -Werror -I"$scratch/prefix/include" "$here/loaded.c" \
  -o "$scratch/loaded" -ldl
LD_LIBRARY_PATH=$(dirname "$library") "$scratch/loaded" "libgemmact.so.$soversion"
needed=$(readelf -d "$library" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p')
unexpected=$(grep -vE '^(libstdc\+\+|libm|libgcc_s|libc|libpthread|libdl|librt|ld-linux.*)\.so' <<<"$needed" || true)
[ -z "$unexpected" ] || { echo "the library needs more than the C++ runtime: $unexpected" >&2; exit 1; }
soname=$(readelf -d "$library" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')
[ "$soname" = "libgemmact.so.$soversion" ] || { echo "the soname is $soname" >&2; exit 1; }
