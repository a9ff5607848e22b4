#!/usr/bin/env bash
# What bench/run and bench/sweep say of the machine before they build anything: run_test.sh ROOT
set -euo pipefail
root_given=$1
. "$root_given/tests/bench/expect.sh"
# On a machine as the functions of requirements.sh are told it is.
on() {
  bash -c "set -euo pipefail; . '$root_given/cmake/bootstrap.sh'; . '$root_given/bench/gpu/requirements.sh'
    $1"
}

expect 2 'must be cpu or cuda:N' "$root_given/bench/run" --device gpu
expect 2 '--device needs a value' "$root_given/bench/run" --device
expect 2 'exclude each other' "$root_given/bench/run" --quick --full
expect 2 '--seconds needs a value' "$root_given/bench/run" --seconds
expect 0 'cuBLASLt' "$root_given/bench/run" --help
expect 0 'gemmact tune --all' "$root_given/bench/sweep" --help
expect 0 'a gated pair and a maxout' "$root_given/bench/sweep" --help
expect 2 '--fast is not an option' "$root_given/bench/sweep" --backward --fast
expect 2 '--budget-ms needs a value' "$root_given/bench/sweep" --budget-ms
expect 2 '--fast is not an option' "$root_given/bench/sweep" --fast
expect 2 'bench/sweep: --device is "cpu", and must be cuda:N' "$root_given/bench/sweep" --device cpu
if ! compgen -G '/dev/nvidia[0-9]*' >/dev/null; then
  expect 1 'bench/run: --device is "cuda:0", and there is no NVIDIA GPU on this machine' "$root_given/bench/run" --device cuda:0
  expect 1 'there is no NVIDIA GPU on this machine' "$root_given/bench/run" --quick --device=cuda:1
  expect 1 'bench/sweep: --device is "cuda:7", and there is no NVIDIA GPU' "$root_given/bench/sweep" --no-install --device cuda:7
fi

expect 1 'no NVIDIA GPU' on 'bench_has_gpu() { false; }; bench_gpu_here cuda:0'
expect 0 'here' on 'bench_has_gpu() { true; }; bench_gpu_here cuda:0; echo here'
expect 1 'cuda-nvcc-13-0 cuda-cudart-dev-13-0 libcublas-dev-13-0' on \
  "bench_toolkits() { echo '$scratch/nowhere'; }; bench_toolkit_here cuda:0"
mkdir -p "$scratch/toolkit/bin" "$scratch/toolkit/include"
touch "$scratch/toolkit/bin/nvcc" "$scratch/toolkit/include/cuda_runtime_api.h"
chmod +x "$scratch/toolkit/bin/nvcc"
here="bench_toolkits() { printf '%s\n' '' '$scratch/nowhere' '$scratch/toolkit'; }"
expect 1 'install the packages libcublas-dev-13-0, or' on "$here; bench_toolkit_here cuda:0"
touch "$scratch/toolkit/include/cublasLt.h"
expect 0 'all there' on "$here; bench_toolkit_here cuda:0; echo all there"
echo "bench/run says what is missing"
