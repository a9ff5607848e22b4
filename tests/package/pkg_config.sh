#!/usr/bin/env bash
# pkg-config gemmact, shared, and --static with only the archive there: pkg_config.sh C_COMPILER CXX_COMPILER HERE SCRATCH VERSION
set -euo pipefail
cc=$1 cxx=$2 here=$3 scratch=$4 version=$5
folder=$scratch/pkg_config
rm -rf "$folder"
mkdir -p "$folder"
libdir=$(dirname "$(dirname "$(find "$scratch/prefix" -name gemmact.pc)")")
export PKG_CONFIG_PATH=$libdir/pkgconfig
[ "$(pkg-config --modversion gemmact)" = "$version" ]
# shellcheck disable=SC2046  # the flags are words
{
  "$cc" -std=c11 -Wall -Wextra -pedantic -Werror "$here/layer.c" -o "$folder/shared_c" $(pkg-config --cflags --libs gemmact)
  "$cxx" -std=c++20 -Wall -Wextra -Werror "$here/layer.cpp" -o "$folder/shared_cpp" $(pkg-config --cflags --libs gemmact)
}
LD_LIBRARY_PATH=$libdir "$folder/shared_c"
LD_LIBRARY_PATH=$libdir "$folder/shared_cpp"
cp -r "$scratch/prefix" "$folder/archive_only"
find "$folder/archive_only" -name 'libgemmact.so*' -delete
export PKG_CONFIG_PATH=$folder/archive_only/${libdir#"$scratch/prefix/"}/pkgconfig
# shellcheck disable=SC2046
"$cc" -std=c11 "$here/layer.c" -o "$folder/static_c" $(pkg-config --static --cflags --libs gemmact)
"$folder/static_c"
