#include "host/cpu/activation_rows.hpp"

#include <algorithm>

namespace gemmact::cpu {

activation_rows::activation_rows(const run_view& run, const core::activation_use& use, uint32_t slot_bits)
    : run_(run),
      maps_(run.isa->activation(use.index, run.p->accuracy == GEMMACT_FAST)),
      constants_(use.params),
      param_count_(use.info->param_count) {
  for (int p = 0; p < param_count_; ++p) {
    sources_[p] = use.info->params[p].is_operand ? run.find(slot_bits | GEMMACT_TARGET)
                                                 : run.find(slot_bits | GEMMACT_PARAM, uint32_t(p));
    each_ = each_ || (sources_[p] && sources_[p].t->col_stride != 0);
  }
}

void activation_rows::row::begin_tile(int64_t b, int64_t j, int64_t count) {
  b_ = b;
  j_ = j;
  count_ = count;
  for (int p = 0; p < all_.param_count_; ++p) {
    const place& from = all_.sources_[p];
    float* own = scratch_ + p * stride_;
    pointers_[p] = all_.each_ ? own : &single_[p];
    if (!from || (from.t->row_stride == 0 && from.t->col_stride == 0)) {
      single_[p] = from ? all_.run_.scalar(from, b) : all_.constants_[size_t(p)];
      if (all_.each_) std::fill_n(own, count, single_[p]);
    } else if (from.t->row_stride == 0) {
      all_.run_.load(from, b, 0, j, count, own);
    }
  }
}

void activation_rows::row::begin_row(int64_t i) {
  for (int p = 0; p < all_.param_count_; ++p) {
    const place& from = all_.sources_[p];
    if (!from || from.t->row_stride == 0) continue;
    float* own = scratch_ + p * stride_;
    if (from.t->col_stride != 0) {
      all_.run_.load(from, b_, i, j_, count_, own);
    } else {
      single_[p] = all_.run_.scalar(from, b_, i);
      if (all_.each_) std::fill_n(own, count_, single_[p]);
    }
  }
}

}  // namespace gemmact::cpu
