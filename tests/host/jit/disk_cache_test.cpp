// Files of compiled kernels: whatever is wrong with one, it is not used, and the reason is told.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>

#include "host/jit/bytes.hpp"
#include "host/jit/disk_cache.hpp"
#include "tests/host/jit/probe.hpp"
#include "tests/host/jit/temporary_folder.hpp"

namespace gemmact::jit {
namespace {

constexpr uint64_t plenty = uint64_t{1} << 30;

hash128 key_of(int number) { return {uint64_t(number), 7}; }

class disk : public testing::Test {
 protected:
  void keep(int number) {
    std::string note;
    cache.write(key_of(number), test::sample_image(number), note);
    EXPECT_EQ(note, "");
  }
  std::string file_of(int number) const { return directory + "/" + key_of(number).text() + ".kernel"; }
  // Nothing is found, and the note says why; "" for a plain miss.
  void expect_refused(int number, const char* why) const {
    std::string note;
    EXPECT_FALSE(cache.read(key_of(number), note)) << note;
    EXPECT_EQ(note.empty(), *why == '\0') << note;
    EXPECT_NE(note.find(why), note.npos) << note;
  }
  void expect_found(int number) const {
    std::string note;
    const auto found = cache.read(key_of(number), note);
    ASSERT_TRUE(found) << note;
    EXPECT_TRUE(test::same(*found, test::sample_image(number)));
    EXPECT_EQ(note, "");
  }

