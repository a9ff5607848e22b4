// What an equation may be at most: with these, reading and differentiating any text takes bounded time and memory.
#pragma once
#include <cstddef>

#include "host/core/activation_info.hpp"
#include "host/core/problem.hpp"

namespace gemmact::equation {

inline constexpr size_t max_text = core::max_activation_text;  // characters of a text
inline constexpr int max_depth = 100;                // parentheses, calls, signs, powers and choices, one in another
inline constexpr int max_nodes = 2000;               // nodes of the graph that a text is read into
inline constexpr int max_derived_nodes = 20000;      // nodes once its stable form and derivatives are in the graph too
inline constexpr int max_params = core::max_params;  // parameters and operands together
inline constexpr size_t max_steps = 4000;            // operations of a value, or of one derivative, as it is computed
inline constexpr int max_registers = 512;            // values that such a computation holds at a time
inline constexpr size_t max_name = 40;               // characters of a name

}  // namespace gemmact::equation
