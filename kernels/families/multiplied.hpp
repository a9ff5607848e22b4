// What a layer's factors are multiplied as.
#pragma once
#include <string>

#include "kernels/families/chain.hpp"
#include "kernels/families/facing.hpp"

namespace gemmact::families {

// The type that a kernel names, and its part of the kernel's name.
struct multiplied {
  const char *type, *name;
};
inline multiplied multiplied_as(const layer& l) {
  const element type = facing(l).a().type();
  if (type == element::f32 && l.computed == compute::tf32) return {"tf32", "tf32"};
  return {type_name(type), short_name(type)};
}

// Why tensor cores do not multiply them, or nothing.
inline std::string refuse_rounding(const layer& l) {
  if (facing(l).a().type() != element::f32 || l.computed == compute::tf32) return "";
  return "tensor cores round f32 operands to tf32, which only the compute mode TF32 allows";
}

}  // namespace gemmact::families
