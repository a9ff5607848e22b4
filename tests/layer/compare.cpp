#include "tests/layer/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace gemmact::test {
namespace {

bool right(gemmact_type type, uint32_t bits, double value, double error) {
  const double got = decode(type, bits);
  if (std::isnan(value)) return std::isnan(got);
  if (error == 0) return bits == encode(type, value);
  if (std::isinf(error)) return true;  // the order of a sum decides
  return round_to(type, value - error) <= got && got <= round_to(type, value + error);
}

double error_ratio(gemmact_type type, double got, double value, double error) {
  if (!std::isfinite(got) || !std::isfinite(value) || got == value) return 0;
  const double off = std::fabs(got - value), half = spacing(type, got) / 2;
  if (type == GEMMACT_F32) return off / (error + half);
  return off <= half || got == round_to(type, value) ? 0 : (off - half) / error;  // e4m3 saturates
}

}  // namespace

verdict compare(const layer& l, const layer_run& run, const std::vector<expectation>& expected, ratio_log* ratios) {
  verdict result;
  for (const expectation& e : expected) {
    const operand& o = l.operands[e.operand];
    for (size_t at = 0; at < e.value.size(); ++at) {
      const int64_t j = int64_t(at) % o.cols, i = int64_t(at) / o.cols % o.rows, b = int64_t(at) / (o.cols * o.rows);
      const uint32_t bits = run.bits(e.operand, b, i, j);
      const bool decision = !e.allowed.empty();
      const bool good = decision ? bits < 32 && (e.allowed[at] >> bits & 1u) != 0
                                 : right(o.spec.type, bits, e.value[at], e.error[at]);
      if (ratios != nullptr && !decision)
        (*ratios)[o.spec.type].push_back(error_ratio(o.spec.type, decode(o.spec.type, bits), e.value[at], e.error[at]));
      if (good) continue;
      if (result.wrong++ == 0)
        result.first =
            fmt::format("{} at batch {} row {} column {}: {:#x} = {:.9g} instead of {:.9g} +- {:.3g}", o.name(), b, i,
                        j, bits, decision ? double(bits) : decode(o.spec.type, bits), e.value[at], e.error[at]);
    }
  }
  if (result.wrong > 1) result.first += fmt::format(" ({} elements are wrong)", result.wrong);
  return result;
}

std::string check_layer(test_device& device, const layer& l, const oracle_options& options, ratio_log* ratios) {
  try {
    layer_run run(device, l);
    run.run();
    std::string failure = run.stray_write();
    const bool keeps =
        l.find(GEMMACT_KEPT) != nullptr && (l.operation == GEMMACT_FORWARD || l.operation == GEMMACT_ACTIVATION_GRAD);
    if (failure.empty() && keeps && run.info().keep != kept_form(l, false))
      failure = fmt::format("the plan keeps {} instead of {}", int(run.info().keep), int(kept_form(l, false)));
    if (failure.empty())
      failure = compare(l, run, expect(l, with_precision_of(options, l, run.info().family)), ratios).first;
    return failure.empty() ? "" : failure + "\n  " + l.text();
  } catch (const not_covered&) {
    return "";  // counted
  } catch (const std::exception& e) {
    return std::string(e.what()) + "\n  " + l.text();
  }
}

std::string same_bits(const layer& l, const layer_run& a, const layer_run& b) {
  for (size_t at = 0; at < l.operands.size(); ++at) {
    const operand& o = l.operands[at];
    if (!o.output) continue;
    for (int64_t e = 0; e < o.batch; ++e)
      for (int64_t i = 0; i < o.rows; ++i)
        for (int64_t j = 0; j < o.cols; ++j)
          if (a.bits(at, e, i, j) != b.bits(at, e, i, j))
            return fmt::format("{} at batch {} row {} column {}: {:#x} and {:#x}", o.name(), e, i, j,
                               a.bits(at, e, i, j), b.bits(at, e, i, j));
  }
  return "";
}

}  // namespace gemmact::test
