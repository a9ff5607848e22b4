// From a family's configuration to its compiled kernel.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "host/jit/compiler.hpp"
#include "kernels/families/family.hpp"

namespace gemmact::plan {

// The architectures that a kernel may be compiled for to run on a device: its own first, then older ones whose code it
// runs (of the same first digit), down.
std::vector<std::string> architectures_for(const families::candidate& candidate, int device_architecture);

jit::unit unit_of(const families::candidate& candidate, const std::string& architecture);

// The kernel where it is compiled already, for any of the device's architectures; null where it is not.
std::shared_ptr<const jit::binary> find_binary(jit::compiler& compiler, const families::candidate& candidate,
                                               int device_architecture);

// As find_binary; its image is the same object for all calls, which is what a kernel is loaded from.
std::shared_ptr<const jit::binary> get_there(jit::compiler& compiler, const families::candidate& candidate,
                                             int device_architecture);

// As get_there, compiled where it is not, for the newest architecture of the device's that the compiler knows. Throws as
// jit::compiler::get.
std::shared_ptr<const jit::binary> get_binary(jit::compiler& compiler, const families::candidate& candidate,
                                              int device_architecture);

}  // namespace gemmact::plan
