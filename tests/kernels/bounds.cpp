#include "tests/kernels/bounds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace gemmact::test {
namespace {

constexpr double unit = 0x1p-24;
constexpr double largest = std::numeric_limits<float>::max();

}  // namespace

const char* quantity_name(quantity q) {
  switch (q) {
    case quantity::value:
      return "the value";
    case quantity::other:
      return "1 - the value";
    case quantity::grad:
      return "the derivative";
    case quantity::grad_from_output:
      return "the derivative from the output";
    case quantity::grad_from_bit:
      return "the derivative from the bit";
    case quantity::param_grad:
      return "a parameter's derivative";
  }
  throw std::logic_error("not a quantity");
}

bool subject::exists() const {
  const function& f = *use.f;
  switch (what) {
    case quantity::value:
    case quantity::grad:
      return true;
    case quantity::other:
      return f.has_other && f.ref->other != nullptr;
    case quantity::grad_from_output:
      return f.has_grad_from_output && f.ref->grad_from_output != nullptr && f.output_determines_grad(use.p);
    case quantity::grad_from_bit:
      return f.has_bit && f.ref->grad_from_bit != nullptr;
    case quantity::param_grad:
      return f.has_param_grad && f.info->params[param].trainable;
  }
  return false;
}

bool subject::comparable(double x) const {
  if (use.f->ref->own_file || what == quantity::value) return true;
  const activation::points jumps = use.f->breakpoints(use.p);
  for (int i = 0; i < jumps.count; ++i)
    if (x == jumps.at[i]) return false;
  return std::isfinite(x);
}

double subject::expected(double x) const {
  const reference::row& ref = *use.f->ref;
  switch (what) {
    case quantity::value:
      return ref.value(x, use.exact);
    case quantity::other:
      return ref.other(x, use.exact);
    case quantity::grad:
      return ref.grad(x, use.exact);
    case quantity::grad_from_output:
      return ref.grad_from_output(x, use.exact);
    case quantity::grad_from_bit:
      return ref.grad_from_bit(x != 0, use.exact);
    case quantity::param_grad:
      return ref.param_grad(param, x, use.exact);
  }
  throw std::logic_error("not a quantity");
}

double subject::allowed(double x, double expected_value, accuracy mode) const {
  const reference::row& ref = *use.f->ref;
  const activation::traits& info = *use.f->info;
  const double size = std::abs(expected_value);
  const bool loose = mode == accuracy::fast && (info.fast_relative > 0 || info.fast_absolute > 0);
  // Fast mode may flush subnormal results.
  const double fast =
      double(info.fast_relative) * size + double(info.fast_absolute) * std::fmax(1, std::abs(x)) + 0x1p-126;
  switch (what) {
    case quantity::value:
    case quantity::other: {
      const double ulps = ref.value_ulps(what == quantity::other ? -x : x, use.exact);
      return loose ? fast : unit * ulps * size + (ulps > 0 ? 0x1p-149 : 0);
    }
    case quantity::grad: {
      const double scale = ref.grad_scale(x, use.exact);
      return loose ? 0x1p-11
                   : unit * scale + (info.keeps == activation::needs::z ? 0x1p-126
                                     : scale > 0                        ? 0x1p-149
                                                                        : 0);
    }
    case quantity::grad_from_output:
      return 3 * unit * size;
    case quantity::grad_from_bit:
      return unit * ref.grad_scale(0, use.exact);
    case quantity::param_grad: {
      const double ulps = 2 * ref.value_ulps(x, use.exact);
      const bool exact = info.special_functions == 0;
      return loose ? 0x1p-11 * std::fmax(1, x * x) : exact ? 0 : unit * ulps * size + 0x1p-126;
    }
  }
  throw std::logic_error("not a quantity");
}

std::string subject::text() const { return fmt::format("{} of {}", quantity_name(what), use.text()); }

std::vector<subject> subjects(const setting& s) {
  std::vector<subject> all;
  for (const quantity q : {quantity::value, quantity::other, quantity::grad}) all.push_back({s, q});
  for (int p = 0; p < s.f->info->param_count; ++p) all.push_back({s, quantity::param_grad, p});
  std::erase_if(all, [](const subject& one) { return !one.exists(); });
  return all;
}

void measurement::add(float x, float result, double expected_value, double allowed_error) {
  const double error = std::abs(double(result) - expected_value);
  if (error <= allowed_error * normal_ratio) return;  // nothing new, mostly
  if (double(result) == expected_value || (std::isnan(result) && std::isnan(expected_value))) return;
  const bool same_sign = std::signbit(result) == std::signbit(expected_value);
  if (std::isinf(result) && same_sign) {
    // An infinite result stands for everything that may round to beyond the largest number.
    if (std::abs(expected_value) + allowed_error >= largest) return;
  }
  const bool hopeless = std::isnan(error) || std::isinf(error);
  const double share = hopeless ? std::numeric_limits<double>::infinity() : error / allowed_error;
  if (std::abs(expected_value) >= 0x1p-126) normal_ratio = std::max(normal_ratio, share);
  if (share > ratio) {
    ratio = share;
    at = x;
    got = result;
    expected = expected_value;
  }
}

std::string measurement::text() const {
  return fmt::format("at {} ({:a}): {} instead of {}, {:.3g} of the allowed error", at, at, got, expected, ratio);
}

void measure(const subject& s, std::span<const float> inputs, std::span<candidate> candidates) {
  constexpr size_t block = 4096;
  std::array<double, block> expected, accurate, fast;
  std::array<float, block> out;
  std::array<bool, block> comparable;
  for (size_t start = 0; start < inputs.size(); start += block) {
    const size_t count = std::min(block, inputs.size() - start);
    const float* in = inputs.data() + start;
    for (size_t i = 0; i < count; ++i) {
      comparable[i] = s.comparable(in[i]);
      expected[i] = s.expected(in[i]);
      accurate[i] = s.allowed(in[i], expected[i], accuracy::accurate);
      fast[i] = s.allowed(in[i], expected[i], accuracy::fast);
    }
    for (candidate& c : candidates) {
      c.run(in, out.data(), count);
      const double* allowed = c.mode == accuracy::accurate ? accurate.data() : fast.data();
      const double more = c.on_gpu ? double(s.use.f->info->device_tolerance) : 0;
      for (size_t i = 0; i < count; ++i)
        if (comparable[i])
          c.seen.add(in[i], out[i], expected[i], more > 0 ? allowed[i] + more * std::abs(expected[i]) : allowed[i]);
    }
  }
}

}  // namespace gemmact::test
