// dW (+)= dZ^T X for each piece, with db = column sums of the stored dZ from the operand that the product packs anyway.
// A long batch over a small W is split into shares of m whose partial products are added in a fixed order.
#include <algorithm>

#include "host/cpu/kernel.hpp"

namespace gemmact::cpu {
namespace {

constexpr int64_t few_blocks = 8;      // fewer blocks than this leave threads idle
constexpr int64_t row_cols = 96;       // a thread's row scratch is never shorter
constexpr int64_t share_depth = 2048;  // the least m that is worth a share of its own

struct weight_grad_scratch {
  product_scratch product;
  float* acc;
  float* row;
  void carve(carver& c, const blocking& sizes) {
    product.carve(c, sizes);
    acc = c.take<float>(std::min(tile_rows, sizes.rows) * product.ldc);
    row = c.take<float>(std::max(product.ldc, row_cols));
  }
};

// Adds the rows of packed dZ^T, that is the columns of dZ.
struct bias_sums {
  const gemmact_isa::row_maps* maps;
  float* sums;  // one a row of the block
  static void see(void* self, const float* a, int64_t rows, int64_t depth) {
    auto& s = *static_cast<bias_sums*>(self);
    for (int64_t i = 0; i < rows; ++i) s.sums[i] += s.maps->sum(a + i * depth, size_t(depth));
  }
};

class weight_grad final : public kernel {
 public:
  weight_grad(const core::problem& p, machine m) : kernel(p, m) {
    const blocking s = sizes(p.m);
    shares_ = s.blocks() * p.pieces >= few_blocks ? 1 : std::clamp<int64_t>(p.m / share_depth, 1, few_blocks);
    summed_ = p.find(GEMMACT_DW)->batch_stride == 0;  // all pieces agree
  }

 private:
  // Independent of the threads: the number of shares follows from the blocks, and a share's bits are part of the result.
  blocking sizes(int64_t m) const {
    blocking s = blocking::choose(problem_.n, problem_.k, m, threads(), true);
    s.allow_dot = false;
    return s;
  }

  struct areas {
    float* bias;     // pieces x shares x batch x n, when some piece's db is by column
    float* partial;  // pieces x shares x n x ldp, when there is more than one share
    float* finish;
    weight_grad_scratch own;
  };
  // Batch entries that have a dW of their own.
  int64_t groups() const { return summed_ ? 1 : problem_.batch; }
  int64_t partial_ld() const { return (problem_.k + 15) / 16 * 16; }

  areas lay_out(carver& c, int slot) const {
    areas a;
    bool bias = false;
    for (int piece = 0; piece < problem_.pieces; ++piece) bias = bias || wants_bias_by_column(piece);
    const int64_t pieces = problem_.pieces, n = problem_.n;
    a.bias = c.take<float>(bias ? saturating_product(pieces, shares_, problem_.batch, n) : 0);
    a.partial = c.take<float>(shares_ > 1 ? saturating_product(pieces, shares_, groups(), n, partial_ld()) : 0);
    a.finish = c.take<float>(2 * tile_cols);
    for (int t = 0; t <= slot; ++t) a.own.carve(c, sizes(problem_.m));
    return a;
  }

  int64_t carve(void* base) const override {
    carver c(base);
    lay_out(c, threads() - 1);
    return c.used();
  }

  product_term term(const run_view& run, int piece, int64_t b) const {
    const bool tf32 = problem_.compute == GEMMACT_COMPUTE_TF32, maxout = problem_.combine == GEMMACT_MAXOUT;
    const place dz = maxout ? run.find(GEMMACT_DY) : run.find(GEMMACT_DZ, uint32_t(piece));
    product_term t{dz.transposed(b, 0, 0, tf32), run.find(GEMMACT_X).view(b, 0, 0, tf32)};
    if (maxout) {
      const place winner = run.find(GEMMACT_KEPT);
      t.winner = static_cast<const uint8_t*>(winner.at(b, 0, 0));
      t.winner_row = winner.t->col_stride;
      t.winner_col = winner.t->row_stride;
      t.piece = piece;
    }
    return t;
  }

