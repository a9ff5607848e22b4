// From a family's configuration to its compiled kernel.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/jit/compiler.hpp"
#include "kernels/families/family.hpp"

namespace gemmact::plan {

// The architectures that a kernel may be compiled for to run on a device: its own first, then older ones whose code it
// runs (of the same first digit), down. Systems on a chip (Tegra) run their own code alone, and nobody else theirs.
std::vector<std::string> architectures_for(const families::candidate& candidate, int device_architecture);

jit::unit unit_of(const families::candidate& candidate, const std::string& architecture);

// The unit that a kernel of the device comes from: of the newest architecture for which it is compiled already or can be
// compiled. Nothing where there is none. `note`: what was wrong with the disk or a pack.
std::optional<jit::unit> obtainable_unit(jit::compiler& compiler, const families::candidate& candidate,
                                         int device_architecture, std::string* note = nullptr);

// Its kernel where it is compiled already; null where it is not.
std::shared_ptr<const jit::binary> find_binary(jit::compiler& compiler, const families::candidate& candidate,
                                               int device_architecture, std::string* note = nullptr);

// Its kernel, compiled where it is not; the image is the same object for all calls, which is what a kernel is loaded from.
// Throws as jit::compiler::get of the device's own architecture where there is none.
std::shared_ptr<const jit::binary> get_binary(jit::compiler& compiler, const families::candidate& candidate,
                                              int device_architecture);

}  // namespace gemmact::plan
