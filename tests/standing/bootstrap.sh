#!/usr/bin/env bash
# What cmake/bootstrap.sh does where something is missing, with nothing installed for it: bootstrap.sh ROOT
set -euo pipefail
root_given=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() {
  echo "FAILED: $*" >&2
  exit 1
}
# try STATUS WORDS COMMANDS: runs the commands after bootstrap.sh, in a shell where only one package is owed.
try() {
  local status=0
  bash -c "set -euo pipefail; . '$root_given/cmake/bootstrap.sh'
    bootstrap_packages='libfoo-dev header foo/foo.h'
    bootstrap_apt_get() { echo \"apt-get \$*\"; }
    apt-get() { return \${simulation:-0}; }
    $3" >"$scratch/output" 2>&1 || status=$?
  [ $status = "$1" ] || { cat "$scratch/output"; fail "status $status, not $1: $3"; }
  grep -qF -- "$2" "$scratch/output" || { cat "$scratch/output"; fail "not said: $2"; }
}
export GEMMACT_DEPS=$scratch/deps

try 2 'apt-get install libfoo-dev' 'bootstrap_install --no-install'
try 2 'not known here' 'bootstrap_known_system() { false; }; bootstrap_install'
try 2 'still not found' 'bootstrap_known_system() { true; }; bootstrap_install'
try 2 'apt-get update' 'bootstrap_known_system() { true; }; simulation=100; bootstrap_install'
try 2 'root or sudo' 'bootstrap_known_system() { true; }; id() { echo 1000; }; command() { [ "$2" != sudo ] && builtin command "$@"; }; bootstrap_install'
# A header that apt-get brings, after its first attempt failed on an old list.
try 0 'here now' "bootstrap_known_system() { true; }
  bootstrap_apt_get() { [ \$1 = update ] && touch '$scratch/updated' && return; [ -e '$scratch/updated' ] || return 100
                        mkdir -p '$GEMMACT_DEPS/include/foo'; touch '$GEMMACT_DEPS/include/foo/foo.h'; }
  bootstrap_install; echo here now"
# With GEMMACT_DEPS having it, nothing is called.
try 0 'nothing to do' 'bootstrap_apt_get() { echo called; exit 1; }; bootstrap_install --no-install; echo nothing to do'
try 0 'libbar' 'bootstrap_packages="libbar command no_such_command_bar"; bootstrap_missing'
echo "cmake/bootstrap.sh refuses and installs as it says"
