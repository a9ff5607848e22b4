#!/usr/bin/env bash
# Every command of a document's ```sh blocks exists; those of what was built are run as they stand and must succeed:
# readme_commands.sh ROOT BUILD DOCUMENT
set -euo pipefail
root=$1 build=$2 document=$3
[ -r "$document" ] || { echo "no $document" >&2; exit 1; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
ln -s "$build" "$scratch/build"
failed=0 ran=0
while read -r line; do
  read -r word _ <<<"$line"
  case $word in
    '' | '#'*) ;;
    build/bin/*)
      ran=$((ran + 1))
      (cd "$scratch" && timeout 120 bash -c "$line" >output 2>&1) || {
        echo "$document: this fails: $line" >&2
        cat "$scratch/output" >&2
        failed=1
      }
      ;;
    */*) [ -x "$root/$word" ] || { echo "$document: no such command: $word" >&2; failed=1; } ;;
    git | cd | cmake | ctest | cc | c++ | apt-get | sudo | clang-format | clang-tidy) ;;
    *) echo "$document: a command that a newcomer may not have: $word" >&2; failed=1 ;;
  esac
done < <(awk '/^```sh$/ { inside = 1; next } /^```/ { inside = 0 } inside' "$document" | sed -e ':a' -e '/\\$/N; s/\\\n//; ta')
[ $ran -gt 0 ] || { echo "$document shows no command of build/bin" >&2; failed=1; }
echo "$ran commands run"
exit $failed
