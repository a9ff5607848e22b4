#include "host/equation/function.hpp"

namespace gemmact::equation {

const forms& shelf::known() {
  std::call_once(once_, [&] { known_.emplace(functions_); });
  return *known_;
}

// With the lock held.
shelf::made shelf::held(std::string_view text) {
  const auto found = by_text_.find(text);
  if (found == by_text_.end()) return nullptr;
  latest_first_.splice(latest_first_.begin(), latest_first_, found->second);
  return latest_first_.front();
}

std::shared_ptr<const core::made_function> shelf::find(std::string_view text) {
  {
    const std::lock_guard lock(mutex_);
    if (made function = held(text)) return function;
  }
  made function = make_function(text, known());
  const std::lock_guard lock(mutex_);
  if (made sooner = held(text)) return sooner;
  std::list<made> front{function};  // whose place stays what it is; memory may run out until there are both
  by_text_.emplace(function->text, front.begin());
  latest_first_.splice(latest_first_.begin(), front);
  if (latest_first_.size() > most_) {
    by_text_.erase(latest_first_.back()->text);
    latest_first_.pop_back();
  }
  return function;
}

}  // namespace gemmact::equation