  // db of rows of a block: [piece][share][batch entry][n].
  float* bias_at(const areas& a, int piece, int64_t share, int64_t b) const {
    return a.bias + ((piece * shares_ + share) * problem_.batch + b) * problem_.n;
  }
  float* partial_at(const areas& a, int piece, int64_t share, int64_t group) const {
    return a.partial + ((piece * shares_ + share) * groups() + group) * problem_.n * partial_ld();
  }

  struct task_index {
    int piece;
    int64_t group, share, row_block, col_block;
  };
  task_index decode(int64_t task, const blocking& s) const {
    int64_t t = task;
    task_index x;
    x.row_block = t % s.row_blocks();
    t /= s.row_blocks();
    x.col_block = t % s.col_blocks();
    t /= s.col_blocks();
    x.share = t % shares_;
    t /= shares_;
    x.group = t % groups();
    x.piece = int(t / groups());
    return x;
  }

  void block(const run_view& run, const blocking& s, const areas& a, const task_index& x) const {
    const int64_t i0 = x.row_block * s.block_rows, j0 = x.col_block * s.block_cols;
    // Shares are cut at multiples of the packed depth.
    const int64_t share = (s.depth + shares_ - 1) / shares_;
    const int64_t step = (share + tile_depth - 1) / tile_depth * tile_depth;
    const int64_t d0 = shares_ == 1 ? 0 : std::min(s.depth, x.share * step);
    const int64_t d1 = shares_ == 1 ? s.depth : std::min(s.depth, d0 + step);
    block_range r{i0, std::min(s.block_rows, s.rows - i0), j0, std::min(s.block_cols, s.cols - j0), d0, d1, false};
    const bool wants_bias = x.col_block == 0 && wants_bias_by_column(x.piece);
    const int64_t b0 = summed_ ? 0 : x.group, b1 = summed_ ? problem_.batch : x.group + 1;
    for (int64_t i = 0; d0 == d1 && i < r.rows; ++i) std::fill_n(a.own.acc + i * a.own.product.ldc, r.cols, 0.0f);
    for (int64_t b = b0; b < b1; ++b) {
      bias_sums bias{run.isa->row, wants_bias ? bias_at(a, x.piece, x.share, b) + i0 : nullptr};
      const packed_a_watcher watcher{bias_sums::see, &bias};
      if (wants_bias) std::fill_n(bias.sums, r.rows, 0.0f);
      if (d0 < d1)
        multiply_block(*run.isa, term(run, x.piece, b), r, s, a.own.product, a.own.acc,
                       wants_bias ? &watcher : nullptr);
      r.accumulate = true;
    }
    const place dw = run.find(GEMMACT_DW, uint32_t(x.piece));
    for (int64_t i = 0; i < r.rows; ++i) {
      float* row = a.own.acc + i * a.own.product.ldc;
      if (shares_ > 1)
        std::copy_n(row, r.cols, partial_at(a, x.piece, x.share, x.group) + (i0 + i) * partial_ld() + j0);
      else store_row(run, dw, x.group, i0 + i, j0, r.cols, row, a.own.row);
    }
  }

  static void store_row(const run_view& run, const place& dw, int64_t b, int64_t i, int64_t j, int64_t count,
                        float* row, float* old) {
    if (dw.t->accumulate) {
      run.load(dw, b, i, j, count, old);
      run.isa->row->add(row, old, size_t(count));
    }
    run.store(row, dw, b, i, j, count);
  }

  // The shares of one row of dW, added in their order.
  void add_shares(const run_view& run, const areas& a, int piece, int64_t group, int64_t i) const {
    const place dw = run.find(GEMMACT_DW, uint32_t(piece));
    for (int64_t j = 0; j < problem_.k; j += tile_cols) {
      const int64_t count = std::min(tile_cols, problem_.k - j);
      float* first = partial_at(a, piece, 0, group) + i * partial_ld() + j;
      for (int64_t share = 1; share < shares_; ++share)
        run.isa->row->add(first, partial_at(a, piece, share, group) + i * partial_ld() + j, size_t(count));
      float old[tile_cols];
      store_row(run, dw, group, i, j, count, first, old);
    }
  }

