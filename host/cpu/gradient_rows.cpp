#include "host/cpu/gradient_rows.hpp"

#include <algorithm>

namespace gemmact::cpu {

void gradient_scratch::carve(carver& c, int64_t leading_dimension) {
  ld = leading_dimension;
  params = c.take<float>(activation_rows::scratch_elems(elems()));
  for (float** array : {&kept[0], &kept[1], &dy, &df, &dz, &term}) *array = c.take<float>(elems());
}

gradient_rows::gradient_rows(const run_view& run, const gradient_layer& layer, const activation_rows& act,
                             const gradient_sums& sums, gradient_scratch& s)
    : run_(run),
      maps_(*run.isa->row),
      layer_(layer),
      sums_(sums),
      s_(s),
      act_(act, s.params, s.elems()),
      rows_(act.same_in_all_rows() ? strip_rows(s.ld) : 1) {
  for (uint32_t i = 0; i < 2; ++i) kept_[i] = run.find(layer.slot_bits | GEMMACT_KEPT, i);
  for (uint32_t i = 0; i < std::size(dz_); ++i) dz_[i] = run.find(layer.slot_bits | GEMMACT_DZ, i);
}

void gradient_rows::begin(const strip& block, int64_t row_block, int64_t col_block) {
  for (int sum = 0; sum < max_sums; ++sum) {
    if (!sums_.wanted(sum)) continue;
    column_sum_[sum] = sums_.by_column(sum, block.b, row_block);
    row_sum_[sum] = sums_.by_row(sum, block.b, col_block);
    if (column_sum_[sum] != nullptr) std::fill_n(column_sum_[sum] + block.j, block.cols, 0.0f);
    if (row_sum_[sum] != nullptr) std::fill_n(row_sum_[sum] + block.i, block.rows, 0.0f);
  }
}

void gradient_rows::apply(const strip& at, float* dy) {
  act_.begin_strip(at);
  if (layer_.combine == GEMMACT_MAXOUT) maxout(at, dy);
  else if (layer_.combine == GEMMACT_GATED) gated(at, dy);
  else plain(at, dy);
}

void gradient_rows::load_kept(int index, const strip& at, float* out) {
  if (layer_.keep == GEMMACT_KEEP_NOTHING) {
    std::fill_n(out, at.count(), 0.0f);  // f' does not depend on it
  } else if (kept_[index].t->type != GEMMACT_BIT) {
    run_.load(kept_[index], at, out);
  } else {
    for (int64_t r = 0; r < at.rows; ++r)
      maps_.unpack_bits(static_cast<const uint32_t*>(kept_[index].at(at.b, at.i + r, at.j)), out + r * at.ld,
                        size_t(at.cols));
  }
}

void gradient_rows::add_columns(float* sum, const strip& at, const float* values) {
  for (int64_t r = 0; r < at.rows; ++r) maps_.add(sum + at.j, values + r * at.ld, size_t(at.cols));
}

void gradient_rows::emit(int piece, const strip& at, const float* dz) {
  if (dz_[piece]) run_.store(dz, dz_[piece], at);
  if (column_sum_[piece] != nullptr) add_columns(column_sum_[piece], at, dz);
  for (int64_t r = 0; row_sum_[piece] != nullptr && r < at.rows; ++r)
    row_sum_[piece][at.i + r] += maps_.sum(dz + r * at.ld, size_t(at.cols));
}

void gradient_rows::param_sums(const strip& at, const float* dy) {
  for (int p = 0; p < layer_.use->info->param_count; ++p) {
    float* sum = column_sum_[8 + p];
    if (sum == nullptr) continue;
    act_.param_grad(p, s_.kept[0], s_.df);
    maps_.gradient(dy, s_.df, s_.term, size_t(at.count()));
    add_columns(sum, at, s_.term);
  }
}

void gradient_rows::plain(const strip& at, float* dy) {
  load_kept(0, at, s_.kept[0]);
  param_sums(at, dy);
  act_.grad(layer_.keep, s_.kept[0], s_.df);
  maps_.gradient(dy, s_.df, s_.dz, size_t(at.count()));
  emit(0, at, s_.dz);
}

void gradient_rows::gated(const strip& at, float* dy) {
  const size_t count = size_t(at.count());
  load_kept(0, at, s_.kept[0]);
  load_kept(1, at, s_.kept[1]);
  act_.value(s_.kept[0], s_.dz);
  maps_.multiply(s_.dz, dy, count);
  maps_.multiply(s_.kept[1], dy, count);
  emit(1, at, s_.dz);
  // The gate's own dY is dY o z_1.
  param_sums(at, s_.kept[1]);
  act_.grad(GEMMACT_KEEP_Z, s_.kept[0], s_.df);
  maps_.gradient(s_.kept[1], s_.df, s_.dz, count);
  emit(0, at, s_.dz);
}

void gradient_rows::maxout(const strip& at, const float* dy) {
  for (int p = 0; p < layer_.pieces; ++p) {
    if (!dz_[p] && !sums_.wanted(p)) continue;
    for (int64_t r = 0; r < at.rows; ++r)
      maps_.select(static_cast<const uint8_t*>(kept_[0].at(at.b, at.i + r, at.j)), p, dy + r * at.ld, s_.dz + r * at.ld,
                   size_t(at.cols));
    emit(p, at, s_.dz);
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
    if (tensors_[sum]->extent == GEMMACT_PER_ROW)
      row_sums_[sum] = c.take<float>(saturating_product(batch_, col_blocks, rows));
    else column_sums_[sum] = c.take<float>(saturating_product(batch_, row_blocks, cols));
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
