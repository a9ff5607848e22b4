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
ldd "$folder/layer_c_shared" | grep -q libgemmact
! ldd "$folder/layer_c_static" | grep -q libgemmact
! configure "$scratch/find_package_other" 99.0 >/dev/null 2>&1 || { echo "version 99.0 was accepted" >&2; exit 1; }
