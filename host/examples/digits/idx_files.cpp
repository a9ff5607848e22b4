#include "host/examples/digits/idx_files.hpp"

#include <algorithm>
#include <fstream>
#include <stdexcept>

namespace examples {
namespace {

// One file: what its header says, and the bytes after that.
struct idx_file {
  std::string path;
  std::vector<int64_t> sizes;
  std::vector<uint8_t> bytes;

  [[noreturn]] void fail(const std::string& what) const { throw std::runtime_error(path + " " + what); }
};

// As many bytes as are there, `most` at most.
std::vector<uint8_t> read_bytes(std::ifstream& in, int64_t most) {
  constexpr int64_t piece = 1 << 20;  // a header may promise what no file has
  std::vector<uint8_t> bytes;
  while (in && std::ssize(bytes) < most) {
    const size_t there = bytes.size(), next = size_t(std::min(piece, most - int64_t(there)));
    bytes.resize(there + next);
    in.read(reinterpret_cast<char*>(bytes.data() + there), std::streamsize(next));
    bytes.resize(there + size_t(in.gcount()));
  }
  return bytes;
}

idx_file read(const std::string& path, int64_t dimensions) {
  idx_file file{path, {}, {}};
  std::ifstream in(path, std::ios::binary);
  if (!in) file.fail("cannot be opened");
  const int64_t header = 4 + 4 * dimensions;
  const std::vector<uint8_t> head = read_bytes(in, header);
  if (in.bad()) file.fail("cannot be read");
  if (std::ssize(head) < header)
    file.fail("has " + std::to_string(head.size()) + " bytes, fewer than its header's " + std::to_string(header));
  const auto big_endian = [&](int64_t at) {
    const auto byte = [&](int64_t i) { return int64_t(head[size_t(at + i)]); };
    return byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3);
  };
  const int64_t magic = big_endian(0), wanted = 0x800 + dimensions;  // unsigned bytes
  if (magic != wanted)
    file.fail("begins with the number " + std::to_string(magic) + "; it must be " + std::to_string(wanted));
  int64_t expected = 1;
  for (int64_t d = 0; d < dimensions; ++d) {
    const int64_t size = big_endian(4 + 4 * d), largest = d == 0 ? 10'000'000 : 1024;
    if (size < 1 || size > largest)
      file.fail("says that size " + std::to_string(d) + " is " + std::to_string(size) + "; it must be from 1 to " +
                std::to_string(largest));
    file.sizes.push_back(size);
    expected *= size;
  }
  file.bytes = read_bytes(in, expected + 1);
  if (in.bad()) file.fail("cannot be read");
  if (std::ssize(file.bytes) != expected)
    file.fail("has " + std::string(std::ssize(file.bytes) > expected ? "at least " : "") +
              std::to_string(file.bytes.size()) + " bytes after its header, which promises " +
              std::to_string(expected));
  return file;
}

}  // namespace

digit_set read_idx(const std::string& folder, const std::string& prefix) {
  idx_file images = read(folder + "/" + prefix + "-images-idx3-ubyte", 3);
  idx_file labels = read(folder + "/" + prefix + "-labels-idx1-ubyte", 1);
  if (images.sizes[0] != labels.sizes[0])
    labels.fail("has " + std::to_string(labels.sizes[0]) + " labels for " + std::to_string(images.sizes[0]) +
                " pictures");
  const auto wrong =
      std::find_if(labels.bytes.begin(), labels.bytes.end(), [](int l) { return l >= digit_set::classes; });
  if (wrong != labels.bytes.end())
    labels.fail("has the label " + std::to_string(int(*wrong)) + "; labels are digits, 0 to 9");
  return {images.sizes[0], int(images.sizes[1]), int(images.sizes[2]), std::move(images.bytes),
          std::move(labels.bytes)};
}

digit_sets read_both(const std::string& folder, int64_t least) {
  digit_sets sets{read_idx(folder, "train"), read_idx(folder, "t10k")};
  const digit_set &train = sets.train, &held_out = sets.held_out;
  if (train.count < least)
    throw std::runtime_error(folder + " has " + std::to_string(train.count) +
                             " digits to learn from; it needs at least " + std::to_string(least));
  const auto text = [](const digit_set& d) { return std::to_string(d.height) + " x " + std::to_string(d.width); };
  if (train.height != held_out.height || train.width != held_out.width)
    throw std::runtime_error(folder + " has digits of " + text(train) + " to learn from and held-out ones of " +
                             text(held_out) + "; they must be alike");
  return sets;
}

}  // namespace examples
