// Small layers that make a kernel do all it can: a block walks several tiles of several stages, all edges ragged. Each is run
// on the emulated GPU through the library, with options of the emulator's, and compared with the oracle of tests/layer.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "tests/layer/compare.hpp"
#include "tests/layer/tile_cases.hpp"
#include "tests/support/emulated_gpu/emulated_gpu.hpp"

namespace gemmact::test {

struct walk {
  std::string name;  // short, for lines of output
  std::string plan;  // GEMMACT_PLAN; with "s*" at its end into as many parts of k as the family offers
  layer l;           // without values
};

// A family's: of those kernels that the emulated GPU has, each; and a few that differ in what they synchronise.
std::vector<walk> all_gemm_sm80_walks();
std::vector<walk> telling_gemm_sm80_walks();
std::vector<walk> all_gemm_sm90_walks();
std::vector<walk> telling_gemm_sm90_walks();
// Of a GPU with more than one multiprocessor: with k split, which takes four; and telling ones in which blocks share work.
std::vector<walk> split_gemm_sm90_walks();
std::vector<walk> shared_gemm_sm90_walks();
std::vector<walk> all_gemm_simt_walks();
std::vector<walk> telling_gemm_simt_walks();
std::vector<walk> all_gradient_pass_walks();
std::vector<walk> telling_gradient_pass_walks();

// A walk's plan, operands and what must come out, for many runs.
class watched_run {
 public:
  explicit watched_run(const walk& w, bool integers = true);

  // `right`: nothing was reported, every element is right, and nothing else was written. The workspace is new, or as the run
  // before left it.
  emulator::case_run run(const emulator::options& how, bool new_workspace = true);
  // What was wrong with the last run; empty for nothing.
  const std::string& wrong() const { return wrong_; }
  const std::string& name() const { return walk_.name; }
  // Of all outputs' elements, after a run that was right.
  uint64_t hash_of_bits() const;
  layer_run& operands() { return *run_; }
  const layer& problem() const { return walk_.l; }

 private:
  walk walk_;
  std::unique_ptr<layer_run> run_;
  std::vector<expectation> expected_;
  std::string wrong_;
  bool has_workspace_ = false;
};

}  // namespace gemmact::test
