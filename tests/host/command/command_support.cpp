#include "tests/host/command/command_support.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "host/api/command/npy.hpp"
#include "tests/support/numbers.hpp"

extern char** environ;

namespace gemmact::test {

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream out(path, std::ios::binary);
  out << bytes;
  ASSERT_TRUE(out.good()) << path;
}

bool file_exists(const std::string& path) { return std::filesystem::exists(path); }

outcome run_command(const std::vector<std::string>& words, const std::string& standard_output) {
  char folder[] = "/tmp/gemmact_command_XXXXXX";
  if (mkdtemp(folder) == nullptr) return {-1, "", "mkdtemp failed"};
  const std::string out = std::string(folder) + "/out", err = std::string(folder) + "/err";
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const int flags = O_WRONLY | O_CREAT;
  if (standard_output != "inherited")
    posix_spawn_file_actions_addopen(&actions, 1, standard_output.empty() ? out.c_str() : standard_output.c_str(),
                                     flags, 0600);
  posix_spawn_file_actions_addopen(&actions, 2, err.c_str(), flags, 0600);
  std::vector<std::string> all{GEMMACT_COMMAND_PATH};
  all.insert(all.end(), words.begin(), words.end());
  std::vector<char*> pointers;
  for (std::string& word : all) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  pid_t child = -1;
  outcome result;
  const int error = posix_spawn(&child, all[0].c_str(), &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  int wait_status = 0;
  if (error == 0 && waitpid(child, &wait_status, 0) == child)
    result.status = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
  result.out = read_file(out);
  result.err = error == 0 ? read_file(err) : std::strerror(error);
  std::filesystem::remove_all(folder);
  return result;
}

namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string line = "gemmact";
  for (const std::string& word : words) line += " '" + word + "'";
  return line;
}

}  // namespace

void expect_failure(const std::vector<std::string>& words, int status, const std::string& part) {
  const outcome result = run_command(words);
  EXPECT_EQ(result.status, status) << joined(words) << "\n" << result.err;
  EXPECT_EQ(result.out, "") << joined(words);
  EXPECT_EQ(result.err.rfind("gemmact: ", 0), 0u) << joined(words) << "\n" << result.err;
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << joined(words) << "\n" << result.err;
  EXPECT_NE(result.err.find(part), std::string::npos) << joined(words) << "\nhas no \"" << part << "\" in\n"
                                                      << result.err;
}

void expect_refused_at(const std::vector<std::string>& words, const std::string& part, const std::string& shown,
                       size_t under) {
  const outcome result = run_command(words);
  EXPECT_EQ(result.status, 2) << joined(words) << "\n" << result.err;
  EXPECT_EQ(result.out, "") << joined(words);
  const size_t first = result.err.find('\n');
  EXPECT_EQ(result.err.rfind("gemmact: ", 0), 0u) << result.err;
  EXPECT_NE(result.err.substr(0, first).find(part), std::string::npos) << "no \"" << part << "\" in\n" << result.err;
  ASSERT_NE(first, std::string::npos) << result.err;
  EXPECT_EQ(result.err.substr(first), "\n  " + shown + "\n  " + std::string(under, ' ') + "^\n");
}

void expect_success(const std::vector<std::string>& words) {
  const outcome result = run_command(words);
  EXPECT_EQ(result.status, 0) << joined(words) << "\n" << result.err;
  EXPECT_EQ(result.err, "") << joined(words);
}

void scratch_test::SetUp() {
  char folder[] = "/tmp/gemmact_scratch_XXXXXX";
  ASSERT_NE(mkdtemp(folder), nullptr);
  folder_ = folder;
}

void scratch_test::TearDown() {
  if (!folder_.empty()) std::filesystem::remove_all(folder_);
}

std::vector<std::string> scratch_test::files() const {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

std::string npy_bytes(const std::string& descr, bool fortran_order, const std::vector<int64_t>& shape,
                      const std::string& data, int version) {
  std::string tuple;
  for (const int64_t d : shape) tuple += std::to_string(d) + ", ";
  std::string header = "{'descr': '" + descr + "', 'fortran_order': " + (fortran_order ? "True" : "False") +
                       ", 'shape': (" + (shape.size() > 1 ? tuple.substr(0, tuple.size() - 2) : tuple) + "), }";
  const size_t start = version == 1 ? 10 : 12;
  while ((start + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  std::string bytes = "\x93NUMPY";
  bytes += char(version);
  bytes += '\0';
  for (size_t i = 0; i < start - 8; ++i) bytes += char(header.size() >> (8 * i) & 0xff);
  return bytes + header + data;
}

void write_array(const std::string& path, const array& a, const array_format& format) {
  const size_t bytes = size_t(element_bytes(format.type));
  std::string data(a.values.size() * bytes, '\0');
  for (size_t i = 0; i < a.values.size(); ++i) {
    size_t place = i;
    if (format.fortran_order) {  // of a matrix
      const size_t rows = size_t(a.shape[0]), cols = size_t(a.shape[1]);
      place = i % cols * rows + i / cols;
    }
    char* at = data.data() + place * bytes;
    if (format.type == GEMMACT_BIT) {
      const uint32_t word = uint32_t(a.values[i]);
      std::memcpy(at, &word, 4);
    } else {
      store_bits(format.type, at, encode(format.type, a.values[i]));
    }
    if (format.swapped) std::reverse(at, at + bytes);
  }
  const char kind = format.void_bits ? 'V' : format.type == GEMMACT_F32 || format.type == GEMMACT_F16 ? 'f' : 'u';
  const std::string descr = std::string(bytes == 1 ? "|" : format.swapped ? ">" : "<") + kind + std::to_string(bytes);
  write_file(path, npy_bytes(descr, format.fortran_order, a.shape, data));
}

array read_array(const std::string& path, gemmact_type type) {
  const api::npy_array file = api::read_npy(path);
  const bool is_float = type == GEMMACT_F32 || type == GEMMACT_F16;
  EXPECT_EQ(file.layout.kind, is_float ? 'f' : 'u') << path;
  EXPECT_EQ(file.layout.item_bytes, element_bytes(type)) << path;
  EXPECT_FALSE(file.layout.fortran_order) << path;
  array a{file.layout.shape, {}};
  for (size_t i = 0; i < file.data.size() / size_t(file.layout.item_bytes); ++i) {
    const void* at = file.data.data() + i * size_t(file.layout.item_bytes);
    uint32_t word = 0;
    if (type == GEMMACT_BIT) std::memcpy(&word, at, 4);
    a.values.push_back(type == GEMMACT_BIT ? word : decode(type, load_bits(type, at)));
  }
  return a;
}

}  // namespace gemmact::test
