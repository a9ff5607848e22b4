// Fibers: one for each emulated GPU thread, jumping to one another directly. Stacks are mapped once and used again.
#pragma once
#include <boost/context/detail/fcontext.hpp>
#include <cstddef>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

namespace gemmact::emulator {

struct fiber {
  boost::context::detail::fcontext_t context = nullptr;  // where it stopped
#if defined(__SANITIZE_ADDRESS__)
  const void* stack_bottom = nullptr;
  size_t stack_size = 0;
  void* fake_stack = nullptr;
#endif
};

// Stacks of equal size, each beginning at another offset, so that the warm ends of a warp's 32 stacks do not fall into the same cache sets.
class stack_pool {
 public:
  static constexpr size_t stack_bytes = 256 * 1024;
  stack_pool() = default;
  stack_pool(const stack_pool&) = delete;
  stack_pool& operator=(const stack_pool&) = delete;
  ~stack_pool();

  // Makes `to` a fiber that will run `entry` on stack number `index`, which no running fiber may own.
  void prepare(fiber& to, size_t index, void (*entry)(boost::context::detail::transfer_t));

 private:
  std::vector<char*> slabs_;
};

// What the first lines of an entry function do: the fiber that jumped here stays resumable.
inline void fiber_entered(boost::context::detail::transfer_t from) {
  auto* left = static_cast<fiber*>(from.data);
  left->context = from.fctx;
#if defined(__SANITIZE_ADDRESS__)
  const void* bottom;
  size_t size;
  __sanitizer_finish_switch_fiber(nullptr, &bottom, &size);
  if (!left->stack_bottom) left->stack_bottom = bottom, left->stack_size = size;
#endif
}

// Returns when another fiber jumps to `from`.
inline void jump(fiber& from, fiber& to) {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(&from.fake_stack, to.stack_bottom, to.stack_size);
#endif
  const auto back = boost::context::detail::jump_fcontext(to.context, &from);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(from.fake_stack, nullptr, nullptr);
#endif
  static_cast<fiber*>(back.data)->context = back.fctx;
}

}  // namespace gemmact::emulator
