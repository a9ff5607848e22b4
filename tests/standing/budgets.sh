#!/usr/bin/env bash
# Sizes and leftovers: budgets.sh ROOT
set -euo pipefail
cd "$1"
failed=0
files=$(find kernels host bench tests cmake CMakeLists.txt \
  -name '*.[ch]pp' -o -name '*.[ch]' -o -name '*.cuh' -o -name '*.inc' -o -name '*.sh' -o -name '*.cmake' \
  -o -name 'CMakeLists.txt' -o -path '*/run' 2>/dev/null)
[ -n "$files" ] || { echo "no source found: is $PWD the repository?" >&2; exit 1; }
while read -r file; do
  lines=$(wc -l <"$file")
  [ "$lines" -le 450 ] || { echo "$file: $lines lines, more than 450: look for the missing idea" >&2; failed=1; }
done <<<"$files"
# The words are put together here so that this file does not find itself.
marks="TO""DO|FIX""ME|XX""X"
# shellcheck disable=SC2086  # files is a list of words
! grep -nE "\b($marks)\b" $files /dev/null >&2 || failed=1
# shellcheck disable=SC2086
! grep -nP "\t|[ ]+$|\r" $files /dev/null >&2 || { echo "tabs, carriage returns or spaces at a line's end" >&2; failed=1; }
exit $failed
