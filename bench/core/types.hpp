// Names of types, operations and combinations, as they are written in the lists of shapes and in the report.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gemmact/gemmact.h"

namespace gemmact_bench {

std::optional<gemmact_type> type_from(std::string_view name);  // f32 f16 bf16
const char* name_of(gemmact_type type);
int64_t bytes_of(gemmact_type type);

std::optional<gemmact_operation> operation_from(std::string_view name);
const char* name_of(gemmact_operation operation);

std::optional<gemmact_combine> combine_from(std::string_view name);
const char* name_of(gemmact_combine combine);

}  // namespace gemmact_bench
