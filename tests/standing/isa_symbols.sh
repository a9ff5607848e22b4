#!/usr/bin/env bash
# Objects compiled for one instruction set share no symbol that the linker would merge with another object's (inline
# functions, templates): code for a processor that is not here would run. isa_symbols.sh ISA OBJECT…
set -euo pipefail
isa=$1
shift
# A pointer to the exception personality, the same in every object.
shared=$(nm --defined-only "$@" | awk '$2 ~ /^[WVu]$/ && $3 != "DW.ref.__gxx_personality_v0" { print $3 }' |
  grep -v "gemmact_$isa" | sort -u | c++filt || true)
# Strong symbols must name their instruction set too, or two sets could not be linked together.
strong=$(nm --defined-only "$@" | awk '$2 ~ /^[TDBRC]$/ { print $3 }' | grep -vE "gemmact_(isa_)?$isa" | sort -u || true)
[ -z "$shared$strong" ] || {
  printf '%s\n' "symbols of the $isa loops that other objects may define too:" "$shared" "$strong" >&2
  exit 1
}
[ "$(nm --defined-only "$@" | grep -c "gemmact_$isa")" -gt 0 ] || { echo "no symbol of $isa in the objects" >&2; exit 1; }
