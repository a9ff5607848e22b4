// "Did you mean …": the names nearest to a misspelt one.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gemmact::core {

// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other; case does not count.
int edit_distance(std::string_view a, std::string_view b);

// Up to three of `names` that lie near `word`, the nearest first; equally near ones stay in their order.
std::vector<std::string_view> nearest(std::string_view word, std::span<const std::string_view> names);

// "; did you mean relu, relu6 or prelu?", or "" when nothing is near.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> names);

}  // namespace gemmact::core
