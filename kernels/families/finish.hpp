// What an epilogue is given for a run, and what it needs of the workspace.
#pragma once
#include <cstring>

#include "kernels/epilogue/params.hpp"
#include "kernels/families/chain.hpp"
#include "kernels/families/gradient_sums.hpp"
#include "kernels/tile/strip_layout.hpp"

namespace gemmact::families {

// Bytes at the workspace's beginning, a multiple of 256: the words of AMAX_Y.
inline size_t finish_workspace_bytes(const layer& l) {
  const operand* amax = l.find(slot::amax_y);
  if (amax == nullptr) return 0;
  const size_t words = (amax->batch_stride == 0 ? 1 : size_t(l.batch)) + 1;
  return (words * 4 + 255) / 256 * 256;
}

// Why its epilogue cannot be put on a GPU, or nothing.
inline std::string refuse_finish(const layer& l) {
  if (l.what == operation::activation_grad) return "it multiplies matrices, and the operation has no product";
  if (std::string reason = refuse_unlike(l); !reason.empty()) return reason;
  if (std::string reason = refuse_sums(l); !reason.empty()) return reason;
  if (l.batch > 0xffff'ffffll - 1) return "a batch must have fewer than 2^32 - 1 entries";
  return "";
}

class finish_writer {
 public:
  // `staged`: what the kernel brings before it is read, by itself.
  explicit finish_writer(const run& r, slot staged = {}) : run_(r), facing_(r.problem), staged_(staged) {}

  epilogue::params write() const {
    epilogue::params p{};
    const layer& l = run_.problem;
    const bool below = l.what == operation::input_grad;
    const function& f = below ? l.below : l.activation;
    p.y = view(written(l));
    // Of a maxout's dZ some may be left out, the first one among them.
    if (l.what == operation::activation_grad && l.find(slot::dz) == nullptr) p.y.base = {};
    p.y_other = view(slot::y_other), p.residual = view(slot::residual);
    p.kept = view(slot::kept, below), p.c = view(slot::c), p.bias = view(slot::bias);
    p.dx = view(slot::dx), p.dy = view(slot::dy);
    if (l.what == operation::weight_grad) p.residual = p.y;
    p.alpha = view(slot::alpha), p.beta = view(slot::beta), p.scale_x = view(slot::scale_x);
    p.scale_w = view(slot::scale_w), p.scale_y = view(slot::scale_y), p.amax = view(slot::amax_y);
    for (int i = 0; i < f.param_count; ++i)
      if (const operand* o = parameter_of(l, i, below)) p.param[i] = view(*o);
    std::memcpy(p.number, f.params, sizeof p.number);
    for (int product = 1; product < (below ? l.below_pieces : l.pieces); ++product) {
      const auto set = [&](auto& bases, slot s) {
        if (const operand* o = l.find(s, u32(product), below)) bases[product - 1] = global_at(run_.data[o->binding]);
      };
      set(p.kept_of, slot::kept), set(p.c_of, slot::c), set(p.bias_of, slot::bias), set(p.scale_w_of, slot::scale_w);
      set(p.y_of, l.what == operation::weight_grad ? slot::dw : slot::dz), set(p.residual_of, slot::dw);
    }
    p.ahead = ahead();
    p.amax_words = global_at(run_.workspace);
    p.amax_count = p.amax.batch_stride == 0 ? 1 : u32(l.batch);
    return p;
  }

 private:
  tile::matrices_ahead ahead() const {
    tile::matrices_ahead all{};
    for (const operand& o : run_.problem.operands) {
      if (!is_read_ahead(run_.problem, o) || o.what == staged_ || int(all.count) == all.most) continue;
      const u32 bits = o.type == element::bit ? 1 : u32(element_bytes(o.type)) * 8;
      all.of[all.count++] = {global_at(run_.data[o.binding]), facing_.row_stride(o) * bits / 8,
                             o.batch_stride * bits / 8,       u32(facing_.rows(run_.m)),
                             u32(facing_.cols(run_.m)),       bits};
    }
    return all;
  }

  tile::matrix_view view(slot s, bool below = false) const {
    const operand* o = run_.problem.find(s, 0, below);
    return o == nullptr ? tile::matrix_view{} : view(*o);
  }

  tile::matrix_view view(const operand& o) const {
    constexpr i64 bits_in_word = 32;
    tile::matrix_view v{global_at(run_.data[o.binding]), facing_.row_stride(o), facing_.col_stride(o), o.batch_stride,
                        0};
    if (o.type == element::bit) {
      v = {v.base, v.row_stride / bits_in_word, 1, v.batch_stride / bits_in_word, 0};
      v.vector = u32((v.base.value | u64(v.row_stride | v.batch_stride) * 4) % 8 == 0);  // two words at a time
      return v;
    }
    const i64 bytes = element_bytes(o.type), strip_bytes = std::min<i64>(16, bytes * tile::strip_width);
    const u64 all = addresses_of(o) | u64(v.row_stride * bytes) | u64(v.batch_stride * bytes);
    v.vector = u32(v.col_stride == 1 && all % u64(strip_bytes) == 0);
    return v;
  }

  // All bits of its address or, of several products, of each one's: one view is for all of them.
  u64 addresses_of(const operand& o) const {
    u64 all = global_at(run_.data[o.binding]).value;
    if (run_.problem.pieces > 1 || run_.problem.below_pieces > 1)
      for (const operand& other : run_.problem.operands)
        if (other.what == o.what && other.below == o.below) all |= global_at(run_.data[other.binding]).value;
    return all;
  }

  const run& run_;
  const facing facing_;
  const slot staged_;
};

}  // namespace gemmact::families
