#!/bin/sh
# Every line of a kernel is executed: coverage.sh PROGRAM OBJECTS GCOV SOURCE runs a program whose objects, in the folder
# OBJECTS, are compiled with --coverage, and lists the lines of the kernel's folders that no instance executed.
set -eu
program=$1 objects=$2 gcov=$3 source=$4
folders='kernels/families/gemm_sm80 kernels/tile kernels/epilogue'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
GCOV_PREFIX=$work "$program" --gtest_brief=1
find "$work" -name '*.gcda' -exec mv {} "$work" \;
cp "$objects"/*.gcno "$work"
cd "$work"
"$gcov" -p -s "$source" ./*.gcda >gcov.log 2>&1 || { cat gcov.log; exit 1; }

# A line is told once for all instances and then once for each: any execution will do.
failures=0 files=0
for folder in $folders; do
  for file in $(cd "$source" && ls "$folder"/*.hpp "$folder"/*.cuh 2>/dev/null); do
    told=$(find . -name "*$(echo "$file" | tr / '#').gcov")
    [ -n "$told" ] || continue  # declarations alone
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
