#include "host/cpu/linked_program.hpp"

#include <algorithm>
#include <span>

#include "host/core/status.hpp"

namespace gemmact::cpu {
namespace {

using core::op;

// A block's values: as many as a strip has (a step's call costs 8 ns or so), fewer where many registers share the first-level
// cache; up to 512 registers, and those that a call's single sources are spread into, have blocks of whole vectors.
constexpr size_t largest_block = 1024, block_unit = 16;
constexpr size_t register_values = block_unit * (512 + 1 + core::max_params);

void copy(float* to, const float* const* from, size_t count) {
  if (to != from[0]) std::copy_n(from[0], count, to);
}

using operands_of_step = std::span<const core::source>;

operands_of_step operands_of(const core::program_step& s) { return {s.from.data(), s.count}; }

bool is_step(const core::source& s) { return s.from == core::source::what::step; }

bool orders(op operation) {
  return operation == op::less || operation == op::at_most || operation == op::greater || operation == op::at_least;
}

// For each of the first steps, the comparison that it takes in, or -1: a choice takes one whose result nothing else reads,
// if the comparison's sources are still there.
std::vector<int> comparisons_taken_in(const core::program& program, size_t count) {
  std::vector<int> reads(count), taken(count, -1), writer(static_cast<size_t>(program.registers), -1);
  for (size_t i = 0; i < count; ++i) {
    for (const core::source& s : operands_of(program.steps[i]))
      if (is_step(s)) ++reads[static_cast<size_t>(writer[s.index])];
    writer[program.steps[i].to] = static_cast<int>(i);
  }
  std::fill(writer.begin(), writer.end(), -1);
  for (size_t i = 0; i < count; ++i) {
    const core::program_step& choice = program.steps[i];
    if (choice.operation == op::choose && is_step(choice.from[0])) {
      const int at = writer[choice.from[0].index];
      const core::program_step& comparison = program.steps[static_cast<size_t>(at)];
      const auto is_there = [&](const core::source& s) { return !is_step(s) || writer[s.index] <= at; };
      const operands_of_step compared = operands_of(comparison);
      if (orders(comparison.operation) && reads[static_cast<size_t>(at)] == 1 &&
          std::all_of(compared.begin(), compared.end(), is_there))
        taken[i] = at;
    }
    writer[choice.to] = static_cast<int>(i);
  }
  return taken;
}

}  // namespace

class program_linker {
 public:
  program_linker(linked_program& to, const core::program& program, const gemmact_isa::isa& isa, bool fast)
      : to_(to),
        program_(program),
        isa_(isa),
        fast_(fast),
        single_(static_cast<size_t>(program.registers)),
        registers_(program.registers) {}

  void link() {
    // What comes behind the step that writes the result changes nothing.
    size_t count = 0;
    for (size_t i = 0; program_.result.from == core::source::what::step && i < program_.steps.size(); ++i)
      if (program_.steps[i].to == program_.result.index) count = i + 1;
    const std::vector<int> comparison = comparisons_taken_in(program_, count);
    std::vector<bool> is_taken(count);
    for (const int c : comparison)
      if (c >= 0) is_taken[static_cast<size_t>(c)] = true;
    for (size_t i = 0; i < count; ++i) {
      if (is_taken[i]) continue;
      if (comparison[i] < 0) add(program_.steps[i]);
      else choose(program_.steps[i], program_.steps[static_cast<size_t>(comparison[i])]);
    }
    finish(count != 0);
    const size_t fits = register_values / static_cast<size_t>(std::max(registers_, 1)) / block_unit * block_unit;
    if (fits == 0)
      core::fail(GEMMACT_INTERNAL, "a program has {} registers, but may have {}", registers_,
                 register_values / block_unit);
    to_.block_ = std::min(fits, largest_block);
    for (linked_program::step& s : to_.steps_) {
      scale(s.to);
      for (linked_program::place& p : s.from) scale(p);
    }
  }

 private:
  using place = linked_program::place;
  using step = linked_program::step;

  struct operand {
    place at;
    bool single;
  };

  operand find(const core::source& s) {
    switch (s.from) {
      case core::source::what::step:
        return {{linked_program::registers, s.index}, single_[s.index]};
      case core::source::what::argument:
        return {{linked_program::argument, 0}, false};
      case core::source::what::parameter:
        return {{linked_program::base(linked_program::first_param + s.index), 0}, (to_.each_ >> s.index & 1) == 0};
      case core::source::what::number:
        break;
    }
    to_.numbers_.push_back(s.number);
    return {{linked_program::numbers, static_cast<uint32_t>(to_.numbers_.size() - 1)}, true};
  }

  using operands = std::array<operand, 1 + core::max_params>;

  void add(const core::program_step& s) {
    operands from;
    for (size_t i = 0; i < s.count; ++i) from[i] = find(s.from[i]);
    step linked = begin(s, from, s.count);
    if (s.operation == op::call) call(s, linked, from);
    else linked.operation = loop_of(s.operation, shape_of(linked, from));
    append(linked, from);
  }

