// Programs of equations, run in blocks by loops, against one step after another for one value at a time.
#include "host/cpu/linked_program.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "host/core/problem.hpp"
#include "host/core/status.hpp"
#include "host/cpu/catalogue.hpp"
#include "host/cpu/isas.hpp"
#include "tests/support/random.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

using core::op;
using what = core::source::what;

struct operation {
  op id;
  uint8_t sources;
};

constexpr operation operations[] = {
#define GEMMACT_FUNCTION(name, children) {op::name, children},
#define GEMMACT_OPERATOR(name, spelling, children, takes, gives) GEMMACT_FUNCTION(name, children)
#include "host/core/operations.inc"
#undef GEMMACT_OPERATOR
#undef GEMMACT_FUNCTION
};

constexpr size_t max_params = core::max_params;

// The catalogue's loops for one number each.
gemmact_isa::map_fn loop_of(const core::program_step& s, const gemmact_isa::isa& isa, bool fast) {
  const gemmact_isa::activation_maps& maps = *isa.activation(s.function, fast);
  switch (s.quantity) {
    case core::part::value:
      return maps.value[gemmact_isa::scalar];
    case core::part::grad:
      return maps.grad[gemmact_isa::scalar];
    case core::part::param_grad:
      return maps.param_grad[s.by][gemmact_isa::scalar];
    case core::part::grad_from_output:
      return maps.grad_from_output[gemmact_isa::scalar];
  }
  return nullptr;
}

float value_of(const core::program& program, const gemmact_isa::isa& isa, bool fast, const float* params, float x) {
  std::vector<float> registers(size_t(program.registers), nanf(""));
  const auto read = [&](const core::source& s) {
    return s.from == what::step        ? registers[s.index]
           : s.from == what::argument  ? x
           : s.from == what::parameter ? params[s.index]
                                       : s.number;
  };
  for (const core::program_step& s : program.steps) {
    float values[1 + max_params], result;
    const float* from[1 + max_params];
    for (size_t i = 0; i < s.count; ++i) values[i] = read(s.from[i]), from[i] = &values[i];
    if (s.operation == op::call) loop_of(s, isa, fast)(from + 1, from[0], &result, 1);
    else isa.operations[fast].of[size_t(s.operation)][0](&result, from, 1);
    registers[s.to] = result;
  }
  return read(program.result);
}

class program_maker {
 public:
  program_maker(random_source& random, const gemmact_isa::isa& isa, bool fast)
      : random_(random), isa_(isa), fast_(fast) {}

  core::program make() {
    program_.registers = int(random_.below(8) == 0 ? random_.between(300, 512) : random_.between(1, 12));
    const int64_t steps = random_.below(9) == 0 ? 0 : random_.between(1, 24);
    for (int64_t i = 0; i < steps; ++i) {
      core::program_step s;
      if (random_.below(4) == 0) call(s);
      else operate(s);
      if (random_.below(6) == 0) compare(s);
      // Choices by a comparison of late, which the two may become one of.
      if (compared_ >= 0 && random_.below(3) == 0) choose(s);
      s.to = uint16_t(random_.below(program_.registers));
      program_.steps.push_back(s);
      written_.push_back(s.to);
      if (is_comparison(s.operation)) compared_ = s.to;
      else if (compared_ == s.to) compared_ = -1;
    }
    program_.result = source();
    return std::move(program_);
  }

 private:
  core::source source() {
    core::source s;
    s.from = what(random_.below(4));
    if (s.from == what::step && written_.empty()) s.from = what::argument;
    if (s.from == what::step) s.index = written_[size_t(random_.below(int64_t(written_.size())))];
    if (s.from == what::parameter) s.index = uint16_t(random_.below(core::max_params));
    if (s.from == what::number) s.number = random_.below(3) == 0 ? 0.0f : float(random_.normal());
    return s;
  }

  void operate(core::program_step& s) {
    const operation& o = operations[random_.below(std::size(operations))];
    s.operation = o.id;
    s.count = o.sources;
    for (size_t i = 0; i < s.count; ++i) s.from[i] = source();
  }

  static bool is_comparison(op id) { return id >= op::less && id <= op::unequal; }

  void compare(core::program_step& s) {
    s.operation = op(int(op::less) + int(random_.below(6)));
    s.count = 2;
    for (size_t i = 0; i < s.count; ++i) s.from[i] = source();
  }

  void choose(core::program_step& s) {
    s.operation = op::choose;
    s.count = 3;
    for (size_t i = 1; i < s.count; ++i) s.from[i] = source();
    s.from[0] = {what::step, uint16_t(compared_), 0};
  }

