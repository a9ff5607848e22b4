// Golden vectors: what a device gave for each probe, as a text file a device. README.md in golden/ tells the format.
#pragma once
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "tests/arch/device/probe.hpp"

namespace gemmact::device_test {

struct golden_data {
  u64 size = 0, digest = 0;
  bytes content;  // empty where it is too long to be written down
};

struct golden_vector {
  std::string probe;
  golden_data input, output;
};

struct golden_file {
  std::string device;
  std::vector<golden_vector> vectors;
};

inline u64 digest_of(const bytes& raw) {  // FNV-1a
  u64 digest = 0xcbf29ce484222325ull;
  for (const u8 one : raw) digest = (digest ^ one) * 0x100000001b3ull;
  return digest;
}

inline constexpr size_t most_written = 1024;  // bytes; of longer data size and digest only

inline void write_data(std::ostream& out, const char* name, const bytes& raw) {
  char word[32];
  std::snprintf(word, sizeof word, "%016llx", digest_of(raw));
  out << name << " " << raw.size() << " " << word << " ";
  if (raw.size() > most_written) out << "-";
  else
    for (const u8 one : raw) out << "0123456789abcdef"[one >> 4] << "0123456789abcdef"[one & 15];
  out << "\n";
}

inline void write_head(std::ostream& out, const std::string& device) {
  out << "gemmact golden vectors 1\ndevice " << device << "\n";
}

inline void write_vector(std::ostream& out, const probe& one, const bytes& output) {
  out << "probe " << one.name << "\n";
  write_data(out, "in", one.input);
  write_data(out, "out", output);
}

// Throws std::runtime_error where the text is not as the format says, or data does not have its digest.
inline golden_data parse_data(std::istream& in, const char* name) {
  std::string word, digest, content;
  golden_data data;
  in >> word >> data.size >> digest >> content;
  if (!in || word != name) throw std::runtime_error(std::string("golden vectors: no line ") + name);
  data.digest = std::strtoull(digest.c_str(), nullptr, 16);
  if (content != "-") {
    for (size_t i = 0; i + 1 < content.size(); i += 2)
      data.content.push_back(u8(std::stoi(content.substr(i, 2), nullptr, 16)));
    if (data.content.size() != data.size || digest_of(data.content) != data.digest)
      throw std::runtime_error("golden vectors: damaged data");
  }
  return data;
}

inline golden_file parse_golden(std::istream& in) {
  golden_file file;
  std::string line, word;
  std::getline(in, line);
  if (line != "gemmact golden vectors 1") throw std::runtime_error("golden vectors: not such a file: " + line);
  in >> word >> std::ws;
  std::getline(in, file.device);
  while (in >> word) {
    golden_vector one;
    in >> one.probe;
    if (word != "probe") throw std::runtime_error("golden vectors: no line probe: " + word);
    one.input = parse_data(in, "in");
    one.output = parse_data(in, "out");
    file.vectors.push_back(one);
  }
  return file;
}

}  // namespace gemmact::device_test
