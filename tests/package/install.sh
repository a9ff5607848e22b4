#!/usr/bin/env bash
# Installs into a temporary prefix and moves it, so that whatever remembers where it was built or installed breaks:
# install.sh CMAKE BUILD SCRATCH
set -euo pipefail
cmake=$1 build=$2 scratch=$3
rm -rf "$scratch"
mkdir -p "$scratch"
"$cmake" --install "$build" --prefix "$scratch/first" >"$scratch/install.log"
mv "$scratch/first" "$scratch/prefix"
! grep -rIl -e "$scratch/first" -e "$build" "$scratch/prefix" || { echo "the files above name where they were made" >&2; exit 1; }
[ -L "$scratch"/prefix/lib*/libgemmact.so ] || { echo "no versioned libgemmact.so" >&2; exit 1; }
