#include "bench/core/cases.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "bench/core/equations.hpp"
#include "bench/core/fused_layer.hpp"

namespace gemmact_bench {
namespace {

// What real layers of these names apply, by a part of the name; all others only add a bias.
struct habit {
  const char* part;
  const char* function;
  gemmact_combine combine;
};
constexpr habit habits[] = {{"SwiGLU", "swish", GEMMACT_GATED}, {"moe_gate_up", "swish", GEMMACT_GATED},
                            {"gelu", "gelu", GEMMACT_PLAIN},    {"_out_", "sigmoid", GEMMACT_PLAIN},
                            {"mnist", "relu", GEMMACT_PLAIN},   {"tcnn", "relu", GEMMACT_PLAIN},
                            {"square", "relu", GEMMACT_PLAIN},  {"", "linear", GEMMACT_PLAIN}};

// For activation_grad of a plain layer.
gemmact_keep kept_by_library(const std::string& function) {
  gemmact_problem p{};
  p.struct_bytes = sizeof p;
  p.operation = GEMMACT_ACTIVATION_GRAD;
  p.m = p.n = p.k = 1;  // which it does not look at
  p.activation = function.c_str();
  const gemmact_tensor dy = matrix(GEMMACT_DY, GEMMACT_F32);
  p.tensors = &dy;
  p.tensor_count = 1;
  p.tensor_bytes = sizeof dy;
  gemmact_keep keep = GEMMACT_KEEP_Z;
  gemmact_type type{};
  require(gemmact_resolve_keep(&p, &keep, &type), "gemmact_resolve_keep");
  return keep;
}

class collector {
 public:
  explicit collector(const case_request& request) : request_(request) {}

  // What `q` says of it is done with the shape.
  void add(const shape& s, const selection& q) {
    if (too_tall(s)) return;
    bench_case c{s.list,     s.name,          s.m,       s.n,         s.k,
                 q.type,     q.function,      q.combine, q.operation, q.compute,
                 q.accuracy, q.maxout_pieces, q.equation};
    const int pieces = c.pieces();
    if (s.n % pieces != 0)
      return leave_out(fmt::format("n is no multiple of {}, the pieces of a gated pair or maxout", pieces));
    c.n /= pieces;
    if (c.memory_bytes() > request_.memory_bytes)
      return leave_out(fmt::format("needs more than {:.1f} GB of memory", double(request_.memory_bytes) * 1e-9));
    const auto same = [&](const bench_case& other) { return other.list == c.list && other.name() == c.name(); };
    const auto known = std::find_if(result_.cases.begin(), result_.cases.end(), same);
    if (known == result_.cases.end()) return result_.cases.push_back(std::move(c));
    if (known->equation != c.equation)
      throw list_error(fmt::format("{}: {} is there with two equations", list(), c.name()));
  }

  void leave_out(const std::string& reason) { ++result_.left_out[reason]; }

  bool too_tall(const shape& s) {
    const case_limits& l = request_.limits;
    if (s.m > l.most_rows) leave_out(fmt::format("m > {}: {}", l.most_rows, l.too_many_rows));
    return s.m > l.most_rows;
  }

  const shape& find(const selection& s) const {
    for (const shape& candidate : request_.shapes)
      if (candidate.list == s.list && candidate.name == s.name) return candidate;
    throw list_error(fmt::format("{}: there is no shape \"{}\" in {}.csv", list(), s.name, s.list));
  }

  void add_selected() {
    std::vector<const selection*> sharing;
    for (const selection& s : request_.selected) {
      if (s.function == "catalogue") {
        sharing.push_back(&s);
        continue;
      }
      const bool named = s.combine != GEMMACT_MAXOUT && s.operation != GEMMACT_WEIGHT_GRAD;
      const auto& all = request_.catalogue;
      if (named && std::find(all.begin(), all.end(), s.function) == all.end())
        throw list_error(fmt::format("{}: there is no function \"{}\" in the catalogue", list(), s.function));
      selection taken = s;
      if (!named) taken.function.clear();
      check_backward(taken);
      take_equation(taken);
      add(find(s), taken);
    }
    for (const gemmact_accuracy accuracy : {GEMMACT_ACCURATE, GEMMACT_FAST}) share_catalogue(sharing, accuracy);
  }