  // A sum over the neurons of each row of dZ, a row a task: it has no place in the product.
  void row_bias(const run_view& run, int piece, void* workspace) const {
    const place to = run.find(GEMMACT_DBIAS, uint32_t(piece));
    if (!to || to.t->extent != GEMMACT_PER_ROW) return;
    const int64_t m = run.operands->m;
    const bool summed = to.t->batch_stride == 0;
    machine_.pool->run(m, worth_threads(0, double(m) * double(problem_.n)), [&](int64_t i, int slot) {
      carver c(workspace);
      const areas a = lay_out(c, slot);
      float total = 0.0f;
      for (int64_t b = 0; b < problem_.batch; ++b) {
        if (!summed) total = 0.0f;
        total += dz_row_sum(run, piece, b, i, a.own.row);
        if (summed && b + 1 < problem_.batch) continue;
        float old = 0.0f, sum = total;
        store_row(run, to, summed ? 0 : b, i, 0, 1, &sum, &old);
      }
    });
  }

  float dz_row_sum(const run_view& run, int piece, int64_t b, int64_t i, float* scratch) const {
    const bool maxout = problem_.combine == GEMMACT_MAXOUT;
    const place dz = maxout ? run.find(GEMMACT_DY) : run.find(GEMMACT_DZ, uint32_t(piece));
    float total = 0.0f;
    for (int64_t j = 0; j < problem_.n; j += row_cols) {
      const int64_t count = std::min(row_cols, problem_.n - j);
      run.load(dz, b, i, j, count, scratch);
      if (maxout)
        run.isa->row->select(static_cast<const uint8_t*>(run.find(GEMMACT_KEPT).at(b, i, j)), piece, scratch, scratch,
                             size_t(count));
      total += run.isa->row->sum(scratch, size_t(count));
    }
    return total;
  }

  bool wants_bias_by_column(int piece) const {
    const core::tensor* t = problem_.find(GEMMACT_DBIAS, uint32_t(piece));
    return t != nullptr && t->extent != GEMMACT_PER_ROW;
  }

  void finish_bias(const run_view& run, const areas& a, int piece) const {
    if (!wants_bias_by_column(piece)) return;
    const place to = run.find(GEMMACT_DBIAS, uint32_t(piece));
    const bool summed = to.t->batch_stride == 0;
    for (int64_t group = 0; group < (summed ? 1 : problem_.batch); ++group) {
      const int64_t b0 = summed ? 0 : group, b1 = summed ? problem_.batch : group + 1;
      float scalar = 0.0f;
      for (int64_t j = 0; j < problem_.n; j += tile_cols) {
        const int64_t count = std::min(tile_cols, problem_.n - j);
        std::fill_n(a.finish, count, 0.0f);
        for (int64_t b = b0; b < b1; ++b)
          for (int64_t share = 0; share < shares_; ++share)
            run.isa->row->add(a.finish, bias_at(a, piece, share, b) + j, size_t(count));
        if (to.t->extent == GEMMACT_SCALAR) scalar += run.isa->row->sum(a.finish, size_t(count));
        else store_row(run, to, group, 0, j, count, a.finish, a.finish + tile_cols);
      }
      if (to.t->extent == GEMMACT_SCALAR) store_row(run, to, group, 0, 0, 1, &scalar, a.finish);
    }
  }

  void execute(const run_view& run, void* workspace) const override {
    const core::problem& p = problem_;
    const blocking s = sizes(run.operands->m);
    carver whole(workspace);
    const areas common = lay_out(whole, 0);
    const int64_t tasks = p.pieces * groups() * shares_ * s.blocks();
    const double work = double(p.batch) * p.pieces * double(s.rows) * double(s.cols) * double(s.depth);
    machine_.pool->run(tasks, worth_threads(work, 0), [&](int64_t task, int slot) {
      carver c(workspace);
      block(run, s, lay_out(c, slot), decode(task, s));
    });
    for (int piece = 0; piece < p.pieces; ++piece) {
      if (shares_ > 1)
        for (int64_t group = 0; group < groups(); ++group)
          for (int64_t i = 0; i < p.n; ++i) add_shares(run, common, piece, group, i);
      finish_bias(run, common, piece);
      row_bias(run, piece, workspace);
    }
  }

  int64_t shares_ = 1;
  bool summed_ = true;
};

}  // namespace

std::unique_ptr<kernel> make_weight_grad(const core::problem& p, machine m) {
  return std::make_unique<weight_grad>(p, m);
}

}  // namespace gemmact::cpu
