#pragma once
#include "kernels/epilogue/params.hpp"

namespace gemmact::families::gradient_pass {

// The kernel's argument. Block i has group i % groups of the columns, then a part of the rows, then a batch entry.
struct params {
  u32 m, n;
  u32 groups, parts, part_rows;
  u32 whole;  // not 0: strips inside of the matrix are read in pieces of 16 bytes, or as long as they are
  epilogue::params out;
};

}  // namespace gemmact::families::gradient_pass
