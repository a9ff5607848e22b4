#include "host/plan/gpu_device.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "host/core/parallel.hpp"
#include "host/core/status.hpp"
#include "host/cuda/memory.hpp"
#include "host/plan/baselines.hpp"
#include "host/plan/gpu_executable.hpp"
#include "host/plan/gpu_facts.hpp"
#include "host/plan/gpu_unit.hpp"
#include "host/plan/tuner.hpp"

namespace gemmact::plan {

namespace {

// All that times depend on, but for the problem. (A described GPU has none.)
std::string tuned_device(const families::gpu& facts, const cuda::context* here, const jit::compiler& compiler) {
  if (here == nullptr) return {};
  return fmt::format("{}, sm_{}, {} multiprocessors, {} bytes of L2, {} GHz; driver of {}; gemmact {}, kernels {}",
                     facts.model, facts.architecture, facts.multiprocessors, facts.l2_bytes, facts.clock_ghz,
                     here->driver().version_text(), gemmact_version(), compiler.kernels_hash().text());
}

std::string times_text(const core::timing& t) {
  if (!t.failure.empty()) return "could not be timed: " + t.failure;
  return fmt::format("measured {:.4g} us ({:.4g} to {:.4g}, {} runs{})", t.median, t.low, t.high, t.runs,
                     t.behind ? ", not with those that decide" : "");
}

}  // namespace

gpu_device::gpu_device(families::gpu facts, const cuda::context* here, std::span<const gpu_family> families,
                       jit::compiler_options options)
    : facts_(std::move(facts)),
      here_(here),
      families_(families),
      compiler_(options),
      tuned_(tuned_device(facts_, here, compiler_), here == nullptr ? "" : options.cache_dir,
             options.cache_off_reason) {}

std::string gpu_device::description() const {
  std::string text = gpu_text(facts_);
  if (here_ == nullptr) text += " (described, not on this machine)";
  if (facts_.architecture >= 100) text += "; the portable kernels run on it, and native ones are not there yet";
  return text;
}

void gpu_device::refuse_capture(void* stream) const {
  if (here_ != nullptr) here_->refuse_capture(stream, "creating a plan");
}

std::unique_ptr<core::device_memory> gpu_device::make_memory(size_t bytes) const {
  if (here_ == nullptr) core::fail(GEMMACT_NO_DEVICE, "{} is only described, and has no memory", facts_.model);
  return std::make_unique<cuda::memory>(*here_, bytes);
}

void gpu_device::wait() const {
  if (here_ != nullptr) here_->wait();
}

std::string gpu_device::configuration_line(const families::candidate& c, const core::timing* timing) const {
  std::string line = fmt::format("{}: {}, {}", c.tile, c.cost.words(), c.kernel);
  std::string note;
  if (const auto found = find_binary(compiler_, c, facts_.architecture, &note))
    line += fmt::format("; {} registers, compiled for {} ({})", found->code->used.registers, found->code->architecture,
                        jit::name_of(found->from));
  if (is_set_aside(c)) line += "; does not compile cleanly, and is not taken";
  else if (timing != nullptr) line += "; " + times_text(*timing);
  if (!note.empty()) line += "; " + note;
  return line;
}

core::offer gpu_device::offer_of(const gpu_answer& answer, const families::layer& layer,
                                 std::span<const gpu_pick> picks, const gpu_pick* chosen) const {
  core::offer offer;
  offer.family = answer.family->name;
  offer.refusal = answer.refusal;
  if (!answer.refusal.empty()) return offer;
  const families::candidate* taken = &answer.candidates.front();
  if (chosen != nullptr && chosen->family == answer.family) taken = chosen->candidate, offer.chosen = true;
  offer.kernel = taken->kernel;
  offer.detail = fmt::format("tile {}, {}", taken->tile, taken->cost.words());
  if (offer.chosen && chosen->timing != nullptr) offer.detail += "; tuned, " + times_text(*chosen->timing);
  offer.workspace_bytes = answer.family->workspace_bytes(layer, facts_, *taken);
  for (const families::candidate& c : answer.candidates) {
    offer.tiles.push_back(c.tile);
    const auto pick =
        std::find_if(picks.begin(), picks.end(), [&](const gpu_pick& other) { return other.candidate == &c; });
    offer.configurations.push_back(configuration_line(c, pick == picks.end() ? nullptr : pick->timing));
  }
  return offer;
}

std::vector<core::offer> gpu_device::offers(const core::problem& p) const {
  const gpu_choice choice(families_, facts_, p);
  const auto tuned = tuned_.find(p);
  const std::vector<gpu_pick> picks = choice.picks(wanted_plan(), tuned->timings);
  const gpu_pick* taken = taken_of(picks);
  std::vector<core::offer> all;
  for (const gpu_answer& answer : choice.answers()) all.push_back(offer_of(answer, choice.layer(), picks, taken));
  for (core::offer& offer : all)
    if (offer.chosen && !tuned->note.empty()) offer.detail += "; times of tuning: " + tuned->note;
  return all;
}

bool gpu_device::is_obtainable(const gpu_pick& pick) const {
  return !is_set_aside(*pick.candidate) && obtainable_unit(compiler_, *pick.candidate, facts_.architecture);
}

const gpu_pick* gpu_device::taken_of(const std::vector<gpu_pick>& picks) const {
  if (picks.empty()) return nullptr;
  if (here_ != nullptr)
    for (const gpu_pick& pick : picks)
      if (is_obtainable(pick)) return &pick;
  return &picks.front();  // compile() says why there is no kernel
}

std::shared_ptr<const cuda::loaded_kernel> gpu_device::load(const families::candidate& candidate,
                                                            const std::shared_ptr<const jit::image>& image) const {
  const std::lock_guard lock(loading_);
  if (const auto found = loaded_.find(image.get()); found != loaded_.end()) return found->second.kernel;
  auto kernel = std::make_shared<const cuda::loaded_kernel>(
      *here_, cuda::kernel_image{image->name, image->cubin, image->compiler}, candidate.shared_bytes);
  loaded_.emplace(image.get(), loaded{image, kernel});  // with the image, whose address stays taken
  return kernel;
}

std::unique_ptr<core::executable> gpu_device::make_executable(const gpu_choice& choice, const gpu_pick& pick) const {
  try {
    const auto binary = get_binary(compiler_, *pick.candidate, facts_.architecture);
    return std::make_unique<gpu_executable>(choice.layer(), facts_, pick, here_, load(*pick.candidate, binary->code));
  } catch (const core::failure& failure) {
    if (failure.status() == GEMMACT_COMPILE_FAILED) set_aside(*pick.candidate);
    throw;
  }
}

std::unique_ptr<core::executable> gpu_device::compile(const core::problem& p) const {
  const gpu_choice choice(families_, facts_, p);
  const auto tuned = tuned_.find(p);
  const std::vector<gpu_pick> picks = some_of(choice, tuned->timings);
  const gpu_pick* taken = taken_of(picks);
  if (here_ == nullptr) return std::make_unique<gpu_executable>(choice.layer(), facts_, *taken, nullptr, nullptr);
  // What comes before the taken one cannot be had.
  const std::span<const gpu_pick> rest(taken, picks.data() + picks.size());
  return first_clean(
      rest, [&](const gpu_pick& pick) { return is_obtainable(pick); },
      [&](const gpu_pick& pick) { return make_executable(choice, pick); });
}

std::vector<gpu_pick> gpu_device::some_of(const gpu_choice& choice, std::span<const core::timing> timings) const {
  std::vector<gpu_pick> picks = choice.picks(wanted_plan(), timings);
  if (picks.empty())
    core::fail(GEMMACT_NOT_SUPPORTED, "no kernel family takes this problem on {}: {}", facts_.model, choice.refusals());
  return picks;
}

std::vector<std::unique_ptr<core::executable>> gpu_device::compile_all(const gpu_choice& choice,
                                                                       std::span<const gpu_pick> picks,
                                                                       std::vector<core::timing>& timings) const {
  std::vector<std::unique_ptr<core::executable>> all(picks.size());
  core::for_each_parallel(picks.size(), 0, "configurations", [&](size_t i) {
    try {
      all[i] = make_executable(choice, picks[i]);
    } catch (const core::failure& failure) {
      if (failure.status() != GEMMACT_COMPILE_FAILED) throw;
      timings[i].failure = failure.message();
    }
  });
  if (std::none_of(all.begin(), all.end(), [](const auto& made) { return made != nullptr; }))
    core::fail(GEMMACT_COMPILE_FAILED, "{}", timings.front().failure);
  return all;
}

std::vector<gpu_pick> gpu_device::picks_to_time(const gpu_choice& choice, const tuned_problem& before, int64_t m,
                                                bool all) const {
  std::vector<gpu_pick> worth = worth_timing(some_of(choice), all);
  const gpu_pick cheapest = worth.front();
  std::erase_if(worth, [&](const gpu_pick& pick) { return !is_obtainable(pick); });
  if (worth.empty()) return {cheapest};
  if (before.m != m) return worth;
  const std::vector<gpu_pick> by_times = choice.picks({}, before.timings);
  const gpu_pick* taken = taken_of(by_times);
  const bool is_there =
      std::any_of(worth.begin(), worth.end(), [&](const gpu_pick& pick) { return pick.candidate == taken->candidate; });
  if (taken->timing != nullptr && !is_there && is_obtainable(*taken))
    worth.push_back({taken->family, taken->candidate});
  return worth;
}

core::tuning_result gpu_device::tune(const core::problem& p, const core::run_operands& operands,
                                     const core::tuning_wish& wish) const {
  if (here_ == nullptr) core::fail(GEMMACT_NO_DEVICE, "{} is only described; nothing can be timed on it", facts_.model);
  here_->refuse_capture(nullptr, "tuning");
  const std::lock_guard lock(tuning_);
  const gpu_choice choice(families_, facts_, p);
  const std::vector<gpu_pick> worth = picks_to_time(choice, *tuned_.find_anew(p), operands.m, wish.all);
  std::vector<core::timing> timings;
  for (const gpu_pick& pick : worth) {
    core::timing& timing = timings.emplace_back();
    timing.family = pick.family->name, timing.tile = pick.candidate->tile, timing.kernel = pick.candidate->kernel;
    timing.expected = pick.candidate->cost.total;
  }
  auto configurations = compile_all(choice, worth, timings);
  std::vector<baseline_arm> others;
  if (wish.baselines) others = make_baselines({*here_, facts_, compiler_}, p, operands);
  for (baseline_arm& other : others) {
    timings.push_back(std::move(other.timing));
    configurations.push_back(std::move(other.runs));
  }
  tuner(*here_, facts_.l2_bytes, p, operands).time(configurations, wish.budget_ms, timings);
  std::string not_kept =
      tuned_.keep(p, {operands.m, {timings.begin(), timings.begin() + std::ptrdiff_t(worth.size())}, {}});
  return {by_preference(choice, p, std::move(timings)), std::move(not_kept)};
}

// In the order of picks(), those without times behind the others.
std::vector<core::timing> gpu_device::by_preference(const gpu_choice& choice, const core::problem& p,
                                                    std::vector<core::timing> timings) const {
  const auto tuned = tuned_.find(p);
  const std::vector<gpu_pick> picks = some_of(choice, tuned->timings);
  const gpu_pick* taken = taken_of(picks);
  auto next = timings.begin();
  for (const gpu_pick& pick : picks) {
    const auto found = std::find_if(next, timings.end(), [&](const core::timing& t) {
      return t.family == pick.family->name && t.tile == pick.candidate->tile;
    });
    if (found == timings.end()) continue;
    found->chosen = &pick == taken;
    std::rotate(next, found, found + 1);
    ++next;
  }
  return timings;
}

void gpu_device::set_aside(const families::candidate& candidate) const {
  const std::lock_guard lock(set_aside_mutex_);
  set_aside_.insert(candidate.kernel);
}

bool gpu_device::is_set_aside(const families::candidate& candidate) const {
  const std::lock_guard lock(set_aside_mutex_);
  return set_aside_.count(candidate.kernel) != 0;
}

}  // namespace gemmact::plan
