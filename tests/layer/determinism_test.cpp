// The same bits: from run to run, whatever the number of threads, whatever the other rows of the batch are.
#include <gtest/gtest.h>

#include <cstdlib>
#include <thread>

#include "tests/layer/compare.hpp"
#include "tests/layer/equations.hpp"
#include "tests/layer/fill.hpp"
#include "tests/support/random.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

// A device opened with another number of threads.
class with_threads {
 public:
  explicit with_threads(int threads) {
    const char* before = std::getenv("GEMMACT_CPU_THREADS");
    if (before != nullptr) before_ = before;
    setenv("GEMMACT_CPU_THREADS", std::to_string(threads).c_str(), 1);
    device_ = std::make_unique<test_device>(device_name());
    if (before == nullptr) unsetenv("GEMMACT_CPU_THREADS");
    else setenv("GEMMACT_CPU_THREADS", before_.c_str(), 1);
  }
  test_device& device() { return *device_; }

 private:
  std::string before_;
  std::unique_ptr<test_device> device_;
};

constexpr gemmact_operation operations[] = {GEMMACT_FORWARD, GEMMACT_ACTIVATION_GRAD, GEMMACT_INPUT_GRAD,
                                            GEMMACT_WEIGHT_GRAD};

TEST(determinism, repeats_and_thread_counts) {
  with_threads one(1), two(2), three(3), seven(7);
  test_device* devices[] = {&device_under_test(), &two.device(), &three.device(), &seven.device()};
  for (const gemmact_operation operation : operations)
    for (uint64_t index = 0; index < case_count(40); ++index) {
      if (!case_selected(index)) continue;
      factor_row row = random_row(operation, index);
      if (index % 2 == 0) row.set("m", size_count() - 1);  // beyond a tile, so that there is something to share
      if (index % 5 == 0 && operation != GEMMACT_WEIGHT_GRAD)
        row.set("activation", int(activation_cases().size() + mix(index) % equation_cases().size()));
      layer l = make_case(operation, row, mix(index));
      if (!covered(device_under_test(), l)) continue;
      fill_random(l, index);
      layer_run first(one.device(), l);
      first.run();
      for (test_device* device : devices) {
        layer_run other(*device, l);
        for (int repeat = 0; repeat < 2; ++repeat) {
          other.run(repeat == 0);  // then with the workspace as it was left
          ASSERT_EQ(same_bits(l, first, other), "") << l.text() << "\n  " << replay_line(index);
        }
      }
    }
}

layer input_grad_with_a_sum_per_row() {
  layer l;
  l.operation = GEMMACT_INPUT_GRAD;
  l.m = 300;
  l.n = 64;
  l.k = 513;
  l.below = "gelu";
  l.add(GEMMACT_DZ, GEMMACT_F32);
  l.add(GEMMACT_W, GEMMACT_F32);
  l.add(GEMMACT_BELOW | GEMMACT_KEPT, GEMMACT_F32);
  l.add(GEMMACT_BELOW | GEMMACT_DZ, GEMMACT_F32);
  l.add(GEMMACT_BELOW | GEMMACT_DBIAS, GEMMACT_F32, {.extent = GEMMACT_PER_ROW});
  return l;
}

layer long_weight_grad(int64_t n, int64_t k, gemmact_extent extent) {
  layer l;
  l.operation = GEMMACT_WEIGHT_GRAD;
  l.m = 5000;
  l.n = n;
  l.k = k;
  l.add(GEMMACT_DZ, GEMMACT_F32);
  l.add(GEMMACT_X, GEMMACT_F32);
  l.add(GEMMACT_DW, GEMMACT_F32);
  l.add(GEMMACT_DBIAS, GEMMACT_F32, {.extent = extent});
  return l;
}

layer few_rows(int64_t m, gemmact_type type) {
  layer l;
  l.m = m;
  l.n = 771;
  l.k = 1030;
  l.activation = "gelu";
  l.add(GEMMACT_X, type);
  l.add(GEMMACT_W, type);
  l.add(GEMMACT_BIAS, GEMMACT_F32, {.extent = GEMMACT_PER_COLUMN});
  l.add(GEMMACT_Y, GEMMACT_F32);
  return l;
}

