// From an equation's text to a function that devices compute: all of core::made_function.
#pragma once
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "host/core/made_function.hpp"
#include "host/equation/forms.hpp"

namespace gemmact::equation {

// info.name is the head's name, or "equation". Backward keeps what is enough while no parameter's gradient is asked for.
// GEMMACT_BAD_ACTIVATION_TEXT, GEMMACT_EQUATION_UNSUPPORTED.
std::shared_ptr<const core::made_function> make_function(std::string_view text, const forms& known);

// The functions of the texts that were asked for last. Any threads may ask; two that ask for a new text at once may both
// work it out, and get the same one.
class shelf {
 public:
  static constexpr size_t usual_most = 256;
  explicit shelf(core::catalogue functions, size_t most = usual_most) : functions_(functions), most_(most) {}

  // As make_function; a text that is still here takes no work.
  std::shared_ptr<const core::made_function> find(std::string_view text);

 private:
  using made = std::shared_ptr<const core::made_function>;
  const forms& known();
  made held(std::string_view text);

  core::catalogue functions_;
  size_t most_;
  std::once_flag once_;
  std::optional<forms> known_;  // made when it is first needed
  std::mutex mutex_;
  std::list<made> latest_first_;
  std::unordered_map<std::string_view, std::list<made>::iterator> by_text_;  // views of the functions' own texts
};

}  // namespace gemmact::equation
