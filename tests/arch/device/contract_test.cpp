// The probes on the emulator: each gives what its contract says, and what devices gave that were recorded.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "tests/arch/device/golden.hpp"
#include "tests/arch/device/probes/all.hpp"

namespace gemmact::device_test {

void PrintTo(const probe& one, std::ostream* out);  // for GoogleTest
void PrintTo(const probe& one, std::ostream* out) { *out << one.name; }

namespace {

std::string first_difference(const bytes& have, const bytes& want) {
  if (have.size() != want.size()) return "another size";
  for (size_t i = 0; i < have.size(); ++i)
    if (have[i] != want[i])
      return "byte " + std::to_string(i) + " is " + std::to_string(have[i]) + ", not " + std::to_string(want[i]);
  return "";
}

// What the emulated side says to one recorded vector: "" where they agree.
std::string disagreement(const golden_vector& vector, const probes& all) {
  for (probe one : all) {
    if (one.name != vector.probe) continue;
    if (!vector.input.content.empty()) one.input = vector.input.content;
    if (digest_of(one.input) != vector.input.digest) return "its input has changed since: record it again";
    const bytes output = one.run(one);
    if (!vector.output.content.empty()) return first_difference(output, vector.output.content);
    return digest_of(output) == vector.output.digest ? "" : "another digest of the output";
  }
  return "no probe has this name";
}

// All disagreements with a file, a line each.
std::string disagreements(std::istream& in) {
  const probes all = all_probes();
  const golden_file file = parse_golden(in);
  std::string told = file.vectors.empty() ? "the file has no vectors\n" : "";
  for (const golden_vector& vector : file.vectors) {
    const std::string text = disagreement(vector, all);
    if (!text.empty()) told += file.device + ": " + vector.probe + ": " + text + "\n";
  }
  return told;
}

class contract : public testing::TestWithParam<probe> {};

TEST_P(contract, emulated) {
  const probe& one = GetParam();
  const emulator::options before = run_options();
  for (const emulator::schedule order : emulator::all_schedules)
    for (u64 seed = 0; seed < 3; ++seed) {
      run_options().order = order;
      run_options().seed = seed;
      try {
        EXPECT_EQ(first_difference(one.run(one), one.expected), "") << one.name;
      } catch (const std::exception& error) {
        ADD_FAILURE() << error.what();
      }
    }
  run_options() = before;
}

const probe& named(const std::string& name) {
  static const probes all = all_probes();
  for (const probe& one : all)
    if (one.name == name) return one;
  throw std::runtime_error("no probe is named " + name);
}

TEST(contract_planted, another_type_or_no_swizzle_is_found) {
  const probe &product = named("mma.bf16"), &box = named("tma.load2d.span128.bytes2.inside");
  EXPECT_NE(first_difference(run_probe<mma_probe<f16_bits>>(product), product.expected), "");
  EXPECT_NE(first_difference(run_probe<load_probe<16, 128, 2>>(box), box.expected), "");
}

std::string test_name(const testing::TestParamInfo<probe>& info) {
  std::string name = info.param.name;
  for (char& c : name)
    if (c == '.') c = '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(probes, contract, testing::ValuesIn(all_probes()), test_name);

TEST(golden, recorded_by_devices) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(GEMMACT_ROOT "/tests/arch/golden")) {
    if (entry.path().extension() != ".txt") continue;
    ++files;
    std::ifstream file(entry.path());
    EXPECT_EQ(disagreements(file), "") << entry.path();
  }
  if (files == 0) GTEST_SKIP() << "no vectors recorded yet";
}

std::string synthetic() {
  std::ostringstream text;
  write_head(text, "the emulator");
  for (const probe& one : all_probes())
    if (one.name == "mma.bf16" || one.name == "cp_async.8" || one.name == "convert.unpack_f16")
      write_vector(text, one, one.run(one));
  return text.str();
}

TEST(golden, synthetic_file_agrees) {
  std::istringstream text(synthetic());
  EXPECT_EQ(disagreements(text), "");
}

TEST(golden, planted_faults_are_found) {
  const std::string right = synthetic();
  const auto fault = [&](const std::string& from, const std::string& to) {
    std::string wrong = right;
    const size_t at = wrong.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    wrong.replace(at, from.size(), to);
    std::istringstream text(wrong);
    try {
      return disagreements(text);
    } catch (const std::exception& error) {
      return std::string(error.what());
    }
  };
  EXPECT_NE(fault("probe mma.bf16", "probe mma.bf17"), "");
  // One bit of an output, with the digest that belongs to it.
  for (const probe& one : all_probes()) {
    if (one.name != "cp_async.8" && one.name != "convert.unpack_f16") continue;
    bytes output = one.run(one);
    std::ostringstream before, after;
    write_data(before, "out", output);
    output[output.size() / 2] ^= 4;
    write_data(after, "out", output);
    EXPECT_NE(fault(before.str(), after.str()), "") << one.name;
  }
  EXPECT_EQ(fault("golden vectors 1", "golden vectors 2").find("golden vectors: not such a file"), 0u);
  std::ostringstream head;
  write_head(head, "nothing");
  std::istringstream empty(head.str());
  EXPECT_NE(disagreements(empty), "");
}

}  // namespace
}  // namespace gemmact::device_test
