#include "host/cpu/gradient_rows.hpp"

#include <algorithm>

namespace gemmact::cpu {

void gradient_scratch::carve(carver& c, int64_t segment) {
  cols = segment;
  params = c.take<float>(activation_rows::scratch_elems(segment));
  for (float** array : {&kept[0], &kept[1], &dy, &df, &dz, &term}) *array = c.take<float>(segment);
  winner = c.take<uint8_t>(segment);
}

gradient_rows::gradient_rows(const run_view& run, const gradient_layer& layer, const activation_rows& act,
                             const gradient_sums& sums, gradient_scratch& s)
    : run_(run), maps_(*run.isa->row), layer_(layer), sums_(sums), s_(s), act_(act, s.params, s.cols) {
  for (uint32_t i = 0; i < 2; ++i) kept_[i] = run.find(layer.slot_bits | GEMMACT_KEPT, i);
  for (uint32_t i = 0; i < std::size(dz_); ++i) dz_[i] = run.find(layer.slot_bits | GEMMACT_DZ, i);
}

void gradient_rows::begin(int64_t b, int64_t j, int64_t count, int64_t row_block, int64_t col_block) {
  b_ = b;
  j_ = j;
  count_ = count;
  act_.begin_tile(b, j, count);
  for (int sum = 0; sum < max_sums; ++sum) {
    if (!sums_.wanted(sum)) continue;
    column_sum_[sum] = sums_.by_column(sum, b, row_block);
    row_sum_[sum] = sums_.by_row(sum, b, col_block);
    if (column_sum_[sum] != nullptr) std::fill_n(column_sum_[sum] + j, count, 0.0f);
  }
}

void gradient_rows::row(int64_t i, float* dy) {
  act_.begin_row(i);
  if (layer_.combine == GEMMACT_MAXOUT) maxout(i, dy);
  else if (layer_.combine == GEMMACT_GATED) gated(i, dy);
  else plain(i, dy);
}

void gradient_rows::load_kept(int index, int64_t i, float* out) {
  if (layer_.keep == GEMMACT_KEEP_NOTHING) std::fill_n(out, count_, 0.0f);  // f' does not depend on it
  else if (kept_[index].t->type == GEMMACT_BIT)
    maps_.unpack_bits(static_cast<const uint32_t*>(kept_[index].at(b_, i, j_)), out, size_t(count_));
  else run_.load(kept_[index], b_, i, j_, count_, out);
}

void gradient_rows::emit(int piece, int64_t i, const float* dz) {
  if (dz_[piece]) run_.store(dz, dz_[piece], b_, i, j_, count_);
  if (column_sum_[piece] != nullptr) maps_.add(column_sum_[piece] + j_, dz, size_t(count_));
  if (row_sum_[piece] != nullptr) row_sum_[piece][i] = maps_.sum(dz, size_t(count_));
}

void gradient_rows::param_sums(const float* dy) {
  for (int p = 0; p < layer_.use->info->param_count; ++p) {
    float* sum = column_sum_[8 + p];
    if (sum == nullptr) continue;
    act_.param_grad(p, s_.kept[0], s_.df);
    maps_.gradient(dy, s_.df, s_.term, size_t(count_));
    maps_.add(sum + j_, s_.term, size_t(count_));
  }
}

void gradient_rows::plain(int64_t i, float* dy) {
  load_kept(0, i, s_.kept[0]);
  param_sums(dy);
  act_.grad(layer_.keep, s_.kept[0], s_.df);
  maps_.gradient(dy, s_.df, s_.dz, size_t(count_));
  emit(0, i, s_.dz);
}

void gradient_rows::gated(int64_t i, float* dy) {
  load_kept(0, i, s_.kept[0]);
  load_kept(1, i, s_.kept[1]);
  act_.value(s_.kept[0], s_.dz);
  maps_.multiply(s_.dz, dy, size_t(count_));
  maps_.multiply(s_.kept[1], dy, size_t(count_));
  emit(1, i, s_.dz);
  // The gate's own dY is dY o z_1.
  param_sums(s_.kept[1]);
  act_.grad(GEMMACT_KEEP_Z, s_.kept[0], s_.df);
  maps_.gradient(s_.kept[1], s_.df, s_.dz, size_t(count_));
  emit(0, i, s_.dz);
}

void gradient_rows::maxout(int64_t i, const float* dy) {
  const auto* winner = static_cast<const uint8_t*>(kept_[0].at(b_, i, j_));
  for (int p = 0; p < layer_.pieces; ++p) {
    if (!dz_[p] && !sums_.wanted(p)) continue;
    maps_.select(winner, p, dy, s_.dz, size_t(count_));
    emit(p, i, s_.dz);
  }
}

gradient_sums::gradient_sums(const core::problem& p, const gradient_layer& layer) : batch_(p.batch) {
  for (int i = 0; i < layer.pieces; ++i) tensors_[i] = p.find(layer.slot_bits | GEMMACT_DBIAS, uint32_t(i));
  for (int i = 0; i < core::max_params; ++i) tensors_[8 + i] = p.find(layer.slot_bits | GEMMACT_DPARAM, uint32_t(i));
}

bool gradient_sums::any() const {
  return std::any_of(std::begin(tensors_), std::end(tensors_), [](const core::tensor* t) { return t != nullptr; });
}

void gradient_sums::carve(carver& c, int64_t row_blocks, int64_t rows, int64_t cols, int64_t col_blocks) {
  blocks_ = row_blocks;
  rows_ = rows;
  cols_ = cols;
  col_blocks_ = col_blocks;
  for (int sum = 0; sum < max_sums; ++sum) {
    if (tensors_[sum] == nullptr) continue;
    if (tensors_[sum]->extent == GEMMACT_PER_ROW) row_sums_[sum] = c.take<float>(batch_ * col_blocks * rows);
    else column_sums_[sum] = c.take<float>(batch_ * row_blocks * cols);
  }
}

float* gradient_sums::by_column(int sum, int64_t b, int64_t row_block) const {
  return column_sums_[sum] == nullptr ? nullptr : column_sums_[sum] + (b * blocks_ + row_block) * cols_;
}

float* gradient_sums::by_row(int sum, int64_t b, int64_t col_block) const {
  return row_sums_[sum] == nullptr ? nullptr : row_sums_[sum] + (b * col_blocks_ + col_block) * rows_;
}

void gradient_sums::finish(const run_view& run, int64_t m, int64_t row_blocks, int64_t col_blocks,
                           float* scratch) const {
  for (int sum = 0; sum < max_sums; ++sum) {
    if (tensors_[sum] == nullptr) continue;
    if (tensors_[sum]->batch_stride == 0) finish_entry(run, sum, 0, batch_, m, row_blocks, col_blocks, scratch);
    else
      for (int64_t b = 0; b < batch_; ++b) finish_entry(run, sum, b, b + 1, m, row_blocks, col_blocks, scratch);
  }
}

// The sum over batch entries [b0, b1), stored at entry b0.
void gradient_sums::finish_entry(const run_view& run, int sum, int64_t b0, int64_t b1, int64_t m, int64_t row_blocks,
                                 int64_t col_blocks, float* scratch) const {
  const core::tensor& t = *tensors_[sum];
  const place to = run.find(t.slot, t.index);
  const bool by_rows = t.extent == GEMMACT_PER_ROW;
  const int64_t length = by_rows ? m : cols_, blocks = by_rows ? col_blocks : row_blocks;
  float scalar = 0.0f;
  for (int64_t j = 0; j < length; j += tile_cols) {
    const int64_t count = std::min(tile_cols, length - j);
    std::fill_n(scratch, count, 0.0f);
    for (int64_t b = b0; b < b1; ++b)
      for (int64_t block = 0; block < blocks; ++block)
        run.isa->row->add(scratch, (by_rows ? by_row(sum, b, block) : by_column(sum, b, block)) + j, size_t(count));
    if (t.extent == GEMMACT_SCALAR) {
      scalar += run.isa->row->sum(scratch, size_t(count));
      continue;
    }
    // A sum by row runs down the rows of its tensor.
    const int64_t i = by_rows ? j : 0, column = by_rows ? 0 : j, stride = by_rows ? t.row_stride : t.col_stride;
    void* at = to.at(b0, i, column);
    float* old = scratch + tile_cols;
    if (t.accumulate) {
      run.isa->row->load(at, int(t.type), stride, old, size_t(count));
      run.isa->row->add(scratch, old, size_t(count));
    }
    run.isa->row->store(scratch, at, int(t.type), stride, size_t(count));
  }
  if (t.extent == GEMMACT_SCALAR) {
    if (t.accumulate) scalar += run.scalar(to, b0);
    run.store(&scalar, to, b0, 0, 0, 1);
  }
}

}  // namespace gemmact::cpu
