// The boundary between the CPU device (compiled once) and its inner loops (compiled once for each instruction set).
//
// The loops' translation units are compiled with -Dgemmact=gemmact_<isa>, so that no inline function of theirs can be
// merged with one compiled for another instruction set; the types here therefore live in a namespace of their own, and
// only plain C types cross. A test checks that no weak symbol is shared (tests/host/cpu/isa_symbols_test).
#pragma once
#include <cstddef>
#include <cstdint>

// The name of a table of the instruction set that a translation unit is compiled for: gemmact_avx2_row_maps.
#define GEMMACT_ISA_TABLE_2(isa, table) gemmact_##isa##_##table
#define GEMMACT_ISA_TABLE_1(isa, table) GEMMACT_ISA_TABLE_2(isa, table)
#define GEMMACT_ISA_TABLE(table) GEMMACT_ISA_TABLE_1(GEMMACT_ISA, table)

namespace gemmact_isa {

// out[i] = g(in[i]) for i < count; in == out is allowed. The parameters: params[p] points to one value (scalar loops) or
// to count values (each loops).
using map_fn = void (*)(const float* const* params, const float* in, float* out, size_t count);

inline constexpr int max_params = 4;
inline constexpr int scalar = 0, each = 1;  // index of the pairs below

// Loops of one activation in one accuracy mode; null where the function has no such thing.
struct activation_maps {
  map_fn value[2];
  map_fn other[2];
  map_fn grad[2];              // from z
  map_fn grad_from_output[2];  // from y
  map_fn grad_from_bit[2];     // from 1.0f or 0.0f
  map_fn bit[2];               // z to 1.0f or 0.0f
  map_fn param_grad[max_params][2];
};

// One operation of an equation: to[i] = g(from[0][i], from[1][i], ...) for i < count, count > 0; `to` may be any of them.
using operation_fn = void (*)(float* to, const float* const* from, size_t count);

inline constexpr int max_operations = 64, operation_shapes = 8, choice_shapes = 16;
inline constexpr int if_less = 0, if_at_most = 1;  // index of choose

// By shape, whose bit s says that source s is one number for all; null where that is all sources. (Shape 0 with a count of
// 1 does it.)
struct operation_maps {
  operation_fn of[max_operations][operation_shapes];  // by core::op; null where there is no such operation
  // A comparison and the choice by it in one: from[0] < from[1] ? from[2] : from[3], and so with <=.
  operation_fn choose[2][choice_shapes];
  operation_fn fill;  // to[i] = from[0][0]
};

// A type as the loops know it; the values are those of gemmact_type.
enum element : int { f32 = 1, f16 = 2, bf16 = 3, e4m3 = 4, u8 = 6 };

// Elements of a matrix, for packing: element (row, col) at data[row * row_stride + col * col_stride].
struct view {
  const void* data;
  int type;
  int64_t row_stride, col_stride;
  int round_tf32;  // round f32 values to tf32
};

// Memory that will be packed next, to be asked for while a product runs: `lines` pieces of `line_bytes`.
struct ahead {
  const char* data;
  int64_t stride_bytes, lines, line_bytes;
};

struct product_maps {
  int panel;  // columns of B in one packed panel; a packed block is ceil(cols / panel) panels of depth * panel floats
  // Rows [0, rows) x depth of `a`, as f32, row-major with leading dimension ld (>= depth).
  void (*pack_a)(const view* a, int64_t rows, int64_t depth, float* out, int64_t ld);
  // As pack_a; elements whose winner (row-major, same shape as a, row stride winner_ld) is not `piece` become 0.
  void (*pack_a_masked)(const view* a, const uint8_t* winner, int64_t winner_row, int64_t winner_col, int piece,
                        int64_t rows, int64_t depth, float* out, int64_t ld);
  // `depth` x cols of B, (depth index = row of the view), into panels; columns that fill the last vector are 0.
  void (*pack_b)(const view* b, int64_t depth, int64_t cols, float* out);
  // c (+)= a * packed b; `next` may be null.
  void (*multiply)(const float* a, int64_t lda, const float* b, int64_t depth, float* c, int64_t ldc, int64_t rows,
                   int64_t cols, int accumulate, const ahead* next);
  // c[i * ldc + j] (+)= dot(a row i, b row j); a is f32, b of any element type; depth is contiguous in both.
  void (*dot)(const float* a, int64_t lda, const void* b, int type, int64_t ldb, int64_t depth, float* c, int64_t ldc,
              int64_t rows, int64_t cols, int accumulate);
};

// Loops over a row segment of f32 values.
struct row_maps {
  void (*load)(const void* in, int type, int64_t stride, float* out, size_t count);   // convert from `type`
  void (*store)(const float* in, void* out, int type, int64_t stride, size_t count);  // round to `type`
  void (*scale)(float* v, float s, size_t count);                                     // v *= s
  void (*multiply)(float* v, const float* w, size_t count);                           // v *= w
  void (*add_scalar)(float* v, float s, size_t count);                                // v += s
  void (*add)(float* v, const float* w, size_t count);                                // v += w
  void (*add_scaled)(float* v, float s, const float* w, size_t count);                // v += s * w
  void (*gradient)(const float* dy, const float* df, float* dz, size_t count);        // dz = df == 0 ? 0 : dy * df
  void (*select)(const uint8_t* winner, int piece, const float* dy, float* dz,
                 size_t count);  // winner == piece ? dy : 0
  void (*maximum)(const float* v, int piece, float* best, uint8_t* winner,
                  size_t count);                                       // strict >, the first NaN wins
  void (*pack_bits)(const float* v, uint32_t* words, size_t count);    // v != 0; tail bits of the last word are 0
  void (*unpack_bits)(const uint32_t* words, float* v, size_t count);  // 1 or 0
  float (*absolute_maximum)(const float* v, size_t count);             // NaN propagates
  float (*sum)(const float* v, size_t count);
};

struct isa {
  const char* name;
  const product_maps* product;
  const row_maps* row;
  const operation_maps* operations;                           // accurate, fast
  const activation_maps* (*activation)(int index, int fast);  // by place in the catalogue
};

}  // namespace gemmact_isa
