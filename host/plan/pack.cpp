#include "host/plan/pack.hpp"

#include <charconv>
#include <map>
#include <mutex>

#include "host/core/names.hpp"
#include "host/core/parallel.hpp"
#include "host/core/status.hpp"
#include "host/jit/compiler.hpp"
#include "host/jit/pack_reader.hpp"
#include "host/jit/pack_writer.hpp"
#include "host/plan/gpu_choice.hpp"
#include "host/plan/gpu_facts.hpp"
#include "host/plan/gpu_unit.hpp"

namespace gemmact::plan {
namespace {

packed_kernel row_of(const jit::image& image) {
  return {image.name, image.architecture, image.used.registers, image.cubin.size()};
}

struct compiled_unit {
  jit::unit unit;
  std::shared_ptr<const jit::binary> binary;
};

// The kernel that a plan of the problem would take.
compiled_unit compile_unit(const core::problem& p, int architecture, std::span<const gpu_family> families,
                           jit::compiler& compiler) {
  const families::gpu gpu = gpu_of_architecture(architecture);
  const gpu_choice choice(families, gpu, p);
  const std::vector<gpu_pick> picks = choice.picks(wanted_plan());
  if (picks.empty())
    core::fail(GEMMACT_NOT_SUPPORTED, "no kernel family takes it on sm_{}: {}", architecture, choice.refusals());
  return first_clean(
      std::span<const gpu_pick>(picks), [](const gpu_pick&) { return true; },
      [&](const gpu_pick& pick) {
        const jit::unit unit = unit_of(*pick.candidate, architectures_for(*pick.candidate, architecture).front());
        return compiled_unit{unit, compiler.get(unit)};  // waits for a thread that compiles the same
      });
}

std::vector<packed_kernel> compile_all(std::span<const core::problem> problems, std::span<const int> architectures,
                                       std::span<const gpu_family> families, const jit::compiler_options& options,
                                       jit::pack_writer* pack) {
  jit::compiler compiler(options);
  std::map<jit::hash128, packed_kernel> rows;
  std::mutex mutex;
  core::for_each_parallel(problems.size(), 0, "problems", [&](size_t i) {
    for (int architecture : architectures) {
      const auto [unit, binary] = compile_unit(problems[i], architecture, families, compiler);
      const std::lock_guard lock(mutex);
      if (pack != nullptr) pack->add(compiler.pack_key(unit), *binary->code);
      rows.emplace(compiler.pack_key(unit), row_of(*binary->code));
    }
  });
  std::vector<packed_kernel> all;
  for (const auto& [key, row] : rows) all.push_back(row);
  return all;
}

}  // namespace

std::vector<packed_kernel> make_pack(std::span<const core::problem> problems, std::span<const int> architectures,
                                     const std::string& path, std::span<const gpu_family> families,
                                     const jit::compiler_options& options) {
  jit::pack_writer pack;
  std::vector<packed_kernel> all = compile_all(problems, architectures, families, options, &pack);
  pack.write(path);
  return all;
}

std::vector<packed_kernel> compile_kernels(std::span<const core::problem> problems, std::span<const int> architectures,
                                           std::span<const gpu_family> families, const jit::compiler_options& options) {
  return compile_all(problems, architectures, families, options, nullptr);
}

std::vector<packed_kernel> list_pack(const std::string& path) {
  const jit::pack_reader pack(path);
  std::vector<packed_kernel> all;
  for (const jit::hash128& key : pack.keys()) {
    const jit::pack_reader::result result = pack.find(key);
    if (!result.found)
      core::fail(GEMMACT_BAD_FILE, "pack {} is damaged: its kernel {} is not what was written", path, key.text());
    all.push_back(row_of(*result.found));
  }
  return all;
}

int architecture_number(std::string_view text) {
  int number = 0;
  std::string_view rest = text.substr(0, 3) == "sm_" ? text.substr(3) : "";
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  rest = rest.substr(size_t(end - rest.data()));
  if (error != std::errc{} || !(rest.empty() || rest == "a") || number < 1 || number > 999)
    core::fail(GEMMACT_BAD_DEVICE, "architecture is {}; it is sm_ and a number, such as sm_80 or sm_90a",
               core::quoted(text));
  if (number < 80)
    core::fail(GEMMACT_BAD_DEVICE, "architecture is {}; there are kernels for sm_80 and newer", core::quoted(text));
  return number;
}

}  // namespace gemmact::plan
