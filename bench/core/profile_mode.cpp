#include "bench/core/profile_mode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <stdexcept>

#include "bench/core/ncu_report.hpp"

namespace gemmact_bench {

const bench_case& named_case(const std::vector<bench_case>& cases, const std::string& text) {
  constexpr size_t most_named = 5;
  std::vector<const bench_case*> found;
  for (const bench_case& c : cases) {
    if (c.name() == text) return c;
    if (std::regex_search(c.name(), std::regex(text))) found.push_back(&c);
  }
  if (found.size() == 1) return *found.front();
  if (found.empty()) throw std::invalid_argument(fmt::format("--profile is \"{}\", and no case's name has that", text));
  std::string names;
  for (size_t i = 0; i < std::min(found.size(), most_named); ++i) names += (i == 0 ? "" : ", ") + found[i]->name();
  throw std::invalid_argument(fmt::format("--profile is \"{}\", which {} cases have in their name: {}{}", text,
                                          found.size(), names, found.size() > most_named ? ", ..." : ""));
}

std::string read_profile(const std::string& raw_page, const std::string& times) {
  return profile_text(parse_ncu_csv(read_file(raw_page)), parse_profile_times(read_file(times)));
}

}  // namespace gemmact_bench
