#!/usr/bin/env bash
# Each standing check finds the fault it is there for: planted.sh C_COMPILER CXX_COMPILER
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cc=$1 cxx=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# A small tree that is in order.
tree=$scratch/tree
mkdir -p "$tree"/{kernels/{base,activation,arch/math},host/{core,cpu,plan,api,include/gemmact},docs,bench,tests,cmake} "$scratch/build/bin"
echo '#pragma once' | tee "$tree"/kernels/base/config.hpp "$tree"/kernels/activation/relu.hpp >/dev/null
printf '#pragma once\n#include "kernels/base/config.hpp"\n' >"$tree/host/core/problem.hpp"
printf '#pragma once\n#include "host/core/problem.hpp"\n' >"$tree/host/plan/selection.hpp"
printf 'int f(void);\n' >"$tree/host/include/gemmact/gemmact.h"
printf 'cmake_minimum_required(VERSION 3.22)\n' >"$tree/CMakeLists.txt"
printf '# Title\nSee [the page](docs/page.md) and `kernels/base/`.\n' >"$tree/README.md"
printf 'A `kernels/activation/<name>.hpp`.\n' >"$tree/docs/page.md"

fail() {
  echo "FAILED: $*" >&2
  exit 1
}
# passes CHECK…: the tree in order is accepted; catches WORDS CHECK…: refused, with these words in its message.
passes() { "$@" >"$scratch/output" 2>&1 || { cat "$scratch/output"; fail "in order, but refused by ${1##*/}"; }; }
catches() {
  local words=$1
  shift
  ! "$@" >"$scratch/output" 2>&1 || fail "$words: not caught by ${1##*/}"
  grep -qF -- "$words" "$scratch/output" || { cat "$scratch/output"; fail "caught, but not said: $words"; }
}
# plant FILE TEXT: adds a line to a copy of the tree.
planted=$scratch/planted
plant() {
  rm -rf "$planted"
  cp -r "$tree" "$planted"
  printf '%b\n' "$2" >>"$planted/$1"
}

passes "$here/layering.sh" "$tree"
plant host/core/problem.hpp '#include "host/plan/selection.hpp"'
catches 'host/core may include only' "$here/layering.sh" "$planted"
plant kernels/base/config.hpp '#include "host/core/problem.hpp"'
catches 'kernels/ never includes host/' "$here/layering.sh" "$planted"
plant kernels/base/config.hpp '#  include <host/core/problem.hpp>'
catches 'kernels/ never includes host/' "$here/layering.sh" "$planted"
plant host/cpu/a.cpp '#include "kernels/activation/relu.cuh"'
catches 'host/ never includes a .cuh' "$here/layering.sh" "$planted"
plant host/core/a.cpp '#include "problem.hpp"'
catches 'host/core may include only' "$here/layering.sh" "$planted"
plant host/core/a.cpp '#include "../core/problem.hpp"'
catches 'rooted at the repository' "$here/layering.sh" "$planted"
plant host/core/a.cpp '#include "host/core/gone.hpp"'
catches 'there is no such file' "$here/layering.sh" "$planted"
plant host/a.cpp '#include "host/core/problem.hpp"'
catches 'lies in no folder' "$here/layering.sh" "$planted"

passes "$here/headers.sh" "$tree" "$cc" "$cxx"
plant host/core/problem.hpp 'inline std::size_t size;'
catches 'host/core/problem.hpp does not compile alone' "$here/headers.sh" "$planted" "$cc" "$cxx"
plant host/plan/selection.hpp 'inline std::size_t size;'
source=$planted/host/plan/selection.cpp
echo '#include "host/plan/selection.hpp"' >"$source"
passes "$here/headers.sh" "$planted" "$cc" "$cxx"  # a build refuses that source
printf '#include <cstddef>\n#include "host/plan/selection.hpp"\n' >"$source"
catches 'host/plan/selection.hpp does not compile alone' "$here/headers.sh" "$planted" "$cc" "$cxx"
echo 'struct twice {};' >"$planted/host/plan/selection.hpp"
echo '#include "host/plan/selection.hpp"' >"$source"
catches 'host/plan/selection.hpp does not compile alone' "$here/headers.sh" "$planted" "$cc" "$cxx"
plant host/plan/selection.hpp 'struct x {};'
passes "$here/headers.sh" "$planted" "$cc" "$cxx"
plant host/include/gemmact/gemmact.h 'static inline int g(bool b) { return b; }'
catches 'gemmact.h does not compile alone as c11' "$here/headers.sh" "$planted" "$cc" "$cxx"
plant host/include/gemmact/gemmact.h 'struct twice { int x; };'
catches 'gemmact.h does not compile alone' "$here/headers.sh" "$planted" "$cc" "$cxx"

