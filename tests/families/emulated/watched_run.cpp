#include <utility>

#include "tests/families/emulated/walks.hpp"
#include "tests/layer/fill.hpp"
#include "tests/layer/oracle.hpp"

namespace gemmact::test {
namespace {

std::string resolved(const walk& w) {
  if (!w.plan.ends_with("s*")) return w.plan;
  const problem_view view(w.l);
  for (int splits = 2; splits <= 16; ++splits) {
    const std::string text = w.plan.substr(0, w.plan.size() - 1) + std::to_string(splits);
    const forced_plan plan(text);
    gemmact_plan* made = nullptr;
    const gemmact_status status = gemmact_plan_create(device_under_test().context(), &view.problem, &made);
    gemmact_plan_destroy(made);
    // Offered, though its kernel may be missing.
    if (status == GEMMACT_OK || std::string(gemmact_last_error()).find("the emulated GPU") != std::string::npos)
      return text;
  }
  throw std::runtime_error(w.name + ": not split at all");
}

}  // namespace

watched_run::watched_run(const walk& w, bool integers) : walk_(w) {
  if (integers) fill_integers(walk_.l, 1);
  else fill_random(walk_.l, 1);
  const forced_plan plan(resolved(walk_));
  run_ = std::make_unique<layer_run>(device_under_test(), walk_.l);
  expected_ = expect(walk_.l, with_precision_of({.exact = integers}, walk_.l, run_->info().family));
}

emulator::case_run watched_run::run(const emulator::options& how, bool new_workspace) {
  emulated_gpu::control& gpu = emulated_gpu::loaded();
  gpu.how = how;
  gpu.fixed = true;
  emulator::case_run done;
  try {
    run_->run(new_workspace || !std::exchange(has_workspace_, true));
    wrong_ = run_->stray_write();
    if (wrong_.empty()) wrong_ = compare(walk_.l, *run_, expected_).first;
  } catch (const std::runtime_error& e) {
    wrong_ = e.what();
  }
  gpu.fixed = false;
  gpu.how = {};  // no mutant stays
  done.launched = gpu.last;
  done.right = wrong_.empty();
  return done;
}

uint64_t watched_run::hash_of_bits() const {
  uint64_t hash = 0;
  for (size_t at = 0; at < walk_.l.operands.size(); ++at) {
    const operand& o = walk_.l.operands[at];
    if (!o.output) continue;
    for (int64_t b = 0; b < o.batch; ++b)
      for (int64_t i = 0; i < o.rows; ++i)
        for (int64_t j = 0; j < o.cols; ++j) hash = (hash ^ run_->bits(at, b, i, j)) * 0x9e3779b97f4a7c15u;
  }
  return hash;
}

}  // namespace gemmact::test
