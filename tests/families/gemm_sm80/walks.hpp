// One small layer for each tile, and for each kind of copies: every block walks at least three tiles of at least three stages
// each, all edges ragged.
#pragma once
#include <string_view>
#include <vector>

#include "tests/families/gemm_sm80/layer_case.hpp"

namespace gemmact::test {

const std::vector<layer_case>& walks();

const function& function_named(std::string_view name);

}  // namespace gemmact::test
