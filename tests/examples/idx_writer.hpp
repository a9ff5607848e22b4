// A folder of files in MNIST's format for a test, removed with it.
#pragma once
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "host/examples/digits/digit_set.hpp"

namespace gemmact::test {

class idx_folder : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "gemmact_digits_XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  const std::string& folder() const { return folder_; }

  void write(const examples::digit_set& digits, const std::string& prefix) const {
    save(prefix + "-images-idx3-ubyte", header({digits.count, digits.height, digits.width}), digits.pixels);
    save(prefix + "-labels-idx1-ubyte", header({digits.count}), digits.labels);
  }
  template <class Change>
  void change(const std::string& name, const Change& how) const {
    std::ostringstream bytes;
    bytes << std::ifstream(folder_ + "/" + name, std::ios::binary).rdbuf();
    std::string changed = bytes.str();
    how(changed);
    save(name, changed, {});
  }

 private:
  static std::string header(const std::vector<int64_t>& sizes) {
    std::string bytes{0, 0, 8, char(sizes.size())};
    for (const int64_t size : sizes)
      for (const int shift : {24, 16, 8, 0}) bytes += char(size >> shift);
    return bytes;
  }
  void save(const std::string& name, const std::string& head, const std::vector<uint8_t>& body) const {
    std::ofstream out(folder_ + "/" + name, std::ios::binary);
    out << head;
    out.write(reinterpret_cast<const char*>(body.data()), std::ptrdiff_t(body.size()));
    ASSERT_TRUE(out.good()) << name;
  }
  std::string folder_;
};

}  // namespace gemmact::test
