// The C++ wrapper, by itself: nothing but the installed headers is included.
#include <gtest/gtest.h>

#include <cmath>
#include <type_traits>

#include "gemmact/gemmact.hpp"

namespace {

static_assert(std::is_nothrow_move_constructible_v<gemmact::plan> && !std::is_copy_constructible_v<gemmact::plan>);
static_assert(std::is_nothrow_move_constructible_v<gemmact::context> &&
              !std::is_copy_constructible_v<gemmact::context>);

constexpr gemmact::tensor f32{.type = GEMMACT_F32};
constexpr gemmact::tensor f32_column{.type = GEMMACT_F32, .extent = GEMMACT_PER_COLUMN};

gemmact::problem layer(const char* activation) {
  return gemmact::problem(GEMMACT_FORWARD, 2, 3, 2)
      .activation(activation)
      .with(GEMMACT_X, f32)
      .with(GEMMACT_W, f32)
      .with(GEMMACT_BIAS, f32_column)
      .with(GEMMACT_Y, f32);
}

const float x[] = {1, 2, -3, 4}, w[] = {1, 0, 0, 1, 1, 1}, bias[] = {0.5f, -3, 0};
const float relu_of_it[] = {1.5f, 0, 3, 0, 1, 1};

TEST(wrapper, runs_a_layer) {
  gemmact::context cpu;
  EXPECT_STREQ(cpu.info().device, "cpu");
  gemmact::plan made(cpu, layer("relu"));
  gemmact::plan plan = std::move(made);
  gemmact::workspace scratch(plan);
  EXPECT_EQ(plan.info().workspace_bytes, scratch.bytes());
  float y[6];
  plan.run(gemmact::operands().bind(GEMMACT_X, x).bind(GEMMACT_W, w).bind(GEMMACT_BIAS, bias).bind(GEMMACT_Y, y),
           scratch);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(y[i], relu_of_it[i]) << i;
}

TEST(wrapper, runs_with_less_m) {
  gemmact::context cpu;
  gemmact::problem p = layer("relu").flags(GEMMACT_VARIABLE_M);
  gemmact::plan plan(cpu, p);
  gemmact::workspace scratch(plan);
  float y[6] = {9, 9, 9, 9, 9, 9};
  gemmact::operands o =
      gemmact::operands().bind(GEMMACT_X, x).bind(GEMMACT_W, w).bind(GEMMACT_BIAS, bias).bind(GEMMACT_Y, y);
  plan.run(o.m(1), scratch);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(y[i], i < 3 ? relu_of_it[i] : 9) << i;
}

TEST(wrapper, the_one_call_layer) {
  float y[6];
  gemmact::context("cpu").linear("relu", x, w, bias, y, 2, 3, 2, GEMMACT_F32);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(y[i], relu_of_it[i]) << i;
}

TEST(wrapper, failures_are_thrown_with_status_and_sentence) {
  gemmact::context cpu;
  try {
    gemmact::plan(cpu, layer("rleu"));
    ADD_FAILURE();
  } catch (const gemmact::error& e) {
    EXPECT_EQ(e.status(), GEMMACT_UNKNOWN_ACTIVATION);
    EXPECT_NE(std::string(e.what()).find("GEMMACT_UNKNOWN_ACTIVATION: no activation is named \"rleu\""),
              std::string::npos);
  }
  EXPECT_THROW(gemmact::context("gpu"), gemmact::error);
  gemmact::plan plan(cpu, layer("relu"));
  EXPECT_THROW(plan.run(gemmact::operands(), nullptr), gemmact::error);
}

TEST(wrapper, problems_are_values) {
  gemmact::problem original = layer("relu");
  gemmact::problem copy = original;
  copy.activation("tanh").keep(GEMMACT_KEEP_OUTPUT).accuracy(GEMMACT_FAST);
  EXPECT_STREQ(original.view().activation, "relu");
  EXPECT_STREQ(copy.view().activation, "tanh");
  EXPECT_NE(original.view().tensors, copy.view().tensors);
  EXPECT_EQ(copy.resolve_keep().keep, GEMMACT_KEEP_OUTPUT);
  EXPECT_EQ(original.resolve_keep().type, GEMMACT_BIT);
}

TEST(wrapper, explains_and_prewarms) {
  gemmact::context cpu, far("describe:h100");
  EXPECT_NE(cpu.explain(layer("relu")).find("Y = relu(X W^T + BIAS)"), std::string::npos);
  EXPECT_NE(far.explain(layer("relu")).find("gemm_simt_f32"), std::string::npos);
  const gemmact::problem backward =
      gemmact::problem(GEMMACT_INPUT_GRAD, 2, 3, 2).with(GEMMACT_DZ, f32).with(GEMMACT_W, f32).with(GEMMACT_DX, f32);
  EXPECT_NE(far.explain(backward).find("gemm_simt_f32"), std::string::npos);
  const gemmact::problem by_row = gemmact::problem(GEMMACT_WEIGHT_GRAD, 2, 3, 2)
                                      .with(GEMMACT_DZ, f32)
                                      .with(GEMMACT_X, f32)
                                      .with(GEMMACT_DW, f32)
                                      .with(GEMMACT_DBIAS, {GEMMACT_F32, GEMMACT_PER_ROW});  // by the CPU device alone
  EXPECT_NE(far.explain(by_row).find("GEMMACT_NOT_SUPPORTED"), std::string::npos);
  gemmact::problem long_text = layer("relu");
  for (uint32_t i = 0; i < 60; ++i) long_text.with(GEMMACT_W, f32, i + 1);
  EXPECT_NE(cpu.explain(long_text).find("Refused"), std::string::npos);
  const gemmact::problem some[] = {layer("relu"), layer("tanh")};
  cpu.prewarm(some);
  const gemmact::problem refused[] = {by_row};
  EXPECT_THROW(far.prewarm(refused), gemmact::error);
}

TEST(wrapper, gated_below_and_maxout) {
  gemmact::problem gated = gemmact::problem(GEMMACT_FORWARD, 2, 3, 2).gated().activation("swish");
  gated.with(GEMMACT_X, f32).with(GEMMACT_W, f32, 0).with(GEMMACT_W, f32, 1).with(GEMMACT_Y, f32);
  EXPECT_EQ(gated.resolve_keep().keep, GEMMACT_KEEP_Z);
  EXPECT_EQ(gemmact::problem(GEMMACT_FORWARD, 2, 3, 2).maxout(4).resolve_keep().keep, GEMMACT_KEEP_INDEX);
  gemmact::problem back = gemmact::problem(GEMMACT_INPUT_GRAD, 2, 3, 2).below("relu");
  back.with(GEMMACT_DZ, f32).with(GEMMACT_W, f32).with(GEMMACT_BELOW | GEMMACT_DZ, f32);
  back.with(GEMMACT_BELOW | GEMMACT_KEPT, {.type = GEMMACT_BIT});
  gemmact::context cpu;
  EXPECT_EQ(gemmact::plan(cpu, back).info().keep_below, GEMMACT_KEEP_BIT);
}

TEST(wrapper, catalogue_and_evaluation) {
  std::vector<gemmact_activation_info> all = gemmact::catalogue();
  for (size_t i = 1; i < all.size(); ++i) EXPECT_LT(std::string(all[i - 1].name), std::string(all[i].name));
  gemmact::parsed_activation silu = gemmact::parse_activation("silu(beta=2)");
  EXPECT_STREQ(all[silu.index].name, "swish");
  std::vector<gemmact_param_info> of_swish = gemmact::parameters(all[silu.index]);
  ASSERT_EQ(of_swish.size(), 1u);
  EXPECT_STREQ(of_swish[0].name, "beta");
  EXPECT_TRUE(gemmact::parameters(all[gemmact::parse_activation("relu").index]).empty());
  EXPECT_EQ(silu.values[0], 2.0f);
  const float at[] = {-1, 0, 2};
  float value[3], derivative[3];
  gemmact::evaluate("leaky_relu(slope=0.5)", at, value, derivative);
  EXPECT_EQ(value[0], -0.5f);
  EXPECT_EQ(value[2], 2.0f);
  EXPECT_EQ(derivative[0], 0.5f);
  EXPECT_EQ(derivative[2], 1.0f);
  const float target[] = {-1};
  gemmact::evaluate("hinge", at, value, {}, GEMMACT_ACCURATE, target);
  EXPECT_EQ(value[2], 3.0f);
  EXPECT_THROW(gemmact::evaluate("relu", at, std::span(value).first(2)), std::length_error);
}

TEST(wrapper, equations) {
  const std::string text = "f(x; beta=2, slope[n]=0.25, t) = x > 0 ? x / (1 + exp(-beta * x)) : slope * x - t";
  EXPECT_EQ(gemmact::parse_activation(text).index, SIZE_MAX);
  EXPECT_EQ(gemmact::parse_activation(text).values[1], 0.25f);
  const gemmact::activation_description f = gemmact::describe(text);
  EXPECT_STREQ(f.info.name, "f");
  EXPECT_STREQ(f.info.formula, "x > 0 ? swish(x, beta=beta) : slope * x - t");
  EXPECT_NE(std::string(f.info.note).find("computed as"), std::string::npos);
  EXPECT_EQ(f.info.needs, GEMMACT_KEEP_Z);
  const std::vector<gemmact_param_info> params = gemmact::parameters(f.info);
  ASSERT_EQ(params.size(), 3u);
  EXPECT_STREQ(params[1].name, "slope");
  EXPECT_EQ(params[1].default_value, 0.25f);
  EXPECT_TRUE(params[0].trainable && params[1].is_per_column && params[2].is_operand);
  EXPECT_FALSE(params[0].is_per_column || params[1].is_operand || params[2].trainable);
  EXPECT_NE(gemmact::activation_source(text).find("swish<mode>"), std::string::npos);
  EXPECT_NE(gemmact::activation_source("silu").find("struct swish"), std::string::npos);
  EXPECT_STREQ(gemmact::describe("silu").info.name, "swish");
  const float at[] = {-4, 0, 2}, values[] = {1, 0.5f, 3};
  float value[3], derivative[3];
  gemmact::evaluate(text, at, value, derivative, GEMMACT_ACCURATE, values);
  EXPECT_EQ(value[0], -5.0f);
  EXPECT_EQ(derivative[0], 0.5f);
  EXPECT_EQ(value[1], -3.0f);
  EXPECT_NEAR(value[2], 2 / (1 + std::exp(-2.0)), 1e-6);
}

}  // namespace
