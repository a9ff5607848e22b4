// Every wrong argument has its status and its sentence, and nothing is written; every status is reached by some row.
#include <gtest/gtest.h>

#include <algorithm>

#include "host/core/names.hpp"
#include "tests/host/api/misuse.hpp"

namespace gemmact::test {
namespace {

class misuse : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(gemmact_context_create("cpu", &context_), GEMMACT_OK) << gemmact_last_error(); }
  void TearDown() override { gemmact_context_destroy(context_); }

  // What a call that failed must have left behind.
  static void expect_refusal(gemmact_status got, gemmact_status expected, const std::string& says) {
    const std::string message = gemmact_last_error();
    EXPECT_STREQ(gemmact_status_name(got), gemmact_status_name(expected)) << message;
    EXPECT_NE(message.find(says), std::string::npos) << "expected \"" << says << "\" in: " << message;
    EXPECT_FALSE(message.empty());
    const bool shows_place = got == GEMMACT_BAD_ACTIVATION_TEXT && message.back() == '^';  // of an equation
    EXPECT_EQ(std::count(message.begin(), message.end(), '\n'), shows_place ? 2 : 0) << "one sentence: " << message;
    reached().insert(got);
  }

  static std::set<gemmact_status>& reached() {
    static std::set<gemmact_status> all;
    return all;
  }

  std::string explanation(const gemmact_problem* problem) {
    std::string text(1 << 14, '\0');
    size_t bytes = text.size();
    EXPECT_EQ(gemmact_problem_explain(context_, problem, text.data(), &bytes), GEMMACT_OK) << gemmact_last_error();
    text.resize(bytes - 1);
    return text;
  }

  gemmact_context* context_ = nullptr;
};

TEST_F(misuse, problems) {
  for (problem_misuse& row : problem_misuses()) {
    SCOPED_TRACE(row.name);
    row.layer.link();
    gemmact_plan* plan = nullptr;
    EXPECT_EQ(gemmact_plan_create(context_, &row.layer.problem, &plan), GEMMACT_OK)
        << "the sample itself is refused: " << gemmact_last_error();
    gemmact_plan_destroy(plan);
    row.layer.link();
    row.spoil(row.layer);
    plan = reinterpret_cast<gemmact_plan*>(1);
    expect_refusal(gemmact_plan_create(context_, &row.layer.problem, &plan), row.status, row.says);
    EXPECT_EQ(plan, nullptr);
    std::string text = explanation(&row.layer.problem);
    EXPECT_NE(text.find(std::string("Refused: ") + gemmact_status_name(row.status)), std::string::npos) << text;
    EXPECT_NE(text.find(row.says), std::string::npos) << text;
  }
}

TEST_F(misuse, runs) {
  for (run_misuse& row : run_misuses()) {
    SCOPED_TRACE(row.name);
    gemmact_plan* plan = nullptr;
    ASSERT_EQ(gemmact_plan_create(context_, row.layer.link(), &plan), GEMMACT_OK) << gemmact_last_error();
    gemmact_plan_info info{};
    info.struct_bytes = sizeof info;
    ASSERT_EQ(gemmact_plan_get_info(plan, &info), GEMMACT_OK);
    sample_run run(row.layer, std::max(sample_run::buffer_bytes, (info.workspace_bytes + 4095) / 4096 * 4096));
    run.link();
    row.spoil(run);
    gemmact_status status = gemmact_run(plan, &run.operands, run.workspace, nullptr);
    if (row.allowed) {
      EXPECT_EQ(status, GEMMACT_OK) << gemmact_last_error();
      EXPECT_STREQ(gemmact_last_error(), "");
    } else {
      expect_refusal(status, row.status, row.says);
      EXPECT_TRUE(run.untouched());
    }
    gemmact_plan_destroy(plan);
  }
}

TEST_F(misuse, calls) {
  for (call_misuse& row : call_misuses(context_)) {
    SCOPED_TRACE(row.name);
    expect_refusal(row.call(), row.status, row.says);
  }
}

TEST_F(misuse, gpus) {
  for (call_misuse& row : gpu_misuses()) {
    SCOPED_TRACE(row.name);
    expect_refusal(row.call(), row.status, row.says);
  }
}

// A struct of a newer header is accepted when what is beyond is zero, and one of the first header always.
TEST_F(misuse, structs_of_other_headers) {
  sample_layer layer = forward_layer();
  struct {
    gemmact_problem known;
    uint64_t unknown[3];
  } newer{*layer.link(), {0, 0, 0}};
  newer.known.struct_bytes = sizeof newer;
  gemmact_plan* plan = nullptr;
  EXPECT_EQ(gemmact_plan_create(context_, &newer.known, &plan), GEMMACT_OK) << gemmact_last_error();
  gemmact_plan_destroy(plan);
  newer.unknown[2] = uint64_t{1} << 60;
  expect_refusal(gemmact_plan_create(context_, &newer.known, &plan), GEMMACT_STRUCT_SIZE, "newer than this library");

  gemmact_problem older = *layer.link();
  older.struct_bytes = offsetof(gemmact_problem, below_combine);
  older.below_pieces = 99;  // not part of the older struct
  EXPECT_EQ(gemmact_plan_create(context_, &older, &plan), GEMMACT_OK) << gemmact_last_error();

  struct {
    gemmact_plan_info known;
    uint64_t unknown;
  } info{};
  info.known.struct_bytes = sizeof info;
  info.unknown = 7;
  EXPECT_EQ(gemmact_plan_get_info(plan, &info.known), GEMMACT_OK) << gemmact_last_error();
  EXPECT_EQ(info.unknown, 7u);
  EXPECT_STREQ(info.known.family, "cpu");
  gemmact_plan_destroy(plan);

  std::vector<unsigned char> tensors(layer.tensors.size() * 64);
  for (size_t i = 0; i < layer.tensors.size(); ++i)
    std::memcpy(&tensors[i * 64], &layer.tensors[i], sizeof(gemmact_tensor));
  layer.problem.tensors = reinterpret_cast<const gemmact_tensor*>(tensors.data());
  layer.problem.tensor_bytes = 64;
  EXPECT_EQ(gemmact_plan_create(context_, &layer.problem, &plan), GEMMACT_OK) << gemmact_last_error();
  gemmact_plan_destroy(plan);
  tensors[63] = 1;
  expect_refusal(gemmact_plan_create(context_, &layer.problem, &plan), GEMMACT_STRUCT_SIZE, "tensor_bytes is 64");
}

TEST_F(misuse, null_handles_may_be_destroyed) {
  gemmact_context_destroy(nullptr);
  gemmact_plan_destroy(nullptr);
}

// Runs last: gtest keeps the order of the file. What only a compiler can say is reached in tests/host/jit.
TEST_F(misuse, every_status_was_reached) {
  reached().insert(GEMMACT_COMPILE_FAILED);
  for (size_t number = 1; number < core::error_rows().size(); ++number)
    EXPECT_EQ(reached().count(static_cast<gemmact_status>(number)), 1u)
        << gemmact_status_name(static_cast<gemmact_status>(number)) << " is returned by no row of the tables";
}

}  // namespace
}  // namespace gemmact::test
