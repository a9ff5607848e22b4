#include "tests/host/jit/probe.hpp"

#include <stdexcept>

#include "host/core/status.hpp"
#include "tests/host/jit/temporary_folder.hpp"
#include "tests/support/random.hpp"

namespace gemmact::test {
namespace {

const std::string folder = "tests/host/jit/";

std::string text_of(const std::string& name) {
  std::string text = read_bytes(GEMMACT_SOURCE_FOLDER "/" + folder + name);
  if (text.empty()) throw std::runtime_error("cannot read " + folder + name);
  return text;
}

}  // namespace

jit::unit probe_unit(std::string_view kernel, std::string_view name, std::string_view architecture) {
  const bool refused = kernel == "warns" || kernel == "wrong";
  const jit::unit_parts parts{.includes = {refused ? folder + std::string(kernel) + ".cuh" : folder + "probe.cuh"},
                              .kernel = "probe::" + std::string(kernel),
                              .name = std::string(name),
                              .threads = kernel == "spills" ? 1024u : 128u,
                              .shared_bytes = 1024,
                              .params_bytes = 16};
  return {parts.name, jit::make_unit_text(parts), std::string(architecture)};
}

jit::compiler_options probe_options() {
  jit::compiler_options options;
  options.cache_off_reason = "a test";
  options.headers.assign(jit::embedded_headers().begin(), jit::embedded_headers().end());
  static const std::string texts[] = {text_of("probe.cuh"), text_of("warns.cuh"), text_of("wrong.cuh")};
  options.headers.push_back({"tests/host/jit/probe.cuh", texts[0]});
  options.headers.push_back({"tests/host/jit/warns.cuh", texts[1]});
  options.headers.push_back({"tests/host/jit/wrong.cuh", texts[2]});
  return options;
}

std::string nvrtc_missing() {
  try {
    jit::nvrtc::load("");
  } catch (const core::failure& failure) {
    return failure.message();
  }
  return {};
}

jit::image sample_image(int number) {
  random_source random{uint64_t(number)};
  jit::image image{.name = "kernel_" + std::to_string(number),
                   .architecture = "sm_80",
                   .compiler = "NVRTC 0.0",
                   .used = {uint32_t(number), 1024, 1},
                   .cubin = {}};
  for (int i = 0; i < 5000 + 100 * number; ++i) image.cubin += char(random.next());
  return image;
}

bool same(const jit::image& a, const jit::image& b) {
  return a.name == b.name && a.architecture == b.architecture && a.compiler == b.compiler && a.used == b.used &&
         a.cubin == b.cubin;
}

}  // namespace gemmact::test
