#include "bench/core/cases.hpp"

#include <fmt/format.h>

#include <algorithm>

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

class collector {
 public:
  explicit collector(const case_request& request) : request_(request) {}

  void add(const shape& s, gemmact_type type, const std::string& function, gemmact_combine combine,
           gemmact_operation operation) {
    const int64_t pieces = combine == GEMMACT_PLAIN ? 1 : 2;
    if (too_tall(s)) return;
    if (s.n % pieces != 0) return leave_out("n is odd, and a gated pair or maxout takes halves");
    bench_case c{s.list, s.name, s.m, s.n / pieces, s.k, type, function, combine, operation};
    if (c.memory_bytes() > request_.memory_bytes)
      return leave_out(fmt::format("needs more than {:.1f} GB of memory", double(request_.memory_bytes) * 1e-9));
    const auto same = [&](const bench_case& other) { return other.list == c.list && other.name() == c.name(); };
    if (std::none_of(result_.cases.begin(), result_.cases.end(), same)) result_.cases.push_back(std::move(c));
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
    throw list_error(fmt::format("{}: there is no shape \"{}\" in {}.csv", request_.limits.quick_list, s.name, s.list));
  }

  void add_selected() {
    std::vector<const selection*> sharing;
    for (const selection& s : request_.quick) {
      if (s.function == "catalogue") {
        sharing.push_back(&s);
        continue;
      }
      const bool named = s.combine != GEMMACT_MAXOUT && s.operation != GEMMACT_WEIGHT_GRAD;
      const auto& all = request_.catalogue;
      if (named && std::find(all.begin(), all.end(), s.function) == all.end())
        throw list_error(
            fmt::format("{}: there is no function \"{}\" in the catalogue", request_.limits.quick_list, s.function));
      add(find(s), s.type, named ? s.function : "", s.combine, s.operation);
    }
    if (sharing.empty()) return;
    for (size_t i = 0; i < request_.catalogue.size(); ++i) {
      const selection& s = *sharing[i % sharing.size()];
      add(find(s), s.type, request_.catalogue[i], s.combine, s.operation);
    }
  }

  void add_listed(const shape& s) {
    if (too_tall(s)) return;
    const auto selected = [&](const selection& q) { return q.list == s.list && q.name == s.name; };
    if (request_.size == extent::quick) {
      if (std::any_of(request_.quick.begin(), request_.quick.end(), selected)) return;
      return leave_out(fmt::format("not in the quick subset (bench/shapes/{})", request_.limits.quick_list));
    }
    if (request_.size == extent::standard) {
      const case_limits& l = request_.limits;
      const double flops = 2.0 * double(s.m) * double(s.n) * double(s.k);
      if (flops > l.most_standard_flops || s.n * s.k > l.most_standard_weights)
        return leave_out("too long for the default; --full has it");
      const auto& lists = l.standard_lists;
      if (!lists.empty() && std::find(lists.begin(), lists.end(), s.list) == lists.end())
        return leave_out(fmt::format("in none of the default's lists ({}); --full has it", fmt::join(lists, ", ")));
    }
    for (const habit& h : habits) {
      if (s.name.find(h.part) == std::string::npos) continue;
      add(s, s.type, h.function, h.combine, GEMMACT_FORWARD);
      if (request_.size == extent::full && s.type != GEMMACT_F32)
        add(s, GEMMACT_F32, h.function, h.combine, GEMMACT_FORWARD);
      break;
    }
  }

  // By type, so that the inputs of one type are made once.
  case_list take() {
    std::stable_sort(result_.cases.begin(), result_.cases.end(),
                     [](const auto& a, const auto& b) { return a.type < b.type; });
    return std::move(result_);
  }

 private:
  const case_request& request_;
  case_list result_;
};

}  // namespace

const case_limits& cpu_limits() {
  static const case_limits limits{.most_rows = 256,
                                  .too_many_rows = "too long on a CPU",
                                  .most_standard_flops = 2e9,
                                  .most_standard_weights = int64_t(1) << 25,
                                  .standard_lists = {},
                                  .quick_list = "quick.csv"};
  return limits;
}

const case_limits& gpu_limits() {
  static const case_limits limits{.most_rows = int64_t(1) << 31,
                                  .too_many_rows = "no list has them",
                                  .most_standard_flops = 6e11,
                                  .most_standard_weights = int64_t(1) << 28,
                                  .standard_lists = {"gpt_layers", "gpt_few_tokens"},
                                  .quick_list = "quick_gpu.csv"};
  return limits;
}

std::string bench_case::function_text() const {
  if (combine == GEMMACT_MAXOUT) return "maxout";
  if (operation == GEMMACT_WEIGHT_GRAD) return "-";
  return combine == GEMMACT_GATED ? function + "_gated" : function;
}

std::string bench_case::name() const {
  return fmt::format("{}/{}/{}/{}", name_of(operation), function_text(), name_of(type), short_name(shape_name));
}

double bench_case::flops() const {
  if (operation == GEMMACT_ACTIVATION_GRAD) return 0;
  return 2.0 * double(m) * double(k) * double(n) * (combine == GEMMACT_PLAIN ? 1 : 2);
}

int64_t bench_case::weights() const { return n * k * (combine == GEMMACT_PLAIN ? 1 : 2); }

int64_t bench_case::memory_bytes() const {
  // Inputs in their type and, of 16-bit ones, as f32; a converted copy; three m x n matrices in f32 an arm.
  const int64_t input = type == GEMMACT_F32 ? 4 : bytes_of(type) + 4 + 4;
  return (weights() + 2 * m * k + m * n) * input + 9 * m * std::max(n, k) * 4;
}

case_list make_cases(const case_request& request) {
  collector all(request);
  all.add_selected();
  for (const shape& s : request.shapes) all.add_listed(s);
  return all.take();
}

}  // namespace gemmact_bench
