// What a call that must fail says.
#pragma once
#include <gtest/gtest.h>

#include "host/core/names.hpp"
#include "host/core/status.hpp"

namespace gemmact::test {

template <class Work>
std::string refusal(gemmact_status status, const Work& work) {
  try {
    work();
  } catch (const core::failure& f) {
    EXPECT_STREQ(core::status_name(f.status()), core::status_name(status)) << f.message();
    return f.message();
  }
  ADD_FAILURE() << "nothing was refused";
  return "";
}

inline void expect_part(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << "no \"" << part << "\" in: " << text;
}

}  // namespace gemmact::test
