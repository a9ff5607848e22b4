// What a kernel family is asked, and what it answers. Host code alone: the planner and the emulated tests include it, no
// kernel does.
//
// A family is a folder kernels/families/<name>/ and a row of families.inc. Its family.hpp defines
//
//   namespace gemmact::families::<name> {
//   std::string supports(const layer&, const gpu&);                     // empty, or why not, without a full stop
//   std::vector<candidate> candidates(const layer&, const gpu&);        // of a supported layer; cheapest first, never none
//   size_t workspace_bytes(const layer&, const gpu&, const candidate&);  // all zeros before its first run
//   launch prepare(const run&, params_bytes&);                          // one run; allocates nothing, cannot fail itself
//   }
//
// as inline functions.
#pragma once
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "kernels/arch/tma/tensor_map.hpp"
#include "kernels/base/config.hpp"
#include "kernels/tile/matrix_view.hpp"

namespace gemmact::families {

// The numbers are those of gemmact.h's enumerations (the planner asserts it).
enum class element : u8 { none = 0, f32 = 1, f16, bf16, e4m3, e5m2, u8, bit };
enum class operation : u8 { forward = 1, activation_grad, input_grad, weight_grad };
enum class combine : u8 { plain = 0, gated, maxout };
enum class compute : u8 { strict = 0, tf32, fp8_fast };
enum class keep : u8 { nothing = 1, bit, output, z, index };
using extent = tile::spread;
enum class slot : u8 {
  x = 1,
  w,
  bias,
  c,
  residual,
  y,
  y_other,
  target,
  operand,
  param,
  kept,
  dy,
  dz,
  dx,
  dw,
  dbias,
  dparam,
  scale_x,
  scale_w,
  scale_y,
  amax_y,
  alpha,
  beta
};

// Element (b, i, j) of an operand lies at b * batch_stride + i * row_stride + j * col_stride, in elements (bits for
// `bit`). A scalar has both strides 0, a per_column one row_stride 0, a per_row one col_stride 0.
struct operand {
  slot what{};
  bool below = false;  // of the layer below (backward)
  u32 index = 0;       // gate 0 / value 1, maxout piece, parameter number
  element type{};
  extent spread{};
  i64 rows = 0, cols = 0;
  i64 row_stride = 0, col_stride = 0, batch_stride = 0;
  bool column_major = false;  // as it was listed; a single row's or column's strides do not tell
  u32 align_bytes = 1;        // promised of its first element and, where the stride is a multiple of it, of each row
  bool output = false, accumulate = false;
  int binding = 0;  // its pointer's place among a run's
};

// What a unit needs for a function: files of the catalogue, by stem, and the text of a struct that is none of them.
struct function_text {
  std::vector<std::string> files;
  std::string source;  // within namespace activation
};

struct function {
  std::string name;                           // of its struct in namespace activation; empty: none
  int special_functions = 0, arithmetic = 0;  // an element
  int instructions = 0;                       // an element, of all that a kernel computes with it; 0: as many as those
  int param_count = 0;
  float params[4] = {};
  int target = -1;                           // the parameter that the tensor TARGET gives
  std::shared_ptr<const function_text> own;  // of an equation; null: the catalogue's file of that name

  int length() const { return instructions != 0 ? instructions : special_functions + arithmetic; }
  std::shared_ptr<const function_text> text() const {
    return own != nullptr ? own : std::make_shared<const function_text>(function_text{{name}, {}});
  }
};

// One checked problem.
struct layer {
  operation what{};
  combine combined{};
  int pieces = 1;
  compute computed{};
  accuracy mode{};
  bool batch_invariant = false, m_varies = false;
  i64 m = 0, n = 0, k = 0, batch = 1;
  function activation;
  keep kept{keep::nothing};
  // Of input_grad: the layer below, whose dZ is written; its function has no name where there is none.
  function below;
  combine below_combined{};
  int below_pieces = 1;
  keep below_kept{keep::nothing};
  std::vector<operand> operands;

