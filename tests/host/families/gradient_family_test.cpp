// What gradient_pass takes of activation_grad, into how many parts its rows go, and what it is estimated to cost.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "host/plan/functions.hpp"
#include "host/plan/gpu_facts.hpp"
#include "host/plan/gpu_layer.hpp"
#include "kernels/families/gradient_pass/family.hpp"
#include "tests/host/families/units.hpp"
#include "tests/layer/cases.hpp"
#include "tests/support/refusal.hpp"

namespace gemmact::test {
namespace {

namespace pass = families::gradient_pass;

const families::gpu& h100() { return plan::described_gpus()[2].facts; }

// One that is taken and one that is not differ in a sum by row, or in how the tensors of several products lie.
TEST(gradient_pass_family, takes_what_the_suites_have_but_sums_by_row_and_unlike_products) {
  std::map<std::string, int> answers;
  const auto& rows = exact_rows(GEMMACT_ACTIVATION_GRAD);
  for (uint64_t i = 0; i < rows.size(); ++i) {
    const layer l = make_case(GEMMACT_ACTIVATION_GRAD, rows[i], i);
    const problem_view view(l);
    const families::layer asked = plan::gpu_layer(core::check_problem(&view.problem, plan::functions()));
    for (const plan::described_gpu& gpu : plan::described_gpus()) {
      const std::string refusal = pass::supports(asked, gpu.facts);
      ++answers[refusal];
      if (!refusal.empty()) continue;
      EXPECT_EQ(pass::candidates(asked, gpu.facts).size(), std::size(pass::rows_ahead)) << l.text();
    }
  }
  for (const auto& [refusal, count] : answers) fmt::print("{:6} {}\n", count, refusal.empty() ? "taken" : refusal);
  EXPECT_GE(answers[""], int(rows.size()));
  answers.erase(""), answers.erase("the products of a pair or of a maxout must have tensors of one type and layout");
  ASSERT_EQ(answers.size(), 1u);
  expect_part(answers.begin()->first, "a DBIAS of one a row");
}

sample_layer gradient_of(const char* activation, int64_t m, int64_t n) {
  sample_layer l(GEMMACT_ACTIVATION_GRAD, activation);
  l.problem.m = m, l.problem.n = n;
  l.problem.keep = GEMMACT_KEEP_Z;
  for (const uint32_t slot : {GEMMACT_DY, GEMMACT_KEPT, GEMMACT_DZ}) l.add(slot, GEMMACT_BF16);
  return l;
}

TEST(gradient_pass_family, says_why_not) {
  const std::pair<const char*, std::function<void(families::layer&)>> rows[] = {
      {"activation_grad alone", [](auto& l) { l.what = families::operation::forward; }},
      {"2^31 - 512", [](auto& l) { l.m = i64{1} << 31; }},
      {"2^31 - 512 blocks", [](auto& l) { l.batch = i64{1} << 31; }},
      {"sums over rows", [](auto& l) {
         families::operand sum = l.operands[0];
         sum.what = families::slot::dbias, sum.output = true, sum.spread = families::extent::per_row;
         l.operands.push_back(sum);
       }}};
  sample_layer given = gradient_of("gelu", 100, 200);
  const families::layer plain = layer_of(given);
  ASSERT_EQ(pass::supports(plain, h100()), "");
  for (const auto& [reason, change] : rows) {
    families::layer l = plain;
    change(l);
    const std::string said = pass::supports(l, h100());
    expect_part(said, reason);
    EXPECT_NE(said.back(), '.');
  }
  families::gpu old = h100();
  old.architecture = 75;
  expect_part(pass::supports(plain, old), "sm_80 or later");
}

// Each part has rows, all parts have all of them, and a run of fewer rows needs no more of the workspace than the plan said.
TEST(gradient_pass_family, parts_have_all_rows) {
  for (const int64_t n : {1, 64, 200, 5000})
    for (const int64_t most : {1, 31, 32, 33, 1000, 70'000})
      for (const bool sums : {false, true})
        for (int row = 0; row < int(std::size(pass::rows_ahead)); ++row) {
          sample_layer given = gradient_of("gelu", most, n);
          if (sums) given.add(GEMMACT_DBIAS, GEMMACT_F32, GEMMACT_PER_COLUMN);
          const families::layer l = layer_of(given);
          const pass::config c = pass::config_of(l, row);
          const int64_t of_plan = pass::parts_of(l, h100(), c, most);
          for (const int64_t m : {int64_t{1}, most / 3 + 1, most}) {
            const int64_t wanted = pass::parts_of(l, h100(), c, m), rows = pass::rows_of_part(l, c, wanted, m);
            const int64_t parts = families::tiles_of(m, rows);
            EXPECT_GE(parts, 1);
            EXPECT_LE(parts, wanted);
            EXPECT_LE(wanted, of_plan) << m << " of " << most;
            EXPECT_GT(m, (parts - 1) * rows);
            EXPECT_EQ(rows % c.round_rows(), 0);
          }
        }
}

// A view is of all products of a pair: one of them that is not aligned decides.
TEST(gradient_pass_family, a_run_reads_whole_strips_where_all_addresses_allow_it) {
  sample_layer given = gradient_of("swish", 64, 64);
  given.problem.combine = GEMMACT_GATED;
  given.add(GEMMACT_KEPT, GEMMACT_BF16, GEMMACT_EACH, 1).add(GEMMACT_DZ, GEMMACT_BF16, GEMMACT_EACH, 1);
  const families::layer l = layer_of(given);
  alignas(16) static char memory[64 * 64 * 2 + 16];
  const families::candidate chosen = pass::candidate_of(l, h100(), 0);
  for (int odd = -1; odd < int(l.operands.size()); ++odd) {
    std::vector<void*> data(l.operands.size(), memory);
    if (odd >= 0) data[size_t(odd)] = memory + 2;
    families::params_bytes bytes;
    const families::launch launched = pass::prepare({l, h100(), chosen, 64, data.data(), nullptr, nullptr}, bytes);
    pass::params p;
    std::memcpy(&p, bytes.bytes, sizeof p);
    const bool reads = odd >= 0 && !l.operands[size_t(odd)].output, writes = odd >= 0 && !reads;
    EXPECT_EQ(p.whole, reads ? 0u : 1u) << odd;
    EXPECT_EQ(p.out.y.vector, writes ? 0u : 1u) << odd;
    EXPECT_EQ(launched.grid[0], p.groups * p.parts);
  }
}

// Predicted, not measured: memory decides, with sums too, and little of its time is lost.
TEST(gradient_pass_family, is_predicted_to_keep_memory_busy) {
  for (const char* activation : {"relu", "gelu", "swish", "tanh", "mish"})
    for (const bool sums : {false, true})
      for (const int64_t size : {4096, 8192}) {
        sample_layer given = gradient_of(activation, size, size);
        if (sums) given.add(GEMMACT_DBIAS, GEMMACT_F32, GEMMACT_PER_COLUMN);
        const families::layer l = layer_of(given);
        const families::candidate best = pass::candidates(l, h100()).front();
        const double bytes = 3 * 2.0 * double(size) * double(size);
        const double share = bytes / (h100().bandwidth_gb_per_s * 1e3) / best.cost.total;
        fmt::print("{} {} {} {}: {} of the time is memory's, {}\n", activation, size, sums ? "with db" : "", best.tile,
                   share, best.cost.words());
        EXPECT_GE(share, size == 8192 ? 0.9 : 0.8);
      }
}

}  // namespace
}  // namespace gemmact::test
