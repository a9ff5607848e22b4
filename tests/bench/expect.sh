# What the tests of bench/run and bench/profile share. Source it from bash with root_given, the clone; sets scratch.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() {
  echo "FAILED: $*" >&2
  exit 1
}
# expect STATUS WORDS COMMAND…: these words, that status; the output stays in $scratch/output.
expect() {
  local wanted=$1 words=$2 status=0
  shift 2
  "$@" >"$scratch/output" 2>&1 || status=$?
  [ "$status" = "$wanted" ] || { cat "$scratch/output"; fail "status $status, not $wanted: $*"; }
  grep -qF -- "$words" "$scratch/output" || { cat "$scratch/output"; fail "not said: $words"; }
}