passes "$here/budgets.sh" "$tree"
plant host/core/a.cpp "$(printf '//\\n%.0s' {1..451})"
catches 'more than 450' "$here/budgets.sh" "$planted"
plant host/core/a.cpp "// TO""DO: later"
catches 'later' "$here/budgets.sh" "$planted"
plant host/core/a.cpp '\tint x;'
catches 'tabs' "$here/budgets.sh" "$planted"

passes "$here/documents.sh" "$tree" "$scratch/build"
plant README.md 'Look at `host/core/gone.hpp`.'
catches 'README.md names host/core/gone.hpp' "$here/documents.sh" "$planted" "$scratch/build"
plant docs/page.md '[x](gone.md)'
catches 'links to gone.md' "$here/documents.sh" "$planted" "$scratch/build"
plant README.md 'Run build/bin/gone.'
catches 'names build/bin/gone' "$here/documents.sh" "$planted" "$scratch/build"
plant README.md '<!-- cut from host/plan/selection.hpp -->\n```cpp\n  #pragma once\n```'
passes "$here/documents.sh" "$planted" "$scratch/build"
plant README.md '<!-- cut from host/plan/selection.hpp -->\n```cpp\n#pragma twice\n```'
catches 'cut from host/plan/selection.hpp is not in it' "$here/documents.sh" "$planted" "$scratch/build"

printf '#!/bin/sh\nexit 1\n' >"$scratch/build/bin/broken"
chmod +x "$scratch/build/bin/broken"
ln -s /bin/true "$scratch/build/bin/works"
plant README.md '```sh\nbuild/bin/works --flag\n```'
passes "$here/readme_commands.sh" "$planted" "$scratch/build" "$planted/README.md"
catches 'shows no command' "$here/readme_commands.sh" "$tree" "$scratch/build" "$tree/README.md"
catches 'no gone.md' "$here/readme_commands.sh" "$tree" "$scratch/build" gone.md
plant README.md '```sh\nbuild/bin/broken --flag\n```'
catches 'this fails: build/bin/broken --flag' "$here/readme_commands.sh" "$planted" "$scratch/build" "$planted/README.md"
plant README.md '```sh\ntests/gone\n```'
catches 'no such command: tests/gone' "$here/readme_commands.sh" "$planted" "$scratch/build" "$planted/README.md"

# Objects of "one instruction set": an inline function outside its own namespace is what must be found.
printf 'namespace gemmact { inline __attribute__((used)) int f() { return 1; } }\nextern "C" int gemmact_test_x() { return 2; }\n' >"$scratch/good.cpp"
printf 'inline __attribute__((used)) int shared_by_all() { return 1; }\nextern "C" int gemmact_test_x() { return 2; }\n' >"$scratch/bad.cpp"
printf 'namespace gemmact { int f() { return 1; } }\nint strong_one() { return 2; }\n' >"$scratch/strong.cpp"
for name in good bad strong; do
  "$cxx" -c -Dgemmact=gemmact_test "$scratch/$name.cpp" -o "$scratch/$name.o"
done
passes "$here/isa_symbols.sh" test "$scratch/good.o"
catches 'shared_by_all' "$here/isa_symbols.sh" test "$scratch/bad.o"
catches 'strong_one' "$here/isa_symbols.sh" test "$scratch/strong.o"
catches 'no symbol of other' "$here/isa_symbols.sh" other /dev/null

# One symbol more than the list, and one less.
printf 'extern "C" { int gemmact_a() { return 1; } int gemmact_b() { return 2; } }\n' >"$scratch/library.cpp"
"$cxx" -shared -fPIC "$scratch/library.cpp" -o "$scratch/library.so"
printf 'gemmact_a\ngemmact_b\n' >"$scratch/both"
printf 'gemmact_a\n' >"$scratch/fewer"
printf 'gemmact_a\ngemmact_b\ngemmact_c\n' >"$scratch/more"
passes "$here/exported_symbols.sh" "$scratch/library.so" "$scratch/both"
catches '+gemmact_b' "$here/exported_symbols.sh" "$scratch/library.so" "$scratch/fewer"
catches '-gemmact_c' "$here/exported_symbols.sh" "$scratch/library.so" "$scratch/more"

passes "$here/library_size.sh" "$scratch/library.so"
catches 'must stay below 1000' "$here/library_size.sh" "$scratch/library.so" 1000
echo "each planted fault was found"
