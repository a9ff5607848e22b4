#include "host/plan/gpu_device.hpp"

#include <fmt/format.h>

#include "host/core/status.hpp"
#include "host/cuda/memory.hpp"
#include "host/plan/gpu_executable.hpp"
#include "host/plan/gpu_facts.hpp"
#include "host/plan/gpu_unit.hpp"

namespace gemmact::plan {

gpu_device::gpu_device(families::gpu facts, const cuda::context* here, std::span<const gpu_family> families,
                       jit::compiler_options options)
    : facts_(std::move(facts)), here_(here), families_(families), compiler_(std::move(options)) {}

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

core::offer gpu_device::offer_of(const gpu_answer& answer, const families::layer& layer, const gpu_pick* chosen) const {
  core::offer offer;
  offer.family = answer.family->name;
  offer.refusal = answer.refusal;
  if (!answer.refusal.empty()) return offer;
  const families::candidate* taken = &answer.candidates.front();
  if (chosen != nullptr && chosen->family == answer.family) taken = chosen->candidate, offer.chosen = true;
  offer.kernel = taken->kernel;
  offer.detail = fmt::format("tile {}, {}", taken->tile, taken->cost.words());
  offer.workspace_bytes = answer.family->workspace_bytes(layer, facts_, *taken);
  for (const families::candidate& c : answer.candidates) {
    offer.tiles.push_back(c.tile);
    std::string line = fmt::format("{}: {}, {}", c.tile, c.cost.words(), c.kernel);
    std::string note;
    if (const auto found = find_binary(compiler_, c, facts_.architecture, &note))
      line += fmt::format("; {} registers, compiled for {} ({})", found->code->used.registers,
                          found->code->architecture, jit::name_of(found->from));
    if (is_set_aside(c)) line += "; does not compile cleanly, and is not taken";
    if (!note.empty()) line += "; " + note;
    offer.configurations.push_back(std::move(line));
  }
  return offer;
}

std::vector<core::offer> gpu_device::offers(const core::problem& p) const {
  const gpu_choice choice(families_, facts_, p);
  const std::vector<gpu_pick> picks = choice.picks(wanted_plan());
  const gpu_pick* taken = taken_of(picks);
  std::vector<core::offer> all;
  for (const gpu_answer& answer : choice.answers()) all.push_back(offer_of(answer, choice.layer(), taken));
  return all;
}

const gpu_pick* gpu_device::taken_of(const std::vector<gpu_pick>& picks) const {
  if (picks.empty()) return nullptr;
  if (here_ != nullptr)
    for (const gpu_pick& pick : picks)
      if (!is_set_aside(*pick.candidate) && obtainable_unit(compiler_, *pick.candidate, facts_.architecture))
        return &pick;
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

std::unique_ptr<core::executable> gpu_device::compile(const core::problem& p) const {
  const gpu_choice choice(families_, facts_, p);
  const std::vector<gpu_pick> picks = choice.picks(wanted_plan());
  const gpu_pick* taken = taken_of(picks);
  if (taken == nullptr)
    core::fail(GEMMACT_NOT_SUPPORTED, "no kernel family takes this problem on {}: {}", facts_.model, choice.refusals());
  if (here_ == nullptr) return std::make_unique<gpu_executable>(choice.layer(), facts_, *taken, nullptr, nullptr);
  // What comes before the taken one cannot be had.
  const std::span<const gpu_pick> rest(taken, picks.data() + picks.size());
  const auto usable = [&](const gpu_pick& pick) {
    return !is_set_aside(*pick.candidate) && obtainable_unit(compiler_, *pick.candidate, facts_.architecture);
  };
  return first_clean(rest, usable, [&](const gpu_pick& pick) -> std::unique_ptr<core::executable> {
    try {
      const auto binary = get_binary(compiler_, *pick.candidate, facts_.architecture);
      return std::make_unique<gpu_executable>(choice.layer(), facts_, pick, here_, load(*pick.candidate, binary->code));
    } catch (const core::failure& failure) {
      if (failure.status() == GEMMACT_COMPILE_FAILED) set_aside(*pick.candidate);
      throw;
    }
  });
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
