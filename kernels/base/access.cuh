// How kernels/arch/{shared,global} read and write a value of 1, 2, 4, 8 or 16 bytes by one instruction: `op` is it without
// its type, `letter` the address's constraint, `address` the number.
#pragma once
#include "kernels/base/array.hpp"

namespace gemmact {

struct words_2 {
  u32 a, b;
};
struct words_4 {
  u32 a, b, c, d;
};

}  // namespace gemmact

// volatile: what other threads write between two loads must be read again (kernels/arch/thread/device.cuh).
#define GEMMACT_LOAD(T, op, letter, address)                                                                           \
  if constexpr (sizeof(T) == 1) {                                                                                      \
    u16 v;                                                                                                             \
    asm volatile(op ".u8 %0, [%1];" : "=h"(v) : letter(address));                                                      \
    return bit_cast<T>(u8(v));                                                                                         \
  } else if constexpr (sizeof(T) == 2) {                                                                               \
    u16 v;                                                                                                             \
    asm volatile(op ".b16 %0, [%1];" : "=h"(v) : letter(address));                                                     \
    return bit_cast<T>(v);                                                                                             \
  } else if constexpr (sizeof(T) == 4) {                                                                               \
    u32 v;                                                                                                             \
    asm volatile(op ".b32 %0, [%1];" : "=r"(v) : letter(address));                                                     \
    return bit_cast<T>(v);                                                                                             \
  } else if constexpr (sizeof(T) == 8) {                                                                               \
    words_2 v;                                                                                                         \
    asm volatile(op ".v2.b32 {%0, %1}, [%2];" : "=r"(v.a), "=r"(v.b) : letter(address));                               \
    return bit_cast<T>(v);                                                                                             \
  } else {                                                                                                             \
    words_4 v;                                                                                                         \
    asm volatile(op ".v4.b32 {%0, %1, %2, %3}, [%4];" : "=r"(v.a), "=r"(v.b), "=r"(v.c), "=r"(v.d) : letter(address)); \
    return bit_cast<T>(v);                                                                                             \
  }

#define GEMMACT_STORE(T, op, letter, address, value)                                                              \
  if constexpr (sizeof(T) == 1) {                                                                                 \
    asm volatile(op ".u8 [%0], %1;" ::letter(address), "h"(u16(bit_cast<u8>(value))));                            \
  } else if constexpr (sizeof(T) == 2) {                                                                          \
    asm volatile(op ".b16 [%0], %1;" ::letter(address), "h"(bit_cast<u16>(value)));                               \
  } else if constexpr (sizeof(T) == 4) {                                                                          \
    asm volatile(op ".b32 [%0], %1;" ::letter(address), "r"(bit_cast<u32>(value)));                               \
  } else if constexpr (sizeof(T) == 8) {                                                                          \
    const words_2 v = bit_cast<words_2>(value);                                                                   \
    asm volatile(op ".v2.b32 [%0], {%1, %2};" ::letter(address), "r"(v.a), "r"(v.b));                             \
  } else {                                                                                                        \
    const words_4 v = bit_cast<words_4>(value);                                                                   \
    asm volatile(op ".v4.b32 [%0], {%1, %2, %3, %4};" ::letter(address), "r"(v.a), "r"(v.b), "r"(v.c), "r"(v.d)); \
  }