  // A comparison and the choice by it, as one step.
  void choose(const core::program_step& choice, const core::program_step& comparison) {
    const bool swapped = comparison.operation == op::greater || comparison.operation == op::at_least;
    const bool strict = comparison.operation == op::less || comparison.operation == op::greater;
    const operands from = {find(comparison.from[swapped ? 1 : 0]), find(comparison.from[swapped ? 0 : 1]),
                           find(choice.from[1]), find(choice.from[2])};
    step linked = begin(choice, from, 4);
    linked.operation = loops().choose[strict ? gemmact_isa::if_less : gemmact_isa::if_at_most][shape_of(linked, from)];
    append(linked, from);
  }

  step begin(const core::program_step& s, const operands& from, uint8_t count) {
    step linked;
    linked.count = count;
    linked.to = {linked_program::registers, s.to};
    linked.once = std::all_of(from.begin(), from.begin() + count, [](const operand& o) { return o.single; });
    single_[s.to] = linked.once;
    return linked;
  }

  void append(step linked, const operands& from) {
    for (size_t i = 0; i < linked.count; ++i) linked.from[i] = from[i].at;
    to_.steps_.push_back(linked);
  }

  const gemmact_isa::operation_maps& loops() const { return isa_.operations[fast_ ? 1 : 0]; }

  static size_t shape_of(const step& linked, const operands& from) {
    size_t shape = 0;
    for (size_t i = 0; !linked.once && i < linked.count; ++i) shape |= size_t(from[i].single) << i;
    return shape;
  }

  gemmact_isa::operation_fn loop_of(op operation, size_t shape) const {
    const auto row = static_cast<size_t>(operation);
    const bool known = row < gemmact_isa::max_operations && shape < gemmact_isa::operation_shapes;
    const gemmact_isa::operation_fn loop = known ? loops().of[row][shape] : nullptr;
    if (loop == nullptr)
      core::fail(GEMMACT_INTERNAL, "a program has operation {} of shape {}, which has no loop", row, shape);
    return loop;
  }

  // The loops of the catalogue have parameters that are all single or all of each element, and an argument of each.
  void call(const core::program_step& s, step& linked, operands& from) {
    const bool each = !linked.once &&
                      std::any_of(from.begin() + 1, from.begin() + s.count, [](const operand& o) { return !o.single; });
    for (size_t i = 0; !linked.once && i < s.count; ++i)
      if (from[i].single && (i == 0 || each)) from[i].at = spread(i, from[i].at);
    const gemmact_isa::activation_maps& maps = *isa_.activation(s.function, fast_);
    const auto& pair = s.quantity == core::part::value        ? maps.value
                       : s.quantity == core::part::grad       ? maps.grad
                       : s.quantity == core::part::param_grad ? maps.param_grad[s.by]
                                                              : maps.grad_from_output;
    linked.call = pair[each ? gemmact_isa::each : gemmact_isa::scalar];
    if (linked.call == nullptr)
      core::fail(GEMMACT_INTERNAL, "a program calls quantity {} of function {}, which has no loop", int(s.quantity),
                 s.function);
  }

  // A register of this place's own, behind the program's, with a single value in all its elements.
  place spread(size_t source, place from) {
    const place to{linked_program::registers,
                   static_cast<uint32_t>(program_.registers) + static_cast<uint32_t>(source)};
    registers_ = std::max(registers_, static_cast<int>(to.offset) + 1);
    append(loops().fill, to, from);
    return to;
  }

  void append(gemmact_isa::operation_fn operation, place to, place from) {
    step s;
    s.operation = operation;
    s.count = 1;
    s.to = to;
    s.from[0] = from;
    to_.steps_.push_back(s);
  }

  // The result to the output: by the last step itself where that computes it for each element.
  void finish(bool computed) {
    const place output{linked_program::output, 0};
    if (computed && !to_.steps_.back().once) {
      to_.steps_.back().to = output;
    } else {
      const operand result = find(program_.result);
      append(result.single ? loops().fill : copy, output, result.at);
    }
  }

  void scale(place& p) const {
    if (p.from == linked_program::registers) p.offset *= static_cast<uint32_t>(to_.block_);
  }

  linked_program& to_;
  const core::program& program_;
  const gemmact_isa::isa& isa_;
  bool fast_;
  std::vector<bool> single_;  // by register, as the last step that wrote it left it
  int registers_;
};

linked_program::linked_program(const core::program& program, const gemmact_isa::isa& isa, bool fast, uint32_t each)
    : each_(each) {
  program_linker(*this, program, isa, fast).link();
}

void linked_program::operator()(const float* const* params, const float* in, float* out, size_t count) const {
  alignas(64) float values[register_values];
  for (size_t at = 0; at < count; at += block_) {
    const size_t some = std::min(block_, count - at);
    const float* from_base[bases] = {values, nullptr, in + at, numbers_.data()};
    for (size_t p = 0; p < core::max_params; ++p)
      from_base[first_param + p] = (each_ >> p & 1) == 0 ? params[p] : params[p] + at;
    float* const to_base[] = {values, out + at};
    for (const step& s : steps_) {
      const float* from[1 + core::max_params];
      for (size_t i = 0; i < s.count; ++i) from[i] = from_base[s.from[i].from] + s.from[i].offset;
      float* const to = to_base[s.to.from] + s.to.offset;
      const size_t elements = s.once ? 1 : some;
      if (s.operation != nullptr) s.operation(to, from, elements);
      else s.call(from + 1, from[0], to, elements);
    }
  }
}

}  // namespace gemmact::cpu
