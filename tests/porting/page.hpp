// The tables of docs/from_cublaslt.md, as the page has them.
#pragma once
#include <string>
#include <vector>

namespace gemmact::porting {

// A row of the table of epilogues: "CUBLASLT_EPILOGUE_RELU_AUX", "forward_plan", "relu", {"KEPT (BIT)"}; "" and {} for none.
struct epilogue_row {
  std::string name, plan, function;
  std::vector<std::string> tensors;
};

// A row of the table of roles: which of M, N, K are m, n, k; each matrix's slot, and the transposition with which it is row-major.
struct roles_row {
  std::string plan, sizes;
  std::string a, b, d;
  char a_rows = 'T', b_rows = 'T';
  bool d_rows = true;
};

std::string read_text(const std::string& file);
// Both throw std::runtime_error where a table is not as told above.
std::vector<epilogue_row> epilogue_rows(const std::string& page);
std::vector<roles_row> roles_rows(const std::string& page);

}  // namespace gemmact::porting
