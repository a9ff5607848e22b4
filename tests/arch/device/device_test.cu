// Every instruction of kernels/arch on this machine's GPU against its contract; with GEMMACT_GOLDEN_DIR set, what it gave is
// recorded there. Arguments are parts of probes' names: only those run. Exit status 77: no GPU here.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <map>
#include <new>

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

// What the process of one group of probes tells its parent, also where it dies.
struct group_state {
  int passed, failed, left_out, status;
  bool recording;
  char now[128], device[256];
};

// The file that vectors are added to, begun anew by the first group; closed where none was asked for.
std::ofstream golden_file_of(group_state& state) {
  std::ofstream golden;
  const char* folder = std::getenv("GEMMACT_GOLDEN_DIR");
  if (!folder) return golden;
  std::string name = state.device;
  for (char& c : name)
    if (c == ' ' || c == '/') c = '_';
  golden.open(std::string(folder) + "/" + name + ".txt", state.recording ? std::ios::app : std::ios::trunc);
  if (!golden) throw std::runtime_error(std::string(folder) + " cannot be written to");
  if (!state.recording) write_head(golden, state.device);
  state.recording = true;
  return golden;
}

// In a process of its own: a kernel that faults spoils its context, and one that hangs is ended by the clock.
void run_group(const std::vector<const probe*>& group, group_state& state) {
  int devices = 0;
  if (const cudaError_t status = cudaGetDeviceCount(&devices); status != cudaSuccess || devices == 0) {
    std::printf("skipped: no GPU (%s)\n", cudaGetErrorString(status));
    state.status = skipped;
    return;
  }
  cudaDeviceProp facts{};
  check(cudaGetDeviceProperties(&facts, 0), "cudaGetDeviceProperties");
  const u32 have = u32(facts.major * 10 + facts.minor);
  std::snprintf(state.device, sizeof state.device, "%s", facts.name);
  std::ofstream golden = golden_file_of(state);
  for (const probe* one : group) {
    if (one->first == 900 ? have != 90 : have < one->first) {
      std::printf("skipped %s: it needs sm_%s\n", one->name.c_str(),
                  one->first == 900 ? "90a" : std::to_string(one->first).c_str());
      ++state.left_out;
      continue;
    }
    std::snprintf(state.now, sizeof state.now, "%s", one->name.c_str());
    const bytes output = one->run(*one);
    if (golden.is_open()) write_vector(golden, *one, output);
    agrees(*one, output) ? ++state.passed : ++state.failed;
  }
}

// True where the process ended well.
bool run_apart(const std::vector<const probe*>& group, group_state& state) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) {
    alarm(60);
    int status = 0;
    try {
      run_group(group, state);
    } catch (const std::exception& error) {
      std::printf("FAILED  %s: %s\n", state.now, error.what());
      status = 1;
    }
    std::fflush(stdout);
    _exit(status);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status))
    std::printf("FAILED  %s: %s\n", state.now,
                WTERMSIG(status) == SIGALRM ? "hung for 60 seconds" : "its process died");
  return status == 0;
}

int run_all(int count, char** parts) {
  void* shared = mmap(nullptr, sizeof(group_state), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) throw std::runtime_error("mmap failed");
  group_state& state = *new (shared) group_state{};
  const probes all = all_probes();
  std::map<std::string, std::vector<const probe*>> groups;
  for (const probe& one : all)
    if (is_asked_for(one, count, parts)) groups[one.name.substr(0, one.name.find('.'))].push_back(&one);
  int broken = 0;
  for (const auto& [name, group] : groups) {
    broken += !run_apart(group, state);
    if (state.status) return state.status;
  }
  std::printf("%s: %d probes agree, %d do not, %d are not for it, %d groups were cut short\n", state.device,
              state.passed, state.failed, state.left_out, broken);
  return broken || state.failed || !state.passed;
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
