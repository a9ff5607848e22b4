// example_digits as a person calls it; what it finds with no arguments is checked by itself.
#include "tests/bench/program_call.hpp"
#include "tests/examples/idx_writer.hpp"

namespace gemmact::test {
namespace {

using gemmact_bench::call;
using gemmact_bench::result;

void expect_failure(const std::string& arguments, int code, const std::string& sentence) {
  const result r = call(arguments);
  EXPECT_EQ(r.code, code) << arguments << "\n" << r.out;
  EXPECT_EQ(gemmact_bench::lines(r.out), 1) << arguments << "\n" << r.out;
  EXPECT_EQ(r.out.rfind("example_digits: ", 0), 0u) << r.out;
  EXPECT_NE(r.out.find(sentence), std::string::npos) << r.out << "\nshould say: " << sentence;
}

TEST(program, helps) {
  const result r = call("--help");
  EXPECT_EQ(r.code, 0);
  for (const char* option : {"--device", "--data", "--function", "--seed", "--steps", "--svg", "--quick"})
    EXPECT_NE(r.out.find(option), std::string::npos) << option;
}

TEST(program, refuses_wrong_command_lines_with_status_2) {
  expect_failure("--wrong", 2, "\"--wrong\" is no option");
  expect_failure("digits", 2, "\"digits\" is no option");
  expect_failure("--seed", 2, "--seed needs a value");
  expect_failure("--seed 1x", 2, "--seed is \"1x\"; it must be a whole number from 0 to 4294967295");
  expect_failure("--seed 4294967296", 2, "--seed is \"4294967296\"");
  expect_failure("--steps 0", 2, "--steps is \"0\"; it must be a whole number from 1 to 4294967295");
  expect_failure("--function rely", 2, "--function: GEMMACT_UNKNOWN_ACTIVATION: ");
  expect_failure("--function ''", 2, "--function: GEMMACT_BAD_ACTIVATION_TEXT");
  expect_failure("--function gated:hinge", 2, "--function is \"gated:hinge\"; a gate takes no targets");
  expect_failure("--function relu --svg x.svg", 2, "--svg draws what --function leaves out");
}

TEST(program, fails_with_status_1_before_it_has_learnt_anything) {
  expect_failure("--data /nowhere", 1, "/nowhere/train-images-idx3-ubyte cannot be opened");
  expect_failure("--device gpu", 1, "GEMMACT_BAD_DEVICE");
  expect_failure("--svg /nowhere/norms.svg", 1, "/nowhere/norms.svg cannot be written");
}

// In so few steps no network is as good as they are by default, and nobody says so.
TEST(program, claims_nothing_of_other_steps_than_its_own) {
  const result r = call("--quick --steps 5");
  EXPECT_EQ(r.code, 0) << r.out;
  EXPECT_EQ(r.out.find("97 %"), std::string::npos) << r.out;
  EXPECT_NE(r.out.find("Sigmoids leave at most 0.25 a layer"), std::string::npos) << r.out;
}

class program_with_files : public idx_folder {};

TEST_F(program_with_files, learns_one_function_from_files) {
  write(examples::draw_digits(1000, 1), "train");
  write(examples::draw_digits(300, 2), "t10k");
  for (const char* function : {"\"swish(beta=1.5)\"", "maxout", "gated:sigmoid"}) {
    const result r = call("--quick --steps 250 --data " + folder() + " --function " + function);
    EXPECT_EQ(r.code, 0) << r.out;
    EXPECT_EQ(r.out.rfind("1000 digits of 28 x 28 to learn from and 300 that are held out", 0), 0u) << r.out;
    const size_t at = r.out.find("accuracy ");
    ASSERT_NE(at, std::string::npos) << r.out;
    EXPECT_GT(std::stod(r.out.substr(at + 9)), 70) << r.out;
  }
}

// A file made of other digits than it says is learnt by heart, and no more: the held-out accuracy is that of guessing.
TEST_F(program_with_files, judges_by_the_held_out_digits) {
  examples::digit_set train = examples::draw_digits(1000, 1), held_out = examples::draw_digits(500, 2);
  for (uint8_t& label : held_out.labels) label = uint8_t((label + 1) % 10);
  write(train, "train");
  write(held_out, "t10k");
  const result r = call("--quick --steps 250 --data " + folder() + " --function relu");
  EXPECT_EQ(r.code, 0) << r.out;
  const size_t at = r.out.find("accuracy ");
  ASSERT_NE(at, std::string::npos) << r.out;
  EXPECT_LT(std::stod(r.out.substr(at + 9)), 15) << r.out;
}

}  // namespace
}  // namespace gemmact::test