  test::temporary_folder folder;
  const std::string directory = folder / "deep/er/cache";
  disk_cache cache{directory, plenty, ""};
};

mode_t mode_of(const std::string& path) {
  struct stat status {};
  EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path;
  return status.st_mode & 07777;
}

// Runs `body` in a child and gives its exit status; -1 where it was killed.
int in_child(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

constexpr int not_permitted = 77;
constexpr uid_t nobody = 65534;

TEST_F(disk, miss_then_hit) {
  expect_refused(1, "");
  EXPECT_FALSE(std::filesystem::exists(directory)) << "reading makes nothing";
  keep(1);
  expect_found(1);
  expect_refused(2, "");
  EXPECT_EQ(mode_of(directory), mode_t(0700));
  EXPECT_EQ(mode_of(file_of(1)), mode_t(0600));
  EXPECT_EQ(cache.describe(), directory);
}

TEST_F(disk, a_slash_at_the_end_of_the_directory) {
  const mode_t mask = ::umask(002);  // which would let the group write
  disk_cache slashed(directory + "//", plenty, "");
  std::string note;
  slashed.write(key_of(1), test::sample_image(1), note);
  ::umask(mask);
  EXPECT_EQ(note, "");
  EXPECT_EQ(mode_of(directory), mode_t(0700));
  EXPECT_TRUE(slashed.read(key_of(1), note)) << note;
  EXPECT_EQ(slashed.describe(), directory);
}

TEST_F(disk, a_relative_directory_stays_where_it_was) {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder / "");
  disk_cache relative("deep/er/cache", plenty, "");
  std::filesystem::current_path(before);
  std::string note;
  relative.write(key_of(1), test::sample_image(1), note);
  EXPECT_EQ(note, "");
  expect_found(1);
}

TEST_F(disk, another_kernel_of_the_same_key_replaces_it) {
  keep(1);
  std::string note;
  cache.write(key_of(1), test::sample_image(2), note);
  EXPECT_EQ(cache.read(key_of(1), note)->name, "kernel_2");
  EXPECT_EQ(folder.files_with("").size(), 1u);
}

TEST_F(disk, none_at_all) {
  disk_cache none("", plenty, "GEMMACT_CACHE_DIR is off");
  std::string note;
  none.write(key_of(1), test::sample_image(1), note);
  EXPECT_FALSE(none.read(key_of(1), note));
  EXPECT_EQ(note, "");
  EXPECT_EQ(none.describe(), "none: GEMMACT_CACHE_DIR is off");
}

// Every byte, one at a time: no flip is survived by what is read.
TEST_F(disk, each_flipped_byte_is_noticed) {
  keep(1);
  const std::string whole = test::read_bytes(file_of(1));
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = char(damaged[i] ^ (1 << (i % 8)));
    EXPECT_FALSE(read_record(key_of(1), damaged)) << "byte " << i;
    if (i % 97 != 0) continue;
    test::write_bytes(file_of(1), damaged);
    expect_refused(1, "is damaged");
  }
  keep(1);
  expect_found(1);
}

// Fields that only a writer of another version would set so, as the checksum is right.
TEST_F(disk, a_record_of_another_version_or_length) {
  const std::string whole = make_record(key_of(1), test::sample_image(1));
  const auto with = [&](size_t at, char value) {
    std::string record = whole, checksum;
    record[at] = value;
    const std::string_view bytes = record;
    put_hash(checksum, hash_texts({bytes.substr(0, 40), bytes.substr(56)}));
    return record.replace(40, 16, checksum);
  };
  EXPECT_TRUE(read_record(key_of(1), with(0, whole[0])));
  EXPECT_FALSE(read_record(key_of(1), with(8, 2))) << "version";
  EXPECT_FALSE(read_record(key_of(1), with(32, char(whole[32] + 1)))) << "the payload's bytes";
  EXPECT_FALSE(read_record(key_of(1), with(56, char(whole[56] + 1)))) << "the name's bytes";
  EXPECT_FALSE(read_record(key_of(1), with(63, '\x7f'))) << "a name longer than any file";
}

TEST_F(disk, each_length_is_noticed) {
  keep(1);
  const std::string whole = test::read_bytes(file_of(1));
  for (size_t length = 0; length < whole.size(); ++length)
    EXPECT_FALSE(read_record(key_of(1), std::string_view(whole).substr(0, length))) << length;
  EXPECT_FALSE(read_record(key_of(1), whole + '\0'));
  for (size_t length : {size_t(0), size_t(7), size_t(60), whole.size() / 2, whole.size() - 1}) {
    std::filesystem::resize_file(file_of(1), length);
    expect_refused(1, "is damaged");
    test::write_bytes(file_of(1), whole);
  }
  std::filesystem::resize_file(file_of(1), max_record_bytes + 1);
  expect_refused(1, "is damaged");
}

TEST_F(disk, a_file_of_another_key_is_not_used) {
  keep(1);
  keep(2);
  std::filesystem::copy_file(file_of(2), file_of(1), std::filesystem::copy_options::overwrite_existing);
  ::chmod(file_of(1).c_str(), 0600);
  expect_refused(1, "is damaged");
}

TEST_F(disk, a_file_that_others_can_write_or_that_is_none) {
  keep(1);
  ::chmod(file_of(1).c_str(), 0620);
  expect_refused(1, "can be written by others (mode 620)");
  ::chmod(file_of(1).c_str(), 0602);
  expect_refused(1, "can be written by others");
  ::chmod(file_of(1).c_str(), 0644);
  expect_found(1);
  std::filesystem::rename(file_of(1), folder / "elsewhere");
  std::filesystem::create_symlink(folder / "elsewhere", file_of(1));
  expect_refused(1, "cannot be opened");
  std::filesystem::remove(file_of(1));
  ASSERT_EQ(::mkfifo(file_of(1).c_str(), 0600), 0);
  expect_refused(1, "is damaged");  // and does not wait for a writer
  std::filesystem::remove(file_of(1));
  std::filesystem::create_directory(file_of(1));
  ::chmod(file_of(1).c_str(), 0700);
  expect_refused(1, "is damaged");
}

TEST_F(disk, a_directory_that_others_can_write) {
  keep(1);
  for (mode_t mode : {0770, 0707, 01777}) {
    ::chmod(directory.c_str(), mode);
    expect_refused(1, "can be written by others");
    std::string note;
    cache.write(key_of(2), test::sample_image(2), note);
    EXPECT_NE(note.find("not kept: the cache's directory"), note.npos) << note;
    EXPECT_NE(cache.describe().find("not used: "), std::string::npos);
  }
  EXPECT_EQ(folder.files_with(".kernel").size(), 1u);
  ::chmod(directory.c_str(), 0755);
  expect_found(1);
}

TEST_F(disk, a_foreign_file_or_directory) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  keep(1);
  ASSERT_EQ(::chown(file_of(1).c_str(), nobody, nobody), 0);
  expect_refused(1, "belongs to user 65534, not to user 0");
  keep(1);  // replaced by our own
  expect_found(1);
  ASSERT_EQ(::chown(directory.c_str(), nobody, nobody), 0);
  expect_refused(1, "belongs to user 65534, not to user 0");
}

