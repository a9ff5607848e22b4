// What writers of epilogues as text share: steps of the chain, one after the other, with their words in the kernel's name.
#pragma once
#include <string>

#include "kernels/families/facing.hpp"

namespace gemmact::families {

struct chain_text {
  std::string type;                               // within namespace gemmact
  std::string name;                               // "_bias_swish"
  std::shared_ptr<const function_text> function;  // the layer's; null where it has none
};

inline const char* type_name(element type) {
  constexpr const char* names[] = {"", "float", "f16_bits", "bf16_bits", "e4m3_bits", "", "u8"};
  return names[int(type)];
}
inline const char* short_name(element type) {
  constexpr const char* names[] = {"", "f32", "f16", "bf16", "e4m3", "", "u8"};
  return names[int(type)];
}

// What goes through shared memory, where TMA brings it or stores it from.
struct staging {
  bool y = false, kept = false;  // kept: or what else goes out beside Y (gradient_chain.hpp)
  slot read{};                   // residual, c, kept (of the layer below) or none
  bool read_pair = false;        // kept: of both products of a pair

  bool operator==(const staging&) const = default;
};

class step_writer {
 protected:
  // `below`: of the layer below.
  explicit step_writer(const layer& l, bool below = false)
      : layer_(l), facing_(l), usual_(written(l).type), below_(below), function_(below ? l.below : l.activation) {}

  static std::string member(const char* name) { return std::string("&epilogue::params::") + name; }

  std::string spread_text(const operand& o) const {
    constexpr const char* names[] = {"each", "scalar", "per_column", "per_row"};
    return std::string("tile::spread::") + names[int(facing_.spread_of(o))];
  }

  std::string unusual(element type) const { return type == usual_ ? "" : short_name(type); }

  static std::string leaves(const char* name, element type, bool staged) {
    const std::string to =
        staged ? std::string("stage<&tile::staged_strip::") + name : std::string("store<") + member(name);
    return to + ", " + type_name(type) + ">";
  }

  std::string activation_text(std::string& word) const {
    const bool fast = layer_.mode == accuracy::fast;
    if (fast) word += "_fast";
    return std::string("activation::") + function_.name + (fast ? "<accuracy::fast>" : "<accuracy::accurate>");
  }

  // Of each parameter, where one of them comes from a tensor; else nothing.
  std::string sources(std::string& word) const {
    std::string text;
    bool tensors = false;
    for (int i = 0; i < function_.param_count; ++i) {
      const operand* o = parameter_of(layer_, i, below_);
      text += (i == 0 ? "epilogue::" : ", epilogue::");
      if (o == nullptr) {
        text += "number";
        continue;
      }
      tensors = true;
      text += std::string("tensor<") + type_name(o->type) + ", " + spread_text(*o) + ">";
      constexpr const char* spreads[] = {"each", "one", "col", "row"};
      word += "_p" + std::to_string(i) + spreads[int(facing_.spread_of(*o))] +
              (o->type == element::f32 ? "" : short_name(o->type));
    }
    return tensors ? "epilogue::sources<" + text + ">" : std::string();
  }

  void step(const std::string& type, const std::string& word) {
    steps_ += (steps_.empty() ? "epilogue::" : ", epilogue::") + type;
    name_ += word;
  }

  // The last step, which writes D.
  chain_text leave(bool staged, const function* activation) {
    step(leaves("y", usual_, staged), usual_ == element::bf16 ? "" : std::string("_") + short_name(usual_));
    return done(activation);
  }
  chain_text done(const function* activation) const {
    return {"epilogue::chain<" + steps_ + ">", name_, activation == nullptr ? nullptr : activation->text()};
  }

  const layer& layer_;
  const facing facing_;
  const element usual_;
  const bool below_;
  const families::function& function_;
  std::string steps_, name_;
};

}  // namespace gemmact::families
