// Every instruction of kernels/arch on this machine's GPU against its contract; with GEMMACT_GOLDEN_DIR set, what it gave is
// recorded there. Arguments are parts of probes' names: only those run. Exit status 77: no GPU here.
#include <cstdio>

#include "tests/arch/device/golden.hpp"
#include "tests/arch/device/probes/all.hpp"

namespace gemmact::device_test {
namespace {

constexpr int skipped = 77;

bool is_asked_for(const probe& one, int count, char** parts) {
  for (int i = 1; i < count; ++i)
    if (one.name.find(parts[i]) != std::string::npos) return true;
  return count < 2;
}

// True where the output is what is expected; tells the first difference.
bool agrees(const probe& one, const bytes& output) {
  size_t different = 0, first = 0;
  for (size_t i = output.size(); i-- > 0;)
    if (output[i] != one.expected[i]) ++different, first = i;
  if (different)
    std::printf("FAILED  %s: %zu of %zu bytes differ, the first at %zu: %02x instead of %02x\n", one.name.c_str(),
                different, output.size(), first, output[first], one.expected[first]);
  return different == 0;
}

int run_all(int count, char** parts) {
  int devices = 0;
  if (const cudaError_t status = cudaGetDeviceCount(&devices); status != cudaSuccess || devices == 0) {
    std::printf("skipped: no GPU (%s)\n", cudaGetErrorString(status));
    return skipped;
  }
  cudaDeviceProp facts{};
  check(cudaGetDeviceProperties(&facts, 0), "cudaGetDeviceProperties");
  const u32 have = u32(facts.major * 10 + facts.minor);
  std::ofstream golden;
  if (const char* folder = std::getenv("GEMMACT_GOLDEN_DIR")) {
    std::string file = facts.name;
    for (char& c : file)
      if (c == ' ' || c == '/') c = '_';
    golden.open(std::string(folder) + "/" + file + ".txt");
    if (!golden) throw std::runtime_error(std::string(folder) + " cannot be written to");
    write_head(golden, facts.name);
  }
  int passed = 0, failed = 0, left_out = 0;
  for (const probe& one : all_probes()) {
    if (!is_asked_for(one, count, parts)) continue;
    if (one.first == 900 ? have != 90 : have < one.first) {
      std::printf("skipped %s: it needs sm_%s\n", one.name.c_str(),
                  one.first == 900 ? "90a" : std::to_string(one.first).c_str());
      ++left_out;
      continue;
    }
    const bytes output = one.run(one);
    if (golden.is_open()) write_vector(golden, one, output);
    agrees(one, output) ? ++passed : ++failed;
  }
  std::printf("%s (sm_%u): %d probes agree, %d do not, %d are not for it\n", facts.name, have, passed, failed,
              left_out);
  return failed || !passed;
}

}  // namespace
}  // namespace gemmact::device_test

int main(int count, char** parts) {
  try {
    return gemmact::device_test::run_all(count, parts);
  } catch (const std::exception& error) {
    std::printf("FAILED  %s\n", error.what());
    return 1;
  }
}