// As a user who may not write: kernels still come, and are not kept.
TEST_F(disk, a_directory_that_we_cannot_write) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
  std::filesystem::create_directories(folder / "closed");
  ::chmod((folder / "").c_str(), 0755);
  EXPECT_EQ(in_child([&] {
              if (::setgid(nobody) != 0 || ::setuid(nobody) != 0) return not_permitted;
              disk_cache mine((folder / "closed") + "/cache", plenty, "");
              std::string note;
              mine.write(key_of(1), test::sample_image(1), note);
              const bool told =
                  note.find("not kept: ") == 0 && note.find("cannot be made: Permission denied") != note.npos;
              return told && !mine.read(key_of(1), note) ? 0 : 1;
            }),
            0);
}

TEST_F(disk, a_directory_that_is_a_file) {
  test::write_bytes(folder / "deep", "");
  std::string note;
  cache.write(key_of(1), test::sample_image(1), note);
  EXPECT_NE(note.find("cannot be made: Not a directory"), note.npos) << note;
  expect_refused(1, "Not a directory");
}

// A file may not grow past 4 KB, as on a disk that fills up while we write.
TEST_F(disk, a_full_disk_by_limit) {
  keep(1);
  EXPECT_EQ(in_child([&] {
              std::signal(SIGXFSZ, SIG_IGN);
              const rlimit limit{4096, 4096};
              if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return not_permitted;
              std::string note;
              cache.write(key_of(2), test::sample_image(2), note);
              return note.find("cannot be written: File too large") != note.npos ? 0 : 1;
            }),
            0);
  EXPECT_EQ(folder.files_with("").size(), 1u) << "no unfinished file stays";
  expect_found(1);
}

TEST_F(disk, a_full_disk) {
  std::filesystem::create_directories(folder / "small");
  const int result = in_child([&] {
    if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", (folder / "small").c_str(), "tmpfs", 0, "size=16k") != 0)
      return not_permitted;
    disk_cache small(folder / "small/cache", plenty, "");
    std::string note;
    small.write(key_of(1), test::sample_image(1), note);
    if (!note.empty() || !small.read(key_of(1), note)) return 1;
    small.write(key_of(90), test::sample_image(90), note);  // 14 KB
    if (note.find("cannot be written: No space left on device") == note.npos) return 2;
    size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder / "small/cache"))
      files += entry.is_regular_file();
    return files == 1 && small.read(key_of(1), note) ? 0 : 3;
  });
  if (result == not_permitted) GTEST_SKIP() << "a small tmpfs may not be mounted here";
  EXPECT_EQ(result, 0);
}

void make_older(const std::string& path, int seconds) {
  const timespec then{::time(nullptr) - seconds, 0}, times[2] = {then, then};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
}

TEST_F(disk, the_least_recently_used_leave) {
  for (int i = 0; i < 8; ++i) keep(i);
  for (int i = 0; i < 8; ++i) make_older(file_of(i), 1000 - i);
  expect_found(0);  // used now
  uint64_t bytes = 0;
  for (int i = 0; i < 8; ++i) bytes += std::filesystem::file_size(file_of(i));
  disk_cache bounded(directory, bytes, "");
  std::string note;
  bounded.write(key_of(8), test::sample_image(8), note);  // larger than any before: two have to leave
  EXPECT_EQ(note, "");
  for (int gone : {1, 2}) expect_refused(gone, "");
  for (int there : {0, 3, 4, 5, 6, 7, 8}) expect_found(there);
}

TEST_F(disk, what_dead_writers_left_is_swept) {
  keep(1);
  const std::string fresh = file_of(2) + std::string(temporary_mark) + "1-1-1", old = fresh + "0", locked = fresh + "1",
                    foreign = directory + "/notes.txt";
  for (const std::string& name : {fresh, old, locked, foreign}) test::write_bytes(name, "part");
  for (const std::string& name : {old, locked, foreign}) make_older(name, 3600);
  const file_descriptor writer(::open(locked.c_str(), O_WRONLY | O_CLOEXEC));
  ASSERT_EQ(::flock(writer.get(), LOCK_EX | LOCK_NB), 0);
  disk_cache next_process(directory, plenty, "");
  std::string note;
  next_process.write(key_of(3), test::sample_image(3), note);
  EXPECT_FALSE(std::filesystem::exists(old));
  for (const std::string& name : {fresh, locked, foreign}) EXPECT_TRUE(std::filesystem::exists(name)) << name;
  EXPECT_TRUE(std::filesystem::exists(file_of(1)));
}

}  // namespace
}  // namespace gemmact::jit
