#include "bench/core/cases.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "bench/core/equations.hpp"

using namespace gemmact_bench;

namespace {

constexpr const char* folder = GEMMACT_BENCH_SOURCE "/bench/shapes";

case_request project(extent size) {
  return {.shapes = read_all_shapes(folder),
          .selected = parse_selections(read_file(std::string(folder) + "/quick.csv"), "quick.csv"),
          .catalogue = catalogue_names(),
          .size = size,
          .memory_bytes = int64_t(8) << 30};
}

int total_left_out(const case_list& l) {
  int sum = 0;
  for (const auto& [reason, count] : l.left_out) sum += count;
  return sum;
}

}  // namespace

TEST(cases, quick_has_every_function_forward_and_the_backward_operations) {
  const case_list quick = make_cases(project(extent::quick));
  std::set<std::string> functions;
  std::set<gemmact_operation> operations;
  std::set<gemmact_type> types;
  for (const bench_case& c : quick.cases) {
    if (c.operation == GEMMACT_FORWARD && c.combine == GEMMACT_PLAIN) functions.insert(c.function);
    operations.insert(c.operation);
    types.insert(c.type);
    EXPECT_LE(c.m, 256) << c.name();
  }
  const auto names = catalogue_names();
  EXPECT_EQ(functions, std::set<std::string>(names.begin(), names.end()));
  EXPECT_EQ(operations.size(), 4u);
  EXPECT_EQ(types.size(), 3u);
}

TEST(cases, a_function_of_its_own_is_measured_with_no_other_edit) {
  case_request request = project(extent::quick);
  request.catalogue.push_back("zz_mine");
  const auto mine = [](const bench_case& c) { return c.function == "zz_mine"; };
  const case_list all = make_cases(request);
  EXPECT_EQ(std::count_if(all.cases.begin(), all.cases.end(), mine), 1);
}

TEST(cases, every_shape_runs_or_is_counted_with_a_reason) {
  const case_request request = project(extent::full);
  const case_list full = make_cases(request);
  std::set<std::string> run;
  for (const bench_case& c : full.cases) run.insert(c.list + "/" + c.shape_name);
  EXPECT_GE(int(run.size()) + total_left_out(full), int(request.shapes.size()));
  const int tall =
      int(std::count_if(request.shapes.begin(), request.shapes.end(), [](const shape& s) { return s.m > 256; }));
  EXPECT_EQ(full.left_out.at("m > 256: too long on a CPU"), tall);
  const case_list quick = make_cases(project(extent::quick)), standard = make_cases(project(extent::standard));
  EXPECT_LT(quick.cases.size(), standard.cases.size());
  EXPECT_LT(standard.cases.size(), full.cases.size());
}

TEST(cases, a_gpu_has_limits_and_a_quick_list_of_its_own) {
  const auto of_gpu = [](extent size) {
    case_request request = project(size);
    request.limits = gpu_limits();
    const std::string list = selecting_list(request.limits, size);
    request.selected = parse_selections(read_file(std::string(folder) + "/" + list), list);
    request.memory_bytes = int64_t(64) << 30;
    return make_cases(request);
  };
  const case_list quick = of_gpu(extent::quick), standard = of_gpu(extent::standard), full = of_gpu(extent::full);
  std::set<std::string> functions;
  std::set<gemmact_operation> operations;
  for (const bench_case& c : quick.cases) {
    operations.insert(c.operation);
    if (c.combine == GEMMACT_PLAIN && c.operation == GEMMACT_FORWARD) functions.insert(c.function);
  }
  EXPECT_EQ(operations.size(), 4u);
  const auto names = catalogue_names();
  EXPECT_EQ(functions, std::set<std::string>(names.begin(), names.end()));
  const auto tall = [](const bench_case& c) { return c.m > 256; };
  EXPECT_TRUE(std::any_of(quick.cases.begin(), quick.cases.end(), tall));
  EXPECT_LT(quick.cases.size(), standard.cases.size());
  EXPECT_LE(standard.cases.size(), 110u);  // bench/README.md: two to three seconds each, some four minutes in all
  std::set<std::string> precisions, fast;
  for (const bench_case& c : standard.cases) {
    precisions.insert(name_of(c.numbers()));
    if (c.accuracy == GEMMACT_FAST) fast.insert(c.function);
  }
  EXPECT_EQ(precisions, (std::set<std::string>{"f32", "tf32", "f16", "bf16", "e4m3"}));
  EXPECT_GE(fast.size(), 8u);
  EXPECT_EQ(standard.cases.front().type, GEMMACT_BF16) << "what a short time leaves out should not be this";
  const auto named = [&](const bench_case& c) {
    return std::count_if(full.cases.begin(), full.cases.end(), [&](const auto& f) { return f.name() == c.name(); });
  };
  for (const bench_case& c : standard.cases) EXPECT_GE(named(c), 1) << c.name() << " cannot be profiled by name";
  EXPECT_LT(standard.cases.size(), full.cases.size());
  for (const auto& [reason, number] : full.left_out) EXPECT_EQ(reason.find("CPU"), std::string::npos) << reason;
}

