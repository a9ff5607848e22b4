#include "host/api/command/npy.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <new>
#include <optional>

namespace gemmact::api {
namespace {

constexpr std::string_view magic{"\x93NUMPY", 6};
constexpr uint64_t longest_header = 64 * 1024;  // NumPy itself refuses longer ones than 10,000 characters
constexpr size_t most_dimensions = 32;
constexpr char native_order = std::endian::native == std::endian::little ? '<' : '>';

template <class... Args>
[[noreturn]] void fail(fmt::format_string<Args...> text, Args&&... args) {
  throw npy_error(fmt::format(text, std::forward<Args>(args)...));
}

// A reader of the header's Python literal.
class literal {
 public:
  explicit literal(std::string_view text) : text_(text) {}

  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) ++at_;
  }
  bool at_end() {
    skip_space();
    return at_ == text_.size();
  }
  bool accept(char c) {
    skip_space();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail("its header has no '{}' where one must be (character {})", c, at_);
  }
  std::string_view string() {
    skip_space();
    const char quote = at_ < text_.size() ? text_[at_] : '\0';
    if (quote == '[') fail("its dtype is a record with named fields; only plain numbers can be read");
    if (quote != '\'' && quote != '"') fail("its header has no text where one must be (character {})", at_);
    const size_t end = text_.find(quote, at_ + 1);
    if (end == text_.npos) fail("its header has a text that does not end (character {})", at_);
    const std::string_view found = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return found;
  }
  bool boolean() {
    skip_space();
    for (const std::string_view word : {"True", "False"}) {
      if (text_.substr(at_, word.size()) != word) continue;
      at_ += word.size();
      return word == "True";
    }
    fail("its header's fortran_order is neither True nor False");
  }
  int64_t whole_number() {
    skip_space();
    const size_t first = at_;
    int64_t value = 0;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_)
      if (__builtin_mul_overflow(value, int64_t{10}, &value) || __builtin_add_overflow(value, text_[at_] - '0', &value))
        fail("its header's shape has a number that does not fit in 63 bits");
    if (at_ == first) fail("its header's shape has something that is not a whole number (character {})", at_);
    return value;
  }
  std::vector<int64_t> tuple() {
    std::vector<int64_t> shape;
    expect('(');
    while (!accept(')')) {
      if (shape.size() == most_dimensions) fail("its header's shape has more than {} dimensions", most_dimensions);
      shape.push_back(whole_number());
      if (accept(',')) continue;
      expect(')');
      break;
    }
    return shape;
  }

 private:
  std::string_view text_;
  size_t at_ = 0;
};

// Printable characters of a text from a file.
std::string shown(std::string_view text) {
  std::string out(text.substr(0, 40));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return out;
}

void read_descr(std::string_view descr, npy_layout& layout) {
  std::string_view rest = descr;
  char order = '|';
  if (!rest.empty() && std::string_view("<>|=").find(rest[0]) != std::string_view::npos) {
    order = rest[0];
    rest.remove_prefix(1);
  }
  const bool sized = rest.size() >= 2 && rest.size() <= 5 &&
                     std::all_of(rest.begin() + 1, rest.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!sized || std::string_view("fiubV").find(rest[0]) == std::string_view::npos)
    fail("its dtype is '{}', which is not one of plain numbers", shown(descr));
  layout.kind = rest[0];
  layout.item_bytes = 0;
  for (const char c : rest.substr(1)) layout.item_bytes = layout.item_bytes * 10 + (c - '0');
  const bool number = layout.kind == 'f' || layout.kind == 'i' || layout.kind == 'u';
  if (layout.item_bytes == 0 ||
      (number && !(std::has_single_bit(uint64_t(layout.item_bytes)) && layout.item_bytes <= 16)))
    fail("its dtype is '{}', which has an impossible size", shown(descr));
  layout.swapped = number && layout.item_bytes > 1 && (order == '<' || order == '>') && order != native_order;
}

// Bytes of the data, or nothing when they do not fit in 63 bits.
std::optional<uint64_t> data_bytes(const npy_layout& layout) {
  // With a 0 among the dimensions there is no data, whatever the others are.
  if (std::find(layout.shape.begin(), layout.shape.end(), 0) != layout.shape.end()) return 0;
  int64_t bytes = layout.item_bytes;
  for (const int64_t dimension : layout.shape)
    if (__builtin_mul_overflow(bytes, dimension, &bytes)) return std::nullopt;
  return uint64_t(bytes);
}

void swap_bytes(std::byte* data, size_t bytes, size_t item_bytes) {
  for (size_t i = 0; i + item_bytes <= bytes; i += item_bytes) std::reverse(data + i, data + i + item_bytes);
}

void read_exactly(std::FILE* file, void* out, size_t bytes) {
  if (bytes > 0 && std::fread(out, 1, bytes, file) != bytes)
    fail("it cannot be read: {}", std::ferror(file) != 0 ? std::strerror(errno) : "it ended early");
}

