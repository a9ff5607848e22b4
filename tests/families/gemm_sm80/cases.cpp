#include "tests/families/gemm_sm80/cases.hpp"

#include <algorithm>
#include <numeric>

#include "tests/support/random.hpp"

namespace gemmact::test {
namespace {

using families::element, families::extent, families::keep;
namespace gemm = families::gemm_sm80;

constexpr element types[] = {element::f32, element::f16, element::bf16};

// Around each boundary of a tile of `tile`: 0 .. 12.
i64 size_of(int value, i64 tile) {
  constexpr i64 small[] = {1, 7, 8, 15, 16, 17, 63, 64, 65};
  const i64 large[] = {tile - 1, tile, tile + 1, (tile > 64 ? 2 : 5) * tile + 3};
  return value < 9 ? small[value] : large[value - 9];
}
constexpr int sizes = 13;

// Those that there is a reference for: all, but perhaps not a product's own.
const std::vector<const function*>& known_functions() {
  static const std::vector<const function*> known = [] {
    std::vector<const function*> all;
    for (const function& f : functions())
      if (f.ref != nullptr) all.push_back(&f);
    return all;
  }();
  return known;
}

// Numbers with which integers stay exact where the function is exact on them, else those of tests/kernels in turn.
setting setting_of(const function& f, bool integers, uint64_t index) {
  const std::vector<setting> all = settings(f);
  if (!integers) return all[index % all.size()];
  setting s = all[0];
  const auto set = [&s](int i, float value) { s.exact[i] = s.p[i] = value; };
  if (f.name == "leaky_relu") set(0, 0.5f);
  if (f.name == "clip") set(0, -4.0f), set(1, 8.0f);
  return s;
}

// Rows of a whole number of pieces and, up to 8 bytes, of no more than that.
i64 pad_for(i64 width, int piece_elements, int more) {
  const i64 unit = piece_elements == 8 ? 8 : 2 * piece_elements;
  i64 stride = (width + unit - 1) / unit * unit + (piece_elements == 8 ? 0 : piece_elements);
  if (stride - unit >= width) stride -= unit;
  return stride - width + more * unit;
}

// What limits the pieces: the rows of X, those of W, where X begins, where W begins; 4: rows without gaps.
void place_operands(layer_case& c, const factor_row& row) {
  const int piece = 8 >> row["piece"], limit = row["limit"], more = row["ld"];
  if (limit == 4) return;
  c.x.pad = pad_for(c.k, limit == 0 ? piece : 8, more);
  c.w.pad = pad_for(c.k, limit == 1 ? piece : 8, more);
  if (limit == 2) c.x.shift = u32(piece % 8);
  if (limit == 3) c.w.shift = u32(piece % 8);
}

// Packed, longer rows in whole strips, an odd number more, whole strips that begin at an odd element.
placement output_place(element type, int value, i64 n) {
  const i64 whole = (n + 7) / 8 * 8 + 8 - n;
  switch (value) {
    case 0:
      return {type, 0, 0};
    case 1:
      return {type, whole, 0};
    case 2:
      return {type, whole + 1, 0};
    default:
      return {type, whole, 1};
  }
}

void add_kept(layer_case& c, const factor_row& row) {
  if (row["keep"] == 0) return;
  if (row["keep"] == 1 && c.use.f->has_bit && c.use.f->ref->bit != nullptr) {
    c.kept = keep::bit;
    c.keeps = {element::bit, row["kept_place"] % 2, 0};
    return;
  }
  c.kept = row["keep"] % 2 == 0 ? keep::z : keep::output;
  c.keeps = output_place(types[row["keep"] % 3], row["kept_place"], c.n);
}

}  // namespace

const std::vector<factor>& case_factors() {
  static const std::vector<factor> factors = {{"function", int(known_functions().size())},
                                              {"m", sizes},
                                              {"n", sizes},
                                              {"k", sizes},
                                              {"tile", int(std::size(gemm::configs))},
                                              {"bias", 13},
                                              {"bias_place", 2},
                                              {"keep", 7},
                                              {"kept_place", 4},
                                              {"residual", 4},
                                              {"residual_place", 4},
                                              {"y", 3},
                                              {"y_place", 4},
                                              {"piece", 4},
                                              {"limit", 5},
                                              {"ld", 2},
                                              {"mode", 2},
                                              {"data", 2},
                                              {"multiprocessors", 2},
                                              {"less", 2}};
  return factors;
}

const std::vector<factor_row>& case_rows() {
  static const std::vector<factor_row> rows = pairwise_rows(case_factors(), 80);
  return rows;
}

layer_case make_case(uint64_t index) {
  const factor_row& row = case_rows()[index];
  layer_case c;
  c.row = row["tile"];
  const gemm::config tile = gemm::configs[c.row];
  c.m = size_of(row["m"], tile.block_m);
  c.n = size_of(row["n"], tile.block_n);
  c.k = size_of(row["k"], tile.span_bytes / 2);
  c.less = row["less"] == 0 ? 0 : std::min<i64>(c.m - 1, 9);
  c.integers = row["data"] == 0;
  c.use = setting_of(*known_functions()[size_t(row["function"])], c.integers, index);
  c.mode = row["mode"] == 0 ? accuracy::accurate : accuracy::fast;
  c.multiprocessors = 1 + row["multiprocessors"];
  c.seed = index + 1;
  place_operands(c, row);
  c.y = output_place(types[row["y"]], row["y_place"], c.n);
  if (row["residual"] != 0) c.residual = output_place(types[row["residual"] - 1], row["residual_place"], c.n);
  if (row["bias"] != 0) {
    c.spread = extent((row["bias"] - 1) / 3);
    const element type = types[(row["bias"] - 1) % 3];
    c.bias = c.spread == extent::each ? output_place(type, row["residual_place"], c.n) : placement{type, 0, 0};
    if (row["bias_place"] != 0) c.bias.shift = 1;
  }
  add_kept(c, row);
  return c;
}

int expected_piece(const layer_case& c) {
  i64 all = 16;
  for (const placement* p : {&c.x, &c.w}) {
    all = std::gcd(all, 2 * i64(p->shift));
    if (p == &c.w ? c.n > 1 : c.m > 1) all = std::gcd(all, 2 * (c.k + p->pad));
  }
  return int(all);
}

}  // namespace gemmact::test