TEST(cases, what_does_not_fit_in_memory_is_left_out) {
  case_request request = project(extent::full);
  request.memory_bytes = int64_t(64) << 20;
  for (const bench_case& c : make_cases(request).cases) EXPECT_LE(c.memory_bytes(), request.memory_bytes) << c.name();
}

TEST(cases, gated_and_maxout_take_halves) {
  case_request request{.shapes = {{"l", "even", 4, 6, 8, GEMMACT_F32}, {"l", "odd", 4, 7, 8, GEMMACT_F32}},
                       .selected = {{"l", "even", GEMMACT_F32, "relu", GEMMACT_GATED, GEMMACT_FORWARD},
                                    {"l", "odd", GEMMACT_F32, "relu", GEMMACT_GATED, GEMMACT_FORWARD}},
                       .catalogue = {"relu"},
                       .size = extent::quick,
                       .memory_bytes = 1 << 30};
  const case_list all = make_cases(request);
  ASSERT_EQ(all.cases.size(), 1u);
  EXPECT_EQ(all.cases[0].n, 3);
  EXPECT_EQ(all.cases[0].flops(), 2.0 * 4 * 6 * 8);
  EXPECT_EQ(all.cases[0].name(), "forward/relu_gated/f32/even");
  EXPECT_EQ(total_left_out(all), 1);
}

TEST(cases, a_maxout_takes_as_many_parts_as_it_has_pieces) {
  case_request request{.shapes = {{"l", "even", 4, 24, 8, GEMMACT_F32}, {"l", "odd", 4, 12, 8, GEMMACT_F32}},
                       .selected = {},
                       .catalogue = {},
                       .size = extent::quick,
                       .memory_bytes = 1 << 30};
  for (const char* shape : {"even", "odd"})
    for (const int pieces : {2, 4, 8}) {
      request.selected.push_back({"l", shape, GEMMACT_F32, "", GEMMACT_MAXOUT, GEMMACT_FORWARD});
      request.selected.back().maxout_pieces = pieces;
    }
  const case_list all = make_cases(request);
  std::vector<std::string> names;
  for (const bench_case& c : all.cases) {
    names.push_back(c.name());
    EXPECT_EQ(c.n * c.maxout_pieces, c.shape_name == "even" ? 24 : 12) << c.name();
    EXPECT_EQ(c.flops(), 2.0 * 4 * 8 * double(c.n * c.maxout_pieces)) << c.name();
  }
  EXPECT_EQ(names,
            (std::vector<std::string>{"forward/maxout/f32/even", "forward/maxout4/f32/even", "forward/maxout8/f32/even",
                                      "forward/maxout/f32/odd", "forward/maxout4/f32/odd"}));
  EXPECT_EQ(total_left_out(all), 1) << "12 columns are not eight parts";
}

