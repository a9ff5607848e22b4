// Names of precisions, operations and combinations, as they are written in the lists of shapes and in the report.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gemmact/gemmact.h"

namespace gemmact_bench {

// What a layer's X and W are, and how they are multiplied.
struct precision {
  gemmact_type type = GEMMACT_F32;
  gemmact_compute compute = GEMMACT_COMPUTE_STRICT;
  bool operator==(const precision&) const = default;
};
std::optional<precision> precision_from(std::string_view name);  // f32 tf32 f16 bf16 e4m3
const char* name_of(precision p);
const char* name_of(gemmact_type type);
int64_t bytes_of(gemmact_type type);
gemmact_type output_of(gemmact_type input);  // Y's type: that of X and W, but bf16 of e4m3

std::optional<gemmact_accuracy> accuracy_from(std::string_view name);  // accurate fast
const char* name_of(gemmact_accuracy accuracy);

std::optional<gemmact_operation> operation_from(std::string_view name);
const char* name_of(gemmact_operation operation);

// How a layer's products become its output.
struct combination {
  gemmact_combine combine = GEMMACT_PLAIN;
  int pieces = 1;  // products
};
std::optional<combination> combination_from(std::string_view name);  // plain gated maxout maxout4 maxout8
const char* name_of(gemmact_combine combine);                        // plain gated maxout

}  // namespace gemmact_bench
