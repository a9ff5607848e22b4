// Runs what the stand-in for the driver is asked to launch.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>

#include "tests/support/emulated_gpu/any_chain.cuh"
#include "tests/support/emulated_gpu/any_function.hpp"
#include "tests/support/emulated_gpu/emulated_gpu.hpp"
#include "tests/support/emulated_gpu/program.hpp"
#include "tests/support/fake_cuda/fake_cuda.hpp"

namespace gemmact::emulated_gpu {
namespace {

constexpr fake_cuda::result no_binary = 209, launch_failed = 719;

mutation_outcome mutate(const char* kernel, const emulator::kernel_case& run, u32 seeds,
                        const std::vector<emulator::excuse>& excuses) {
  const emulator::mutation_table table = emulator::mutate(kernel, run, seeds, excuses);
  return {table.all_caught(), table.text()};
}

// Not destroyed: launches of other static objects may come when the process ends.
control& the_control() {
  static control& one = *[] {
    auto* made = new control;
    made->mutate = mutate;
    made->kernels = kernel_types;
    made->steps = step_types;
#if defined(GEMMACT_EMULATED_PART)
    made->has_all = false;
#endif
    return made;
  }();
  return one;
}

const program& program_of(const std::string& code) {
  static auto& read = *new std::map<std::string, program>;
  const auto found = read.find(code);
  return found != read.end() ? found->second : read.emplace(code, read_program(code)).first->second;
}

// What may be touched: all memory that was allocated, less what is forbidden.
emulator::memory_registry arrays_of(const fake_cuda::state& s) {
  emulator::memory_registry arrays;
  for (const auto& [memory, bytes] : s.memory) {
    const auto* from = static_cast<const unsigned char*>(memory);
    const auto* const end = from + bytes;
    const auto add = [&](const unsigned char* to) {
      if (to > from)
        arrays.add(fmt::format("array {}", arrays.size()), from, u64(to - from), emulator::array_use::read_write);
    };
    for (const auto& [at, length] : s.forbidden) {
      const auto* const hole = static_cast<const unsigned char*>(at);
      if (hole < from || hole >= end) continue;
      add(hole);
      from = hole + length;
    }
    add(end);
  }
  return arrays;
}

u32 blocks_on(const fake_cuda::state& s, const fake_cuda::launch& l) {
  constexpr u32 reserved = 1024, threads = 2048;  // a block's share of the system; of a multiprocessor
  const u32 by_shared = u32(s.shared_block_bytes + 1024) / (l.shared_bytes + reserved);
  return std::max(1u, std::min(by_shared, threads / l.threads));
}

emulator::options options_of(const fake_cuda::state& s, const fake_cuda::launch& l, u64 draw) {
  emulator::options how = the_control().how;
  how.kernel = l.kernel.c_str();
  how.multiprocessors = u32(s.multiprocessors);
  how.resident_blocks = blocks_on(s, l);
  how.overlaps |= l.overlaps_previous;
  if (the_control().fixed) return how;
  how.seed = draw;
  how.order = emulator::all_schedules[draw / 7 % std::size(emulator::all_schedules)];
  return how;
}

// As drivers do: code of an older architecture of the same first digit runs, and code of exact ones on their own alone.
void check_architecture(const fake_cuda::state& s, const std::string& architecture) {
  const std::string own = fmt::format("sm_{}{}", s.major, s.minor);
  const bool older =
      architecture.size() == own.size() && architecture.compare(0, 4, own, 0, 4) == 0 && architecture < own;
  if (architecture != own && architecture != own + "a" && !older)
    throw std::invalid_argument(fmt::format("a kernel compiled for {} does not run on {}", architecture, own));
}

fake_cuda::result load(fake_cuda::state& s, const std::string& code) try {
  check_architecture(s, program_of(code).architecture);
  return 0;
} catch (const std::exception& e) {
  s.words[no_binary] = e.what();
  return no_binary;
}

// As a kernel's argument is aligned, tensor maps in it.
struct alignas(64) argument_part {
  unsigned char bytes[64];
};

fake_cuda::result run(fake_cuda::state& s, const std::string& code, const fake_cuda::launch& l, const void* params) {
  control& c = the_control();
  ++c.launches;
  c.last_grid = l.grid[0];
  c.last = {};
  try {
    const program& p = program_of(code);
    if (l.grid[1] != 1 || l.grid[2] != 1) throw std::invalid_argument("a grid's blocks lie along x here");
    const auto argument = std::make_unique<argument_part[]>(p.kernel->params_bytes / sizeof(argument_part) + 1);
    std::memcpy(argument.get(), params, p.kernel->params_bytes);
    if (c.before) c.before(argument.get());
    c.ran.insert(p.kernel->type);
    for (const auto* steps : {&p.steps, &p.product_steps})
      for (const step_row* step : *steps) c.ran.insert(step->text);
    for (const std::string& part : types_of(p.gradient)) c.ran.insert(part);
    choose(p.function);
    choose(p.steps, p.product_steps);
    choose(p.gradient);
    const emulator::memory_registry arrays = arrays_of(s);
    c.last = emulator::launch(options_of(s, l, std::hash<std::string>{}(p.name) + l.grid[0]),
                              {l.grid[0], l.threads, l.shared_bytes, l.cluster}, arrays,
                              [&] { p.kernel->run(argument.get()); });
    if (c.last.ok()) return 0;
    s.words[launch_failed] = c.last.text();
  } catch (const std::exception& e) {
    s.words[launch_failed] = fmt::format("{}: {}", l.kernel, e.what());
  }
  return launch_failed;
}

// While the module is loaded.
const bool connected = [] {
  gemmact_fake_cuda_state()->load = load;
  gemmact_fake_cuda_state()->run = run;
  return true;
}();

}  // namespace
}  // namespace gemmact::emulated_gpu

extern "C" __attribute__((visibility("default"))) gemmact::emulated_gpu::control* gemmact_emulated_gpu() {
  return gemmact::emulated_gpu::connected ? &gemmact::emulated_gpu::the_control() : nullptr;
}
