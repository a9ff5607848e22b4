// dZ = dY o f'(what was kept), with the sums: one pass over memory.
#include <algorithm>

#include "host/cpu/gradient_rows.hpp"
#include "host/cpu/kernel.hpp"

namespace gemmact::cpu {
namespace {

class activation_grad final : public kernel {
 public:
  activation_grad(const core::problem& p, machine m)
      : kernel(p, m),
        layer_{&problem_.activation, problem_.combine, problem_.pieces, problem_.keep, 0},
        loops_(*m.isa, problem_, problem_.activation, 0) {}

 private:
  // The split of the rows depends on nothing, because each block has a partial sum.
  static blocking sizes(int64_t m, int64_t n) {
    blocking s;
    s.rows = m;
    s.cols = n;
    s.block_rows = std::min<int64_t>(m, 64);
    s.block_cols = std::min(n, 8 * tile_cols);
    return s;
  }

  int64_t carve(void* base) const override {
    carver c(base);
    gradient_sums sums(problem_, layer_);
    lay_out(c, sums, sizes(problem_.m, problem_.n), threads() - 1);
    return c.used();
  }

  // Partial sums, the final sums' scratch, then the threads' scratch up to the slot's.
  struct areas {
    float* finish;
    gradient_scratch own;
  };
  areas lay_out(carver& c, gradient_sums& sums, const blocking& s, int slot) const {
    areas a;
    sums.carve(c, s.row_blocks(), s.rows, s.cols, s.col_blocks());
    a.finish = c.take<float>(2 * tile_cols);
    for (int t = 0; t <= slot; ++t) a.own.carve(c, (std::min(s.block_cols, tile_cols) + 15) / 16 * 16);
    return a;
  }

  void execute(const run_view& run, void* workspace) const override {
    const blocking plan_sizes = sizes(problem_.m, problem_.n), s = sizes(run.operands->m, problem_.n);
    const activation_rows act(run, problem_.activation, loops_, 0);
    const place dy = run.find(GEMMACT_DY);
    gradient_sums sums(problem_, layer_);
    carver whole(workspace);
    const areas common = lay_out(whole, sums, plan_sizes, 0);

    const double elements = double(problem_.batch) * double(s.rows) * double(s.cols);
    machine_.pool->run(problem_.batch * s.blocks(), worth_threads(0, elements), [&](int64_t task, int slot) {
      gradient_sums unused(problem_, layer_);
      carver c(workspace);
      areas a = lay_out(c, unused, plan_sizes, slot);
      gradient_rows rows(run, layer_, act, sums, a.own);
      const int64_t b = task / s.blocks(), block = task % s.blocks();
      const int64_t row_block = block / s.col_blocks(), col_block = block % s.col_blocks();
      const int64_t i0 = row_block * s.block_rows, i1 = std::min(i0 + s.block_rows, s.rows);
      const int64_t j0 = col_block * s.block_cols, count = std::min(s.block_cols, s.cols - j0);
      rows.begin({b, i0, i1 - i0, j0, count, a.own.ld}, row_block, col_block);
      // Along the rows first: memory is read in long runs.
      for (int64_t i = i0; i < i1; i += rows.rows())
        for (int64_t j = j0; j < j0 + count; j += tile_cols) {
          const int64_t cols = std::min(tile_cols, j0 + count - j);
          const strip at{b, i, std::min(rows.rows(), i1 - i), j, cols, (cols + 15) / 16 * 16};
          rows.begin_columns(at);
          run.load(dy, at, a.own.dy);
          rows.apply(at, a.own.dy);
        }
    });
    sums.finish(run, s.rows, s.row_blocks(), s.col_blocks(), common.finish);
  }

  const gradient_layer layer_;
  const function_loops loops_;
};

}  // namespace

std::unique_ptr<kernel> make_activation_grad(const core::problem& p, machine m) {
  return std::make_unique<activation_grad>(p, m);
}

}  // namespace gemmact::cpu
