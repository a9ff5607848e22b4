#include "tests/emulator/order_oracle.hpp"

#include <algorithm>

namespace gemmact::test {

namespace {

bool touches(const order_oracle::access& a, int space, int byte) {
  return a.space == space && a.first <= byte && byte < a.first + a.count;
}

bool conflict(const order_oracle::access& a, const order_oracle::access& b) {
  if (a.kind == access_kind::write || b.kind == access_kind::write) return true;
  return a.kind != b.kind;
}

// Whatever conflicts with `earlier` conflicts with `later`, too.
bool stands_for(const order_oracle::access& later, const order_oracle::access& earlier) {
  return later.kind == access_kind::write || later.kind == earlier.kind;
}

}  // namespace

int order_oracle::event(int thread, const std::vector<int>& after) {
  const int number = int(before_.size());
  std::bitset<most_events> ancestors;
  ancestors.set(size_t(number));
  const auto follow = [&](int other) {
    if (other != none) ancestors |= before_[size_t(other)];
  };
  for (const int other : after) follow(other);
  if (thread != none) {
    follow(last_of(thread));
    threads_[size_t(thread)] = number;
  }
  before_.push_back(ancestors);
  return number;
}

int order_oracle::joint_event(const std::vector<int>& threads) {
  std::vector<int> after;
  for (const int thread : threads) after.push_back(last_of(thread));
  const int number = event(none, after);
  for (const int thread : threads) threads_[size_t(thread)] = number;
  return number;
}

void order_oracle::fence(int thread, int space) { fences_[space].push_back(event(thread)); }

bool order_oracle::ordered(const access& earlier, const access& later) const {
  return std::all_of(later.issued.begin(), later.issued.end(), [&](int issue) {
    if (issue == none) return false;
    const auto& known = before_[size_t(issue)];
    if (earlier.async || !later.async) return known.test(size_t(earlier.done));
    return std::any_of(fences_[later.space].begin(), fences_[later.space].end(), [&](int fence) {
      return known.test(size_t(fence)) && before_[size_t(fence)].test(size_t(earlier.done));
    });
  });
}

// In order itself, or through an access to the same byte that is ordered with both and stands for the earlier.
std::vector<bool> order_oracle::known_before(const access& later, int byte) const {
  std::vector<bool> known(accesses_.size(), false);
  for (size_t i = accesses_.size(); i-- > 0;) {
    if (!touches(accesses_[i], later.space, byte)) continue;
    known[i] = ordered(accesses_[i], later);
    for (size_t between = i + 1; between < accesses_.size() && !known[i]; between++)
      known[i] = known[between] && stands_for(accesses_[between], accesses_[i]) &&
                 known_[between][size_t(byte - accesses_[between].first)][i];
  }
  return known;
}

bool order_oracle::races(const access& later) const {
  for (int byte = later.first; byte < later.first + later.count; byte++) {
    const std::vector<bool> known = known_before(later, byte);
    for (size_t i = 0; i < accesses_.size(); i++)
      if (touches(accesses_[i], later.space, byte) && conflict(accesses_[i], later) && !known[i]) return true;
  }
  return false;
}

void order_oracle::add(const access& later) {
  std::vector<std::vector<bool>> known;
  for (int byte = later.first; byte < later.first + later.count; byte++) known.push_back(known_before(later, byte));
  accesses_.push_back(later);
  known_.push_back(std::move(known));
}

}  // namespace gemmact::test
