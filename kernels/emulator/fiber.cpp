#include "kernels/emulator/fiber.hpp"

#include <sys/mman.h>

#include <new>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

namespace gemmact::emulator {
namespace {

constexpr size_t stacks_in_slab = 64;
constexpr size_t guard_bytes = 4096;  // an overflow faults
constexpr size_t colour_bytes = 33 * 64, colours = 32;

}  // namespace

stack_pool::~stack_pool() {
  for (char* slab : slabs_) munmap(slab, stacks_in_slab * stack_bytes);
}

void stack_pool::prepare(fiber& to, size_t index, void (*entry)(boost::context::detail::transfer_t)) {
  while (slabs_.size() * stacks_in_slab <= index) {
    void* slab = mmap(nullptr, stacks_in_slab * stack_bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (slab == MAP_FAILED) throw std::bad_alloc();
    slabs_.push_back(static_cast<char*>(slab));
    for (size_t i = 0; i < stacks_in_slab; ++i) mprotect(slabs_.back() + i * stack_bytes, guard_bytes, PROT_NONE);
  }
  char* bottom = slabs_[index / stacks_in_slab] + index % stacks_in_slab * stack_bytes;
  const size_t size = stack_bytes - index % colours * colour_bytes;
#if defined(__SANITIZE_ADDRESS__)
  // An abandoned fiber's frames left their red zones.
  ASAN_UNPOISON_MEMORY_REGION(bottom, stack_bytes);
  to.stack_bottom = bottom;
  to.stack_size = size;
  to.fake_stack = nullptr;
#endif
  to.context = boost::context::detail::make_fcontext(bottom + size, size, entry);
}

}  // namespace gemmact::emulator
