// gemmact_bench_gpu --profile and --read-profile: the two halves of bench/profile.
#pragma once
#include <string>
#include <vector>

#include "bench/core/cases.hpp"

namespace gemmact_bench {

// The one case that a name, or else a regular expression within names, means. Throws std::invalid_argument with the
// first names where it means none or several.
const bench_case& named_case(const std::vector<bench_case>& cases, const std::string& text);

// What bench/profile prints of ncu's raw page and of what --profile printed, both in files.
std::string read_profile(const std::string& raw_page, const std::string& times);

}  // namespace gemmact_bench
