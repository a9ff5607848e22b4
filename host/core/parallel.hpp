// Independent pieces of work on several threads.
#pragma once
#include <cstddef>
#include <functional>

namespace gemmact::core {

// Calls work(i) for each i < count on up to `threads` threads (0: as many as the machine has), the caller's included. Every
// call is made. Then the failure of the smallest i, if any, is rethrown, a core::failure with `name`[i] before its message.
void for_each_parallel(size_t count, unsigned threads, const char* name, const std::function<void(size_t)>& work);

}  // namespace gemmact::core