  // The rows of one accuracy have every function once.
  void share_catalogue(const std::vector<const selection*>& all, gemmact_accuracy accuracy) {
    std::vector<const selection*> sharing;
    std::copy_if(all.begin(), all.end(), std::back_inserter(sharing),
                 [&](const selection* s) { return s->accuracy == accuracy; });
    for (size_t i = 0; i < request_.catalogue.size() && !sharing.empty(); ++i) {
      selection taken = *sharing[i % sharing.size()];
      taken.function = request_.catalogue[i];
      check_backward(taken);
      add(find(taken), taken);
    }
  }

  // All arms of backward are those of plain layers, and take f' of z or of bits.
  void check_backward(const selection& s) const {
    if (s.operation == GEMMACT_FORWARD) return;
    if (s.combine != GEMMACT_PLAIN)
      throw list_error(fmt::format("{}: {} is compared for plain layers alone, and \"{}\" is {}", list(),
                                   name_of(s.operation), s.name, name_of(s.combine)));
    if (s.operation == GEMMACT_WEIGHT_GRAD) return;
    const gemmact_keep keep = kept_by_library(s.function);
    if (keep != GEMMACT_KEEP_BIT && keep != GEMMACT_KEEP_Z)
      throw list_error(fmt::format("{}: {} of \"{}\" is compared with no arm, for the library keeps {} of it", list(),
                                   name_of(s.operation), s.function,
                                   keep == GEMMACT_KEEP_OUTPUT ? "its output" : "nothing"));
  }

  // The arms of an equation are those of a forward layer, and have no target's tensor.
  void take_equation(selection& s) const {
    if (s.equation.empty()) return;
    const auto refuse = [&](const std::string& why) {
      throw list_error(fmt::format("{}: \"{}\" of \"{}\": {}", list(), s.equation, s.name, why));
    };
    if (s.operation != GEMMACT_FORWARD || s.combine == GEMMACT_MAXOUT)
      refuse("an equation is compared forward, as a plain layer's function or a gate");
    if (takes_target(s.function))
      refuse(fmt::format("{} takes a target, which an equation is not compared with", s.function));
    if (s.equation == "formula") s.equation = formula_text(s.function);
    const std::string wrong = what_is_wrong_with(s.equation);
    if (!wrong.empty()) refuse(wrong);
  }

  const std::string& list() const { return selecting_list(request_.limits, request_.size); }

  void add_listed(const shape& s) {
    if (too_tall(s)) return;
    const auto selected = [&](const selection& q) { return q.list == s.list && q.name == s.name; };
    const case_limits& l = request_.limits;
    const bool own_list = request_.size == extent::standard && !l.default_list.empty();
    if (request_.size == extent::quick || own_list) {
      if (std::any_of(request_.selected.begin(), request_.selected.end(), selected)) return;
      return leave_out(fmt::format("not in the {} subset (bench/shapes/{})", own_list ? "default" : "quick", list()));
    }
    if (request_.size == extent::standard) {
      const double flops = 2.0 * double(s.m) * double(s.n) * double(s.k);
      if (flops > l.most_standard_flops || s.n * s.k > l.most_standard_weights)
        return leave_out("too long for the default; --full has it");
    }
    for (const habit& h : habits) {
      if (s.name.find(h.part) == std::string::npos) continue;
      selection habitual{s.list, s.name, s.type, h.function, h.combine, GEMMACT_FORWARD, s.compute};
      add(s, habitual);
      habitual.type = GEMMACT_F32, habitual.compute = GEMMACT_COMPUTE_STRICT;
      if (request_.size == extent::full && s.type != GEMMACT_F32) add(s, habitual);
      break;
    }
  }

