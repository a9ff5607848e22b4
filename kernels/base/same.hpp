// Questions about types, without the standard library's headers.
#pragma once

namespace gemmact {

template <class A, class B>
inline constexpr bool same = false;
template <class A>
inline constexpr bool same<A, A> = true;

template <bool first, class A, class B>
struct selected_type {
  using type = A;
};
template <class A, class B>
struct selected_type<false, A, B> {
  using type = B;
};
template <bool first, class A, class B>
using select_type = typename selected_type<first, A, B>::type;

}  // namespace gemmact
