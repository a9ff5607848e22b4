#include "host/api/linear_cache.hpp"

#include <new>
#include <utility>

#include "host/api/handles.hpp"

namespace gemmact::api {
namespace {

constexpr std::align_val_t alignment{core::workspace_alignment};

}  // namespace

void workspace_deleter::operator()(void* memory) const { ::operator delete(memory, alignment); }

linear_plan::linear_plan(std::unique_ptr<gemmact_plan> plan) : plan_(std::move(plan)) {}
linear_plan::~linear_plan() = default;

void linear_plan::run(const gemmact_operands& operands, void* stream) {
  if (plan_->has_streams) return run_on_stream(operands, stream);
  workspace_memory memory = take(stream);
  run_plan(*plan_, &operands, memory.get(), stream);
  give_back(std::move(memory));
}

void linear_plan::run_on_stream(const gemmact_operands& operands, void* stream) {
  const core::executable& kernel = *plan_->executable;
  void* memory = plan_->workspace_bytes == 0 ? nullptr : kernel.take_workspace(stream);
  try {
    run_plan(*plan_, &operands, memory, stream);
  } catch (...) {
    kernel.give_back_workspace(memory, stream);
    throw;
  }
  kernel.give_back_workspace(memory, stream);
}

workspace_memory linear_plan::take(void* stream) {
  if (plan_->workspace_bytes == 0) return nullptr;
  {
    std::lock_guard lock(mutex_);
    if (!free_.empty()) {
      workspace_memory memory = std::move(free_.back());
      free_.pop_back();
      return memory;
    }
  }
  workspace_memory memory(::operator new(plan_->workspace_bytes, alignment));
  plan_->executable->workspace_init(memory.get(), stream);
  return memory;
}

void linear_plan::give_back(workspace_memory memory) {
  if (!memory) return;
  std::lock_guard lock(mutex_);
  free_.push_back(std::move(memory));
}

std::shared_ptr<linear_plan> linear_cache::find(const linear_key& key) {
  std::lock_guard lock(mutex_);
  auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->plan;
}

std::shared_ptr<linear_plan> linear_cache::insert(const linear_key& key, std::shared_ptr<linear_plan> made) {
  std::lock_guard lock(mutex_);
  if (auto found = by_key_.find(key); found != by_key_.end()) return found->second->plan;  // another thread was faster
  entries_.push_front({std::string(std::get<0>(key)), std::move(made), key});
  entry& first = entries_.front();
  std::get<0>(first.key) = first.activation;
  try {
    by_key_.emplace(first.key, entries_.begin());
  } catch (...) {
    entries_.pop_front();
    throw;
  }
  std::shared_ptr<linear_plan> plan = first.plan;
  if (entries_.size() > most_plans) {
    by_key_.erase(entries_.back().key);
    entries_.pop_back();
  }
  return plan;
}

size_t linear_cache::size() const {
  std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace gemmact::api
