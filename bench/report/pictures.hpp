// The report's pictures, from its JSON: CPU's and GPU's alike, as far as their arms go.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace gemmact_bench {

// Figures with headings and captions; a picture that no row has numbers for is left out.
std::string pictures(const nlohmann::json& j);

// What pictures and tables have in common. The style's class of a verdict: faster, slower, same, cant, bad.
std::string kind_of(const std::string& verdict);
bool usable(const nlohmann::json& row);           // neither WRONG nor FAILED
std::string sizes_of(const nlohmann::json& row);  // "m × n × k"
std::string what_of(const nlohmann::json& row);   // "swish_gated fast", "dX gelu"

}  // namespace gemmact_bench