  void call(core::program_step& s) {
    const core::catalogue functions = cpu::catalogue();
    do {
      s.operation = op::call;
      s.function = uint16_t(random_.below(int64_t(functions.size())));
      s.quantity = core::part(random_.below(4));
      s.by = s.quantity == core::part::param_grad ? uint8_t(random_.below(core::max_params)) : uint8_t(0);
    } while (loop_of(s, isa_, fast_) == nullptr);
    s.count = uint8_t(1 + functions[s.function].param_count);
    for (size_t i = 0; i < s.count; ++i) s.from[i] = source();
  }

  random_source& random_;
  const gemmact_isa::isa& isa_;
  bool fast_;
  core::program program_;
  std::vector<uint16_t> written_;
  int compared_ = -1;  // a register that has a comparison's result
};

bool same_or_both_nan(float a, float b) { return std::isnan(a) ? std::isnan(b) : std::memcmp(&a, &b, sizeof a) == 0; }

void check_program(uint64_t index, const gemmact_isa::isa& isa) {
  random_source random(index);
  const bool fast = random.below(2) != 0, in_place = random.below(2) != 0;
  const core::program program = program_maker(random, isa, fast).make();
  const uint32_t each = uint32_t(random.below(1 << core::max_params));
  const size_t count = size_t(random.below(random.below(6) == 0 ? 2500 : 90));

  std::vector<float> params[max_params], in(count + 1), out(count + 1, 77.0f);
  const float* given[max_params];
  for (size_t p = 0; p < max_params; ++p) {
    params[p].resize((each >> p & 1) != 0 ? count + 1 : 1);
    for (float& v : params[p]) v = float(random.normal());
    given[p] = params[p].data();
  }
  for (float& v : in) v = random.below(9) == 0 ? 0.0f : float(2 * random.normal());
  const std::vector<float> before = in;
  std::vector<float>& to = in_place ? in : out;
  to[count] = 77.0f;

  cpu::linked_program(program, isa, fast, each)(given, in.data(), to.data(), count);
  ASSERT_EQ(to[count], 77.0f) << "written past the end; " << replay_line(index);
  for (size_t i = 0; i < count; ++i) {
    float own[max_params];
    for (size_t p = 0; p < max_params; ++p) own[p] = params[p][(each >> p & 1) != 0 ? i : 0];
    const float expected = value_of(program, isa, fast, own, before[i]);
    ASSERT_TRUE(same_or_both_nan(to[i], expected))
        << fmt::format("{} instead of {} at element {} of {}, {} steps, {} registers; {}", to[i], expected, i, count,
                       program.steps.size(), program.registers, replay_line(index));
  }
}

std::string name_of(const testing::TestParamInfo<const gemmact_isa::isa*>& info) { return info.param->name; }

class linked_program_test : public testing::TestWithParam<const gemmact_isa::isa*> {};

TEST_P(linked_program_test, blocks_compute_what_single_values_do) {
  for (uint64_t index = 0; index < case_count(4000); ++index) {
    if (!case_selected(index)) continue;
    ASSERT_NO_FATAL_FAILURE(check_program(index, *GetParam()));
  }
}

std::string refusal_of(const core::program& program, const gemmact_isa::isa& isa) {
  try {
    cpu::linked_program(program, isa, false, 0);
  } catch (const core::failure& f) {
    EXPECT_EQ(f.status(), GEMMACT_INTERNAL);
    return f.message();
  }
  return "";
}

TEST_P(linked_program_test, what_no_loop_computes_is_refused) {
  core::program program;
  program.registers = 513;
  program.steps.resize(1);
  core::program_step& s = program.steps[0];
  s.operation = op::negate;
  s.count = 1;
  s.from[0].from = what::argument;
  program.result.from = what::step;
  EXPECT_EQ(refusal_of(program, *GetParam()), "");  // the spare ones of calls
  program.registers = 600;
  EXPECT_NE(refusal_of(program, *GetParam()).find("600 registers"), std::string::npos);
  program.registers = 1;
  s.operation = op::variable;
  EXPECT_NE(refusal_of(program, *GetParam()).find("has no loop"), std::string::npos);
  s.operation = op::call;
  s.function = uint16_t(core::find_activation("mish", cpu::catalogue()));
  s.quantity = core::part::grad_from_output;
  EXPECT_NE(refusal_of(program, *GetParam()).find("has no loop"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(every_isa, linked_program_test, testing::ValuesIn(cpu::available_isas()), name_of);

}  // namespace
}  // namespace gemmact::test
