// Digits from files in the format of MNIST, IDX: a magic number, sizes, then bytes.
#pragma once
#include <string>

#include "host/examples/digits/digit_set.hpp"

namespace examples {

// From DIR/PREFIX-images-idx3-ubyte and DIR/PREFIX-labels-idx1-ubyte; PREFIX is "train" or "t10k". Throws
// std::runtime_error with one sentence that names the file and what is wrong with it.
digit_set read_idx(const std::string& folder, const std::string& prefix);

// Those to learn from, at least `least` of them, and those that are held out, as large. Throws as read_idx.
struct digit_sets {
  digit_set train, held_out;
};
digit_sets read_both(const std::string& folder, int64_t least);

}  // namespace examples
