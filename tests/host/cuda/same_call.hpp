// Whether a declaration of ours is passed as one of NVIDIA's headers.
#pragma once
#include <type_traits>

namespace gemmact::cuda {

// Passed and laid out alike: both pointers, or both of one size and both integral or enumerations.
template <class A, class B>
constexpr bool alike = (std::is_pointer_v<A> && std::is_pointer_v<B>) ||
                       (!std::is_pointer_v<A> && !std::is_pointer_v<B> && sizeof(A) == sizeof(B));

template <class Ours, class Theirs>
struct same_call : std::false_type {};
template <class R, class... A, class S, class... B>
struct same_call<R (*)(A...), S (*)(B...)> {
  static constexpr bool arguments() {
    if constexpr (sizeof...(A) != sizeof...(B)) return false;
    else return (alike<A, B> && ...);
  }
  static constexpr bool value = alike<R, S> && arguments();
};

}  // namespace gemmact::cuda
