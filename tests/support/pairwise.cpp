#include "tests/support/pairwise.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "tests/support/random.hpp"

namespace gemmact::test {
namespace {

size_t place(const std::vector<factor>& factors, std::string_view name) {
  for (size_t i = 0; i < factors.size(); ++i)
    if (name == factors[i].name) return i;
  throw std::logic_error(fmt::format("no factor {}", name));
}

// Which pairs of (factor, value) have been seen together, as one square bit matrix.
class pair_set {
 public:
  explicit pair_set(const std::vector<factor>& factors) {
    for (const factor& f : factors) {
      first_.push_back(total_);
      total_ += size_t(f.count);
    }
    seen_.resize(total_ * total_);
  }
  bool seen(size_t f, int v, size_t g, int w) const { return seen_[at(f, v) * total_ + at(g, w)]; }
  void add(const std::vector<int>& row) {
    for (size_t f = 0; f < row.size(); ++f)
      for (size_t g = 0; g < row.size(); ++g) seen_[at(f, row[f]) * total_ + at(g, row[g])] = true;
  }

 private:
  size_t at(size_t f, int v) const { return first_[f] + size_t(v); }
  std::vector<size_t> first_;
  size_t total_ = 0;
  std::vector<bool> seen_;
};

// How many unseen pairs `value` of factor f makes with what the row has so far (-1: not chosen yet).
int gain(const pair_set& pairs, const std::vector<int>& row, size_t f, int value) {
  int count = 0;
  for (size_t g = 0; g < row.size(); ++g) count += g != f && row[g] >= 0 && !pairs.seen(f, value, g, row[g]);
  return count;
}

// Completes a row whose chosen entries are >= 0, each factor in turn with the value of the largest gain.
void complete(const std::vector<factor>& factors, const pair_set& pairs, random_source& random, std::vector<int>& row) {
  std::vector<size_t> turn(factors.size());
  for (size_t i = 0; i < turn.size(); ++i) turn[i] = i;
  for (size_t i = turn.size(); i > 1; --i) std::swap(turn[i - 1], turn[size_t(random.below(int64_t(i)))]);
  for (const size_t f : turn) {
    if (row[f] >= 0) continue;
    int best = -1;
    const int start = int(random.below(factors[f].count));
    for (int i = 0; i < factors[f].count; ++i) {
      const int value = (start + i) % factors[f].count;
      const int now = gain(pairs, row, f, value);
      if (now > best) {
        best = now;
        row[f] = value;
      }
    }
  }
}

template <class Visit>  // visit(f, v, g, w) for every pair; stops when it returns true
bool any_pair(const std::vector<factor>& factors, Visit visit) {
  for (size_t f = 0; f < factors.size(); ++f)
    for (size_t g = f + 1; g < factors.size(); ++g)
      for (int v = 0; v < factors[f].count; ++v)
        for (int w = 0; w < factors[g].count; ++w)
          if (visit(f, v, g, w)) return true;
  return false;
}

}  // namespace

int factor_row::operator[](std::string_view name) const { return values_[place(*factors_, name)]; }

void factor_row::set(std::string_view name, int value) { values_[place(*factors_, name)] = value; }

std::string factor_row::text() const {
  std::string text;
  for (size_t i = 0; i < values_.size(); ++i)
    text += fmt::format("{}{}={}", i == 0 ? "" : " ", (*factors_)[i].name, values_[i]);
  return text;
}

std::vector<factor_row> pairwise_rows(const std::vector<factor>& factors, uint64_t seed) {
  random_source random(seed);
  pair_set pairs(factors);
  std::vector<factor_row> rows;
  any_pair(factors, [&](size_t f, int v, size_t g, int w) {
    if (pairs.seen(f, v, g, w)) return false;
    std::vector<int> row(factors.size(), -1);
    row[f] = v;
    row[g] = w;
    complete(factors, pairs, random, row);
    pairs.add(row);
    rows.emplace_back(&factors, std::move(row));
    return false;
  });
  return rows;
}

std::vector<std::string> uncovered_pairs(const std::vector<factor>& factors, const std::vector<factor_row>& rows) {
  pair_set pairs(factors);
  for (const factor_row& row : rows) pairs.add(row.values());
  std::vector<std::string> missing;
  any_pair(factors, [&](size_t f, int v, size_t g, int w) {
    if (!pairs.seen(f, v, g, w))
      missing.push_back(fmt::format("{}={} with {}={}", factors[f].name, v, factors[g].name, w));
    return false;
  });
  return missing;
}

}  // namespace gemmact::test