// What the library keeps is what its own arm must read, or its share of a roof counts bytes that no program has.
TEST(cases, backward_that_no_arm_does_as_the_library_would_is_refused) {
  const auto refusal = [](selection s) -> std::string {
    try {
      make_cases({.shapes = {{"l", "a", 4, 6, 8}},
                  .selected = {std::move(s)},
                  .catalogue = catalogue_names(),
                  .size = extent::quick,
                  .memory_bytes = 1 << 30});
    } catch (const list_error& e) {
      return e.what();
    }
    return "";
  };
  for (const gemmact_operation operation : {GEMMACT_ACTIVATION_GRAD, GEMMACT_INPUT_GRAD}) {
    for (const char* function : {"relu", "gelu", "gelu_tanh", "swish"})
      EXPECT_EQ(refusal({"l", "a", GEMMACT_BF16, function, GEMMACT_PLAIN, operation}), "");
    for (const char* function : {"sigmoid", "tanh", "catalogue"})
      EXPECT_NE(refusal({"l", "a", GEMMACT_BF16, function, GEMMACT_PLAIN, operation}), "") << function;
    for (const char* function : {"linear", "step"})
      EXPECT_NE(refusal({"l", "a", GEMMACT_BF16, function, GEMMACT_PLAIN, operation}).find("keeps nothing of it"),
                std::string::npos)
          << function;
    for (const gemmact_combine combine : {GEMMACT_GATED, GEMMACT_MAXOUT})
      EXPECT_NE(refusal({"l", "a", GEMMACT_BF16, "swish", combine, operation}).find("plain layers alone"),
                std::string::npos);
  }
  EXPECT_EQ(refusal({"l", "a", GEMMACT_BF16, "", GEMMACT_PLAIN, GEMMACT_WEIGHT_GRAD}), "");
}

TEST(cases, a_quick_list_that_names_nothing_is_refused) {
  case_request request = project(extent::quick);
  request.selected = {{"awkward", "no such shape", GEMMACT_F32, "relu", GEMMACT_PLAIN, GEMMACT_FORWARD}};
  EXPECT_THROW(make_cases(request), list_error);
  request.selected = {{"awkward", "one_neuron", GEMMACT_F32, "no_such_function", GEMMACT_PLAIN, GEMMACT_FORWARD}};
  EXPECT_THROW(make_cases(request), list_error);
}

TEST(cases, precision_and_accuracy_are_in_the_name) {
  const shape s{"l", "s", 4, 6, 8, GEMMACT_BF16};
  const selection as_listed{"l",         "s", GEMMACT_F32, "gelu", GEMMACT_PLAIN, GEMMACT_FORWARD, GEMMACT_COMPUTE_TF32,
                            GEMMACT_FAST};
  selection e4m3 = as_listed;
  e4m3.type = GEMMACT_E4M3, e4m3.compute = GEMMACT_COMPUTE_STRICT, e4m3.accuracy = GEMMACT_ACCURATE;
  const case_list all = make_cases({.shapes = {s},
                                    .selected = {as_listed, e4m3, as_listed},
                                    .catalogue = {"gelu"},
                                    .size = extent::quick,
                                    .memory_bytes = 1 << 30});
  ASSERT_EQ(all.cases.size(), 2u);
  EXPECT_EQ(all.cases[0].name(), "forward/gelu_fast/tf32/s");
  EXPECT_EQ(all.cases[1].name(), "forward/gelu/e4m3/s");
  EXPECT_EQ(all.cases[1].output_type(), GEMMACT_BF16);
  EXPECT_EQ(all.cases[0].output_type(), GEMMACT_F32);
}

TEST(cases, an_equation_is_named_with_its_function_and_has_a_twin_by_hand) {
  const auto typed = [](const char* function, const char* equation, gemmact_combine combine) {
    selection s{"l", "a", GEMMACT_F32, function, combine, GEMMACT_FORWARD};
    s.equation = equation;
    return s;
  };
  const case_list all =
      make_cases({.shapes = {{"l", "a", 4, 6, 8}},
                  .selected = {typed("swish", "formula", GEMMACT_PLAIN),
                               typed("swish", "x / (1 + exp(-x))", GEMMACT_GATED), typed("swish", "", GEMMACT_PLAIN)},
                  .catalogue = catalogue_names(),
                  .size = extent::quick,
                  .memory_bytes = 1 << 30});
  ASSERT_EQ(all.cases.size(), 3u);
  EXPECT_EQ(all.cases[0].name(), "forward/swish_equation/f32/a");
  EXPECT_EQ(all.cases[0].equation, "f(x; beta=1) = x * sigmoid(beta * x)");
  EXPECT_EQ(all.cases[1].name(), "forward/swish_equation_gated/f32/a");
  EXPECT_EQ(all.cases[0].by_hand().name(), all.cases[2].name());
  EXPECT_EQ(all.cases[0].by_hand().equation, "");
  EXPECT_EQ(all.cases[0].product().equation, "");
}

