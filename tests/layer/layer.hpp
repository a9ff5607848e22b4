// One layer problem as tests describe it: operands with their layouts and values, run on a device between guard zones.
#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "host/include/gemmact/gemmact.h"
#include "tests/support/device.hpp"
#include "tests/support/numbers.hpp"

namespace gemmact::test {

struct operand {
  gemmact_tensor spec{};
  bool output = false, accumulated = false;
  int bound_to = -1;                      // this input is the memory of that output (C = Y, RESIDUAL = Y)
  int64_t batch = 1, rows = 1, cols = 1;  // its own shape in this run; a SCALAR is 1 x 1
  int64_t row_stride = 0, col_stride = 0;
  int64_t span_elems = 0;      // from the first element to past the last, for the plan's m
  std::vector<double> values;  // [batch][rows][cols]: an input's, or what an output is accumulated onto

  size_t place(int64_t b, int64_t i, int64_t j) const {  // in `values`, broadcast
    return size_t(((batch == 1 ? 0 : b) * rows + (rows == 1 ? 0 : i)) * cols + (cols == 1 ? 0 : j));
  }
  double at(int64_t b, int64_t i, int64_t j) const { return values[place(b, i, j)]; }
  int64_t offset(int64_t b, int64_t i, int64_t j) const {  // in elements of memory
    return (batch == 1 ? 0 : b * spec.batch_stride) + i * row_stride + j * col_stride;
  }
  size_t count() const { return size_t(batch * rows * cols); }
  std::string name() const;
};

// How a tensor is listed. pad < 0: ld 0 (dense); else ld is the dense one plus pad (words of 32 for BIT).
struct listing {
  uint32_t index = 0;
  gemmact_extent extent = GEMMACT_EACH;
  gemmact_order order = GEMMACT_ROW_MAJOR;
  int64_t pad = -1;
  bool batched = true;
};

struct layer {
  gemmact_operation operation = GEMMACT_FORWARD;
  gemmact_combine combine = GEMMACT_PLAIN, below_combine = GEMMACT_PLAIN;
  int pieces = 0;
  gemmact_compute compute = GEMMACT_COMPUTE_STRICT;
  gemmact_accuracy accuracy = GEMMACT_ACCURATE;
  gemmact_keep keep = GEMMACT_KEEP_AUTO, keep_below = GEMMACT_KEEP_AUTO;
  uint64_t flags = 0;
  int64_t m = 1, n = 1, k = 1, batch = 1;
  int64_t plan_m = 0;  // 0: m; more only with GEMMACT_VARIABLE_M
  // Matrices that are added from now on are promised to begin at multiples of so many bytes, with each line and batch entry.
  uint32_t align_bytes = 0;
  std::string activation, below;
  uint8_t poison = 0xFF;         // what outputs hold before a run
  std::deque<operand> operands;  // references stay valid while operands are added

  int products() const { return combine == GEMMACT_GATED ? 2 : combine == GEMMACT_MAXOUT ? pieces : 1; }
  int64_t largest_m() const { return plan_m == 0 ? m : plan_m; }
  operand& add(uint32_t slot, gemmact_type type, listing how = {});
  // Binds an input to the memory of the output Y.
  void share_with_y(uint32_t slot);
  operand* find(uint32_t slot, uint32_t index = 0);
  const operand* find(uint32_t slot, uint32_t index = 0) const;
  const operand& get(uint32_t slot, uint32_t index = 0) const;  // throws when it is not listed
  operand& get(uint32_t slot, uint32_t index = 0);
  std::string text() const;  // the whole problem on one line
};

// gemmact_problem over a layer, whose strings and operands it refers to.
struct problem_view {
  explicit problem_view(const layer& l);
  gemmact_problem problem{};
  std::vector<gemmact_tensor> tensors;
};

// A plan of the layer with memory for its operands. Throws std::runtime_error with the library's message on a refusal, as
// not_covered where the device may refuse.
class layer_run {
 public:
  layer_run(test_device& device, const layer& l);
  ~layer_run() { gemmact_plan_destroy(plan_); }
  layer_run(const layer_run&) = delete;
  layer_run& operator=(const layer_run&) = delete;

  // Another m of the plan's: from now on the same memory holds the operands of `l`, which are listed as the plan's are.
  void use(const layer& l);
  // Uploads, runs, downloads; outputs hold poison before. The workspace is new, or as the run before left it.
  void run(bool new_workspace = true);
  // Bits of an output's element (BIT: 0 or 1), and its value.
  uint32_t bits(size_t operand, int64_t b, int64_t i, int64_t j) const;
  void set_bits(size_t operand, int64_t b, int64_t i, int64_t j, uint32_t bits);  // plants a fault
  uint8_t* payload(size_t operand) { return buffers_[operand]->after(); }         // plants a fault
  std::vector<double> values(uint32_t slot, uint32_t index = 0) const;            // [batch][rows][cols]
  // "" if guards, padding, inputs and the workspace's guards are as they were and a mask's spare bits are 0.
  std::string stray_write() const;
  // Of an operand's bytes, those that the last run has changed.
  std::vector<bool> changed(size_t operand) const;
  const gemmact_plan_info& info() const { return info_; }

 private:
  std::vector<uint8_t> owned_bytes(const operand& o) const;
  const layer* layer_ = nullptr;
  gemmact_plan* plan_ = nullptr;
  gemmact_plan_info info_{};
  std::vector<std::unique_ptr<guarded_buffer>> buffers_;  // null where bound_to
  std::unique_ptr<guarded_buffer> workspace_;
};

const char* slot_name(uint32_t slot);  // without BELOW

// Counts what became of the layer (expect_some_covered).
void count(test_device& device, const layer& l, outcome what);

// Does the device take the layer? Where it does not, this is counted.
bool covered(test_device& device, const layer& l);

// Runs the layer on the device under test and returns one output. Throws on a refusal and on a stray write.
std::vector<double> run_layer(const layer& l, uint32_t slot, uint32_t index = 0);

}  // namespace gemmact::test
