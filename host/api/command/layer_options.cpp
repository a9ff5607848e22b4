#include "host/api/command/layer_options.hpp"

#include "host/api/command/failures.hpp"
#include "host/plan/gpu_facts.hpp"

namespace gemmact::api {

void add_layer_options(command_line& line, layer_options& layer) {
  const auto kept = {GEMMACT_KEEP_AUTO,   GEMMACT_KEEP_NOTHING, GEMMACT_KEEP_BIT,
                     GEMMACT_KEEP_OUTPUT, GEMMACT_KEEP_Z,       GEMMACT_KEEP_INDEX};
  line.group("The layer");
  line.choice("--operation", "which part of training or inference (default forward)", layer.operation,
              {GEMMACT_FORWARD, GEMMACT_ACTIVATION_GRAD, GEMMACT_INPUT_GRAD, GEMMACT_WEIGHT_GRAD});
  line.text("--activation", "TEXT",
            "a function of the catalogue: relu, \"swish(beta=1.5)\"; or an equation in x (default linear)",
            layer.activation);
  line.choice("--combine", "one product, f(z0) * z1, or the largest of several (default plain)", layer.combine,
              {GEMMACT_PLAIN, GEMMACT_GATED, GEMMACT_MAXOUT});
  line.whole("--pieces", fmt::format("products of a maxout, 2 to {}", most_pieces), layer.pieces);
  line.choice("--keep", "what forward keeps for backward (default auto: the cheapest that is exact)", layer.keep, kept);
  line.flag("--train-params", "forward keeps what the gradients of the function's parameters need", layer.train_params);
  line.text("--below", "TEXT", "input_grad: the function of the layer below, whose dZ is made at once", layer.below);
  line.choice("--below-combine", "how the layer below combines (default plain)", layer.below_combine,
              {GEMMACT_PLAIN, GEMMACT_GATED});
  line.choice("--keep-below", "what the layer below kept (default auto)", layer.keep_below, kept);
  line.flag("--accumulate", "gradients of weights, bias and parameters are added to what is there", layer.accumulate);
  line.group("How");
  std::string described;
  for (const plan::described_gpu& gpu : plan::described_gpus())
    described += fmt::format("{}{}", described.empty() ? "" : "|", gpu.name);
  line.text("--device", "NAME",
            layer.on_gpu ? "cuda:0, cuda:1, ... (default cuda:0)"
                         : fmt::format("cpu, cuda:0, describe:{} (default cpu)", described),
            layer.device);
  line.choice("--accuracy", "of the function (default accurate)", layer.accuracy, {GEMMACT_ACCURATE, GEMMACT_FAST});
  line.choice("--compute", "of the products (default strict)", layer.compute,
              {GEMMACT_COMPUTE_STRICT, GEMMACT_COMPUTE_TF32, GEMMACT_COMPUTE_FP8_FAST});
  line.flag("--batch-invariant", "a row's result does not depend on the other rows", layer.batch_invariant);
  line.flag("--allow-unfused", "several kernels may be used where one cannot", layer.allow_unfused);
}

gemmact_problem layer_problem(const layer_options& layer) {
  if (layer.combine == GEMMACT_MAXOUT && layer.activation) usage_fail("--activation is given, but a maxout has none");
  if (layer.combine != GEMMACT_MAXOUT && layer.pieces != 0)
    usage_fail("--pieces is {}, but only a maxout has pieces", layer.pieces);
  if (layer.combine == GEMMACT_MAXOUT && layer.pieces == 0)
    usage_fail("--combine maxout needs --pieces, from 2 to {}", most_pieces);
  if (layer.combine == GEMMACT_MAXOUT && (layer.pieces < 2 || layer.pieces > most_pieces))
    usage_fail("--pieces is {}; a maxout has 2 to {}", layer.pieces, most_pieces);
  if (layer.activation) described_function{*layer.activation};
  if (layer.below) described_function{*layer.below};
  if (layer.operation != GEMMACT_INPUT_GRAD &&
      (layer.below || layer.keep_below || layer.below_combine != GEMMACT_PLAIN))
    usage_fail("--below, --below-combine and --keep-below belong to --operation input_grad, and this is {}",
               core::name_of(layer.operation));
  gemmact_problem problem{};
  problem.struct_bytes = sizeof problem;
  problem.operation = layer.operation;
  problem.combine = layer.combine;
  problem.below_combine = layer.below_combine;
  problem.pieces = uint32_t(layer.pieces);
  problem.keep = layer.keep.value_or(GEMMACT_KEEP_AUTO);
  problem.keep_below = layer.keep_below.value_or(GEMMACT_KEEP_AUTO);
  problem.compute = layer.compute;
  problem.accuracy = layer.accuracy;
  problem.activation = layer.activation ? layer.activation->c_str() : nullptr;
  problem.below = layer.below ? layer.below->c_str() : nullptr;
  problem.flags = (layer.batch_invariant ? GEMMACT_BATCH_INVARIANT : 0) |
                  (layer.allow_unfused ? GEMMACT_ALLOW_UNFUSED : 0) | (layer.train_params ? GEMMACT_TRAIN_PARAMS : 0);
  if (layer.accumulate) problem.flags |= GEMMACT_ACCUMULATE_DW | GEMMACT_ACCUMULATE_DBIAS | GEMMACT_ACCUMULATE_DPARAM;
  problem.tensor_bytes = sizeof(gemmact_tensor);
  return problem;
}

kept_answer resolve_keep(gemmact_problem problem, const std::vector<gemmact_tensor>& tensors) {
  problem.tensors = tensors.data();
  problem.tensor_count = tensors.size();
  kept_answer answer;
  check(gemmact_resolve_keep(&problem, &answer.keep, &answer.type));
  return answer;
}

kept_answer resolve_keep_below(const layer_options& layer, gemmact_type gradient,
                               const std::vector<gemmact_tensor>& tensors) {
  layer_options below;
  below.operation = GEMMACT_ACTIVATION_GRAD;
  below.combine = layer.below_combine;
  below.activation = layer.below;
  below.keep = layer.keep_below;
  gemmact_problem problem = layer_problem(below);
  problem.m = problem.n = problem.k = 1;
  gemmact_tensor dy{};
  dy.slot = GEMMACT_DY;
  dy.type = gradient;
  std::vector<gemmact_tensor> own{dy};
  for (gemmact_tensor t : tensors) {
    if (t.slot != (GEMMACT_BELOW | GEMMACT_PARAM) && t.slot != (GEMMACT_BELOW | GEMMACT_DPARAM)) continue;
    t.slot &= ~uint32_t{GEMMACT_BELOW};
    own.push_back(t);
  }
  return resolve_keep(problem, own);
}

}  // namespace gemmact::api
