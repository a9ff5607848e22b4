// An epilogue as text: the chain's type, and its part of the kernel's name.
#pragma once
#include <algorithm>
#include <cstdio>
#include <string>

#include "kernels/families/facing.hpp"

namespace gemmact::families {

struct chain_text {
  std::string type;      // within namespace gemmact
  std::string name;      // "_bias_swish"
  std::string function;  // the activation's file
};

inline const char* type_name(element type) {
  constexpr const char* names[] = {"", "float", "f16_bits", "bf16_bits", "e4m3_bits"};
  return names[int(type)];
}
inline const char* short_name(element type) {
  constexpr const char* names[] = {"", "f32", "f16", "bf16", "e4m3"};
  return names[int(type)];
}

// What goes through shared memory, where TMA brings it or stores it from.
struct staging {
  bool y = false, kept = false;
  slot read{};  // residual, c or none
};

class chain_writer {
 public:
  explicit chain_writer(const layer& l) : layer_(l), facing_(l), usual_(written(l).type) {}

  chain_text write(const staging& staged) {
    if (layer_.what == operation::weight_grad) return write_weight_grad(staged);
    if (layer_.what == operation::input_grad) {
      name_ += "_igrad";
      return leave(slot::dx, staged.y, "");
    }
    pre_activation(staged);
    if (layer_.combined == combine::plain) {
      function();
      keep(keep::output, "_keepy", staged.kept);
    } else {
      each_product();
      if (layer_.combined == combine::gated) gate();
      else winner();
    }
    add(slot::residual, "residual", usual_, staged.read);
    if (layer_.find(slot::amax_y) != nullptr) step("amax", "_amax");
    scale(slot::scale_y, "scale_y");
    return leave(slot::y, staged.y, layer_.combined == combine::maxout ? "" : layer_.activation.name);
  }

 private:
  // dW, or dW += (what there was, read where a residual is read).
  chain_text write_weight_grad(const staging& staged) {
    name_ += "_wgrad";
    if (written(layer_).accumulate) {
      const std::string type = type_name(usual_);
      if (staged.read == slot::dw) step("add_staged<" + type + ">", "_add");
      else step("add<" + member("residual") + ", " + type + ", tile::spread::each>", "_add");
    }
    return leave(slot::dw, staged.y, "");
  }

  chain_text leave(slot what, bool staged, const char* function) {
    step(leaves("y", what, staged), usual_ == element::bf16 ? "" : std::string("_") + short_name(usual_));
    return {"epilogue::chain<" + steps_ + ">", name_, function};
  }

  void pre_activation(const staging& staged) {
    scale(slot::alpha, "alpha"), scale(slot::scale_x, "scale_x"), scale(slot::scale_w, "scale_w");
    add(slot::bias, "bias", element::f32);
    add_c(staged.read);
    keep(keep::z, "_keepz", staged.kept);
  }

  // What has been written so far is done with each product's sum. Of a pair, registers hold what its columns share.
  void each_product() {
    if (steps_.empty()) return;
    const bool early = layer_.combined == combine::gated;
    steps_ =
        "epilogue::each_product<" + std::to_string(layer_.pieces) + (early ? ", true, " : ", false, ") + steps_ + ">";
  }

  void gate() {
    std::string word = std::string("_gated_") + layer_.activation.name, text = activation_text(word);
    const std::string from = sources(word);
    step("gate<" + text + (from.empty() ? "" : ", epilogue::sources<" + from + ">") + ">", word);
  }

  void winner() {
    const bool keeps = layer_.find(slot::kept) != nullptr;
    const std::string count = std::to_string(layer_.pieces);
    step("winner<" + count + (keeps ? ", true>" : ", false>"), "_maxout" + count + (keeps ? "_keepindex" : ""));
  }

