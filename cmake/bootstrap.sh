# From a fresh clone to a build tree: shared by tests/run, bench/run and .ci/run. Source it from bash:
#
#   . "$(dirname "${BASH_SOURCE[0]}")/../cmake/bootstrap.sh"   sets root (the clone) and build (its build/)
#   bootstrap_install [--no-install]     installs what is missing; with --no-install, on an unknown system, or without
#                                        root and sudo, prints what to install instead and exits 2
#   bootstrap_configure [cmake arguments]
#   bootstrap_build [targets]            all of them when none is named
#   bootstrap_machine                    says what of the machine the build will use, and what it will leave out
#
# GEMMACT_DEPS=DIR adds a prefix to look for dependencies in. Nothing here touches a CUDA toolkit or a driver: these are
# found and reported, never installed.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$root/build

# The one list of packages (the same names on Debian 12, Ubuntu 22.04 and 24.04) and how each is known to be here: a
# command, or a header below include/ of /usr, /usr/local, $CONDA_PREFIX or $GEMMACT_DEPS.
bootstrap_packages="
g++                command ${CXX:-c++}
cmake              command cmake
ninja-build        command ninja make
pkg-config         command pkg-config
libeigen3-dev      header  eigen3/Eigen/Core Eigen/Core
libopenblas-dev    header  cblas.h openblas/cblas.h
libmpfr-dev        header  mpfr.h
libboost-context-dev header  boost/context/fiber.hpp
libxxhash-dev      header  xxhash.h
libfmt-dev         header  fmt/format.h
libcli11-dev       header  CLI/CLI.hpp
tao-pegtl-dev      header  tao/pegtl.hpp
nlohmann-json3-dev header  nlohmann/json.hpp
libgtest-dev       header  gtest/gtest.h
libbenchmark-dev   header  benchmark/benchmark.h
"

bootstrap_say() { printf -- '-- %s\n' "$*"; }

# bootstrap_has command|header NAME…: is any of the names here?
bootstrap_has() {
  local kind=$1 name prefix
  shift
  for name in "$@"; do
    if [ "$kind" = command ]; then
      command -v "$name" >/dev/null 2>&1 && return 0
      continue
    fi
    for prefix in ${GEMMACT_DEPS:+"$GEMMACT_DEPS"} /usr /usr/local ${CONDA_PREFIX:+"$CONDA_PREFIX"}; do
      compgen -G "$prefix/include/$name" >/dev/null && return 0
      compgen -G "$prefix/include/*-linux-gnu*/$name" >/dev/null && return 0
    done
  done
  return 1
}

bootstrap_missing() {
  local package kind names
  while read -r package kind names; do
    # shellcheck disable=SC2086  # names is a list of words
    [ -z "$package" ] || bootstrap_has "$kind" $names || echo "$package"
  done <<<"$bootstrap_packages"
}

# A system whose packages go by these names.
bootstrap_known_system() {
  command -v apt-get >/dev/null 2>&1 && grep -qsE '^ID(_LIKE)?=.*(debian|ubuntu)' /etc/os-release
}

bootstrap_apt_get() {
  if [ "$(id -u)" = 0 ]; then
    DEBIAN_FRONTEND=noninteractive apt-get "$@"
  else
    sudo env DEBIAN_FRONTEND=noninteractive apt-get "$@"
  fi
}

bootstrap_refuse() {
  local reason=$1
  shift
  printf 'missing: %s\n%s; on Debian or Ubuntu: apt-get install %s\n' "$*" "$reason" "$*" >&2
  exit 2
}

bootstrap_install() {
  local missing
  mapfile -t missing < <(bootstrap_missing)
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "${1:-}" != --no-install ] || bootstrap_refuse "not installed because of --no-install" "${missing[@]}"
  bootstrap_known_system || bootstrap_refuse "this system's packages are not known here" "${missing[@]}"
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null 2>&1 ||
    bootstrap_refuse "installing needs root or sudo" "${missing[@]}"
  bootstrap_say "installing ${missing[*]}"
  # The lists are refreshed where they do not know the packages, or where what they name is gone from the mirror.
  apt-get -s install "${missing[@]}" >/dev/null 2>&1 || bootstrap_apt_get update
  bootstrap_apt_get install -y --no-install-recommends "${missing[@]}" || {
    bootstrap_apt_get update
    bootstrap_apt_get install -y --no-install-recommends "${missing[@]}" ||
      bootstrap_refuse "apt-get could not install them" "${missing[@]}"
  }
  hash -r
  mapfile -t missing < <(bootstrap_missing)
  [ ${#missing[@]} -eq 0 ] || bootstrap_refuse "installed, and still not found" "${missing[@]}"
}

# Compilers at once: as many as there are processors, and 1.5 GB of memory for each.
bootstrap_jobs() {
  local processors memory_kb jobs
  processors=$(nproc 2>/dev/null || echo 1)
  memory_kb=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo 2>/dev/null || true)
  jobs=$((${memory_kb:-3000000} / 1500000))
  [ "$jobs" -ge 1 ] || jobs=1
  [ "$jobs" -le "$processors" ] || jobs=$processors
  echo "$jobs"
}

bootstrap_configure() {
  local arguments=()
  if [ ! -e "$build/CMakeCache.txt" ]; then
    ! command -v ninja >/dev/null 2>&1 || arguments+=(-G Ninja)
    ! command -v ccache >/dev/null 2>&1 ||
      arguments+=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  fi
  # A newcomer's newer compiler may know more warnings than ours; CI's may not.
  [ -z "${CI:-}" ] || arguments+=(-DGEMMACT_WERROR=ON)
  bootstrap_say "configuring $build"
  cmake -S "$root" -B "$build" "${arguments[@]}" "$@"
}

bootstrap_build() {
  local arguments=() started=$SECONDS
  [ $# -eq 0 ] || arguments=(--target "$@")
  bootstrap_say "building with $(bootstrap_jobs) jobs"
  cmake --build "$build" --parallel "$(bootstrap_jobs)" "${arguments[@]}"
  bootstrap_say "built in $((SECONDS - started)) s"
}

bootstrap_machine() {
  local processor
  processor=$(sed -n '/^model name/ { s/^[^:]*: //p; q }' /proc/cpuinfo 2>/dev/null || true)
  bootstrap_say "CPU: ${processor:-$(uname -m)}, $(nproc) processors"
  if compgen -G '/dev/nvidia[0-9]*' >/dev/null; then
    bootstrap_say "GPU: found; tests with the label device use it"
  else
    bootstrap_say "GPU: none, so tests with the label device are left out"
  fi
  if command -v nvcc >/dev/null 2>&1 || [ -x "${CUDA_HOME:-/usr/local/cuda}/bin/nvcc" ]; then
    bootstrap_say "CUDA toolkit: found; NVRTC compiles kernels, and tests compare with its headers"
  else
    bootstrap_say "CUDA toolkit: none, so what needs its compilers or headers is left out"
  fi
  bootstrap_has command clang++ ||
    bootstrap_say "clang: none, so the libFuzzer programs (label fuzz) are left out"
}
