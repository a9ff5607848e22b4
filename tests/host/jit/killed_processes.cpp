#include "tests/host/jit/killed_processes.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <vector>

#include "tests/support/random.hpp"

namespace gemmact::test {

uint64_t kill_processes(uint64_t kills, uint64_t seconds_at_most, const std::function<void(uint64_t)>& work,
                        const std::function<bool()>& ready) {
  std::vector<pid_t> alive;
  uint64_t started = 0, corrupt = 0;
  const auto start = [&] {
    const pid_t child = ::fork();
    if (child < 0) throw std::runtime_error("fork failed");
    if (child == 0) {
      [[maybe_unused]] const int priority = ::nice(5);  // so that who kills comes to its turn
      work(started);
      ::_exit(corrupt_exit);
    }
    ++started;
    alive.push_back(child);
  };
  for (int i = 0; i < processes_at_once; ++i) start();
  // Only then do the kills meet writers at work.
  for (int i = 0; i < 10000 && !ready(); ++i) ::usleep(1000);
  random_source random{1};
  const auto late = std::chrono::steady_clock::now() + std::chrono::seconds(seconds_at_most);
  for (uint64_t i = 0; !alive.empty(); ++i) {
    const size_t victim = size_t(random.below(int64_t(alive.size())));
    ::kill(alive[victim], SIGKILL);
    int status = 0;
    ::waitpid(alive[victim], &status, 0);
    corrupt += !(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    alive.erase(alive.begin() + std::ptrdiff_t(victim));
    if (std::chrono::steady_clock::now() > late) kills = std::min(kills, i);  // an instrumented program forks slowly
    if (i < kills) start();
    ::usleep(useconds_t(random.below(2000)));
  }
  return corrupt;
}

}  // namespace gemmact::test
