// Our declarations of NVRTC's functions against NVIDIA's header.
#include <gtest/gtest.h>
#include <nvrtc.h>

#include <type_traits>

#include "host/jit/nvrtc_api.hpp"

namespace gemmact::jit {
namespace {

// Their types as ours: the program and the result have names of their own on both sides.
template <class T>
struct as_ours {
  using type = T;
};
template <>
struct as_ours<nvrtcProgram> {
  using type = nvrtc_program;
};
template <>
struct as_ours<nvrtcProgram*> {
  using type = nvrtc_program*;
};
template <class... Args>
struct as_ours<nvrtcResult (*)(Args...)> {
  using type = nvrtc_result (*)(typename as_ours<Args>::type...);
};

static_assert(sizeof(nvrtcResult) == sizeof(nvrtc_result) && sizeof(nvrtcProgram) == sizeof(nvrtc_program));

// In a file of its own because a static_assert names what differs.
#define GEMMACT_SAME(name, arguments)                                                                     \
  static_assert(std::is_same_v<as_ours<decltype(&::nvrtc##name)>::type, decltype(nvrtc_functions::name)>, \
                "nvrtc" #name " is declared otherwise in nvrtc.h");
GEMMACT_NVRTC_FUNCTIONS(GEMMACT_SAME)

TEST(nvrtc_api, results_are_those_of_the_header) {
  EXPECT_EQ(int(nvrtc_success), int(NVRTC_SUCCESS));
  EXPECT_EQ(int(nvrtc_out_of_memory), int(NVRTC_ERROR_OUT_OF_MEMORY));
}

}  // namespace
}  // namespace gemmact::jit
