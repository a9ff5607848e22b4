#!/usr/bin/env bash
# A pack made by another project's build, with the installed command: pack.sh CMAKE HERE SCRATCH VERSION
set -euo pipefail
cmake=$1 here=$2 scratch=$3 version=$4
gemmact=$scratch/prefix/bin/gemmact folder=$scratch/pack
grep -Eq '^  compiler +NVRTC' <<<"$("$gemmact" info)" || { echo "left out: there is no NVRTC to compile with"; exit 77; }
export GEMMACT_CACHE_DIR=off
"$cmake" -S "$here/find_package" -B "$folder" -DCMAKE_PREFIX_PATH="$scratch/prefix" -DWANTED_VERSION="$version" -DWITH_PACK=ON
"$cmake" --build "$folder" --target layer_pack
listed=$("$gemmact" pack --list "$folder/layer.pack")
echo "$listed"
grep -q 'gelu' <<<"$listed"
grep -q 'swish' <<<"$listed"
grep -q '^4 kernel(s)' <<<"$listed"
# What is in it is found without a compiler.
explained=$(GEMMACT_PACK=$folder/layer.pack GEMMACT_NVRTC=/nonexistent.so "$gemmact" explain --m 256 --n 512 --k 512 --type bf16 \
  --activation gelu --bias column --bias-type bf16 --device describe:a100)
grep -q "registers, compiled for sm_80 (pack)" <<<"$explained"