TEST(cases, equations_that_are_not_compared_are_refused) {
  const auto refusal = [](const char* function, const char* equation, gemmact_combine combine = GEMMACT_PLAIN,
                          gemmact_operation operation = GEMMACT_FORWARD) -> std::string {
    selection s{"l", "a", GEMMACT_F32, function, combine, operation}, first = s;
    s.equation = equation;
    first.combine = GEMMACT_PLAIN, first.operation = GEMMACT_FORWARD, first.function = "mish", first.equation = "x";
    try {
      make_cases({.shapes = {{"l", "a", 4, 6, 8}},
                  .selected = {first, s},
                  .catalogue = catalogue_names(),
                  .size = extent::quick,
                  .memory_bytes = 1 << 30});
    } catch (const list_error& e) {
      return e.what();
    }
    return "";
  };
  const struct {
    std::string found, expected;
  } rows[] = {{refusal("swish", "formula"), ""},
              {refusal("swish", "formula", GEMMACT_GATED), ""},
              {refusal("swish", "formula", GEMMACT_PLAIN, GEMMACT_INPUT_GRAD), "is compared forward"},
              {refusal("", "x", GEMMACT_MAXOUT), "is compared forward"},
              {refusal("hinge", "formula"), "takes a target"},
              {refusal("swish", "x * no_such(x)"), "no_such"},
              {refusal("swish", "silu"), "a function's name and no equation"},
              {refusal("no_such", "x"), "there is no function \"no_such\""},
              {refusal("mish", "x + 0.5"), "is there with two equations"},
              {refusal("mish", "x"), ""}};
  for (const auto& row : rows) {
    EXPECT_NE(row.found.find(row.expected), std::string::npos) << row.expected << ": " << row.found;
    EXPECT_EQ(row.found.empty(), row.expected.empty()) << row.found;
  }
}

// One that computes its function's own code, and one that is made of operations.
TEST(cases, every_list_has_equations) {
  for (const case_limits& limits : {cpu_limits(), gpu_limits()})
    for (const extent size : {extent::quick, extent::standard}) {
      const std::string list = selecting_list(limits, size);
      int formulas = 0, others = 0;
      for (const selection& s : parse_selections(read_file(std::string(folder) + "/" + list), list))
        if (!s.equation.empty()) ++(s.equation == "formula" ? formulas : others);
      EXPECT_GE(formulas, 1) << list;
      EXPECT_GE(others, 1) << list;
    }
}

TEST(cases, every_formula_of_the_catalogue_can_be_typed) {
  for (const std::string& name : catalogue_names())
    if (!takes_target(name)) {
      EXPECT_EQ(what_is_wrong_with(formula_text(name)), "") << formula_text(name);
    }
}

// Rows of each accuracy have every function once.
TEST(cases, the_catalogue_is_shared_out_for_each_accuracy) {
  const auto row = [](const char* name, gemmact_accuracy accuracy) {
    return selection{"l",     name, GEMMACT_F32, "catalogue", GEMMACT_PLAIN, GEMMACT_FORWARD, GEMMACT_COMPUTE_STRICT,
                     accuracy};
  };
  const case_list all =
      make_cases({.shapes = {{"l", "a", 4, 6, 8}, {"l", "b", 4, 6, 8}},
                  .selected = {row("a", GEMMACT_ACCURATE), row("b", GEMMACT_ACCURATE), row("a", GEMMACT_FAST)},
                  .catalogue = {"relu", "tanh", "gelu"},
                  .size = extent::quick,
                  .memory_bytes = 1 << 30});
  std::set<std::string> names;
  for (const bench_case& c : all.cases) names.insert(c.name());
  EXPECT_EQ(names,
            (std::set<std::string>{"forward/relu/f32/a", "forward/tanh/f32/b", "forward/gelu/f32/a",
                                   "forward/relu_fast/f32/a", "forward/tanh_fast/f32/a", "forward/gelu_fast/f32/a"}));
}
