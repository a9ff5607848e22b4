// A libcuda.so.1 that needs no GPU: it counts every call, records launches or has them run (tests/support/emulated_gpu),
// keeps the rules that this library could break (contexts, capture, what a launch may ask for), and fails on demand.
// state() of the loaded one is shared by the library under test and the test.
#pragma once
#include <array>
#include <atomic>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "host/cuda/driver_abi.hpp"

namespace gemmact::fake_cuda {

using namespace gemmact::cuda;

enum class function : int {
#define GEMMACT_DRIVER_FUNCTION(name, version, symbol, required, arguments) name,
#include "host/cuda/driver_functions.inc"
#undef GEMMACT_DRIVER_FUNCTION
  count
};

struct launch {
  std::string kernel;
  unsigned grid[3] = {}, threads = 0, shared_bytes = 0;
  void* stream = nullptr;
  unsigned cluster = 1;
  bool overlaps_previous = false;
  bool captured = false;
  std::vector<unsigned char> params;  // as many as the kernel's fake cubin says
};

struct tensor_map_made {  // by cuTensorMapEncodeTiled; its words are emulator::encode_tensor_map's
  tensor_type type{};
  unsigned rank = 0;
  const void* base = nullptr;
  uint64_t dims[5] = {}, strides[4] = {};
  unsigned box[5] = {};
  tensor_swizzle swizzle{};
  tensor_promotion promotion{};
};

struct capture {
  bool blocking = true;
  capture_mode mode = capture_mode::global;
  std::thread::id thread;
  bool valid = true;
  int launches = 0;
};

struct injected {
  result code = 0;
  int times = 0;
};

// Guarded by `mutex`, but for the counters.
struct state {
  std::mutex mutex;
  // The machine. Changed before a driver or context is made of it.
  int driver_version = 12040, devices = 2;
  int major = 9, minor = 0, multiprocessors = 132, shared_block_bytes = 227 * 1024, memory_pools = 1;
  int l2_bytes = 50 << 20;
  std::set<std::string> missing;  // functions that this driver lacks
  size_t cubin_params_bytes = 0;  // of a launch of a real cubin that are recorded

  std::array<std::atomic<int>, size_t(function::count)> calls{};
  std::map<function, injected> failures;
  result sticky = 0;  // what every call answers
  std::vector<launch> launches;
  std::vector<tensor_map_made> maps;
  bool records = true;  // launches and maps are kept, not only counted
  std::map<void*, capture> captures;
  std::map<void*, size_t> memory;
  std::map<void*, size_t> forbidden;  // parts of it that no kernel may touch, by a test's word
  int libraries = 0, events = 0;      // loaded now; made and not destroyed
  // What events tell: the device's clock, and how far a launch (beside what `run` adds) and a memset move it.
  double now_us = 0, launch_us = 10, memset_us = 0;

  // What takes a kernel, given all that its fake cubin says, and runs it; without these, launches are recorded alone. They
  // hold the lock.
  std::function<result(state&, const std::string& cubin)> load;
  std::function<result(state&, const std::string& cubin, const launch&, const void* params)> run;
  std::map<result, std::string> words;  // that the driver has for a result of theirs, or for a map that it refused

  // Of the stand-in for cuBLASLt: how long a product takes, what every call answers, whether it has an algorithm, what it
  // was asked for, and what is not destroyed.
  double blas_us = 12;
  int blas_status = 0;
  bool blas_offers = true;
  std::vector<std::string> blas_calls;
  int blas_objects = 0;

  int count(function f) const { return calls[size_t(f)]; }
  int count_all() const {
    int all = 0;
    for (const auto& c : calls) all += c;
    return all;
  }
  void fail_next(function f, result code, int times = 1) {
    const std::lock_guard lock(mutex);
    failures[f] = {code, times};
  }
  void begin_capture(void* stream, bool blocking = true, capture_mode mode = capture_mode::global) {
    const std::lock_guard lock(mutex);
    captures[stream] = {blocking, mode, std::this_thread::get_id()};
  }
  capture end_capture(void* stream) {
    const std::lock_guard lock(mutex);
    const capture ended = captures.at(stream);
    captures.erase(stream);
    return ended;
  }
  // Forgets what happened and what was to fail; the machine, its memory and what is loaded stay.
  void forget() {
    const std::lock_guard lock(mutex);
    for (auto& c : calls) c = 0;
    failures.clear();
    launches.clear();
    maps.clear();
    captures.clear();
    sticky = 0;
    records = true;
  }
};

// A cubin for it, with one kernel.
inline std::string cubin(const std::string& kernel, size_t params_bytes) {
  return "FAKE " + kernel + " " + std::to_string(params_bytes);
}

}  // namespace gemmact::fake_cuda

extern "C" gemmact::fake_cuda::state* gemmact_fake_cuda_state();
