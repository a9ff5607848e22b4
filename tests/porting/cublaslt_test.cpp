// Every epilogue of docs/from_cublaslt.md, by the page's code and by its table of roles, for all transpositions, with and without
// padding and batches, beside what cuBLASLt is documented to compute.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "tests/porting/product.hpp"
#include "tests/porting/run.hpp"
#include "tests/support/random.hpp"

namespace gemmact::porting {
namespace {

constexpr int64_t M = 37, N = 5, K = 9;  // masks of two words

struct variant {
  bool transa, transb;
  int64_t padding, batch;
  bool shared_b;  // one B for the whole batch
};

void fill(std::vector<float>& values, const matrix* shape, test::random_source& source) {
  for (size_t i = 0; i < values.size(); ++i)
    if (shape == nullptr || (i + slack < values.size() && int64_t(i) % shape->ld < shape->rows))
      values[i] = float(source.between(-4, 4)) / 4;
}

matrix operand(int64_t rows, int64_t cols, bool transposed, const variant& v, int64_t batch,
               test::random_source& source) {
  if (transposed) std::swap(rows, cols);
  matrix made(rows, cols, rows + v.padding, batch);
  fill(made.values, &made, source);
  return made;
}

// All memory of a call, and what the page's structs say of it.
struct example {
  example(const epilogue_row& row, const variant& v, uint64_t seed)
      : source(seed),
        a(operand(M, K, v.transa, v, v.batch, source)),
        b(operand(K, N, v.transb, v, v.shared_b ? 1 : v.batch, source)),
        d(M, N, M + 2 * v.padding, v.batch),
        aux(M, N, M + v.padding, v.batch),
        bias(size_t(M)) {
    fill(bias, nullptr, source);
    if (row.plan == "input_grad_plan") fill(aux.values, &aux, source);
    call = {M,         N,           K,           v.transa, v.transb, a.ld,       b.ld,
            d.ld,      GEMMACT_F32, GEMMACT_F32, 4,        v.batch,  a.stride(), v.shared_b ? 0 : b.stride(),
            d.stride()};
    for (const std::string& text : row.tensors) add(text);
    with = {row.function.empty() ? nullptr : row.function.c_str(), tensors.data(), tensors.size()};
  }

  void add(const std::string& text) {
    const uint32_t slot = slot_of(text.substr(0, text.find(' ')));
    const bool mask = text.find("(BIT)") != std::string::npos;
    gemmact_tensor t{};
    t.slot = slot;
    t.type = mask ? GEMMACT_BIT : GEMMACT_F32;
    if (text.find("(z)") != std::string::npos) {
      t.ld = aux.ld;
      t.batch_stride = aux.stride();
      memory.push_back({slot, 0, aux.values.data()});
    } else if (mask) {
      words.assign(size_t(call.batch * N * row_words) + slack, 0);
      for (int64_t i = 0; i < M * N * call.batch; ++i) {  // of the layer below; a forward writes over it
        const int64_t column = i / M;
        if (aux.at(i % M, column % N, column / N) > 0)
          words[size_t(column * row_words + i % M / 32)] |= 1u << (i % M % 32);
      }
      t.ld = 32 * row_words;
      t.batch_stride = t.ld * N;
      memory.push_back({slot, 0, words.data()});
    } else if (slot == GEMMACT_BIAS) {
      t.extent = GEMMACT_PER_COLUMN;
      memory.push_back({slot, 0, bias.data()});
    } else {  // a bias gradient: of D's rows, or of its columns
      t.extent = GEMMACT_PER_COLUMN;
      bias_grad.assign(size_t(M * call.batch) + slack, NAN);
      memory.push_back({slot, 0, bias_grad.data()});
      t.batch_stride = -1;
    }
    tensors.push_back(t);
  }

  // A bias gradient has as many elements as the caller's vector.
  void set_grad_length(int64_t length) {
    bias_grad.assign(size_t(length * call.batch) + slack, NAN);
    for (gemmact_tensor& t : tensors)
      if (t.batch_stride == -1) t.batch_stride = length;
    for (gemmact_binding& one : memory)
      if ((one.slot & ~uint32_t{GEMMACT_BELOW}) == GEMMACT_DBIAS) one.data = bias_grad.data();
  }

  static constexpr int64_t row_words = 3;  // one more than needed

