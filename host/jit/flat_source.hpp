// A unit and all that it includes as one file, for readers, profilers and other compilers.
#pragma once
#include <span>
#include <string>

#include "host/jit/headers.hpp"
#include "host/jit/unit.hpp"

namespace gemmact::jit {

// Each #include of a header of the list is replaced by its text, once where it certainly takes effect, and between
// #ifndef lines wherever that depends on a condition. An #include of anything else stays.
std::string flat_source(const unit& unit, std::span<const header> headers);

}  // namespace gemmact::jit
