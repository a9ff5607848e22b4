// Structs that grow: what the library fills for a caller whose header is older, and newer.
#include "host/core/struct_copy.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace gemmact::core {
namespace {

struct grown {
  size_t struct_bytes;
  uint64_t first;
  uint64_t second;  // added later
};
constexpr size_t first_size = offsetof(grown, second);

void fill(void* out) { fill_struct("grown", out, grown{0, 1, 2}, {first_size, sizeof(grown)}); }

TEST(struct_copy, an_older_caller_gets_the_fields_that_it_has) {
  grown out{first_size, 7, 7};
  fill(&out);
  EXPECT_EQ(out.struct_bytes, first_size);
  EXPECT_EQ(out.first, 1u);
  EXPECT_EQ(out.second, 7u);  // not the caller's to lose
}

TEST(struct_copy, today_s_and_a_newer_caller_get_all) {
  struct {
    grown known;
    uint64_t newer;
  } out{{sizeof(grown), 7, 7}, 7};
  fill(&out);
  EXPECT_EQ(out.known.second, 2u);
  out.known = {sizeof out, 7, 7};
  fill(&out);
  EXPECT_EQ(out.known.struct_bytes, sizeof out);
  EXPECT_EQ(out.known.second, 2u);
  EXPECT_EQ(out.newer, 7u);
}

TEST(struct_copy, sizes_that_never_were_are_refused) {
  for (size_t bytes : {size_t{0}, first_size - 1, first_size + 1, sizeof(grown) - 1,
                       sizeof(grown) + max_unknown_bytes + 1, SIZE_MAX}) {
    grown out{bytes, 7, 7};
    EXPECT_THROW(fill(&out), failure) << bytes;
    EXPECT_EQ(out.first, 7u) << bytes;
  }
}

}  // namespace
}  // namespace gemmact::core
