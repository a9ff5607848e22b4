#!/bin/sh
# Every line of the kernels is executed: coverage.sh OBJECTS GCOV SOURCE 'FOLDERS' PROGRAM... runs programs on an emulated GPU
# whose objects, in the folder OBJECTS, are compiled with --coverage, and lists the lines of the kernels' folders that no
# instance executed.
set -eu
objects=$1 gcov=$2 source=$3 folders=$4
shift 4

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for program in "$@"; do GCOV_PREFIX=$work "$program" --gtest_brief=1; done
cp "$objects"/*.gcno "$work"
for notes in "$work"/*.gcno; do
  name=$(basename "${notes%.gcno}")
  find "$work" -mindepth 2 -name "$name.gcda" -exec mv {} "$work" \;
done
cd "$work"
"$gcov" -p -s "$source" ./*.gcda >gcov.log 2>&1 || { cat gcov.log; exit 1; }

# A line is told once for all instances and then once for each: any execution will do.
failures=0 files=0
for folder in $folders; do
  for file in $(cd "$source" && ls "$folder"/*.hpp "$folder"/*.cuh 2>/dev/null); do
    told=$(find . -name "*$(echo "$file" | tr / '#').gcov")
    [ -n "$told" ] || continue  # declarations alone, or code of the host
    files=$((files + 1))
    # shellcheck disable=SC2086
    cat $told | awk -v file="$file" -F: '
      $2 + 0 > 0 {
        line = $2 + 0
        count = $1
        gsub(/[ *]/, "", count)
        code = substr($0, length($1) + length($2) + 3)
        if (count == "-" || code ~ /^[ })]*$/) next  # a brace alone: the way out of exceptions
        seen[line] = 1
        if (count !~ /^[#=]/) done[line] = 1
        text[line] = code
      }
      END {
        for (line in seen) if (!(line in done)) { print file ":" line ": not executed:" text[line]; bad = 1 }
        exit bad
      }' || failures=1
  done
done
[ "$files" -ge 10 ] || { echo "gcov told of $files files alone"; exit 1; }
echo "$files files of $folders: $([ "$failures" -eq 0 ] && echo every line is executed || echo some lines are not executed)"
exit "$failures"
