// Many processes share a cache and die at any moment: nobody ever reads a kernel that is not whole.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <vector>

#include "host/jit/disk_cache.hpp"
#include "tests/host/jit/killed_processes.hpp"
#include "tests/host/jit/probe.hpp"
#include "tests/host/jit/temporary_folder.hpp"
#include "tests/support/random.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::jit {
namespace {

constexpr int kernels = 8;
constexpr uint64_t plenty = uint64_t{1} << 30;

hash128 key_of(int number) { return {uint64_t(number), 7}; }

std::vector<image> sample_images() {
  std::vector<image> images;
  for (int i = 0; i < kernels; ++i) images.push_back(test::sample_image(i));
  return images;
}

// Reads and writes until it is killed; ends by itself only for a kernel that is not what was written.
void work(const std::string& directory, const std::vector<image>& images, uint64_t seed) {
  test::random_source random{seed};
  disk_cache cache(directory, plenty, "");
  for (;;) {
    const int number = int(random.below(kernels));
    std::string note;
    if (random.below(2) == 0) {
      cache.write(key_of(number), images[size_t(number)], note);
    } else {
      const auto found = cache.read(key_of(number), note);
      if ((found && !test::same(*found, images[size_t(number)])) || note.find("damaged") != note.npos) return;
    }
    if (random.below(8) == 0) ::usleep(useconds_t(random.below(1000)));
  }
}

TEST(processes, thirty_two_at_once_killed_at_any_moment) {
  const test::temporary_folder folder(test::place_in_memory());
  const std::string directory = folder / "cache";
  const std::vector<image> images = sample_images();
  const auto kills = uint64_t(double(test::case_count(300)) * test::case_share());
  const uint64_t corrupt_loads = test::kill_processes(
      kills, test::case_count(10), [&](uint64_t number) { work(directory, images, number); },
      [&] { return folder.files_with(".kernel").size() >= kernels; });
  EXPECT_EQ(corrupt_loads, 0u);
  // What stays is whole, all kernels are there, and the unfinished files of the dead go once they are old.
  disk_cache cache(directory, plenty, "");
  std::string note;
  for (int i = 0; i < kernels; ++i) {
    const auto found = cache.read(key_of(i), note);
    EXPECT_TRUE(found && test::same(*found, test::sample_image(i))) << i << " " << note;
  }
  const std::vector<std::string> unfinished = folder.files_with(temporary_mark);
  RecordProperty("unfinished", int(unfinished.size()));
  for (const std::string& name : unfinished)
    std::filesystem::last_write_time(name, std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
  cache.write(key_of(0), test::sample_image(0), note);
  EXPECT_EQ(folder.files_with(temporary_mark).size(), 0u);
  EXPECT_EQ(folder.files_with("").size(), size_t(kernels));
}

// The canary: the same work on a file that is written in place must be caught.
TEST(processes, a_writer_in_place_is_caught) {
  const test::temporary_folder folder(test::place_in_memory());
  const std::string directory = folder / "cache";
  disk_cache cache(directory, plenty, "");
  std::string note;
  for (int i = 0; i < kernels; ++i) cache.write(key_of(i), test::sample_image(i), note);
  const pid_t reader = ::fork();
  if (reader == 0) {
    work(directory, sample_images(), 1);
    ::_exit(test::corrupt_exit);
  }
  const std::string file = directory + "/" + key_of(3).text() + ".kernel", whole = test::read_bytes(file);
  int status = 0;
  pid_t ended = 0;
  for (int i = 0; i < 100000 && ended == 0; ++i) {
    std::filesystem::resize_file(file, whole.size() / 2);
    test::write_bytes(file, whole);
    ended = ::waitpid(reader, &status, WNOHANG);
  }
  if (ended == 0) {
    ::kill(reader, SIGKILL);
    ::waitpid(reader, &status, 0);
  }
  EXPECT_EQ(ended, reader) << "nothing was noticed";
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == test::corrupt_exit);
}

}  // namespace
}  // namespace gemmact::jit
