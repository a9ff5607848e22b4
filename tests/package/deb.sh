#!/usr/bin/env bash
# CPack's .deb holds what is installed: deb.sh CPACK BUILD SCRATCH SOVERSION
set -euo pipefail
cpack=$1 build=$2 scratch=$3 soversion=$4
rm -rf "$scratch/deb"
"$cpack" --config "$build/CPackConfig.cmake" -G DEB -B "$scratch/deb" >/dev/null
package=$(find "$scratch/deb" -maxdepth 1 -name '*.deb')
contents=$(dpkg-deb --contents "$package")
for file in include/gemmact/gemmact.h include/gemmact/gemmact.hpp libgemmact.so "libgemmact.so.$soversion" libgemmact.a gemmact-config.cmake \
  gemmact.pc bin/gemmact copyright; do
  grep -q "/$file" <<<"$contents" || { echo "$package lacks $file" >&2; exit 1; }
done
dpkg-deb --info "$package" | grep -E '^ (Package|Version|Depends):'
