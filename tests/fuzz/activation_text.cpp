// Any bytes as an activation's text: accepted or refused with one of four statuses, never anything else; what is accepted
// is understood again when it is written out.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "host/core/problem.hpp"
#include "host/core/status.hpp"
#include "tests/host/core/small_catalogue.hpp"

namespace {

using namespace gemmact;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

std::string written_out(const core::activation_use& use) {
  std::string text = use.info->name;
  bool first = true;
  for (int i = 0; i < use.info->param_count; ++i) {
    if (use.info->params[i].is_operand != 0) continue;
    text += fmt::format("{}{}={:.9g}", first ? "(" : ", ", use.info->params[i].name, use.params[i]);
    first = false;
  }
  return first ? text : text + ")";
}

void check_refusal(const core::failure& f) {
  require(f.status() == GEMMACT_UNKNOWN_ACTIVATION || f.status() == GEMMACT_BAD_PARAMETER ||
              f.status() == GEMMACT_BAD_ACTIVATION_TEXT || f.status() == GEMMACT_EQUATION_UNSUPPORTED,
          "one of four statuses");
  require(!f.message().empty() && f.message().size() < 1000, "a sentence");
  for (char c : f.message()) require(c >= ' ' && c <= '~', "printable");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  core::activation_use use;
  try {
    use = core::parse_activation(text, test::small_catalogue());
  } catch (const core::failure& f) {
    check_refusal(f);
    return 0;
  }
  require(use.info == &test::small_catalogue()[static_cast<size_t>(use.index)], "the function of its index");
  for (float value : use.params) require(std::isfinite(value), "finite parameters");
  try {
    core::activation_use again = core::parse_activation(written_out(use), test::small_catalogue());
    require(again.index == use.index && again.params == use.params, "the same when written out");
  } catch (const core::failure& f) {
    std::fprintf(stderr, "%s\n", f.what());
    require(false, "accepted again when written out");
  }
  return 0;
}
