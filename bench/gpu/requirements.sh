# What bench/run --device cuda:N, bench/profile and bench/sweep need of the machine: a GPU, and, but for bench/sweep, of the
# CUDA toolkit nvcc, cuBLAS and the runtime. Neither is ever installed from here. Source it from bash, after cmake/bootstrap.sh. bench_command, where it is set, is the command
# that refusals name.
bench_command=${bench_command:-bench/run}

bench_has_gpu() { compgen -G '/dev/nvidia[0-9]*' >/dev/null; }

# Folders that a toolkit may be in, as CMake looks for it.
bench_toolkits() {
  local nvcc
  nvcc=$(command -v nvcc 2>/dev/null) && dirname "$(dirname "$(realpath "$nvcc")")"
  printf '%s\n' "${CUDAToolkit_ROOT:-}" "${CUDA_PATH:-}" /usr/local/cuda
}

# The packages of the first toolkit's parts that are not there, a line each.
bench_toolkit_missing() {
  local folder
  while read -r folder; do
    [ -n "$folder" ] && [ -x "$folder/bin/nvcc" ] || continue
    [ -e "$folder/include/cuda_runtime_api.h" ] || echo cuda-cudart-dev
    [ -e "$folder/include/cublasLt.h" ] || echo libcublas-dev
    return 0
  done < <(bench_toolkits)
  printf '%s\n' cuda-nvcc cuda-cudart-dev libcublas-dev
}

bench_gpu_here() {
  bench_has_gpu && return
  printf '%s: --device is "%s", and there is no NVIDIA GPU on this machine\n' "$bench_command" "$1" >&2
  exit 1
}

bench_toolkit_here() {
  local missing
  mapfile -t missing < <(bench_toolkit_missing)
  [ ${#missing[@]} -gt 0 ] || return 0
  printf '%s: --device is "%s", and of the CUDA toolkit, 12.4 or newer, there is no %s; install the packages %s, or %s\n' \
    "$bench_command" "$1" "$(printf '%s\n' "${missing[@]}" | paste -sd, | sed 's/,/, /g')" \
    "$(printf '%s-13-0 ' "${missing[@]}" | sed 's/ $//')" \
    "the whole cuda-toolkit-13-0 of NVIDIA's repositories" >&2
  exit 1
}
