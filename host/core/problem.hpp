// A problem after every rule has been checked: what devices are given. Self-contained (owns all it refers to, equations
// among it, but the catalogue's rows).
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "host/core/activation_info.hpp"
#include "host/include/gemmact/gemmact.h"

namespace gemmact::core {

// A listed tensor with its strides worked out. Element (b, i, j) of its logical shape is at
// b * batch_stride + i * row_stride + j * col_stride, in elements (bits for BIT). A SCALAR has both strides 0, PER_COLUMN
// row_stride 0 and col_stride 1, PER_ROW the reverse; their rows and cols are those of the matrix they are spread over,
// except that an output's (a sum's) are those it has itself (1 x cols, rows x 1, 1 x 1).
struct tensor {
  uint32_t slot = 0, index = 0;
  gemmact_type type{};
  gemmact_order order{};
  gemmact_extent extent{};
  uint32_t align_bytes = 1;
  int64_t rows = 0, cols = 0;
  int64_t row_stride = 0, col_stride = 0, batch_stride = 0;
  bool output = false, accumulate = false;
  int binding = 0;  // its place in `tensors` and in a run's pointers
};

struct problem {
  gemmact_operation operation{};
  gemmact_combine combine{}, below_combine{};
  int pieces = 1;  // products: 1 plain, 2 gated, 2..8 maxout
  int below_pieces = 1;
  gemmact_compute compute{};
  gemmact_accuracy accuracy{};
  uint64_t flags = 0;
  int64_t m = 0, n = 0, k = 0, batch = 1;
  activation_use activation;  // a maxout's is linear
  std::optional<activation_use> below;
  gemmact_keep keep{}, keep_below{};  // resolved, never AUTO
  gemmact_type keep_type{};           // of KEPT; 0 when nothing is kept
  bool avoids_workspace = false;      // a kernel without one is taken where there is one, though another be faster
  std::vector<tensor> tensors;        // grows by add() alone

  // Appends a tensor, whose binding becomes its place.
  void add(tensor t) {
    t.binding = static_cast<int>(tensors.size());
    if (const size_t at = entry(t.slot, t.index); at < bindings_.size())
      bindings_[at] = static_cast<int8_t>(t.binding + 1);
    tensors.push_back(t);
  }
  // The listed tensor or null; on the path of every run.
  const tensor* find(uint32_t slot, uint32_t index = 0) const {
    const size_t at = entry(slot, index);
    return at >= bindings_.size() || bindings_[at] == 0 ? nullptr : &tensors[static_cast<size_t>(bindings_[at] - 1)];
  }
  bool has(uint64_t flag) const { return (flags & flag) != 0; }

 private:
  static constexpr uint32_t slots = 32, indices = 8;
  // Of the table below; past its end for what no problem can list.
  static constexpr size_t entry(uint32_t slot, uint32_t index) {
    const uint32_t own = slot & ~uint32_t{GEMMACT_BELOW};
    if (own >= slots || index >= indices) return SIZE_MAX;
    return ((slot == own ? 0 : slots) + own) * indices + index;
  }
  std::array<int8_t, 2 * slots * indices> bindings_{};  // binding + 1; 0: not listed
};

// Sizes up to which problems are accepted, so that no sum of a few products of them overflows 63 bits: m, n, k and batch
// alone; the elements of a matrix over the whole batch, shared or not, and the bytes that a tensor spans. (m * n * k may
// be more.)
inline constexpr int64_t max_extent = int64_t{1} << 40, max_span = int64_t{1} << 56;

// Bytes of `elements` elements of a type (BIT: rounded up to whole words).
int64_t type_bytes(gemmact_type type, int64_t elements);

// Bytes from a tensor's first element to behind its last, batch and gaps included: what its memory must hold.
int64_t tensor_bytes(const tensor& t, int64_t batch);

// Checks a caller's problem against every rule that holds on all devices and resolves it. Throws failure.
problem check_problem(const gemmact_problem* given, catalogue functions);

// What gemmact_resolve_keep answers. Throws failure.
struct kept_form {
  gemmact_keep keep;
  gemmact_type type;
};
kept_form resolve_keep(const gemmact_problem* given, catalogue functions);

// "name", "name(param=value, …)", an equation where the catalogue makes functions of them, or a refusal. Throws failure.
activation_use parse_activation(std::string_view text, catalogue functions);
inline constexpr size_t max_activation_text = 4096;  // characters

// The names and aliases of the catalogue, and the place of a function by either; -1 when none has it.
std::vector<std::string_view> activation_names(catalogue functions);
int find_activation(std::string_view name, catalogue functions);

// Throws failure when the parameters' values break a rule of the function.
void check_parameters(const activation_use& use);

// One run's pointers, in the order of problem.tensors, after every rule has been checked. `m` is the run's.
struct run_operands {
  int64_t m = 0;
  void* const* data = nullptr;
};

// Checks a run's bindings (all bound once, alignment, overlap, m) and writes their pointers to data[0 .. tensors.size()),
// which has room for max_tensors of slots.hpp. Allocates nothing. Throws failure.
run_operands check_operands(const problem& p, const gemmact_operands* given, void** data);

// Checks a run's workspace: there when `needed` is not 0, aligned, `given` bytes large enough (0: the caller vouches for
// it), apart from every tensor. Allocates nothing. Throws failure.
inline constexpr size_t workspace_alignment = 256;
void check_workspace(const problem& p, const run_operands& run, const void* workspace, size_t needed, size_t given);

}  // namespace gemmact::core