  // By type, so that the inputs of one type are made once; the types in the order in which they first come.
  case_list take() {
    std::vector<precision> order;
    for (const bench_case& c : result_.cases)
      if (std::find(order.begin(), order.end(), c.numbers()) == order.end()) order.push_back(c.numbers());
    const auto rank = [&](const bench_case& c) { return std::find(order.begin(), order.end(), c.numbers()); };
    std::stable_sort(result_.cases.begin(), result_.cases.end(),
                     [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
    return std::move(result_);
  }

 private:
  const case_request& request_;
  case_list result_;
};

}  // namespace

const std::string& selecting_list(const case_limits& limits, extent size) {
  return size != extent::quick && !limits.default_list.empty() ? limits.default_list : limits.quick_list;
}

const case_limits& cpu_limits() {
  static const case_limits limits{.most_rows = 256,
                                  .too_many_rows = "too long on a CPU",
                                  .most_standard_flops = 2e9,
                                  .most_standard_weights = int64_t(1) << 25,
                                  .quick_list = "quick.csv",
                                  .default_list = ""};
  return limits;
}

const case_limits& gpu_limits() {
  static const case_limits limits{.most_rows = int64_t(1) << 31,
                                  .too_many_rows = "no list has them",
                                  .most_standard_flops = 6e11,
                                  .most_standard_weights = int64_t(1) << 28,
                                  .quick_list = "quick_gpu.csv",
                                  .default_list = "default_gpu.csv"};
  return limits;
}

std::string bench_case::function_text() const {
  if (combine == GEMMACT_MAXOUT) return maxout_pieces == 2 ? "maxout" : fmt::format("maxout{}", maxout_pieces);
  if (operation == GEMMACT_WEIGHT_GRAD) return "-";
  return function + (equation.empty() ? "" : "_equation") + (combine == GEMMACT_GATED ? "_gated" : "");
}

std::string bench_case::name() const {
  return fmt::format("{}/{}{}/{}/{}", name_of(operation), function_text(), accuracy == GEMMACT_FAST ? "_fast" : "",
                     name_of(numbers()), short_name(shape_name));
}

bench_case bench_case::product() const {
  bench_case alone = *this;
  alone.n = wide();
  alone.combine = GEMMACT_PLAIN;
  alone.function = "linear";
  alone.accuracy = GEMMACT_ACCURATE;
  alone.equation.clear();
  return alone;
}

bench_case bench_case::by_hand() const {
  bench_case same = *this;
  same.equation.clear();
  return same;
}

std::string bench_case::product_text() const {
  const std::string operation_text = operation == GEMMACT_FORWARD ? "" : std::string(name_of(operation)) + " ";
  return fmt::format("{}{} x {} x {} {}", operation_text, m, wide(), k, name_of(numbers()));
}

int64_t bench_case::depth() const {
  return operation == GEMMACT_INPUT_GRAD ? n : operation == GEMMACT_WEIGHT_GRAD ? m : k;
}

double bench_case::flops() const {
  if (operation == GEMMACT_ACTIVATION_GRAD) return 0;
  return 2.0 * double(m) * double(k) * double(wide());
}

int64_t bench_case::bytes() const {
  const int64_t each = bytes_of(type);
  const auto kept = [&](int64_t cols) {
    return least_kept(*this) == GEMMACT_KEEP_BIT ? m * cols / 8 : m * cols * each;
  };
  switch (operation) {
    case GEMMACT_ACTIVATION_GRAD:
      return 2 * m * n * each + kept(n);
    case GEMMACT_INPUT_GRAD:
      return (m * n + weights() + m * k) * each + kept(k);
    case GEMMACT_WEIGHT_GRAD:
      return (m * n + m * k + weights()) * each;
    default:
      return (weights() + m * k) * each + m * n * bytes_of(output_type());
  }
}

int64_t bench_case::weights() const { return wide() * k; }

gemmact_keep least_kept(const bench_case& c) {
  return kept_by_library(c.function) == GEMMACT_KEEP_BIT ? GEMMACT_KEEP_BIT : GEMMACT_KEEP_Z;
}

int64_t bench_case::memory_bytes() const {
  // Inputs in their type and, of 16-bit ones, as f32; a converted copy; three m x n matrices (of a maxout all its
  // products) in f32 an arm. W twice, for where it rotates.
  const int64_t input = type == GEMMACT_F32 ? 4 : bytes_of(type) + 4 + 4;
  return (2 * weights() + 2 * m * k + m * n) * input + 9 * m * std::max(wide(), k) * 4;
}

std::vector<std::string> catalogue_names() {
  size_t count = 0;
  require(gemmact_activation_count(&count), "gemmact_activation_count");
  std::vector<std::string> names;
  for (size_t i = 0; i < count; ++i) {
    gemmact_activation_info info{};
    info.struct_bytes = sizeof info;
    require(gemmact_activation_get_info(i, &info), "gemmact_activation_get_info");
    names.emplace_back(info.name);
  }
  return names;
}

case_list make_cases(const case_request& request) {
  collector all(request);
  all.add_selected();
  for (const shape& s : request.shapes) all.add_listed(s);
  return all.take();
}

}  // namespace gemmact_bench
