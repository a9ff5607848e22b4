// Packing and the register-tiled product, for one instruction set. Every element of a product is one chain of
// multiply-adds in ascending depth (multiply) or a fixed tree (dot), whatever the number of rows and columns.
#include "host/cpu/loops/vector.hpp"

namespace gemmact::cpu {
namespace {

using gemmact_isa::view;

// Register tile: tile_rows x (panel_vectors vectors), plus one vector of B each and a broadcast.
constexpr int panel_vectors = many_registers ? 3 : 2;
constexpr int tile_rows = many_registers ? 8 : 6;
constexpr int panel = panel_vectors * lanes;

template <int rows, int vectors>
void tile(const float* a, int64_t lda, const float* b, int64_t depth, float* c, int64_t ldc, bool accumulate) {
  vec sum[rows][vectors];
  for (int i = 0; i < rows; ++i)
    for (int v = 0; v < vectors; ++v) sum[i][v] = accumulate ? load(c + i * ldc + v * lanes) : vec{};
  for (int64_t p = 0; p < depth; ++p) {
    // The panel comes from the second-level cache; measured, asking 12 rows ahead hides it best.
    for (int v = 0; v < vectors; ++v) __builtin_prefetch(b + (p + 12) * panel + v * lanes);
    vec bv[vectors];
    for (int v = 0; v < vectors; ++v) bv[v] = load(b + p * panel + v * lanes);
#pragma GCC unroll 8
    for (int i = 0; i < rows; ++i) {
      const float s = a[i * lda + p];
      for (int v = 0; v < vectors; ++v) sum[i][v] += s * bv[v];
    }
  }
  for (int i = 0; i < rows; ++i)
    for (int v = 0; v < vectors; ++v) store(c + i * ldc + v * lanes, sum[i][v]);
}

template <int vectors>
void tile_of(int rows, const float* a, int64_t lda, const float* b, int64_t depth, float* c, int64_t ldc,
             bool accumulate) {
  switch (rows) {
    case 1:
      return tile<1, vectors>(a, lda, b, depth, c, ldc, accumulate);
    case 2:
      return tile<2, vectors>(a, lda, b, depth, c, ldc, accumulate);
    case 3:
      return tile<3, vectors>(a, lda, b, depth, c, ldc, accumulate);
    case 4:
      return tile<4, vectors>(a, lda, b, depth, c, ldc, accumulate);
    case 5:
      return tile<5, vectors>(a, lda, b, depth, c, ldc, accumulate);
    case 6:
      return tile<6, vectors>(a, lda, b, depth, c, ldc, accumulate);
    case 7:
      return tile<(tile_rows > 6 ? 7 : 6), vectors>(a, lda, b, depth, c, ldc, accumulate);
    default:
      return tile<tile_rows, vectors>(a, lda, b, depth, c, ldc, accumulate);
  }
}

// Walks the cache lines of what is to be packed next, a share of them at a time.
class read_ahead {
 public:
  read_ahead(const gemmact_isa::ahead* next, int64_t shares) {
    if (next == nullptr) return;
    next_ = *next;
    per_line_ = ceil_div<int64_t>(next_.line_bytes, 64);
    share_ = ceil_div(next_.lines * per_line_, shares);
  }
  void ask() {
    for (int64_t s = 0; s < share_ && line_ < next_.lines; ++s) {
      __builtin_prefetch(next_.data + line_ * next_.stride_bytes + at_ * 64, 0, 2);
      if (++at_ == per_line_) at_ = 0, ++line_;
    }
  }