  test::random_source source;
  matrix a, b, d, aux;
  std::vector<float> bias, bias_grad;
  std::vector<uint32_t> words;
  matmul call{};
  std::vector<gemmact_tensor> tensors;
  std::vector<gemmact_binding> memory;
  epilogue with{};
};

bool differ(float have, float want, bool exact) {
  return exact ? have != want : !(std::fabs(have - want) <= 1e-5f * std::fmax(1.0f, std::fabs(want)));
}

// The first thing that is not as it should be, or "".
std::string difference(const example& x, const result& want, bool exact, bool aux_is_output) {
  bool wrote_z = false;
  for (const gemmact_tensor& t : x.tensors) wrote_z |= aux_is_output && t.slot == GEMMACT_KEPT && t.type == GEMMACT_F32;
  for (int64_t e = 0; e < x.call.batch; ++e)
    for (int64_t j = 0; j < N; ++j)
      for (int64_t i = 0; i < M; ++i) {
        const float d = x.d.at(i, j, e), z = want.z.at(i, j, e);
        if (differ(d, want.d.at(i, j, e), exact))
          return fmt::format("D({}, {}) is {}, not {}", i, j, d, want.d.at(i, j, e));
        if (wrote_z && differ(x.aux.at(i, j, e), z, exact))
          return fmt::format("aux({}, {}) is {}, not {}", i, j, x.aux.at(i, j, e), z);
        if (!aux_is_output || x.words.empty()) continue;
        const uint32_t word = x.words[size_t((e * N + j) * example::row_words + i / 32)];
        if ((word >> (i % 32) & 1) != (z > 0 ? 1u : 0u)) return fmt::format("the mask's bit ({}, {}) is wrong", i, j);
      }
  if (!x.d.padding_is_untouched() || !x.aux.padding_is_untouched()) return "padding was written";
  if (x.bias_grad.empty() != want.bias_grad.empty()) return "there is no bias gradient, or one too many";
  for (size_t i = 0; i < want.bias_grad.size(); ++i)
    if (differ(x.bias_grad[i], want.bias_grad[i], exact))
      return fmt::format("bias gradient {} is {}, not {}", i, x.bias_grad[i], want.bias_grad[i]);
  return "";
}

// Runs a row, by the page's code or, where `roles` are those of a table, by these; "" where it is true.
std::string fault_of(const epilogue_row& row, const roles_row& roles, const variant& v, bool by_roles) {
  example x(row, v, 1);
  const result want = product(row.name, {v.transa, v.transb, x.a, x.b, x.bias, &x.aux});
  if (!x.bias_grad.empty()) x.set_grad_length(int64_t(want.bias_grad.size()) / v.batch);
  try {
    const plan_handle plan = by_roles ? plan_by_roles(roles, x.call, x.with) : plan_by_name(row.plan, x.call, x.with);
    x.memory.push_back({slot_of(roles.a), 0, x.a.values.data()});
    x.memory.push_back({slot_of(roles.b), 0, x.b.values.data()});
    x.memory.push_back({slot_of(roles.d), 0, x.d.values.data()});
    run(plan.get(), x.memory);
  } catch (const std::exception& error) {
    return error.what();
  }
  return difference(x, want, row.function != "gelu_tanh", row.plan == "forward_plan");
}

// Over transpositions, padding and batches, what a row's faults are.
std::string faults_of(const epilogue_row& row, const std::vector<roles_row>& roles) {
  const auto own = std::find_if(roles.begin(), roles.end(), [&](const roles_row& r) { return r.plan == row.plan; });
  if (own == roles.end()) return row.name + " is by " + row.plan + ", which has no row in the table of roles\n";
  std::string faults;
  for (int bits = 0; bits < 4; ++bits)
    for (const auto& [padding, batch, shared_b] : {std::tuple(0, 1, false), {3, 2, false}, {1, 3, true}})
      for (const bool by_roles : {false, true}) {
        const variant v{(bits & 1) != 0, (bits & 2) != 0, padding, batch, shared_b};
        const std::string fault = fault_of(row, *own, v, by_roles);
        if (!fault.empty())
          faults +=
              fmt::format("{} {}, transa {}, transb {}, padding {}, batch {}: {}\n", row.name,
                          by_roles ? "by the table of roles" : row.plan, v.transa, v.transb, padding, batch, fault);
      }
  return faults;
}

TEST(porting_epilogues, every_row_is_true) {
  const std::string page = read_text(GEMMACT_PAGE);
  const std::vector<roles_row> roles = roles_rows(page);
  ASSERT_EQ(roles.size(), 4u);
  for (const epilogue_row& row : epilogue_rows(page)) EXPECT_EQ(faults_of(row, roles), "");
}

// As the page says under "What runs where today".
TEST(porting_epilogues, every_row_has_a_kernel_on_gpus) {
  for (const char* device : {"describe:a100", "describe:h100", "describe:b200"}) {
    gemmact_context* made = nullptr;
    check(gemmact_context_create(device, &made));
    const std::unique_ptr<gemmact_context, release_context> context(made);
    for (const epilogue_row& row : epilogue_rows(read_text(GEMMACT_PAGE)))
      for (int bits = 0; bits < 4; ++bits)
        for (const gemmact_type type : {GEMMACT_F32, GEMMACT_BF16}) {
          example x(row, {(bits & 1) != 0, (bits & 2) != 0, 0, 1, false}, 1);
          if (!x.bias_grad.empty()) x.set_grad_length(0);
          x.call.type = x.call.type_d = type;
          EXPECT_NO_THROW(plan_by_name(row.plan, x.call, x.with, context.get()))
              << device << " " << row.name << " " << bits << ": " << gemmact_last_error();
          if (x.bias_grad.empty()) continue;
          x.tensors.back().extent = GEMMACT_PER_ROW;
          EXPECT_THROW(plan_by_name(row.plan, x.call, x.with, context.get()), std::runtime_error) << row.name;
          EXPECT_NE(std::string(gemmact_last_error()).find("DBIAS"), std::string::npos) << gemmact_last_error();
        }
  }
}

TEST(porting_epilogues, wrong_rows_are_found) {
  const std::string page = read_text(GEMMACT_PAGE);
  for (const epilogue_row& row : epilogue_rows(page)) {
    epilogue_row other = row;
    other.function = row.function == "relu" ? "leaky_relu" : row.function == "gelu_tanh" ? "gelu" : row.function;
    if (row.function.empty()) other.tensors.clear();
    const bool is_other = other.function != row.function || other.tensors != row.tensors;
    EXPECT_EQ(faults_of(other, roles_rows(page)).empty(), !is_other) << row.name;
    for (roles_row one : roles_rows(page)) {
      if (one.plan != row.plan) continue;
      roles_row a = one, b = one, d = one, sizes = one;
      a.a_rows = one.a_rows == 'T' ? 'N' : 'T';
      b.b_rows = one.b_rows == 'T' ? 'N' : 'T';
      d.d_rows = !one.d_rows;
      std::swap(sizes.sizes[0], sizes.sizes[3]);
      for (const roles_row& wrong : {a, b, d, sizes}) EXPECT_NE(faults_of(row, {wrong}), "") << row.name;
    }
  }
}

TEST(porting_epilogues, with_the_roles_kept) {
  const epilogue_row row{"CUBLASLT_EPILOGUE_RELU_BIAS", "same_roles_plan", "relu", {"BIAS"}};
  for (int bits = 0; bits < 4; ++bits) {
    const variant v{(bits & 1) != 0, (bits & 2) != 0, 3, 2, false};
    example x(row, v, 2);
    x.tensors[0].extent = GEMMACT_PER_ROW;
    const plan_handle plan = plan_by_name(row.plan, x.call, x.with);
    x.memory.insert(
        x.memory.end(),
        {{GEMMACT_X, 0, x.a.values.data()}, {GEMMACT_W, 0, x.b.values.data()}, {GEMMACT_Y, 0, x.d.values.data()}});
    run(plan.get(), x.memory);
    EXPECT_EQ(difference(x, product(row.name, {v.transa, v.transb, x.a, x.b, x.bias, nullptr}), true, true), "");
  }
}

TEST(porting_epilogues, a_mask_cannot_be_kept_with_the_roles_kept) {
  const epilogue_row row{"CUBLASLT_EPILOGUE_RELU_AUX", "same_roles_plan", "relu", {"KEPT (BIT)"}};
  example x(row, {false, false, 0, 1, false}, 3);
  x.tensors[0].order = GEMMACT_COLUMN_MAJOR;
  EXPECT_THROW(plan_by_name(row.plan, x.call, x.with), std::runtime_error);
}

}  // namespace
}  // namespace gemmact::porting
