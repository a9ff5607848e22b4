// Calls GEMMACT_BENCH_PROGRAM as a person does.
#pragma once
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <string>

#ifndef GEMMACT_BENCH_PROGRAM
#define GEMMACT_BENCH_PROGRAM "gemmact_bench"
#endif

namespace gemmact_bench {

struct result {
  int code;
  std::string out;  // both streams
};

inline result call(const std::string& arguments) {
  FILE* pipe = popen((std::string(GEMMACT_BENCH_PROGRAM) + " " + arguments + " 2>&1").c_str(), "r");
  result r{-1, ""};
  char part[4096];
  while (const size_t n = std::fread(part, 1, sizeof part, pipe)) r.out.append(part, n);
  const int status = pclose(pipe);
  r.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return r;
}

inline int lines(const std::string& text) { return int(std::count(text.begin(), text.end(), '\n')); }

}  // namespace gemmact_bench
