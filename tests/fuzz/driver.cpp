// Runs a fuzz target without libFuzzer: over the files of the given folders, then over inputs mutated from them.
//
//   fuzz_NAME [--mutations N] [--seed S] FOLDER_OR_FILE...
//
// When the target aborts or crashes, the input is printed as a shell command that runs it alone.
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/support/random.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size);
extern "C" void __sanitizer_set_death_callback(void (*)()) __attribute__((weak));

namespace {

const std::string* current = nullptr;
const char* program = "";

void put(const char* text) {
  if (::write(2, text, std::strlen(text)) < 0) ::_exit(2);
}

// Signal-safe.
void print_input() {
  if (current == nullptr) return;
  put("replay: printf '");
  for (unsigned char c : *current) {
    const char octal[] = {'\\', char('0' + c / 64), char('0' + c / 8 % 8), char('0' + c % 8), 0};
    put(octal);
  }
  put("' > input && ");
  put(program);
  put(" input\n");
}

void crashed(int signal) {
  print_input();
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void run(const std::string& input) {
  current = &input;
  LLVMFuzzerTestOneInput(reinterpret_cast<const unsigned char*>(input.data()), input.size());
  current = nullptr;
}

std::vector<std::string> read_corpus(const std::vector<std::filesystem::path>& places) {
  std::vector<std::filesystem::path> files;
  for (const auto& place : places) {
    if (!std::filesystem::is_directory(place)) files.push_back(place);
    else
      for (const auto& entry : std::filesystem::directory_iterator(place)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> corpus;
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return corpus;
}

std::string mutated(const std::vector<std::string>& corpus, gemmact::test::random_source& random) {
  auto any = [&] { return corpus[static_cast<size_t>(random.below(static_cast<int64_t>(corpus.size())))]; };
  std::string text = any();
  for (int64_t changes = random.between(1, 6); changes > 0; --changes) {
    const auto at = static_cast<size_t>(random.below(static_cast<int64_t>(text.size()) + 1));
    const auto length = static_cast<size_t>(random.between(1, 8));
    switch (random.below(6)) {
      case 0:
        text.insert(at, 1, static_cast<char>(random.next()));
        break;
      case 1:
        text.erase(at, length);
        break;
      case 2:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << random.below(8)));
        break;
      case 3:
        text.insert(at, text.substr(at, length));
        break;
      case 4:
        text = text.substr(0, at) + any();
        break;
      default:
        text.insert(at, any());
        break;
    }
    if (text.size() > 5000) text.resize(5000);
  }
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  uint64_t mutations = 0, seed = 1;
  std::vector<std::filesystem::path> places;
  program = argv[0];
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--mutations" && i + 1 < argc) mutations = std::strtoull(argv[++i], nullptr, 10);
    else if (word == "--seed" && i + 1 < argc) seed = std::strtoull(argv[++i], nullptr, 10);
    else places.emplace_back(word);
  }
  if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(print_input);
  else
    for (int signal : {SIGSEGV, SIGFPE, SIGBUS, SIGILL}) std::signal(signal, crashed);
  std::signal(SIGABRT, crashed);
  const std::vector<std::string> corpus = read_corpus(places);
  if (corpus.empty()) {
    std::fprintf(stderr, "no corpus\n");
    return 2;
  }
  for (const std::string& input : corpus) run(input);
  gemmact::test::random_source random(seed);
  for (uint64_t i = 0; i < mutations; ++i) run(mutated(corpus, random));
  std::printf("%zu inputs of the corpus, %llu mutated\n", corpus.size(), static_cast<unsigned long long>(mutations));
}
