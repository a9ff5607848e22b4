// Processes that share files and die at any moment.
#pragma once
#include <cstdint>
#include <functional>

namespace gemmact::test {

constexpr int processes_at_once = 32, corrupt_exit = 66;

// Keeps so many processes at `work`, which is given a number of its own and reads and writes until it is killed; it ends by
// itself, with corrupt_exit, only for what is not whole. From when `ready` on, a process is killed with SIGKILL at any
// moment and another one started, `kills` times, or for seconds_at_most; then the last are. Returns how many ended by
// themselves.
uint64_t kill_processes(uint64_t kills, uint64_t seconds_at_most, const std::function<void(uint64_t)>& work,
                        const std::function<bool()>& ready);

}  // namespace gemmact::test
