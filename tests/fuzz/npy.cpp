// Any bytes as an .npy file: an array with all its data, which is read again when it is written out, or one sentence.
#include "host/api/command/npy.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

namespace {

using namespace gemmact;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

api::npy_array read(std::string bytes) {
  struct closed {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  const size_t size = bytes.size();
  bytes.resize(size == 0 ? 1 : size);  // fmemopen refuses an empty buffer
  const std::unique_ptr<std::FILE, closed> file(fmemopen(bytes.data(), bytes.size(), "rb"));
  require(file != nullptr, "a file in memory");
  return api::read_npy(file.get(), size, "input.npy");
}

void check_refusal(const std::string& message) {
  require(message.rfind("input.npy cannot be used: ", 0) == 0 && message.size() < 1000,
          "a sentence that names the file");
  for (char c : message) require(c >= ' ' && c <= '~', "printable");
}

void check_array(const api::npy_array& array) {
  const std::vector<int64_t>& shape = array.layout.shape;
  const bool nothing = std::find(shape.begin(), shape.end(), 0) != shape.end();
  auto bytes = static_cast<size_t>(nothing ? 0 : array.layout.item_bytes);
  for (const int64_t dimension : shape) {
    require(dimension >= 0, "no dimension below 0");
    require(nothing || !__builtin_mul_overflow(bytes, static_cast<size_t>(dimension), &bytes), "a size that exists");
  }
  require(array.data.size() == bytes, "all the data of the shape");
  std::string again =
      api::npy_preamble(array.layout.kind, static_cast<int>(array.layout.item_bytes), array.layout.shape);
  again.append(reinterpret_cast<const char*>(array.data.data()), bytes);
  const api::npy_array copy = read(again);
  require(copy.layout.kind == array.layout.kind && copy.layout.item_bytes == array.layout.item_bytes &&
              copy.layout.shape == array.layout.shape && !copy.layout.swapped && !copy.layout.fortran_order,
          "the same layout when written out");
  require(copy.data.size() == bytes && std::memcmp(copy.data.data(), array.data.data(), bytes) == 0,
          "the same data when written out");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  api::npy_array array;
  try {
    array = read(std::string(reinterpret_cast<const char*>(data), size));
  } catch (const api::npy_error& e) {
    check_refusal(e.what());
    return 0;
  }
  try {
    check_array(array);
  } catch (const api::npy_error& e) {
    std::fprintf(stderr, "%s\n", e.what());
    require(false, "accepted again when written out");
  }
  return 0;
}