// Shapes that an implementation shares out differently from most: few rows, few columns, long sums, sums over a row.
TEST(determinism, thread_counts_in_shapes_at_the_edge) {
  std::vector<layer> layers = {input_grad_with_a_sum_per_row()};
  for (const gemmact_extent extent : {GEMMACT_SCALAR, GEMMACT_PER_COLUMN, GEMMACT_PER_ROW})
    for (const int64_t size : {3, 17}) layers.push_back(long_weight_grad(size, 20 - size, extent));
  for (const gemmact_type type : {GEMMACT_BF16, GEMMACT_F16, GEMMACT_E4M3})
    for (const int64_t m : {1, 2, 5, 8}) layers.push_back(few_rows(m, type));
  layers.push_back(few_rows(300, GEMMACT_BF16));
  layers.back().activation = "0.5 * x * (1 + tanh(0.797885 * (x + 0.044715 * x^3)))";
  with_threads one(1), two(2), seven(7);
  test_device* devices[] = {&two.device(), &seven.device()};
  for (layer& l : layers) {
    if (!covered(device_under_test(), l)) continue;
    fill_random(l, 3);
    layer_run first(one.device(), l);
    first.run();
    EXPECT_EQ(first.stray_write(), "") << l.text();
    EXPECT_EQ(compare(l, first, expect(l, with_precision_of({}, l, first.info().family))).first, "") << l.text();
    for (test_device* device : devices) {
      layer_run other(*device, l);
      other.run();
      EXPECT_EQ(same_bits(l, first, other), "") << l.text();
    }
  }
}

TEST(determinism, several_threads_at_once) {
  std::vector<layer> layers = {few_rows(300, GEMMACT_BF16)};
  for (const gemmact_operation operation : operations) {
    factor_row row = random_row(operation, 99);
    row.set("m", size_count() - 1);
    layers.push_back(make_case(operation, row, 99));
  }
  for (layer& l : layers) {
    if (!covered(device_under_test(), l)) continue;
    fill_random(l, 99);
    layer_run alone(device_under_test(), l);
    alone.run();
    std::vector<std::unique_ptr<layer_run>> runs;
    for (int i = 0; i < 4; ++i) runs.push_back(std::make_unique<layer_run>(device_under_test(), l));
    std::vector<std::thread> threads;
    for (const auto& run : runs)
      threads.emplace_back([&run] {
        for (int repeat = 0; repeat < 5; ++repeat) run->run();
      });
    for (std::thread& thread : threads) thread.join();
    for (const auto& run : runs) EXPECT_EQ(same_bits(l, alone, *run), "") << l.text();
  }
}

layer variable_layer(int64_t m, int64_t plan_m, gemmact_type type, uint64_t flags) {
  layer l;
  l.m = m;
  l.plan_m = plan_m;
  l.n = 67;
  l.k = 129;
  l.flags = flags;
  l.activation = "gelu";
  l.add(GEMMACT_X, type);
  l.add(GEMMACT_W, type, {.pad = 3});
  l.add(GEMMACT_BIAS, GEMMACT_F32, {.extent = GEMMACT_PER_COLUMN});
  l.add(GEMMACT_Y, type);
  l.add(GEMMACT_KEPT, GEMMACT_F32);
  return l;
}

// The same data for every m: row i of X depends on i alone.
void fill_rows(layer& l) {
  fill_random(l, 5);
  operand& x = l.get(GEMMACT_X);
  for (int64_t i = 0; i < l.m; ++i) {
    random_source random{uint64_t(i)};
    for (int64_t j = 0; j < l.k; ++j) x.values[x.place(0, i, j)] = round_to(x.spec.type, random.normal());
  }
}

// Rows of a smaller problem are bitwise the first rows of a larger one.
std::string first_rows_differ(const layer& few, const layer_run& run_few, const layer_run& run_many) {
  for (size_t at = 3; at < few.operands.size(); ++at)
    for (int64_t i = 0; i < few.m; ++i)
      for (int64_t j = 0; j < few.n; ++j)
        if (run_few.bits(at, 0, i, j) != run_many.bits(at, 0, i, j))
          return "m = " + std::to_string(few.m) + ", row " + std::to_string(i);
  return "";
}

TEST(determinism, a_row_does_not_depend_on_m_when_batch_invariant) {
  constexpr int64_t most = 300;
  for (const gemmact_type type : {GEMMACT_F32, GEMMACT_BF16}) {
    layer all = variable_layer(most, 0, type, GEMMACT_BATCH_INVARIANT);
    if (!covered(device_under_test(), all)) continue;
    fill_rows(all);
    layer_run whole(device_under_test(), all);
    whole.run();
    ASSERT_EQ(compare(all, whole, expect(all, with_precision_of({}, all, whole.info().family))).first, "");
    for (int64_t m = 1; m <= most; m += m < 20 ? 1 : 13) {
      for (const int64_t plan_m : {int64_t(0), most}) {
        const uint64_t flags = GEMMACT_BATCH_INVARIANT | (plan_m == 0 ? 0 : GEMMACT_VARIABLE_M);
        layer few = variable_layer(m, plan_m, type, flags);
        fill_rows(few);
        layer_run run(device_under_test(), few);
        run.run();
        ASSERT_EQ(run.stray_write(), "");
        ASSERT_EQ(first_rows_differ(few, run, whole), "") << type_name(type) << " plan m " << plan_m;
      }
    }
  }
}

