// Probes on the emulator.
#pragma once
#include <algorithm>
#include <stdexcept>

#include "kernels/emulator/emulator.hpp"
#include "kernels/emulator/tensor_map.hpp"
#include "tests/arch/device/probe.hpp"

namespace gemmact::device_test {

inline void encode(tensor_map& map, const map_facts& facts, const void* memory) {
  using emulator::tensor_type;
  if (!facts.dimensions) return;
  const tensor_type types[] = {tensor_type::u8_, tensor_type::u16_, tensor_type::u32_,
                               tensor_type::f32, tensor_type::bf16, tensor_type::tf32};
  emulator::tensor_description description;
  description.type = types[int(facts.type)];
  description.rank = facts.dimensions;
  description.address = global_at(memory).value;
  for (u32 i = 0; i < facts.dimensions; ++i) description.dims[i] = facts.extent[i];
  for (u32 i = 0; i + 1 < facts.dimensions; ++i) description.strides[i] = facts.stride[i];
  for (u32 i = 0; i < facts.dimensions; ++i) description.box[i] = facts.box[i];
  description.swizzle_bytes = facts.span;
  const std::string refusal = emulator::encode_tensor_map(map.words, description);
  if (!refusal.empty()) throw std::runtime_error(refusal);
}

// What all probes run with, their names apart.
inline emulator::options& run_options() {
  static emulator::options options;
  return options;
}

// Throws std::runtime_error with the emulator's report, if there is one.
template <class K>
bytes run_probe(const probe& one) {
  const emulator::guarded_memory in(one.input.size() + 16), out(one.expected.size());
  std::copy(one.input.begin(), one.input.end(), in.data());
  emulator::memory_registry arrays;
  arrays.add("input", in.data(), one.input.size() + 16, emulator::array_use::read_only);
  arrays.add("output", out.data(), one.expected.size(), emulator::array_use::read_write);
  probe_params params{global_at(in.data()), global_at(out.data()), one.x, one.y, one.z, 0, {}, {}};
  encode(params.load, one.load, in.data());
  encode(params.store, one.store, out.data());
  emulator::options options = run_options();
  options.kernel = one.name.c_str();
  const emulator::shape shape{one.blocks, one.threads, one.shared_bytes, one.cluster};
  const emulator::result result = emulator::launch(options, shape, arrays, [&params] { K::run(params); });
  if (!result.ok()) throw std::runtime_error(result.text());
  const std::string damage = out.damage("output");
  if (!damage.empty()) throw std::runtime_error(damage);
  return bytes(out.data(), out.data() + out.size());
}

}  // namespace gemmact::device_test
