#include "host/plan/tuner.hpp"

#include <algorithm>
#include <cmath>

namespace gemmact::plan {
namespace {

constexpr int least_rounds = 6, most_rounds = 101;
constexpr double far_slower = 1.25;
constexpr uintptr_t granule = 256;  // bytes; how memory lies beyond it makes no difference

// How many samples at each end the bounds leave out. How many of n lie below the true median is binomial, and the bounds miss
// it where no more than those do, or no more than those lie above.
size_t outer_samples(size_t n) {
  double probability = std::exp2(-double(n)), at_most = probability;  // of exactly `outer` below, and of up to as many
  size_t outer = 0;
  for (;;) {
    probability *= double(n - outer) / double(outer + 1);
    at_most += probability;
    if (2 * at_most > 0.05) return outer;
    ++outer;
  }
}

}  // namespace

void set_times(core::timing& timing, std::vector<double> microseconds) {
  std::sort(microseconds.begin(), microseconds.end());
  const size_t n = microseconds.size();
  const size_t outer = outer_samples(n);
  timing.median = (microseconds[(n - 1) / 2] + microseconds[n / 2]) / 2;
  timing.low = microseconds[outer];
  timing.high = microseconds[n - 1 - outer];
  timing.runs = int(n);
}

tuner::tuner(const cuda::context& context, int64_t l2_bytes, const core::problem& problem,
             const core::run_operands& operands)
    : context_(context),
      problem_(problem),
      m_(operands.m),
      filling_(context, 2 * size_t(l2_bytes)),
      data_(operands.data, operands.data + problem.tensors.size()),
      start_(context),
      now_(context) {
  for (const core::tensor& t : problem_.tensors) {
    if (!t.output) continue;
    void*& at = data_[size_t(t.binding)];
    const uintptr_t offset = reinterpret_cast<uintptr_t>(at) % granule;
    auto memory = std::make_unique<cuda::memory>(context_, size_t(core::tensor_bytes(t, problem_.batch)) + offset);
    at = static_cast<char*>(memory->data()) + offset;
    (t.accumulate ? accumulated_ : outputs_).push_back(std::move(memory));
  }
}

bool tuner::queue(arm& a) {
  try {
    if (workspace_) workspace_->zero();  // another configuration has left its own there
    for (const auto& memory : accumulated_) memory->zero();
    filling_.zero();
    a.begin->record();
    a.runs->run({m_, data_.data()}, workspace_ ? workspace_->data() : nullptr, nullptr);
    a.end->record();
    return true;
  } catch (const core::failure& failure) {
    try {
      context_.wait();
    } catch (const core::failure&) {
      throw failure;
    }
    a.timing->failure = failure.message();
    if (!first_failure_ && !a.timing->baseline) first_failure_ = failure;
    return false;
  }
}

double tuner::spent_ms() {
  now_.record();
  context_.wait();
  return now_.microseconds_since(start_) * 1e-3;
}

void tuner::first_runs(const std::vector<std::unique_ptr<core::executable>>& configurations, double budget_ms,
                       std::vector<core::timing>& timings) {
  for (size_t i = 0; i < configurations.size(); ++i) {
    if (configurations[i] == nullptr) continue;
    if (!timings[i].baseline && arms_.size() >= 2 && spent_ms() > budget_ms) continue;
    arm a{configurations[i].get(),
          &timings[i],
          std::make_unique<cuda::event>(context_),
          std::make_unique<cuda::event>(context_),
          {}};
    if (queue(a)) arms_.push_back(std::move(a));
    context_.wait();
  }
}

void tuner::round(size_t first) {
  for (size_t i = 0; i < arms_.size(); ++i) queue(arms_[(first + i) % arms_.size()]);
  context_.wait();
  std::erase_if(arms_, [](const arm& a) { return !a.timing->failure.empty(); });
  for (arm& a : arms_) {
    a.samples.push_back(a.end->microseconds_since(*a.begin));
    set_times(*a.timing, a.samples);
  }
}

void tuner::leave_slow_ones() {
  double fastest = HUGE_VAL;
  for (const arm& a : arms_)
    if (!a.timing->baseline) fastest = std::min(fastest, a.timing->median);
  for (arm& a : arms_) a.timing->behind = !a.timing->baseline && a.timing->low > far_slower * fastest;
  std::erase_if(arms_, [](const arm& a) { return a.timing->behind; });
}

void tuner::time(const std::vector<std::unique_ptr<core::executable>>& configurations, double budget_ms,
                 std::vector<core::timing>& timings) {
  size_t workspace_bytes = 0;
  for (const auto& c : configurations)
    if (c != nullptr) workspace_bytes = std::max(workspace_bytes, c->workspace_bytes());
  if (workspace_bytes != 0) workspace_ = std::make_unique<cuda::memory>(context_, workspace_bytes);
  start_.record();
  first_runs(configurations, budget_ms, timings);
  for (int rounds = 0; !arms_.empty() && rounds < most_rounds; ++rounds) {
    if (rounds == least_rounds) leave_slow_ones();
    if (rounds >= least_rounds && (arms_.size() < 2 || spent_ms() >= budget_ms)) break;
    round(size_t(rounds));
  }
  const auto has_times = [](const core::timing& t) { return !t.baseline && t.failure.empty() && t.runs > 0; };
  if (first_failure_ && std::none_of(timings.begin(), timings.end(), has_times)) throw *first_failure_;
}

}  // namespace gemmact::plan
