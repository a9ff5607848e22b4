#include "host/jit/headers.hpp"

#include <deque>
#include <string>
#include <vector>

namespace gemmact::jit {

std::span<const header> embedded_headers() {
  struct joined {
    std::deque<std::string> texts;  // which never move
    std::vector<header> headers;
    joined() {
      for (size_t i = 0; i < embedded::count; ++i) {
        const auto [name, text] = embedded::pieces[i];
        if (headers.empty() || headers.back().name != name) {
          texts.emplace_back();
          headers.push_back({name, {}});
        }
        headers.back().text = texts.back().append(text);
      }
    }
  };
  static const joined all;
  return all.headers;
}

hash128 headers_hash(std::span<const header> headers) {
  std::string hashes;
  for (const header& h : headers) hashes += hash_texts({h.name, h.text}).text();
  return hash_bytes(hashes);
}

}  // namespace gemmact::jit