  static std::string member(const char* name) { return std::string("&epilogue::params::") + name; }
  std::string type_of(slot s) const { return type_name(layer_.find(s)->type); }
  std::string spread_text(const operand& o) const {
    constexpr const char* names[] = {"each", "scalar", "per_column", "per_row"};
    return std::string("tile::spread::") + names[int(facing_.spread_of(o))];
  }
  // What sets an operand apart from the usual: its type, one a column for biases, one each for matrices.
  std::string word_of(slot s, element usual) const {
    const operand& o = *layer_.find(s);
    constexpr const char* spreads[] = {"each", "one", "", "row"};
    const bool matrix = s == slot::c || s == slot::residual;
    return std::string(matrix ? "" : spreads[int(facing_.spread_of(o))]) + (o.type == usual ? "" : short_name(o.type));
  }
  std::string leaves(const char* name, slot s, bool staged) const {
    const std::string to =
        staged ? std::string("stage<&tile::staged_strip::") + name : std::string("store<") + member(name);
    return to + ", " + type_of(s) + ">";
  }

  void scale(slot s, const char* name) {
    if (const operand* o = layer_.find(s))
      step(std::string("multiply<") + member(name) + ", " + spread_text(*o) + ">",
           std::string("_") + without_underscores(name) +
               (s == slot::alpha || s == slot::scale_y ? "" : word_of(s, element::f32)));
  }

  void add(slot s, const char* name, element usual, slot read = {}) {
    const operand* o = layer_.find(s);
    if (o == nullptr) return;
    const std::string word = std::string("_") + name + word_of(s, usual);
    if (s == read) step(std::string("add_staged<") + type_of(s) + ">", word);
    else step(std::string("add<") + member(name) + ", " + type_of(s) + ", " + spread_text(*o) + ">", word);
  }

  void add_c(slot read) {
    if (layer_.find(slot::beta) == nullptr) return add(slot::c, "c", usual_, read);
    step((read == slot::c ? "add_staged_scaled<" : "add_scaled<") + type_of(slot::c) + ">",
         std::string("_betac") + word_of(slot::c, usual_));
  }

  void keep(families::keep form, const char* word, bool staged) {
    const operand* kept = layer_.find(slot::kept);
    if (kept == nullptr || layer_.kept != form) return;
    step(leaves("kept", slot::kept, staged), word + std::string(kept->type == usual_ ? "" : short_name(kept->type)));
  }

  // activate<function, sources of its parameters, what else needs both the function and z>
  void function() {
    std::string word = std::string("_") + layer_.activation.name, text = activation_text(word), before;
    if (layer_.find(slot::kept) != nullptr && layer_.kept == keep::bit)
      before += ", epilogue::keep_bit", word += "_keepbit";
    if (const operand* o = layer_.find(slot::y_other))
      before += std::string(", epilogue::other<") + type_of(slot::y_other) + ">",
          word += std::string("_other") + (o->type == usual_ ? "" : short_name(o->type));
    const std::string from = sources(word);
    if (!from.empty() || !before.empty()) text += ", epilogue::sources<" + from + ">" + before;
    step("activate<" + text + ">", word);
  }

  std::string activation_text(std::string& word) const {
    const bool fast = layer_.mode == accuracy::fast;
    if (fast) word += "_fast";
    return std::string("activation::") + layer_.activation.name + (fast ? "<accuracy::fast>" : "<accuracy::accurate>");
  }

  // Of each parameter, where one of them comes from a tensor; else nothing.
  std::string sources(std::string& word) const {
    std::string text;
    bool tensors = false;
    for (int i = 0; i < layer_.activation.param_count; ++i) {
      const operand* o = parameter_of(layer_, i);
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
    return tensors ? text : std::string();
  }

  static std::string without_underscores(std::string text) {
    text.erase(std::remove(text.begin(), text.end(), '_'), text.end());
    return text;
  }

  void step(const std::string& type, const std::string& word) {
    steps_ += (steps_.empty() ? "epilogue::" : ", epilogue::") + type;
    name_ += word;
  }

  const layer& layer_;
  const facing facing_;
  const element usual_;
  std::string steps_, name_;
};

inline chain_text chain_of(const layer& l, const staging& staged = {}) { return chain_writer(l).write(staged); }

// A name for profilers of at most 120 characters; of a longer one, the end gives way to its hash.
inline std::string kernel_name(std::string name) {
  constexpr size_t most = 120;
  if (name.size() <= most) return name;
  u64 hash = 0xcbf29ce484222325u;  // FNV-1a
  for (const char letter : name) hash = (hash ^ u8(letter)) * 0x100000001b3u;
  char text[18];
  std::snprintf(text, sizeof text, "_%016llx", hash);
  return name.substr(0, most - 17) + text;
}

}  // namespace gemmact::families
