// The epilogue of a layer as text: the chain's type, and its part of the kernel's name.
#pragma once
#include <string>

#include "kernels/families/family.hpp"

namespace gemmact::families::gemm_sm80 {

struct chain_text {
  std::string type;      // within namespace gemmact
  std::string name;      // "_bias_swish"
  std::string function;  // the activation's file
};

inline const char* type_name(element type) {
  return type == element::f32 ? "float" : type == element::f16 ? "f16_bits" : "bf16_bits";
}
inline const char* short_name(element type) {
  return type == element::f32 ? "f32" : type == element::f16 ? "f16" : "bf16";
}

class chain_writer {
 public:
  explicit chain_writer(const layer& l) : layer_(l) {
    act_ = std::string("activation::") + l.activation.name +
           (l.mode == accuracy::fast ? "<accuracy::fast>" : "<accuracy::accurate>");
  }

  chain_text write() {
    bias();
    keep_before();
    step("activate<" + act_ + ">",
         std::string("_") + layer_.activation.name + (layer_.mode == accuracy::fast ? "_fast" : ""));
    if (kept() != nullptr && layer_.kept == keep::output) step_of("keep", kept()->type, "_keepy");
    if (const operand* r = layer_.find(slot::residual)) step_of("residual", r->type, "_residual");
    const element y = layer_.find(slot::y)->type;
    step(std::string("store<") + type_name(y) + ">", y == element::bf16 ? "" : std::string("_") + short_name(y));
    return {"epilogue::chain<" + steps_ + ">", name_, layer_.activation.name};
  }

 private:
  const operand* kept() const { return layer_.find(slot::kept); }

  void bias() {
    const operand* b = layer_.find(slot::bias);
    if (b == nullptr) return;
    switch (b->spread) {
      case extent::scalar:
        return step_of("bias_scalar", b->type, "_onebias");
      case extent::per_column:
        return step_of("bias_per_column", b->type, "_bias");
      case extent::per_row:
        return step_of("bias_per_row", b->type, "_rowbias");
      case extent::each:
        return step_of("bias_each", b->type, "_eachbias");
    }
  }

  void keep_before() {
    if (kept() == nullptr) return;
    if (layer_.kept == keep::z) step_of("keep", kept()->type, "_keepz");
    if (layer_.kept == keep::bit) step("keep_bit<" + act_ + ">", "_keepbit");
  }

  // f32 biases and bf16 matrices are the usual ones and go without saying.
  void step_of(const std::string& kind, element type, const std::string& word) {
    const bool usual = type == (word.ends_with("bias") ? element::f32 : element::bf16);
    step(kind + "<" + type_name(type) + ">", word + (usual ? "" : short_name(type)));
  }

  void step(const std::string& type, const std::string& word) {
    steps_ += (steps_.empty() ? "epilogue::" : ", epilogue::") + type;
    name_ += word;
  }

  const layer& layer_;
  std::string act_, steps_, name_;
};

inline chain_text chain_of(const layer& l) { return chain_writer(l).write(); }

}  // namespace gemmact::families::gemm_sm80
