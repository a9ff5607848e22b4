#!/usr/bin/env bash
# Who may include whom (docs/architecture.md): layering.sh ROOT
set -euo pipefail
cd "$1"

# Folder or file (the longest that fits a file counts) and what its files may include with quotes, as extended regular
# expressions. Whatever a folder may include, it may include itself.
rules='
kernels/base          none
kernels/entry.cuh     kernels/base/
kernels/arch          kernels/(base|arch/thread|arch/mbarrier|emulator)/
kernels/emulator      kernels/base/
kernels/tile          kernels/(base|arch)/
kernels/epilogue      kernels/(base|arch|tile)/|kernels/activation/activation\.hpp$
kernels/families      kernels/(base|arch|tile|epilogue)/|kernels/activation/activation\.hpp$
kernels/activation    kernels/(base|arch/math)/
kernels/baseline      kernels/(base|arch)/|kernels/activation/activation\.hpp$
host/include/gemmact  (gemmact/)?gemmact\.h$
host/core             kernels/base/|host/include/gemmact/gemmact\.h$
host/cpu              kernels/(base|activation|arch/math)/|host/core/|host/include/gemmact/gemmact\.h$|(activation_includes\.hpp|activation_list\.inc|isa_list\.inc)$
host/cuda             host/core/|host/include/gemmact/gemmact\.h$
host/equation         host/core/|host/include/gemmact/gemmact\.h$
host/jit              host/core/|host/include/gemmact/gemmact\.h$
host/plan             host/(core|cpu|cuda|equation|jit)/|kernels/families/|kernels/base/|kernels/baseline/params\.hpp$|host/include/gemmact/gemmact\.h$|family_includes\.hpp$
host/api              host/(core|plan)/|host/include/gemmact/gemmact\.hp{0,2}$|activation_list\.inc$
host/api/command      host/(core|equation|plan|api)/|isa_list\.inc$|host/include/gemmact/gemmact\.hp{0,2}$|gemmact/gemmact\.hp{0,2}$
host/examples         gemmact/gemmact\.hp{0,2}$
bench                 .*
tests                 .*
'
failed=0
complain() {
  printf '%s\n' "$*" >&2
  failed=1
}

# Each quoted or bracketed include of ours as "file:line:path".
includes=$(grep -rnoE --include='*.[ch]pp' --include='*.[ch]' --include='*.cuh' --include='*.inc' --include='*.cu' \
  '^ *# *include *("[^"]+"|<(host|kernels|tests|bench|gemmact)/[^>]+>)' kernels host bench tests 2>/dev/null |
  sed -E 's/: *# *include *["<]([^">]+)[">]$/:\1/')

while IFS=: read -r file line path; do
  [ -n "$file" ] || continue
  own= allowed=
  while read -r folder pattern; do
    [[ -n $folder && ($file == "$folder" || $file == "$folder"/*) && ${#folder} -gt ${#own} ]] && own=$folder allowed=$pattern
  done <<<"$rules"
  [ -n "$own" ] || { complain "$file:$line: lies in no folder that the table of layering.sh knows"; continue; }
  case $path in
    .* | */../*) complain "$file:$line: \"$path\": includes are rooted at the repository"; continue ;;
  esac
  if [[ $file == kernels/* && $path == host/* ]]; then
    complain "$file:$line: \"$path\": kernels/ never includes host/"
  elif [[ $file == host/* && $path == *.cuh ]]; then
    complain "$file:$line: \"$path\": host/ never includes a .cuh"
  elif [[ $path != "$own"/* && ! $path =~ ^($allowed) ]]; then
    complain "$file:$line: \"$path\": $own may include only itself and $allowed"
  elif [[ $path =~ ^(kernels|host|bench|tests)/ && ! -e $path ]]; then
    complain "$file:$line: \"$path\": there is no such file"
  fi
done <<<"$includes"

# Sources that no rule sees would be a hole.
while read -r file; do
  grep -qE '^ *# *include *"[^"]*$' "$file" && complain "$file: an include without its closing quote"
done < <(find kernels host -name '*.[ch]pp' -o -name '*.cuh' 2>/dev/null)
[ -n "$includes" ] || complain "no include found: is $PWD the repository?"
exit $failed
