// How the files of probes add theirs: `add<KERNEL>(all, name, input, expected)`, on the side for which they are compiled.
#pragma once
#include "kernels/arch/global/global.cuh"

#if GEMMACT_DEVICE
#include "tests/arch/device/run_device.cuh"
#else
#include "tests/arch/device/run_emulated.hpp"
#endif

namespace gemmact::device_test {

// A kernel struct has `threads`, `first` (as in a probe) and `run(const probe_params&)`.
template <class K>
probe& add(probes& all, const std::string& name, bytes input, bytes expected) {
  probe one;
  one.name = name;
  one.first = K::first;
  one.threads = K::threads;
  one.input = std::move(input);
  one.expected = std::move(expected);
  one.run = run_probe<K>;
  all.push_back(std::move(one));
  return all.back();
}

// The input and the output as arrays.
template <class T>
GEMMACT_FN T input_at(const probe_params& p, u32 index) {
  return arch::load_global<T>(p.in + i64(index * sizeof(T)));
}
template <class T>
GEMMACT_FN void output_at(const probe_params& p, u32 index, T value) {
  arch::store_global(p.out + i64(index * sizeof(T)), value);
}

}  // namespace gemmact::device_test
