#include "host/cpu/activation_rows.hpp"

#include <algorithm>

namespace gemmact::cpu {

activation_rows::activation_rows(const run_view& run, const core::activation_use& use, const function_loops& loops,
                                 uint32_t slot_bits)
    : run_(run), loops_(loops), constants_(use.params), param_count_(use.info->param_count) {
  for (int p = 0; p < param_count_; ++p)
    if (const core::tensor* t = param_tensor(*run.p, use, p, slot_bits); t != nullptr) sources_[p] = run.find(*t);
}

bool activation_rows::same_in_all_rows() const {
  return std::none_of(sources_, sources_ + param_count_, [](const place& p) { return p && p.t->row_stride != 0; });
}

void activation_rows::row::begin_tile(const strip& largest) {
  for (int p = 0; p < all_.param_count_; ++p) {
    const place& from = all_.sources_[p];
    float* own = scratch_ + p * stride_;
    pointers_[p] = all_.loops_.each(p) ? own : &single_[p];
    if (!from || (from.t->row_stride == 0 && from.t->col_stride == 0)) {
      single_[p] = from ? all_.run_.scalar(from, largest.b) : all_.constants_[size_t(p)];
      if (all_.loops_.each(p)) std::fill_n(own, largest.count(), single_[p]);
    } else if (from.by_column()) {
      all_.run_.load_repeated(from, largest, own);
    }
  }
}

void activation_rows::row::begin_strip(const strip& s) {
  count_ = s.count();
  for (int p = 0; p < all_.param_count_; ++p) {
    const place& from = all_.sources_[p];
    if (!from || from.t->row_stride == 0) continue;
    float* own = scratch_ + p * stride_;
    if (from.t->col_stride != 0) {
      all_.run_.load(from, s, own);
    } else {
      single_[p] = all_.run_.scalar(from, s.b, s.i);
      if (all_.loops_.each(p)) std::fill_n(own, count_, single_[p]);
    }
  }
}

}  // namespace gemmact::cpu
