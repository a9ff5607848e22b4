// Y = f(alpha * scale_x * scale_w * X W^T + b + beta * C) + R, block by block: the product of a block stays in the
// thread's cache while every step of the layer is applied to its rows.
#include <algorithm>
#include <atomic>
#include <cstring>

#include "host/cpu/activation_rows.hpp"
#include "host/cpu/kernel.hpp"

namespace gemmact::cpu {
namespace {

constexpr int max_pieces = 8;

// One thread's scratch; arrays of one strip.
struct forward_scratch {
  product_scratch product;
  float* acc[max_pieces];
  float* bias[max_pieces];
  float* scale_w[max_pieces];
  float* params;
  float* y;
  float* other;
  uint8_t* winner;

  void carve(carver& c, const blocking& sizes, int pieces) {
    product.carve(c, sizes);
    const int64_t elems = product.strip_elems();
    for (int p = 0; p < pieces; ++p) {
      acc[p] = c.take<float>(std::min(tile_rows, sizes.rows) * product.ldc);
      bias[p] = c.take<float>(elems);
      scale_w[p] = c.take<float>(elems);
    }
    params = c.take<float>(activation_rows::scratch_elems(elems));
    y = c.take<float>(elems);
    other = c.take<float>(elems);
    winner = c.take<uint8_t>(elems);
  }
};

// The tensors of a run, looked up once.
struct forward_tensors {
  place x, w[max_pieces], bias[max_pieces], scale_w[max_pieces], c[max_pieces], kept[2];
  place residual, y, y_other, scale_x, scale_y, amax, alpha, beta;

  explicit forward_tensors(const run_view& run) {
    for (uint32_t p = 0; p < max_pieces; ++p) {
      w[p] = run.find(GEMMACT_W, p);
      bias[p] = run.find(GEMMACT_BIAS, p);
      scale_w[p] = run.find(GEMMACT_SCALE_W, p);
      c[p] = run.find(GEMMACT_C, p);
    }
    for (uint32_t i = 0; i < 2; ++i) kept[i] = run.find(GEMMACT_KEPT, i);
    x = run.find(GEMMACT_X);
    residual = run.find(GEMMACT_RESIDUAL);
    y = run.find(GEMMACT_Y);
    y_other = run.find(GEMMACT_Y_OTHER);
    scale_x = run.find(GEMMACT_SCALE_X);
    scale_y = run.find(GEMMACT_SCALE_Y);
    amax = run.find(GEMMACT_AMAX_Y);
    alpha = run.find(GEMMACT_ALPHA);
    beta = run.find(GEMMACT_BETA);
  }
};

// One block being finished: strips of accumulators to strips of outputs.
class block_epilogue {
 public:
  block_epilogue(const run_view& run, const forward_tensors& tensors, const activation_rows& act, forward_scratch& s,
                 int64_t b, const block_range& r)
      : run_(run),
        t_(tensors),
        row_(*run.isa->row),
        s_(s),
        act_(act, s.params, s.product.strip_elems()),
        block_(r),
        b_(b),
        pieces_(run.p->pieces) {
    alpha_ = t_.alpha ? run.scalar(t_.alpha, b) : 1.0f;
    beta_ = t_.beta ? run.scalar(t_.beta, b) : 1.0f;
    scale_y_ = t_.scale_y ? run.scalar(t_.scale_y, b) : 1.0f;
    bool by_row = !act.same_in_all_rows() || t_.scale_x.by_row();
    for (int p = 0; p < pieces_; ++p) by_row = by_row || t_.bias[p].by_row();
    rows_ = by_row ? 1 : std::min(r.rows, strip_rows(s.product.ldc));
    const strip largest = strip_at(0);
    for (int p = 0; p < pieces_; ++p) {
      if (t_.bias[p].by_column()) run.load_repeated(t_.bias[p], largest, s.bias[p]);
      if (t_.scale_w[p].by_column()) run.load_repeated(t_.scale_w[p], largest, s.scale_w[p]);
    }
    act_.begin_tile(largest);
  }

  void finish() {
    for (int64_t local = 0; local < block_.rows; local += rows_) finish_strip(strip_at(local), local);
  }

