// Functions typed as equations.
#pragma once
#include <string>

namespace gemmact_bench {

// Of a function of the catalogue: "f(x; beta=1) = x * sigmoid(beta * x)", the formula that the catalogue gives for it, with
// its parameters and their defaults.
std::string formula_text(const std::string& function);

bool takes_target(const std::string& function);

// Why a text is no equation, in the library's words, or "".
std::string what_is_wrong_with(const std::string& equation);

}  // namespace gemmact_bench