npy_layout read_layout(std::FILE* file, uint64_t file_bytes, uint64_t& offset) {
  unsigned char start[12];
  if (file_bytes < 10) fail("it is no .npy file: it has only {} bytes", file_bytes);
  read_exactly(file, start, 10);
  if (std::memcmp(start, magic.data(), magic.size()) != 0) fail("it is no .npy file: it does not begin as one");
  const int version = start[6];
  if (version < 1 || version > 3 || start[7] != 0)
    fail("it is of .npy version {}.{}; versions 1.0, 2.0 and 3.0 can be read", version, start[7]);
  uint64_t header = start[8] | uint64_t(start[9]) << 8;
  offset = 10;
  if (version > 1) {
    if (file_bytes < 12) fail("it is cut off within its header");
    read_exactly(file, start + 10, 2);
    header |= uint64_t(start[10]) << 16 | uint64_t(start[11]) << 24;
    offset = 12;
  }
  if (header > file_bytes - offset) fail("it is cut off within its header");
  if (header > longest_header) fail("its header has {} bytes; at most {} are read", header, longest_header);
  std::string text(size_t(header), '\0');
  read_exactly(file, text.data(), text.size());
  offset += header;
  return parse_npy_header(text);
}

npy_array read_checked(std::FILE* file, uint64_t file_bytes) {
  uint64_t offset = 0;
  npy_array array;
  array.layout = read_layout(file, file_bytes, offset);
  const std::string shape = shape_text(array.layout.shape);
  const std::optional<uint64_t> bytes = data_bytes(array.layout);
  if (!bytes) fail("its shape {} is more than any memory holds", shape);
  const uint64_t present = file_bytes - offset;
  if (*bytes > present) fail("it is cut off: shape {} needs {} bytes of data, and it has {}", shape, *bytes, present);
  if (*bytes < present) fail("it has {} bytes after the data that its shape {} needs", present - *bytes, shape);
  array.data = aligned_bytes(size_t(*bytes));
  read_exactly(file, array.data.data(), array.data.size());
  if (array.layout.swapped) swap_bytes(array.data.data(), array.data.size(), size_t(array.layout.item_bytes));
  return array;
}

}  // namespace

aligned_bytes::aligned_bytes(size_t bytes, size_t alignment) : size_(bytes) {
  const size_t rounded = std::max(bytes, size_t{1}) + (alignment - 1);
  if (rounded < bytes) throw std::bad_alloc();
  data_.reset(static_cast<std::byte*>(std::aligned_alloc(alignment, rounded / alignment * alignment)));
  if (data_ == nullptr) throw std::bad_alloc();
}

npy_layout parse_npy_header(std::string_view text) {
  npy_layout layout;
  bool has_descr = false, has_order = false, has_shape = false;
  const auto once = [](bool& seen, std::string_view key) {
    if (seen) fail("its header has '{}' twice", key);
    seen = true;
  };
  literal in(text);
  in.expect('{');
  while (!in.accept('}')) {
    const std::string_view key = in.string();
    in.expect(':');
    if (key == "descr") {
      once(has_descr, key);
      read_descr(in.string(), layout);
    } else if (key == "fortran_order") {
      once(has_order, key);
      layout.fortran_order = in.boolean();
    } else if (key == "shape") {
      once(has_shape, key);
      layout.shape = in.tuple();
    } else {
      fail("its header has the unknown key '{}'", shown(key));
    }
    if (in.accept(',')) continue;
    in.expect('}');
    break;
  }
  if (!in.at_end()) fail("its header goes on after its end");
  if (!has_descr || !has_order || !has_shape) fail("its header lacks one of descr, fortran_order and shape");
  return layout;
}

npy_array read_npy(std::FILE* file, uint64_t file_bytes, const std::string& name) {
  try {
    return read_checked(file, file_bytes);
  } catch (const npy_error& e) {
    fail("{} cannot be used: {}", name, e.what());
  }
}

npy_array read_npy(const std::string& path) {
  struct closed {
    void operator()(std::FILE* f) const { std::fclose(f); }
  };
  struct stat facts {};
  // Looked at before it is opened: to open a pipe would wait for its other end.
  if (stat(path.c_str(), &facts) != 0) fail("{} cannot be read: {}", path, std::strerror(errno));
  if (!S_ISREG(facts.st_mode)) fail("{} cannot be read: it is not a regular file", path);
  const std::unique_ptr<std::FILE, closed> file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) fail("{} cannot be read: {}", path, std::strerror(errno));
  return read_npy(file.get(), uint64_t(facts.st_size), path);
}

std::string npy_preamble(char kind, int item_bytes, const std::vector<int64_t>& shape) {
  std::string text = fmt::format("{{'descr': '{}{}{}', 'fortran_order': False, 'shape': {}, }}",
                                 item_bytes == 1 ? '|' : native_order, kind, item_bytes, shape_text(shape));
  // The data begins at a multiple of 64 bytes; the last character before it is a line's end.
  const size_t total = (magic.size() + 4 + text.size() + 1 + 63) / 64 * 64;
  text.resize(total - magic.size() - 4 - 1, ' ');
  text += '\n';
  std::string out(magic);
  out += {'\x01', '\x00', char(text.size() & 0xff), char(text.size() >> 8)};
  return out + text;
}

std::string shape_text(const std::vector<int64_t>& shape) {
  std::string text = "(";
  for (size_t i = 0; i < shape.size(); ++i) text += fmt::format("{}{}", i == 0 ? "" : ", ", shape[i]);
  return text + (shape.size() == 1 ? ",)" : ")");
}

}  // namespace gemmact::api
