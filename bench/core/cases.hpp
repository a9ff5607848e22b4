// What is measured: which shapes, types, functions and operations, and how many were left out and why.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "bench/core/shapes.hpp"

namespace gemmact_bench {

struct bench_case {
  std::string list, shape_name;
  int64_t m, n, k;  // of the layer: of a gated pair or a maxout n is a piece's part of the list's
  gemmact_type type;
  std::string function;  // "" for a maxout and for weight_grad
  gemmact_combine combine;
  gemmact_operation operation;
  gemmact_compute compute = GEMMACT_COMPUTE_STRICT;
  gemmact_accuracy accuracy = GEMMACT_ACCURATE;
  int maxout_pieces = 2;
  std::string equation = {};  // the text that the layer is given for `function`; "": that one's name

  // "forward/gelu/f32/gpt2-124M_fc1_gelu_tokens128": what --filter looks in. "swish_gated", "maxout" (of 2 pieces),
  // "maxout4", "-" for functions, "swish_equation" where it is typed, with "_fast" behind them in fast mode.
  std::string name() const;
  precision numbers() const { return {type, compute}; }
  gemmact_type output_type() const { return output_of(type); }
  bench_case product() const;  // alone, as a layer of its own: linear, all its columns in one W
  bench_case by_hand() const;  // the same with the catalogue's own function instead of an equation
  // "4096 x 4096 x 1024 bf16", backward behind the operation's name: the same for all layers of one product.
  std::string product_text() const;
  int pieces() const { return combine == GEMMACT_PLAIN ? 1 : combine == GEMMACT_GATED ? 2 : maxout_pieces; }  // W's
  int64_t wide() const { return n * pieces(); }  // columns of the product
  std::string function_text() const;
  int64_t depth() const;         // terms of the product's sums: k of forward, n of input_grad, m of weight_grad
  double flops() const;          // of the product; 0 where there is none
  int64_t bytes() const;         // of the matrices that a GPU reads and writes for it, each once
  int64_t weights() const;       // elements of all W
  int64_t memory_bytes() const;  // about what all arms need
};

// What a GPU's backward keeps of a function's argument: a bit or z. make_cases refuses what the library would keep otherwise.
gemmact_keep least_kept(const bench_case& c);

enum class extent { quick, standard, full };

struct case_list {
  std::vector<bench_case> cases;
  std::map<std::string, int> left_out;  // reason → how many
};

// What a kind of device takes of the lists.
struct case_limits {
  int64_t most_rows;
  std::string too_many_rows;   // why not more
  double most_standard_flops;  // longer cases are left to --full
  int64_t most_standard_weights;
  std::string quick_list;  // the file that names what --quick takes
  // The file that names what the default takes, and --full takes first; "" where the default is what --quick takes and
  // every list that is short enough.
  std::string default_list;
};
// The file that names what a run of that size takes.
const std::string& selecting_list(const case_limits& limits, extent size);
const case_limits& cpu_limits();
const case_limits& gpu_limits();

// Of all functions of the library.
std::vector<std::string> catalogue_names();

struct case_request {
  std::vector<shape> shapes;
  std::vector<selection> selected;     // of selecting_list
  std::vector<std::string> catalogue;  // names of all functions
  extent size = extent::standard;
  int64_t memory_bytes = 0;  // what a case may need
  case_limits limits = cpu_limits();
};

// Throws list_error when `selected` names a shape that is in no list, a function that is not in the catalogue, an equation
// that is not one or is not compared, or a backward operation that no arm does as the library would.
case_list make_cases(const case_request& request);

}  // namespace gemmact_bench
