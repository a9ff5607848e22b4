#include "bench/core/timer.hpp"

#include <dirent.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <thread>

namespace gemmact_bench {
namespace {

// Is a thread of this process but the calling one running (or spinning)?
bool others_run() {
  DIR* tasks = opendir("/proc/self/task");
  if (tasks == nullptr) return false;
  const std::string own = std::to_string(syscall(SYS_gettid));
  bool running = false;
  while (const dirent* entry = readdir(tasks)) {
    if (entry->d_name[0] == '.' || own == entry->d_name) continue;
    std::ifstream in(std::string("/proc/self/task/") + entry->d_name + "/stat");
    std::string text;
    std::getline(in, text);
    const size_t name_end = text.rfind(')');  // the state follows the name, "123 (name) S"
    running |= name_end != std::string::npos && name_end + 2 < text.size() && text[name_end + 2] == 'R';
  }
  closedir(tasks);
  return running;
}

// Worker threads spin for a while after their work; the next arm must not pay for it.
void wait_until_quiet() {
  const double start = steady_seconds();
  while (others_run() && steady_seconds() - start < 0.05) std::this_thread::sleep_for(std::chrono::microseconds(200));
}

}  // namespace

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

timer host_timer(std::function<double()> now) {
  return [now = std::move(now)](const std::function<void()>& call, int calls, bool wake_first) {
    wait_until_quiet();
    if (wake_first) call();
    const double start = now();
    for (int i = 0; i < calls; ++i) call();
    return (now() - start) / calls;
  };
}

timer queue_timer(device_queue& queue, int collected_from) {
  return [&queue, collected_from](const std::function<void()>& call, int calls, bool wake_first) {
    const auto all = [&] {
      for (int i = 0; i < calls; ++i) call();
    };
    if (calls < collected_from) {
      if (wake_first) call();
      queue.mark();
      all();
      return queue.seconds_since_mark() / calls;
    }
    // Collected anew each turn, so that what the calls rotate through stands where the last of them left it.
    const auto add = queue.collect(all);
    add();
    queue.wait();
    queue.mark();
    add();
    return queue.seconds_since_mark() / calls;
  };
}

}  // namespace gemmact_bench
