#include "host/core/nearest.hpp"

#include <algorithm>
#include <utility>

namespace gemmact::core {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

int edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<int>> cost(a.size() + 1, std::vector<int>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) cost[i][0] = static_cast<int>(i);
  for (size_t j = 0; j <= b.size(); ++j) cost[0][j] = static_cast<int>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      bool same = lower(a[i - 1]) == lower(b[j - 1]);
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + (same ? 0 : 1)});
      bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
}

std::vector<std::string_view> nearest(std::string_view word, std::span<const std::string_view> names) {
  constexpr size_t longest = 40;  // a longer word is no misspelt name; also bounds the work
  if (word.empty() || word.size() > longest) return {};
  std::vector<std::pair<int, std::string_view>> ranked;
  for (std::string_view name : names) {
    int distance = edit_distance(word, name);
    bool begins =
        word.size() >= 3 && name.size() > word.size() && edit_distance(word, name.substr(0, word.size())) == 0;
    if (begins) distance = std::min(distance, 2);
    int limit = std::max<int>(1, static_cast<int>(std::min(word.size(), name.size())) / 3 + 1);
    if (distance <= limit || begins) ranked.emplace_back(distance, name);
  }
  std::stable_sort(ranked.begin(), ranked.end(), [](const auto& x, const auto& y) { return x.first < y.first; });
  if (ranked.size() > 3) ranked.resize(3);
  if (!ranked.empty() && ranked[0].first == 0) ranked.resize(1);  // but for its case it is that
  std::vector<std::string_view> out;
  for (const auto& entry : ranked) out.push_back(entry.second);
  return out;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> names) {
  std::vector<std::string_view> near = nearest(word, names);
  if (near.empty()) return "";
  std::string text = "; did you mean ";
  for (size_t i = 0; i < near.size(); ++i) {
    if (i > 0) text += i + 1 == near.size() ? " or " : ", ";
    text += near[i];
  }
  return text + "?";
}

}  // namespace gemmact::core
