// The options that tell a layer, for explain, run and tune.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "host/api/command/command_line.hpp"
#include "host/include/gemmact/gemmact.h"

namespace gemmact::api {

constexpr int64_t most_pieces = 8;  // of a maxout

struct layer_options {
  gemmact_operation operation = GEMMACT_FORWARD;
  gemmact_combine combine = GEMMACT_PLAIN, below_combine = GEMMACT_PLAIN;
  int64_t pieces = 0;
  std::optional<std::string> activation, below;
  std::optional<gemmact_keep> keep, keep_below;
  gemmact_compute compute = GEMMACT_COMPUTE_STRICT;
  gemmact_accuracy accuracy = GEMMACT_ACCURATE;
  bool batch_invariant = false, allow_unfused = false, train_params = false, accumulate = false;
  std::optional<std::string> device;

  int products() const { return combine == GEMMACT_PLAIN ? 1 : combine == GEMMACT_GATED ? 2 : int(pieces); }
  int below_products() const { return below_combine == GEMMACT_GATED ? 2 : 1; }
  bool on_gpu = false;  // the command is for GPUs alone
  std::string device_name() const { return device.value_or(on_gpu ? "cuda:0" : "cpu"); }
};

// Tells which devices `layer.on_gpu` leaves.
void add_layer_options(command_line& line, layer_options& layer);

// Checks the texts (usage_error); sizes and tensors are left to the caller. Refers to the texts in `layer`.
gemmact_problem layer_problem(const layer_options& layer);

// What the layer keeps and in which type, as gemmact_resolve_keep says for these tensors.
struct kept_answer {
  gemmact_keep keep = GEMMACT_KEEP_NOTHING;
  gemmact_type type{};
};
kept_answer resolve_keep(gemmact_problem problem, const std::vector<gemmact_tensor>& tensors);
// The same of the layer below, whose gradient has this type; of `tensors` its parameters matter.
kept_answer resolve_keep_below(const layer_options& layer, gemmact_type gradient,
                               const std::vector<gemmact_tensor>& tensors);

}  // namespace gemmact::api
