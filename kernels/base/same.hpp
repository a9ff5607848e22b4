// std::is_same_v, which no standard header gives to NVRTC, nor its compiler as a built-in.
#pragma once

namespace gemmact {

template <class A, class B>
inline constexpr bool same = false;
template <class A>
inline constexpr bool same<A, A> = true;

}  // namespace gemmact
