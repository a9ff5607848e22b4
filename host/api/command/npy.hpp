// NumPy's .npy files, versions 1, 2 and 3: one array a file. A reader that believes nothing, and a writer (version 1).
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace gemmact::api {

// The message is one sentence that names the file.
struct npy_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Uninitialised bytes at an address fit for any vector load.
class aligned_bytes {
 public:
  aligned_bytes() = default;
  explicit aligned_bytes(size_t bytes, size_t alignment = 64);  // throws std::bad_alloc
  std::byte* data() const { return data_.get(); }
  size_t size() const { return size_; }

 private:
  struct freed {
    void operator()(std::byte* p) const { std::free(p); }
  };
  std::unique_ptr<std::byte, freed> data_;
  size_t size_ = 0;
};

// What the header says. Kinds are NumPy's letters: f, i, u, b, V (bytes without a meaning).
struct npy_layout {
  char kind = 'f';
  int64_t item_bytes = 4;
  bool swapped = false;  // stored in the other byte order than this machine's
  bool fortran_order = false;
  std::vector<int64_t> shape;
};

struct npy_array {
  npy_layout layout;
  aligned_bytes data;  // in this machine's byte order
};

// The Python dictionary in a header. Throws npy_error without the file's name.
npy_layout parse_npy_header(std::string_view text);

// Reads a file of known size from its beginning; nothing is allocated for data that the file does not have. `name` is
// for messages. Throws npy_error, std::bad_alloc.
npy_array read_npy(std::FILE* file, uint64_t file_bytes, const std::string& name);
npy_array read_npy(const std::string& path);

// All that precedes the data of a C-ordered array in this machine's byte order.
std::string npy_preamble(char kind, int item_bytes, const std::vector<int64_t>& shape);

// "(3, 4)" as Python writes it.
std::string shape_text(const std::vector<int64_t>& shape);

}  // namespace gemmact::api
