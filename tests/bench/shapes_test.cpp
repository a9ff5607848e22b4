#include "bench/core/shapes.hpp"

#include <gtest/gtest.h>

using namespace gemmact_bench;

namespace {

constexpr const char* heading = "name,M,N,K,dtype,source\n";

// What is said about a list that must be refused.
std::string refusal(const std::string& text) {
  try {
    parse_shapes(text, "lists/some.csv");
  } catch (const list_error& e) {
    return e.what();
  }
  return "accepted";
}

}  // namespace

TEST(shapes, a_list_is_read) {
  const auto all = parse_shapes(std::string(heading) + "a(remark),1,2,3,f32,\"x, y\"\r\n\nb,256,4096,16384,bf16,\n",
                                "lists/some.csv");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].list, "some");
  EXPECT_EQ(all[0].name, "a(remark)");
  EXPECT_EQ(short_name(all[0].name), "a");
  EXPECT_EQ(all[1].m, 256);
  EXPECT_EQ(all[1].n, 4096);
  EXPECT_EQ(all[1].k, 16384);
  EXPECT_EQ(all[1].type, GEMMACT_BF16);
}

TEST(shapes, malformed_lists_are_refused_with_file_and_line) {
  const std::string good = std::string(heading) + "a,1,2,3,f32,x\n";
  const struct {
    std::string text, expected;
  } rows[] = {
      {"", "some.csv:1: the heading must be"},
      {"name,M,N,K\na,1,2,3\n", "has 4 fields"},
      {"nom,M,N,K,dtype,source\n", "the heading must be"},
      {good + "b,1,2,3,f32\n", "some.csv:3: has 5 fields"},
      {good + "b,1,2,3,f32,x,y\n", "has 7 fields"},
      {good + "b,0,2,3,f32,x\n", "M is \"0\""},
      {good + "b,-4,2,3,f32,x\n", "M is \"-4\""},
      {good + "b,1,2.5,3,f32,x\n", "N is \"2.5\""},
      {good + "b,1,2, 3,f32,x\n", "K is \" 3\""},
      {good + "b,1,2,99999999999999999999,f32,x\n", "K is \"99999999999999999999\""},
      {good + "b,1,2,4294967296,f32,x\n", "must be a whole number from 1 to"},
      {good + "b,1,2,3,f64,x\n", "dtype is \"f64\""},
      {good + "b,1,2,3,f32,\"x\n", "a double quote is not closed"},
      {good + ",1,2,3,f32,x\n", "the name is empty"},
      {good + "a,4,5,6,f32,x\n", "two shapes named \"a\""},
      {std::string(heading) + std::string("a,1,2,3,f32\0,x\n", 15), "dtype is"},
  };
  for (const auto& row : rows) EXPECT_NE(refusal(row.text).find(row.expected), std::string::npos) << refusal(row.text);
}

TEST(shapes, malformed_selections_are_refused) {
  const std::string start = "list,name,dtype,function,combine,operation,accuracy\n";
  const selection good = parse_selections(start + "l,a,tf32,relu,gated,forward,fast\n", "quick.csv").at(0);
  EXPECT_EQ(good.combine, GEMMACT_GATED);
  EXPECT_EQ(good.type, GEMMACT_F32);
  EXPECT_EQ(good.compute, GEMMACT_COMPUTE_TF32);
  EXPECT_EQ(good.accuracy, GEMMACT_FAST);
  EXPECT_EQ(parse_selections(start + "l,a,tf32,,maxout,forward,fast\n", "quick.csv").at(0).maxout_pieces, 2);
  EXPECT_EQ(parse_selections(start + "l,a,tf32,,maxout8,forward,fast\n", "quick.csv").at(0).maxout_pieces, 8);
  EXPECT_THROW(parse_selections(start + "l,a,f16,relu,doubled,forward,fast\n", "quick.csv"), list_error);
  EXPECT_THROW(parse_selections(start + "l,a,f16,,maxout3,forward,fast\n", "quick.csv"), list_error);
  EXPECT_THROW(parse_selections(start + "l,a,f16,relu,plain,sideways,fast\n", "quick.csv"), list_error);
  EXPECT_THROW(parse_selections(start + "l,a,i4,relu,plain,forward,fast\n", "quick.csv"), list_error);
  EXPECT_THROW(parse_selections(start + "l,a,f16,relu,plain,forward,exact\n", "quick.csv"), list_error);
  EXPECT_THROW(parse_selections(start + "l,a\n", "quick.csv"), list_error);
}

TEST(shapes, a_function_may_be_typed_as_an_equation) {
  const std::string start = "list,name,dtype,function,combine,operation,accuracy\n", end = ",plain,forward,accurate\n";
  const auto of = [&](const std::string& function) {
    return parse_selections(start + "l,a,f32," + function + end, "quick.csv").at(0);
  };
  EXPECT_EQ(of("relu").equation, "");
  EXPECT_EQ(of("swish = formula").function, "swish");
  EXPECT_EQ(of("swish = formula").equation, "formula");
  EXPECT_EQ(of("\"mish =x * e, e = min(x, 2)\"").function, "mish");
  EXPECT_EQ(of("\"mish =x * e, e = min(x, 2)\"").equation, "x * e, e = min(x, 2)");
  for (const char* wrong : {"= x", "swish =", " = "}) EXPECT_THROW(of(wrong), list_error) << wrong;
}

TEST(shapes, files_that_are_not_there) {
  EXPECT_THROW(read_file("/nowhere/at/all.csv"), list_error);
  EXPECT_THROW(read_all_shapes("/nowhere/at/all"), list_error);
}

TEST(shapes, the_lists_of_the_project) {
  const auto all = read_all_shapes(GEMMACT_BENCH_SOURCE "/bench/shapes");
  for (const char* list : {"gpt_layers", "llm_layers", "small_mlp_mnist", "squares", "awkward", "gpt_few_tokens"}) {
    const auto in_list = [&](const shape& s) { return s.list == list; };
    EXPECT_GT(std::count_if(all.begin(), all.end(), in_list), 5) << list;
  }
}
