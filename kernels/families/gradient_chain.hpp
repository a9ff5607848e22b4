// The epilogue of a backward operation as text: input_grad's, with the gradient of the layer below where there is one, and
// activation_grad's.
#pragma once
#include "kernels/families/gradient_sums.hpp"
#include "kernels/families/step_writer.hpp"

namespace gemmact::families {

// What an epilogue writes beside D, through shared memory where staging::kept says so: dZ_1 of a pair, or else DX; or null.
inline const operand* second_output(const layer& l) {
  const bool below = l.what == operation::input_grad;
  if (below && l.below.name.empty()) return nullptr;
  if ((below ? l.below_combined : l.combined) == combine::gated) return l.find(slot::dz, 1, below);
  return below ? l.find(slot::dx) : nullptr;
}

class gradient_writer : step_writer {
 public:
  explicit gradient_writer(const layer& l) : step_writer(l, l.what == operation::input_grad), sums_(l) {}

  chain_text write(const staging& staged) {
    if (below_) name_ += "_igrad";
    if (below_ && function_.name.empty()) return leave(staged.y, nullptr);
    const combine combined = below_ ? layer_.below_combined : layer_.combined;
    if (const operand* dx = below_ ? layer_.find(slot::dx) : nullptr) {
      const bool through_shared = staged.kept && dx == second_output(layer_);
      step(through_shared ? leaves("kept", dx->type, true) : leaves("dx", dx->type, false), "_dx" + unusual(dx->type));
    }
    if (combined == combine::maxout) {
      route();
      return done(nullptr);
    }
    std::string word = std::string(combined == combine::gated ? "_dgated_" : "_d") + function_.name;
    std::string text = activation_text(word) + ", " + kept_text(staged, word);
    if (combined == combine::gated) text += ", epilogue::" + leaves(staged.kept ? "kept" : "y", usual_, staged.kept);
    const std::string from = sources(word), sums = sums_text(word);
    if (!from.empty() || !sums.empty()) text += ", " + (from.empty() ? "epilogue::sources<>" : from);
    if (!sums.empty()) text += ", " + sums;
    step((combined == combine::gated ? "gated_gradient<" : "gradient<") + text + ">", word);
    return leave(staged.y, &function_);
  }

 private:
  std::string kept_text(const staging& staged, std::string& word) const {
    constexpr const char* forms[] = {"", "nothing", "bit", "output", "z", "index"};
    const keep form = below_ ? layer_.below_kept : layer_.kept;
    const std::string text = std::string("epilogue::kept<epilogue::form::") + forms[int(form)];
    if (form == keep::nothing) return text + ">";
    const element type = layer_.find(slot::kept, 0, below_)->type;
    if (form != keep::index) word += std::string("_") + forms[int(form)] + (form == keep::bit ? "" : unusual(type));
    const char* where = !below_                     ? ", epilogue::held::fetched"
                        : staged.read != slot::kept ? ""
                        : staged.read_pair          ? ", epilogue::held::staged_pair"
                                                    : ", epilogue::held::staged";
    const char* of = form == keep::bit ? "float" : type_name(type);
    return form == keep::bit && where[0] == '\0' ? text + ">" : text + ", " + of + where + ">";
  }

  // summed<…>, or nothing.
  std::string sums_text(std::string& word) const {
    if (sums_.count == 0) return "";
    std::string text = "epilogue::summed<" + std::to_string(sums_.products);
    if (sums_.products != 0) word += "_db";
    for (int p = 0; p < int(epilogue::max_products); ++p)
      if (sums_.products != 1 && (sums_.products >> p & 1) != 0) word += std::to_string(p);
    for (int i = 0; i < sums_.count; ++i) {
      if (sums_.of[i] == nullptr || sums_.of[i]->what != slot::dparam) continue;
      text += ", " + std::to_string(sums_.of[i]->index);
      word += "_dp" + std::to_string(sums_.of[i]->index);
    }
    return text + ">";
  }

  // dY to the piece that has won.
  void route() {
    const std::string pieces = std::to_string(layer_.pieces);
    std::string word = "_dmaxout" + pieces;
    const std::string kept = kept_text({}, word), sums = sums_text(word);
    if (usual_ != element::bf16) word += std::string("_") + short_name(usual_);
    step("maxout_gradient<" + pieces + ", " + type_name(usual_) + ", " + kept + (sums.empty() ? "" : ", " + sums) + ">",
         word);
  }

  const wanted_sums sums_;
};

}  // namespace gemmact::families
