// Which NVRTC is taken where there are several: those of fake_nvrtc.c, 12.4 and 13.0, which the loader finds by name.
#include <gtest/gtest.h>

#include "host/jit/compiler.hpp"
#include "host/jit/nvrtc.hpp"

namespace gemmact::jit {
namespace {

TEST(versions, none_newer_than_the_driver_is_preferred) {
  EXPECT_EQ(nvrtc::load("", 0).version(), "NVRTC 13.0");
  EXPECT_EQ(nvrtc::load("", 13).version(), "NVRTC 13.0");
  EXPECT_EQ(nvrtc::load("", 14).version(), "NVRTC 13.0");
  EXPECT_EQ(nvrtc::load("", 12).version(), "NVRTC 12.4");
  EXPECT_EQ(nvrtc::load("", 11).version(), "NVRTC 13.0") << "the first, where all are newer";
  EXPECT_EQ(nvrtc::load("libnvrtc.so.13", 12).version(), "NVRTC 13.0") << "the caller's choice";
}

TEST(versions, by_an_option_of_the_compiler) {
  compiler_options options;
  options.newest_cuda = 12;
  const std::string described = compiler(options).describe();
  EXPECT_NE(described.find("compiler: NVRTC 12.4 ("), described.npos) << described;
}

}  // namespace
}  // namespace gemmact::jit