  // The largest magnitude, as bits: they order like the magnitudes, with NaN on top.
  uint32_t amax() const { return amax_; }

 private:
  strip strip_at(int64_t local) const {
    return {b_, block_.i0 + local, std::min(rows_, block_.rows - local), block_.j0, block_.cols, s_.product.ldc};
  }
  static uint32_t bits(float v) {
    uint32_t u;
    std::memcpy(&u, &v, sizeof u);
    return u;
  }

  void finish_strip(const strip& at, int64_t local) {
    float* z[max_pieces];
    for (int p = 0; p < pieces_; ++p) {
      z[p] = s_.acc[p] + local * at.ld;
      for (int64_t r = 0; at.ld != at.cols && r < at.rows; ++r)
        std::fill(z[p] + r * at.ld + at.cols, z[p] + (r + 1) * at.ld, 0.0f);
      pre_activation(p, at, z[p]);
    }
    act_.begin_strip(at);
    if (run_.p->combine == GEMMACT_MAXOUT) maxout(at, z);
    else activate(at, z);
    if (t_.residual) {
      run_.load(t_.residual, at, s_.other);
      row_.add(s_.y, s_.other, size_t(at.count()));
    }
    for (int64_t r = 0; t_.amax && r < at.rows; ++r)
      amax_ = std::max(amax_, bits(row_.absolute_maximum(s_.y + r * at.ld, size_t(at.cols))));
    if (t_.scale_y) row_.scale(s_.y, scale_y_, size_t(at.count()));
    run_.store(s_.y, t_.y, at);
  }

  void pre_activation(int p, const strip& at, float* z) {
    const size_t n = size_t(at.count());
    float scale = alpha_;
    if (t_.scale_x) scale *= run_.scalar(t_.scale_x, b_, at.i);
    if (t_.scale_w[p] && !t_.scale_w[p].by_column()) scale *= run_.scalar(t_.scale_w[p], b_);
    if (scale != 1.0f) row_.scale(z, scale, n);
    if (t_.scale_w[p].by_column()) row_.multiply(z, s_.scale_w[p], n);
    if (const place& bias = t_.bias[p]) {
      if (bias.by_column()) {
        row_.add(z, s_.bias[p], n);
      } else if (bias.t->col_stride == 0) {
        row_.add_scalar(z, run_.scalar(bias, b_, at.i), n);
      } else {
        run_.load(bias, at, s_.other);
        row_.add(z, s_.other, n);
      }
    }
    if (t_.c[p]) {
      run_.load(t_.c[p], at, s_.other);
      row_.add_scaled(z, beta_, s_.other, n);
    }
  }

  void maxout(const strip& at, float* const* z) {
    std::copy_n(z[0], at.count(), s_.y);
    std::fill_n(s_.winner, at.count(), uint8_t(0));
    for (int p = 1; p < pieces_; ++p) row_.maximum(z[p], p, s_.y, s_.winner, size_t(at.count()));
    for (int64_t r = 0; t_.kept[0] && r < at.rows; ++r)
      std::copy_n(s_.winner + r * at.ld, at.cols, static_cast<uint8_t*>(t_.kept[0].at(b_, at.i + r, at.j)));
  }

  void activate(const strip& at, float* const* z) {
    const gemmact_keep keep = run_.p->keep;
    if (t_.kept[0] && keep == GEMMACT_KEEP_Z)
      for (int p = 0; p < pieces_; ++p) run_.store(z[p], t_.kept[p], at);
    if (t_.kept[0] && keep == GEMMACT_KEEP_BIT) {
      act_.bit(z[0], s_.other);
      for (int64_t r = 0; r < at.rows; ++r)
        row_.pack_bits(s_.other + r * at.ld, static_cast<uint32_t*>(t_.kept[0].at(b_, at.i + r, at.j)),
                       size_t(at.cols));
    }
    if (t_.y_other) {
      act_.other(z[0], s_.other);
      run_.store(s_.other, t_.y_other, at);
    }
    act_.value(z[0], s_.y);
    if (t_.kept[0] && keep == GEMMACT_KEEP_OUTPUT) run_.store(s_.y, t_.kept[0], at);
    if (pieces_ == 2) row_.multiply(s_.y, z[1], size_t(at.count()));
  }

