#!/usr/bin/env bash
# bench/profile up to what needs a GPU, and the rest with a planted ncu: profile_test.sh ROOT
set -euo pipefail
root_given=$1
. "$root_given/tests/bench/expect.sh"
on() { bash -c "set -euo pipefail; . '$root_given/bench/profile'; $1"; }

expect 0 'bench/profile CASE' "$root_given/bench/profile" --help
expect 2 'no case is named' "$root_given/bench/profile"
expect 2 'must be cuda:N' "$root_given/bench/profile" square --device cpu
expect 2 'one case, not' "$root_given/bench/profile" square other
expect 2 '--device needs a value' "$root_given/bench/profile" square --device
expect 2 'is not an option' "$root_given/bench/profile" --nonsense
expect 1 'bench/profile: --device is "cuda:0", and there is no NVIDIA GPU' on \
  'bench_has_gpu() { false; }; profile_main square'
expect 1 'ncu is not here; install the package' on \
  'bench_has_gpu() { true; }; profile_ncu() { :; }; profile_main square'

# A program and an ncu that print what the real ones would. The planted ncu runs the program, as ncu does.
cat >"$scratch/program" <<PROGRAM
#!/usr/bin/env bash
case \$* in
  *--read-profile*) echo "read \${@: -2:1} and \${@: -1}"; head -n 1 "\${@: -1}" ;;
  *wrong*) echo 'gemmact_bench_gpu: --profile is "wrong", and no case has that' >&2; exit 2 ;;
  *) cat '$root_given/tests/bench/profile_lines.txt' ;;
esac
PROGRAM
cat >"$scratch/ncu" <<'NCU'
#!/usr/bin/env bash
printf '%s\n' "$*" >>"$ncu_calls"
case "$* $planted" in
  *--import*raw*) cat "$sample" ;;
  *permission) echo '==ERROR== ERR_NVGPUCTRPERM - The user does not have permission to access NVIDIA GPU Performance Counters'; exit 1 ;;
  *nothing) echo '==WARNING== No kernels were profiled.' ;;
  *broken) echo '==ERROR== An error of another kind'; exit 9 ;;
  *) while [ "$1" != --export ]; do shift; done; touch "$2" ;;
esac
NCU
chmod +x "$scratch/program" "$scratch/ncu"
export ncu_calls=$scratch/calls sample=$root_given/tests/bench/ncu_raw_page.csv
run="profile_run '$scratch/ncu' '$scratch/program'"
planted=none expect 0 "read $scratch/out/raw.csv and $scratch/out/lines.txt" on "$run square cuda:0 '$scratch/out'"
grep -qF 'case forward/gelu/bf16/square_4096' "$scratch/output" || fail "the lines were not handed on"
cmp -s "$sample" "$scratch/out/raw.csv" || fail "the page was not kept"
for word in --profile-from-start --section '--csv --page raw'; do
  grep -qF -- "$word" "$ncu_calls" || fail "ncu was not called with $word"
done
planted=permission expect 1 'NVreg_RestrictProfilingToAdminUsers=0' on "$run square cuda:0 '$scratch/out2'"
planted=nothing expect 1 'ncu saw no kernel' on "$run square cuda:0 '$scratch/out3'"
# After a good one in the same folder, an earlier case's figures are no answer.
planted=nothing expect 1 'ncu saw no kernel' on "$run square cuda:0 '$scratch/out'"
[ ! -e "$scratch/out/raw.csv" ] && [ ! -e "$scratch/out/profile.ncu-rep" ] || fail "an earlier case's figures are left"
! grep -qF 'read ' "$scratch/output" || fail "an earlier case's figures were printed"
planted=broken expect 1 'An error of another kind' on "$run square cuda:0 '$scratch/out4'"
planted=none expect 2 'no case has that' on "$run wrong cuda:0 '$scratch/out5'"
echo "bench/profile says what it needs and what it found"
