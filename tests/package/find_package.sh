#!/usr/bin/env bash
# find_package(gemmact) from another project; a version that is not this one's is refused:
# find_package.sh CMAKE HERE SCRATCH VERSION
set -euo pipefail
cmake=$1 here=$2 scratch=$3 version=$4
folder=$scratch/find_package
configure() { "$cmake" -S "$here/find_package" -B "$1" -DCMAKE_PREFIX_PATH="$scratch/prefix" -DWANTED_VERSION="$2"; }
configure "$folder" "$version"
"$cmake" --build "$folder" --parallel "$(nproc)"
for program in layer_c_shared layer_c_static layer_cpp_shared layer_cpp_static; do
  "$folder/$program"
done
# Read to its end, then searched: a grep -q that has found its line leaves ldd writing into a closed pipe.
needs() { [[ "$(ldd "$folder/$1")" == *libgemmact* ]]; }
needs layer_c_shared || { echo "layer_c_shared does not use the shared library" >&2; exit 1; }
! needs layer_c_static || { echo "layer_c_static uses the shared library" >&2; exit 1; }
! configure "$scratch/find_package_other" 99.0 >/dev/null 2>&1 || { echo "version 99.0 was accepted" >&2; exit 1; }