// A run of fewer rows has the bits of a plan made for that many.
TEST(determinism, a_variable_m_equals_a_fixed_one) {
  for (const gemmact_type type : {GEMMACT_F32, GEMMACT_BF16})
    for (const int64_t m : {1, 2, 3, 5, 16, 31, 64, 129, 256, 300}) {
      layer fixed = variable_layer(m, 0, type, 0), variable = variable_layer(m, 300, type, GEMMACT_VARIABLE_M);
      if (!covered(device_under_test(), fixed)) continue;
      fill_rows(fixed);
      fill_rows(variable);
      layer_run a(device_under_test(), fixed), b(device_under_test(), variable);
      a.run();
      b.run();
      EXPECT_EQ(b.stray_write(), "");
      EXPECT_EQ(same_bits(fixed, a, b), "") << type_name(type) << " " << m;
    }
}

// Of m rows of a plan for 300.
layer some_rows(gemmact_operation operation, int64_t m, gemmact_type type) {
  layer l;
  l.operation = operation;
  l.m = m;
  l.plan_m = 300;
  l.batch = 2;
  l.flags = GEMMACT_VARIABLE_M;
  if (type != GEMMACT_F32) l.align_bytes = 16;
  return l;
}

layer weight_grad_of_rows(int64_t m, gemmact_type type, bool summed) {
  layer l = some_rows(GEMMACT_WEIGHT_GRAD, m, type);
  l.n = 16;
  l.k = 24;  // a tile or two: the rows are shared out
  l.add(GEMMACT_DZ, type);
  l.add(GEMMACT_X, type);
  l.add(GEMMACT_DW, GEMMACT_F32, {.batched = !summed});
  l.add(GEMMACT_DBIAS, GEMMACT_F32, {.extent = GEMMACT_PER_COLUMN, .batched = !summed});
  return l;
}

const char* trained_function(bool summed) { return summed ? "swish" : "f(x; beta[n]=1.5) = x / (1 + exp(-beta * x))"; }

void add_trained(layer& l, uint32_t side, gemmact_type type, bool summed) {
  const listing column = {.extent = GEMMACT_PER_COLUMN, .batched = !summed};
  l.add(side | GEMMACT_KEPT, type);
  l.add(side | GEMMACT_PARAM, GEMMACT_F32, {.extent = GEMMACT_PER_COLUMN, .batched = false});
  l.add(side | GEMMACT_DZ, type);
  l.add(side | GEMMACT_DBIAS, GEMMACT_F32, column);
  l.add(side | GEMMACT_DPARAM, GEMMACT_F32, column);
}

layer input_grad_of_rows(int64_t m, gemmact_type type, bool summed) {
  layer l = some_rows(GEMMACT_INPUT_GRAD, m, type);
  l.n = 40;
  l.k = 72;
  l.below = trained_function(summed);
  l.add(GEMMACT_DZ, type);
  l.add(GEMMACT_W, type, {.batched = false});
  add_trained(l, GEMMACT_BELOW, type, summed);
  return l;
}

layer activation_grad_of_rows(int64_t m, gemmact_type type, bool summed) {
  layer l = some_rows(GEMMACT_ACTIVATION_GRAD, m, type);
  l.n = 72;
  l.activation = trained_function(summed);
  l.add(GEMMACT_DY, type);
  add_trained(l, 0, type, summed);
  return l;
}

// What the run before left in the workspace, of another number of rows, is in no sum.
void several_m_in_one_workspace(layer (*make)(int64_t, gemmact_type, bool)) {
  for (const gemmact_type type : {GEMMACT_F32, GEMMACT_BF16})
    for (const bool summed : {true, false}) {
      layer many = make(300, type, summed), few = make(29, type, summed);
      if (!covered(device_under_test(), many)) continue;
      fill_random(many, 7);
      fill_random(few, 8);
      layer_run alone(device_under_test(), many), few_alone(device_under_test(), few);
      alone.run();
      few_alone.run();
      layer_run shared(device_under_test(), many);
      for (int turn = 0; turn < 3; ++turn) {
        const layer& l = turn == 1 ? few : many;
        shared.use(l);
        shared.run(turn == 0);
        EXPECT_EQ(shared.stray_write(), "") << l.text();
        EXPECT_EQ(compare(l, shared, expect(l, with_precision_of({}, l, shared.info().family))).first, "") << l.text();
        EXPECT_EQ(same_bits(l, turn == 1 ? few_alone : alone, shared), "") << turn << " " << l.text();
      }
    }
}

TEST(determinism, weight_grad_of_several_m_in_one_workspace) { several_m_in_one_workspace(weight_grad_of_rows); }
TEST(determinism, sums_of_several_m_in_one_workspace) {
  several_m_in_one_workspace(input_grad_of_rows);
  several_m_in_one_workspace(activation_grad_of_rows);
}

// The last one.
TEST(determinism, covers_something) { expect_some_covered(); }

}  // namespace
}  // namespace gemmact::test
