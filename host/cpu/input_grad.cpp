// dX = dZ W (gated: the sum over both pairs; maxout: over the pieces, dZ_p = dY where piece p won), and for the layer
// below dZ_below = dX o f_below' with its sums, while the block of dX is in the cache.
#include <algorithm>

#include "host/cpu/gradient_rows.hpp"
#include "host/cpu/kernel.hpp"

namespace gemmact::cpu {
namespace {

struct input_grad_scratch {
  product_scratch product;
  float* acc;
  gradient_scratch below;
  void carve(carver& c, const blocking& sizes) {
    product.carve(c, sizes);
    acc = c.take<float>(std::min(tile_rows, sizes.rows) * product.ldc);
    below.carve(c, product.ldc);
  }
};

class input_grad final : public kernel {
 public:
  input_grad(const core::problem& p, machine m)
      : kernel(p, m),
        layer_{problem_.below ? &*problem_.below : &problem_.activation, problem_.below_combine, problem_.below_pieces,
               problem_.keep_below, GEMMACT_BELOW},
        loops_(*m.isa, problem_, *layer_.use, GEMMACT_BELOW),
        sums_wanted_(problem_.below && gradient_sums(problem_, layer_).any()) {}

 private:
  blocking sizes(int64_t m) const {
    blocking s = blocking::choose(m, problem_.k, problem_.n, threads(), sums_wanted_);
    if (problem_.has(GEMMACT_BATCH_INVARIANT)) s.allow_dot = false;
    return s;
  }

  struct areas {
    float* finish;
    input_grad_scratch own;
  };
  areas lay_out(carver& c, gradient_sums& sums, const blocking& s, int slot) const {
    areas a;
    sums.carve(c, s.row_blocks(), s.rows, s.cols, s.col_blocks());
    a.finish = c.take<float>(2 * tile_cols);
    for (int t = 0; t <= slot; ++t) a.own.carve(c, s);
    return a;
  }

  int64_t carve(void* base) const override {
    carver c(base);
    gradient_sums sums(problem_, layer_);
    lay_out(c, sums, sizes(problem_.m), threads() - 1);
    return c.used();
  }

  product_term term(const run_view& run, int piece, int64_t b) const {
    const bool tf32 = problem_.compute == GEMMACT_COMPUTE_TF32, maxout = problem_.combine == GEMMACT_MAXOUT;
    const place a = maxout ? run.find(GEMMACT_DY) : run.find(GEMMACT_DZ, uint32_t(piece));
    const place w = run.find(GEMMACT_W, uint32_t(piece));
    product_term t{a.view(b, 0, 0, tf32), w.view(b, 0, 0, tf32)};
    if (maxout) {
      const place winner = run.find(GEMMACT_KEPT);
      t.winner = static_cast<const uint8_t*>(winner.at(b, 0, 0));
      t.winner_row = winner.t->row_stride;
      t.winner_col = winner.t->col_stride;
      t.piece = piece;
    }
    return t;
  }

  void execute(const run_view& run, void* workspace) const override {
    const core::problem& p = problem_;
    const blocking plan_sizes = sizes(p.m), s = sizes(run.operands->m);
    const place dx = run.find(GEMMACT_DX);
    const activation_rows act(run, *layer_.use, loops_, GEMMACT_BELOW);
    gradient_sums sums(p, layer_);
    carver whole(workspace);
    const areas common = lay_out(whole, sums, plan_sizes, 0);

    const double work = double(p.batch) * double(s.rows) * double(s.cols);
    machine_.pool->run(
        p.batch * s.blocks(), worth_threads(work * double(s.depth) * p.pieces, work), [&](int64_t task, int slot) {
          gradient_sums unused(p, layer_);
          carver c(workspace);
          input_grad_scratch scratch = lay_out(c, unused, plan_sizes, slot).own;
          const int64_t b = task / s.blocks(), block = task % s.blocks();
          const int64_t row_block = block % s.row_blocks(), col_block = block / s.row_blocks();
          const int64_t i0 = row_block * s.block_rows, j0 = col_block * s.block_cols;
          const block_range r{
              i0, std::min(s.block_rows, s.rows - i0), j0, std::min(s.block_cols, s.cols - j0), 0, s.depth, false};
          scratch.product.fit(r.cols);
          for (int piece = 0; piece < p.pieces; ++piece) {
            block_range range = r;
            range.accumulate = piece > 0;
            multiply_block(*run.isa, term(run, piece, b), range, s, scratch.product, scratch.acc);
          }
          if (dx)
            for (int64_t i = 0; i < r.rows; ++i)
              run.store(scratch.acc + i * scratch.product.ldc, dx, b, i0 + i, j0, r.cols);
          if (!p.below) return;
          gradient_rows rows(run, layer_, act, sums, scratch.below);
          rows.begin({b, i0, r.rows, j0, r.cols, scratch.product.ldc}, row_block, col_block);
          strip at{b, i0, std::min(rows.rows(), r.rows), j0, r.cols, scratch.product.ldc};
          rows.begin_columns(at);
          for (; at.i < i0 + r.rows; at.i += at.rows) {
            at.rows = std::min(rows.rows(), i0 + r.rows - at.i);
            rows.apply(at, scratch.acc + (at.i - i0) * at.ld);
          }
        });
    if (sums_wanted_) sums.finish(run, s.rows, s.row_blocks(), s.col_blocks(), common.finish);
  }

  const gradient_layer layer_;
  const function_loops loops_;
  const bool sums_wanted_;
};

}  // namespace

std::unique_ptr<kernel> make_input_grad(const core::problem& p, machine m) {
  return std::make_unique<input_grad>(p, m);
}

}  // namespace gemmact::cpu
