// An epilogue as text: the chain's type, and its part of the kernel's name.
#pragma once
#include <algorithm>
#include <cstdio>
#include <deque>
#include <string>
#include <utility>

#include "kernels/families/gradient_chain.hpp"
#include "kernels/families/step_writer.hpp"

namespace gemmact::families {

class chain_writer : step_writer {
 public:
  explicit chain_writer(const layer& l) : step_writer(l) {}

  chain_text write(const staging& staged) {
    if (layer_.what == operation::weight_grad) return write_weight_grad(staged);
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
    return leave(staged.y, layer_.combined == combine::maxout ? nullptr : &layer_.activation);
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
    return leave(staged.y, nullptr);
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
    step("gate<" + text + (from.empty() ? "" : ", " + from) + ">", word);
  }

  void winner() {
    const bool keeps = layer_.find(slot::kept) != nullptr;
    const std::string count = std::to_string(layer_.pieces);
    step("winner<" + count + (keeps ? ", true>" : ", false>"), "_maxout" + count + (keeps ? "_keepindex" : ""));
  }

  std::string type_of(slot s) const { return type_name(layer_.find(s)->type); }
  // What sets an operand apart from the usual: its type, one a column for biases, one each for matrices.
  std::string word_of(slot s, element usual) const {
    const operand& o = *layer_.find(s);
    constexpr const char* spreads[] = {"each", "one", "", "row"};
    const bool matrix = s == slot::c || s == slot::residual;
    return std::string(matrix ? "" : spreads[int(facing_.spread_of(o))]) + (o.type == usual ? "" : short_name(o.type));
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
    step(leaves("kept", kept->type, staged), word + unusual(kept->type));
  }

  // activate<function, sources of its parameters, what else needs both the function and z>
  void function() {
    std::string word = std::string("_") + layer_.activation.name, text = activation_text(word), before;
    if (layer_.find(slot::kept) != nullptr && layer_.kept == keep::bit)
      before += ", epilogue::keep_bit", word += "_keepbit";
    if (const operand* o = layer_.find(slot::y_other))
      before += std::string(", epilogue::other<") + type_of(slot::y_other) + ">", word += "_other" + unusual(o->type);
    const std::string from = sources(word);
    if (!from.empty() || !before.empty()) text += ", " + (from.empty() ? "epilogue::sources<>" : from) + before;
    step("activate<" + text + ">", word);
  }

  static std::string without_underscores(std::string text) {
    text.erase(std::remove(text.begin(), text.end(), '_'), text.end());
    return text;
  }
};

inline chain_text chain_of(const layer& l, const staging& staged = {}) {
  const bool backward = l.what == operation::input_grad || l.what == operation::activation_grad;
  return backward ? gradient_writer(l).write(staged) : chain_writer(l).write(staged);
}

// A layer's chains: most of its candidates have the same.
class chain_texts {
 public:
  explicit chain_texts(const layer& l) : layer_(l) {}
  const chain_text& of(const staging& staged) const {
    for (const auto& [known, text] : made_)
      if (known == staged) return text;
    return made_.emplace_back(staged, chain_of(layer_, staged)).second;
  }

 private:
  const layer& layer_;
  mutable std::deque<std::pair<staging, chain_text>> made_;  // whose elements stay in place
};

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