  const run_view& run_;
  const forward_tensors& t_;
  const gemmact_isa::row_maps& row_;
  forward_scratch& s_;
  activation_rows::row act_;
  const block_range block_;
  int64_t b_, rows_ = 1;
  int pieces_;
  float alpha_, beta_, scale_y_;
  uint32_t amax_ = 0;
};

class forward final : public kernel {
 public:
  forward(const core::problem& p, machine m) : kernel(p, m), loops_(*m.isa, problem_, problem_.activation, 0) {}

 private:
  blocking sizes(int64_t m) const {
    blocking s = blocking::choose(m, problem_.n, problem_.k, threads(), false);
    if (problem_.has(GEMMACT_BATCH_INVARIANT)) s.allow_dot = false;
    return s;
  }

  // The blocks of a smaller m are never larger than those of the plan's.
  int64_t carve(void* base) const override {
    carver c(base);
    c.take<std::atomic<uint32_t>>(problem_.batch);
    forward_scratch s;
    for (int t = 0; t < threads(); ++t) s.carve(c, sizes(problem_.m), problem_.pieces);
    return c.used();
  }

  void execute(const run_view& run, void* workspace) const override {
    const core::problem& p = problem_;
    const blocking plan_sizes = sizes(p.m), s = sizes(run.operands->m);
    const forward_tensors tensors(run);
    const activation_rows act(run, p.activation, loops_, 0);
    auto* amax = static_cast<std::atomic<uint32_t>*>(workspace);
    for (int64_t b = 0; b < p.batch; ++b) amax[b].store(0, std::memory_order_relaxed);

    const bool tf32 = p.compute == GEMMACT_COMPUTE_TF32;
    const double work = double(p.batch) * double(s.rows) * double(s.cols);
    machine_.pool->run(
        p.batch * s.blocks(), worth_threads(work * double(s.depth) * p.pieces, work), [&](int64_t task, int slot) {
          carver c(workspace);
          c.take<std::atomic<uint32_t>>(p.batch);
          forward_scratch scratch;
          for (int t = 0; t <= slot; ++t) scratch.carve(c, plan_sizes, p.pieces);
          const int64_t b = task / s.blocks(), block = task % s.blocks();
          const int64_t i0 = block % s.row_blocks() * s.block_rows, j0 = block / s.row_blocks() * s.block_cols;
          const block_range r{
              i0, std::min(s.block_rows, s.rows - i0), j0, std::min(s.block_cols, s.cols - j0), 0, s.depth, false};
          scratch.product.fit(r.cols);
          for (int piece = 0; piece < p.pieces; ++piece) {
            const product_term term{tensors.x.view(b, 0, 0, tf32), tensors.w[piece].transposed(b, 0, 0, tf32)};
            multiply_block(*run.isa, term, r, s, scratch.product, scratch.acc[piece]);
          }
          block_epilogue epilogue(run, tensors, act, scratch, b, r);
          epilogue.finish();
          for (uint32_t seen = amax[b].load(std::memory_order_relaxed); seen < epilogue.amax();)
            if (amax[b].compare_exchange_weak(seen, epilogue.amax(), std::memory_order_relaxed)) break;
        });
    if (tensors.amax) store_amax(tensors.amax, amax);
  }

  void store_amax(const place& to, const std::atomic<uint32_t>* amax) const {
    uint32_t all = 0;
    for (int64_t b = 0; b < problem_.batch; ++b) {
      const uint32_t own = amax[b].load(std::memory_order_relaxed);
      all = to.t->batch_stride == 0 ? std::max(all, own) : own;
      std::memcpy(to.at(b, 0, 0), &all, sizeof all);
    }
  }

  const function_loops loops_;
};

}  // namespace

std::unique_ptr<kernel> make_forward(const core::problem& p, machine m) { return std::make_unique<forward>(p, m); }

}  // namespace gemmact::cpu
