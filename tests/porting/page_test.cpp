// What docs/from_cublaslt.md names is in the headers, and no epilogue is missing from it.
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "tests/porting/page.hpp"

namespace gemmact::porting {
namespace {

std::set<std::string> names_in(const std::string& text, const char* form) {
  const std::regex wanted(form);
  std::set<std::string> names;
  for (std::sregex_iterator m(text.begin(), text.end(), wanted), last; m != last; ++m) names.insert(m->str());
  return names;
}

// Names of the page that no header has; a name that ends in _ is the beginning of some.
std::string strangers(const std::string& page, const char* form, const std::string& headers) {
  const std::set<std::string> known = names_in(headers, "[A-Za-z_]\\w*");
  std::string found;
  for (const std::string& name : names_in(page, form)) {
    const auto at = known.lower_bound(name);
    const bool is_here = at != known.end() && (name.back() == '_' ? at->rfind(name, 0) == 0 : *at == name);
    if (!is_here) found += name + " ";
  }
  return found;
}

std::string missing_epilogues(const std::string& page, const std::set<std::string>& wanted) {
  std::set<std::string> rows;
  for (const epilogue_row& row : epilogue_rows(page)) rows.insert(row.name);
  std::string missing;
  for (const std::string& name : wanted)
    if (rows.count(name) == 0) missing += name + " ";
  return missing;
}

const char* const ours = "\\b(GEMMACT_[A-Z0-9_]+|gemmact_[a-z][a-z_]+)";
const char* const theirs = "\\b(CUBLAS(LT)?_[A-Z0-9_]+|CUDA_R_[A-Z0-9_]+|cublasLt[A-Z]\\w+)";

TEST(porting_page, names_what_gemmact_has) {
  const std::string page = read_text(GEMMACT_PAGE), header = read_text(GEMMACT_INCLUDE "/gemmact/gemmact.h");
  EXPECT_GT(names_in(page, ours).size(), 40u);
  EXPECT_EQ(strangers(page, ours, header), "");
  EXPECT_EQ(strangers(page + " GEMMACT_KEEP_ZZ gemmact_rum", ours, header), "GEMMACT_KEEP_ZZ gemmact_rum ");
}

TEST(porting_page, has_a_row_for_every_epilogue) {
  const std::string page = read_text(GEMMACT_PAGE), begin = "CUBLASLT_EPILOGUE_";
  std::set<std::string> all;
  for (const char* name :
       {"DEFAULT", "RELU", "RELU_AUX", "BIAS", "RELU_BIAS", "RELU_AUX_BIAS", "GELU", "GELU_AUX", "GELU_BIAS",
        "GELU_AUX_BIAS", "DRELU", "DRELU_BGRAD", "DGELU", "DGELU_BGRAD", "BGRADA", "BGRADB"})
    all.insert(begin + name);
  EXPECT_EQ(missing_epilogues(page, all), "");
  EXPECT_EQ(epilogue_rows(page).size(), all.size());
  all.insert(begin + "PLANTED");
  EXPECT_EQ(missing_epilogues(page, all), begin + "PLANTED ");
}

#if defined(GEMMACT_CUBLASLT_INCLUDE)
TEST(porting_page, names_what_cublaslt_has) {
  const std::string folder = GEMMACT_CUBLASLT_INCLUDE;
  const std::string lt = read_text(folder + "/cublasLt.h");
  const std::string headers = lt + read_text(folder + "/cublas_api.h") + read_text(folder + "/library_types.h");
  const std::string page = read_text(GEMMACT_PAGE);
  EXPECT_EQ(strangers(page, theirs, headers), "");
  EXPECT_EQ(strangers("CUBLASLT_ORDER_ROWS", theirs, headers), "CUBLASLT_ORDER_ROWS ");
  EXPECT_EQ(missing_epilogues(page, names_in(lt, "CUBLASLT_EPILOGUE_[A-Z_]+(?= = )")), "");
}
#endif

}  // namespace
}  // namespace gemmact::porting
