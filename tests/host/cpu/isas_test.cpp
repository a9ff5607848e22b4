#include "host/cpu/isas.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "host/core/status.hpp"
#include "host/cpu/device.hpp"

namespace {

// Sets an environment variable for one test.
class with_variable {
 public:
  with_variable(const char* name, const char* value) : name_(name), had_(std::getenv(name) != nullptr) {
    if (had_) old_ = std::getenv(name);
    setenv(name, value, 1);
  }
  ~with_variable() {
    if (had_) setenv(name_, old_.c_str(), 1);
    else unsetenv(name_);
  }

 private:
  const char* name_;
  bool had_;
  std::string old_;
};

std::string refusal_of_device() {
  try {
    gemmact::cpu::make_device();
  } catch (const gemmact::core::failure& f) {
    EXPECT_EQ(f.status(), GEMMACT_NO_DEVICE);
    return f.message();
  }
  return "";
}

TEST(isas_test, baseline_is_always_there) {
  const auto all = gemmact::cpu::available_isas();
  ASSERT_FALSE(all.empty());
  EXPECT_STREQ(all.back()->name, "baseline");
}

TEST(isas_test, the_variable_chooses) {
  const with_variable isa("GEMMACT_CPU_ISA", "baseline");
  EXPECT_STREQ(gemmact::cpu::chosen_isa().name, "baseline");
}

TEST(isas_test, an_unknown_one_is_refused_with_those_there_are) {
  const with_variable isa("GEMMACT_CPU_ISA", "altivec");
  const std::string message = refusal_of_device();
  EXPECT_NE(message.find("\"altivec\""), std::string::npos) << message;
  EXPECT_NE(message.find("baseline"), std::string::npos) << message;
}

TEST(isas_test, threads_are_a_number_from_1) {
  for (const char* wrong : {"0", "-1", "two", "1e9", "3 ", "99999"}) {
    const with_variable threads("GEMMACT_CPU_THREADS", wrong);
    const std::string message = refusal_of_device();
    EXPECT_NE(message.find(wrong), std::string::npos) << message;
  }
  const with_variable threads("GEMMACT_CPU_THREADS", "3");
  EXPECT_EQ(gemmact::cpu::make_device()->threads(), 3);
}

}  // namespace