  // The listed operand or null.
  const operand* find(slot what_, u32 index = 0, bool below_ = false) const {
    for (const operand& o : operands)
      if (o.what == what_ && o.index == index && o.below == below_) return &o;
    return nullptr;
  }
};

// A device's facts, from its driver or from a data sheet.
struct gpu {
  std::string model;
  int architecture = 0;  // 10 * compute capability: 80, 89, 90, 100
  int multiprocessors = 0;
  int shared_block_bytes = 0, shared_multiprocessor_bytes = 0;  // a block may ask for; all blocks of one share
  int threads_multiprocessor = 0, registers_multiprocessor = 65536;
  i64 l2_bytes = 0;
  double clock_ghz = 0;             // sustained
  double bandwidth_gb_per_s = 0;    // of its memory, achieved by reading
  double mma_flop_per_clock = 0;    // of one multiprocessor, 16-bit mma.sync with f32 accumulation, dense
  double wgmma_flop_per_clock = 0;  // the same of wgmma; 0 where there is none
};

// Where a kernel's time should go, in microseconds; `total` is what candidates are ranked by.
struct estimate {
  double total = 0, tensor = 0, memory = 0, special = 0, epilogue = 0;
  double waves = 0;  // of blocks over the device; its last one is seldom full

  // "82.1 us: product 80.2, memory 31, special functions 4.1, epilogue 2; 3.2 waves"
  std::string words() const {
    return number(total) + " us: product " + number(tensor) + ", memory " + number(memory) + ", special functions " +
           number(special) + ", epilogue " + number(epilogue) + "; " + number(waves) + " waves";
  }

 private:
  static std::string number(double value) {
    char text[40];
    std::snprintf(text, sizeof text, value < 100 ? "%.3g" : "%.0f", value);
    return text;
  }
};

// A configuration that computes the layer.
struct candidate {
  int config = 0;                                 // row of the family's configs.inc
  int splits = 1;                                 // blocks that share a tile, each with a part of k
  std::string tile;                               // names it in GEMMACT_PLAN: "128x128x32x4"
  std::string kernel;                             // the extern "C" name that a profiler shows
  std::string type;                               // the kernel's type as C++ text, rooted at ::gemmact
  std::string header;                             // include of the kernel
  std::shared_ptr<const function_text> function;  // null: none
  u32 threads = 0, shared_bytes = 0;              // a block
  u32 values = 0;                   // sums that a thread holds, each of which has its own code; 0: not told
  u32 params_bytes = 0;             // sizeof the kernel's params
  bool exact_architecture = false;  // has instructions of one architecture alone: compiled for sm_90a, not sm_90
  int blocks_per_multiprocessor = 1;
  estimate cost;
};

struct launch {
  u32 grid[3] = {1, 1, 1};
  u32 threads = 0, shared_bytes = 0;
  u32 cluster = 1;                 // blocks, along x
  bool overlaps_previous = false;  // begins before the stream's kernel before it ends, and waits for its data itself
};

// A kernel's one argument, by value.
struct params_bytes {
  static constexpr size_t capacity = 4096;
  alignas(64) std::byte bytes[capacity];
  size_t size = 0;

  template <class Params>
  void write(const Params& p) {
    static_assert(sizeof p <= capacity && alignof(Params) <= 64);
    std::memcpy(bytes, &p, sizeof p);
    size = sizeof p;
  }
};

// A tensor whose boxes TMA copies. Dimension 0 is innermost, its elements side by side; strides are of dimensions 1, 2.
// Rules: the base and the strides are multiples of 16 bytes, strides below 2^40; dims 1..2^32; box 1..256 elements, its
// innermost one span_bytes long.
struct tensor_box {
  element type{};
  bool to_tf32 = false;  // f32 elements are rounded to tf32 as they are loaded
  const void* base = nullptr;
  u32 rank = 2;  // 2 or 3
  i64 dims[3] = {1, 1, 1};
  i64 stride_bytes[2] = {};
  u32 box[3] = {1, 1, 1};
  u32 span_bytes = 128;  // of the swizzle: 32, 64 or 128
};

// Makes the maps that kernels with TMA take as parameters: the device's driver. Nothing is allocated.
class map_encoder {
 public:
  virtual tensor_map encode(const tensor_box&) const = 0;

 protected:
  ~map_encoder() = default;
};

struct run {
  const layer& problem;
  const gpu& device;
  const candidate& chosen;
  i64 m = 0;                    // this run's, at most the layer's
  void* const* data = nullptr;  // by operand::binding
  void* workspace = nullptr;
  const map_encoder* maps = nullptr;
};

}  // namespace gemmact::families
