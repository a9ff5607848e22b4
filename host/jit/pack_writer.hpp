// Makes the file that pack_format.hpp describes.
#pragma once
#include <map>
#include <string>

#include "host/jit/image.hpp"

namespace gemmact::jit {

class pack_writer {
 public:
  // `key` is compiler::pack_key of the unit. A key that is there already is replaced.
  void add(const hash128& key, const image& image);
  size_t size() const { return records_.size(); }

  // Written aside, synced and renamed: a reader sees the old file or the new one. Throws BAD_FILE.
  void write(const std::string& path) const;

 private:
  std::map<hash128, std::string> records_;
};

}  // namespace gemmact::jit