 private:
  gemmact_isa::ahead next_{};
  int64_t per_line_ = 0, share_ = 0, line_ = 0, at_ = 0;
};

void multiply(const float* a, int64_t lda, const float* b, int64_t depth, float* c, int64_t ldc, int64_t rows,
              int64_t cols, int accumulate, const gemmact_isa::ahead* next) {
  read_ahead ahead(next, ceil_div<int64_t>(rows, tile_rows) * ceil_div<int64_t>(cols, panel));
  for (int64_t i = 0; i < rows; i += tile_rows) {
    const int some = int(rows - i < tile_rows ? rows - i : tile_rows);
    for (int64_t j = 0; j < cols; j += panel) {
      const float* block = b + j * depth;
      float* out = c + i * ldc + j;
      const int64_t left = cols - j;
      ahead.ask();
      if (left > (panel_vectors - 1) * lanes)
        tile_of<panel_vectors>(some, a + i * lda, lda, block, depth, out, ldc, accumulate != 0);
      else if (panel_vectors > 2 && left > lanes)
        tile_of<2>(some, a + i * lda, lda, block, depth, out, ldc, accumulate != 0);
      else tile_of<1>(some, a + i * lda, lda, block, depth, out, ldc, accumulate != 0);
    }
  }
}

template <int ra, int rb, class T>
void dot_tile(const float* a, int64_t lda, const T* b, int64_t ldb, int64_t depth, float* c, int64_t ldc,
              bool accumulate) {
  vec sum[ra][rb] = {};
  int64_t p = 0;
  for (; p + lanes <= depth; p += lanes) {
    vec av[ra];
    for (int i = 0; i < ra; ++i) av[i] = load(a + i * lda + p);
#pragma GCC unroll 8
    for (int j = 0; j < rb; ++j) {
      // B is read once, from memory: ask for the lines of the rows that come after these.
      __builtin_prefetch(b + (j + rb) * ldb + p, 0, 2);
      const vec bv = load(b + j * ldb + p);
      for (int i = 0; i < ra; ++i) sum[i][j] += av[i] * bv;
    }
  }
#pragma GCC unroll 4
  for (int i = 0; i < ra; ++i)
#pragma GCC unroll 8
    for (int j = 0; j < rb; ++j) {
      float tail = 0.0f;
      for (int64_t q = p; q < depth; ++q) tail += a[i * lda + q] * element(b + j * ldb + q);
      float* out = c + i * ldc + j;
      *out = (accumulate ? *out : 0.0f) + (sum_of(sum[i][j]) + tail);
    }
}

template <int ra, class T>
void dot_rows(const float* a, int64_t lda, const T* b, int64_t ldb, int64_t depth, float* c, int64_t ldc, int64_t cols,
              bool accumulate) {
  constexpr int rb = ra == 1 ? 8 : (many_registers ? 4 : 2);
  int64_t j = 0;
  for (; j + rb <= cols; j += rb) dot_tile<ra, rb>(a, lda, b + j * ldb, ldb, depth, c + j, ldc, accumulate);
  for (; j < cols; ++j) dot_tile<ra, 1>(a, lda, b + j * ldb, ldb, depth, c + j, ldc, accumulate);
}

void dot(const float* a, int64_t lda, const void* b, int type, int64_t ldb, int64_t depth, float* c, int64_t ldc,
         int64_t rows, int64_t cols, int accumulate) {
  with_type(b, type, [&](auto* data) {
    for (int64_t i = 0; i < rows; i += 4) {
      const float* from = a + i * lda;
      float* out = c + i * ldc;
      switch (rows - i) {
        case 1:
          dot_rows<1>(from, lda, data, ldb, depth, out, ldc, cols, accumulate != 0);
          break;
        case 2:
          dot_rows<2>(from, lda, data, ldb, depth, out, ldc, cols, accumulate != 0);
          break;
        case 3:
          dot_rows<3>(from, lda, data, ldb, depth, out, ldc, cols, accumulate != 0);
          break;
        default:
          dot_rows<4>(from, lda, data, ldb, depth, out, ldc, cols, accumulate != 0);
      }
    }
  });
}

// Moves `lines` contiguous lines of `length` values (line l at in + l * line_stride) to columns: out[i * ld + l].
// Lines past `lines` up to a multiple of the vector are written as 0 when `pad` says that `out` has room for them.
template <class T>
void lines_to_columns(const T* in, int64_t line_stride, int64_t lines, int64_t length, bool tf32, float* out,
                      int64_t ld, bool pad) {
  constexpr int64_t chunk = 64;
  alignas(64) float block[lanes][chunk];
  alignas(64) float turned[lanes][lanes];
  for (int64_t l = 0; l < lines; l += lanes) {
    const int some = int(lines - l < lanes ? lines - l : lanes);
    for (int64_t p = 0; p < length; p += chunk) {
      const int64_t run = length - p < chunk ? length - p : chunk;
      const float* source = &block[0][0];
      int64_t pitch = chunk;
      if (__is_same(T, float) && !tf32 && some == lanes && run % lanes == 0) {
        source = reinterpret_cast<const float*>(in + l * line_stride + p);
        pitch = line_stride;
      } else {
        for (int r = 0; r < lanes; ++r) {
          if (r < some) convert_row(in + (l + r) * line_stride + p, 1, block[r], run, tf32);
          for (int64_t q = r < some ? run : 0; q < ceil_div<int64_t>(run, lanes) * lanes; ++q) block[r][q] = 0.0f;
        }
      }
      for (int64_t q = 0; q < run; q += lanes) {
        float* target = out + (p + q) * ld + l;
        const int64_t steps = run - q < lanes ? run - q : lanes;
        if (steps == lanes && (pad || some == lanes)) {
          transpose_block(source + q, pitch, target, ld);
        } else {
          transpose_block(source + q, pitch, &turned[0][0], lanes);
          const size_t bytes = sizeof(float) * size_t(pad ? lanes : some);
          for (int64_t s = 0; s < steps; ++s) __builtin_memcpy(target + s * ld, turned[s], bytes);
        }
      }
    }
  }
}

void pack_a(const view* a, int64_t rows, int64_t depth, float* out, int64_t ld) {
  const int64_t rs = a->row_stride, cs = a->col_stride;
  with_type(a->data, a->type, [&](auto* data) {
    if (rs == 1 && cs != 1 && depth > 1) {
      lines_to_columns(data, cs, depth, rows, a->round_tf32 != 0, out, ld, false);
    } else {
      for (int64_t i = 0; i < rows; ++i) convert_row(data + i * rs, cs, out + i * ld, depth, a->round_tf32 != 0);
    }
  });
}

void pack_a_masked(const view* a, const uint8_t* winner, int64_t winner_row, int64_t winner_col, int piece,
                   int64_t rows, int64_t depth, float* out, int64_t ld) {
  pack_a(a, rows, depth, out, ld);
  for (int64_t i = 0; i < rows; ++i) {
    const uint8_t* w = winner + i * winner_row;
    float* row = out + i * ld;
    for (int64_t p = 0; p < depth; ++p) row[p] = w[p * winner_col] == piece ? row[p] : 0.0f;
  }
}

// A full panel's row: the constant length keeps the loop free of calls and tails.
template <class T>
void convert_panel(const T* in, float* out, bool tf32) {
  for (int c = 0; c < panel; ++c) out[c] = element(in + c);
  if (__is_same(T, float) && tf32)
    for (int c = 0; c < panel; ++c) out[c] = round_to_tf32(out[c]);
}

void pack_b(const view* b, int64_t depth, int64_t cols, float* out) {
  const int64_t rs = b->row_stride, cs = b->col_stride;
  const bool tf32 = b->round_tf32 != 0;
  with_type(b->data, b->type, [&](auto* data) {
    for (int64_t j = 0; j < cols; j += panel) {
      const int64_t width = cols - j < panel ? cols - j : panel;
      float* block = out + j * depth;
      // A product reads whole vectors, and no more of them than have columns.
      const int64_t whole = ceil_div<int64_t>(width, lanes) * lanes;
      if (rs == 1 && cs != 1 && depth > 1) {
        lines_to_columns(data + j * cs, cs, width, depth, tf32, block, panel, true);
      } else {
        for (int64_t p = 0; p < depth; ++p) {
          if (cs == 1 && width == panel) convert_panel(data + p * rs + j, block + p * panel, tf32);
          else convert_row(data + p * rs + j * cs, cs, block + p * panel, width, tf32);
          for (int64_t c = width; c < whole; ++c) block[p * panel + c] = 0.0f;
        }
      }
    }
  });
}

}  // namespace
}  // namespace gemmact::cpu

extern "C" const gemmact_isa::product_maps GEMMACT_ISA_TABLE(product_maps);
const gemmact_isa::product_maps GEMMACT_ISA_TABLE(product_maps) = {gemmact::cpu::panel,         gemmact::cpu::pack_a,
                                                                   gemmact::cpu::pack_a_masked, gemmact::cpu::pack_b,
                                                                   gemmact::cpu::multiply,      gemmact::cpu::dot};
