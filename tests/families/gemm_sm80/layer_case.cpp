#include "tests/families/gemm_sm80/layer_case.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <stdexcept>

#include "tests/families/gemm_sm80/any_function.hpp"
#include "tests/families/gemm_sm80/switched_chain.cuh"
#include "tests/support/numbers.hpp"
#include "tests/support/random.hpp"

namespace gemmact::test {
namespace {

using families::element, families::extent, families::keep, families::operand, families::slot;

constexpr i64 bits_in_word = 32;
constexpr const char* slot_names[] = {"", "X", "W", "BIAS", "C", "RESIDUAL", "Y"};

gemmact_type number_type(element type) { return gemmact_type(int(type)); }
i64 bytes_of(element type) { return type == element::bit ? 4 : element_bytes(number_type(type)); }
const char* name_of(slot what) { return what == slot::kept ? "KEPT" : slot_names[int(what)]; }

// An H100 with few multiprocessors.
families::gpu small_gpu(int multiprocessors) {
  return {.model = "small",
          .architecture = 90,
          .multiprocessors = multiprocessors,
          .shared_block_bytes = 232448,
          .shared_multiprocessor_bytes = 233472,
          .threads_multiprocessor = 2048,
          .l2_bytes = 50 << 20,
          .clock_ghz = 1.7,
          .bandwidth_gb_per_s = 3000,
          .mma_flop_per_clock = 2048};
}

i64 words_in(i64 cols) { return (cols + bits_in_word - 1) / bits_in_word; }

// Elements, words of bits, from the first to the last.
i64 extent_of(const operand& o) {
  const i64 stride = o.type == element::bit ? o.row_stride / bits_in_word : o.row_stride;
  const i64 width = o.type == element::bit ? words_in(o.cols) : o.cols;
  switch (o.spread) {
    case extent::scalar:
      return 1;
    case extent::per_column:
      return o.cols;
    case extent::per_row:
      return o.rows;
    case extent::each:
      return (o.rows - 1) * stride + width;
  }
  throw std::logic_error("not an extent");
}

operand described(slot what, const placement& where, extent spread, i64 rows, i64 cols) {
  operand o;
  o.what = what;
  o.type = where.type;
  o.spread = spread;
  o.rows = spread == extent::each || spread == extent::per_row ? rows : 1;
  o.cols = spread == extent::each || spread == extent::per_column ? cols : 1;
  const bool bits = where.type == element::bit;
  const i64 row = bits ? (words_in(cols) + where.pad) * bits_in_word : cols + where.pad;
  o.row_stride = spread == extent::each ? row : spread == extent::per_row ? 1 : 0;
  o.col_stride = spread == extent::each || spread == extent::per_column ? 1 : 0;
  const u32 past = where.shift * u32(bytes_of(where.type)) | 256;
  o.align_bytes = past & (~past + 1);
  return o;
}

}  // namespace

std::string layer_case::text() const {
  const auto placed = [](const char* name, const placement& p) {
    return p.type == element::none ? std::string()
                                   : fmt::format(" {}:{}+{}@{}", name, type_name(number_type(p.type)), p.pad, p.shift);
  };
  return fmt::format(
      "{} m={}-{} n={} k={} row={} {}{} bias extent {}, keep {}, {} multiprocessors, {} data, seed {};{}{}{}{}{}{}",
      use.text(), m, less, n, k, row, mode == accuracy::fast ? "fast" : "accurate", "", int(spread), int(kept),
      multiprocessors, integers ? "integer" : "normal", seed, placed("X", x), placed("W", w), placed("Y", y),
      placed("BIAS", bias), placed("RESIDUAL", residual), placed("KEPT", keeps));
}

layer_run::layer_run(const layer_case& c) : c_(c), gpu_(small_gpu(c.multiprocessors)) {
  const families::function f{c.use.f->name.data(),
                             c.use.f->info->special_functions,
                             c.use.f->info->arithmetic,
                             c.use.f->info->param_count,
                             {c.use.p[0], c.use.p[1], c.use.p[2], c.use.p[3]}};
  layer_ = {.what = families::operation::forward,
            .mode = c.mode,
            .m_varies = c.less != 0,
            .m = c.m,
            .n = c.n,
            .k = c.k,
            .activation = f,
            .kept = c.keeps.type == element::none ? keep::nothing : c.kept,
            .operands = {}};
  const i64 rows = c.m - c.less;
  add(slot::x, c.x, rows, c.k, false);
  add(slot::w, c.w, c.n, c.k, false);
  add(slot::bias, c.bias, rows, c.n, false);
  add(slot::residual, c.residual, rows, c.n, false);
  add(slot::y, c.y, rows, c.n, true);
  add(slot::kept, c.keeps, rows, c.n, true);
  expect_outputs(c, data_);
  if (const std::string reason = families::gemm_sm80::supports(layer_, gpu_); !reason.empty())
    throw std::invalid_argument(reason);
  for (families::candidate& one : families::gemm_sm80::candidates(layer_, gpu_))
    if (one.config / 4 == c.row) chosen_ = std::move(one);
  if (chosen_.type.empty()) throw std::invalid_argument("no such configuration");

  std::vector<void*> places;
  for (const operand_data& d : data_) places.push_back(d.memory.data());
  families::params_bytes bytes;
  const families::launch l = families::gemm_sm80::prepare(
      {.problem = layer_, .device = gpu_, .chosen = chosen_, .m = rows, .data = places.data()}, bytes);
  if (bytes.size != sizeof params_ || l.threads != chosen_.threads || l.shared_bytes != chosen_.shared_bytes ||
      l.grid[1] != 1 || l.grid[2] != 1 || l.cluster != 1)
    throw std::logic_error("prepare() and the candidate disagree");
  std::memcpy(&params_, bytes.bytes, sizeof params_);
  blocks_ = l.grid[0];
}

i64 layer_run::tiles() const { return i64(params_.order.rows) * params_.order.cols; }

unsigned char* layer_run::memory(slot what) const {
  for (const operand_data& d : data_)
    if (d.is.what == what) return d.memory.data();
  throw std::logic_error("the layer has no such operand");
}

void layer_run::add(slot what, const placement& where, i64 rows, i64 cols, bool output) {
  if (where.type == element::none) return;
  operand o = described(what, where, what == slot::bias ? c_.spread : extent::each, rows, cols);
  o.output = output;
  o.binding = int(data_.size());
  const i64 bytes = bytes_of(o.type);
  data_.push_back({o, emulator::guarded_memory(u64(extent_of(o) * bytes), where.shift * u32(bytes)), {}, {}});
  if (!output) fill(data_.back(), mix(c_.seed * 16 + u64(what)));
  // What the layer was planned with has all its rows.
  if (o.rows == rows && (what != slot::w)) o.rows += c_.less;
  layer_.operands.push_back(o);
}

// Values differ in every index. Sums of integers stay below 2^22 for k up to 2000; products of two of X and W up to 9.
void layer_run::fill(operand_data& d, u64 seed) {
  const operand& o = d.is;
  random_source random(seed);
  const bool multiplied = o.what == slot::x || o.what == slot::w;
  const double spread = o.what == slot::x ? 1 : o.what == slot::w ? 2 / std::sqrt(double(c_.k)) : 1;
  for (i64 i = 0; i < o.rows; ++i) {
    for (i64 j = 0; j < o.cols; ++j) {
      const double wanted = !c_.integers ? spread * random.normal()
                            : multiplied ? double(random.between(-3, 3))
                                         : double(random.between(-100, 100));
      const u32 bits = encode(number_type(o.type), wanted);
      store_bits(number_type(o.type), d.memory.data() + (i * o.row_stride + j * o.col_stride) * bytes_of(o.type), bits);
      d.values.push_back(decode(number_type(o.type), bits));
    }
  }
}

emulator::case_run layer_run::run(emulator::options how, gemm_variant kernel) {
  emulator::memory_registry arrays;
  for (operand_data& d : data_) {
    if (d.is.output) d.memory.poison();
    arrays.add(name_of(d.is.what), d.memory.data(), d.memory.size(),
               d.is.output ? emulator::array_use::read_write : emulator::array_use::read_only);
  }
  choose({c_.use.f->index, c_.mode});
  choose_chain(layer_);
  how.multiprocessors = u32(gpu_.multiprocessors);
  how.resident_blocks = u32(chosen_.blocks_per_multiprocessor);
  how.poison_stores = true;
  if (kernel == nullptr) kernel = variant_of(chosen_.config);
  emulator::case_run done;
  done.launched =
      emulator::launch(how, {blocks_, chosen_.threads, chosen_.shared_bytes, 1}, arrays, [&] { kernel(params_); });
  done.right = done.launched.ok() && wrong().empty();
  return done;
}

std::string layer_run::wrong() const {
  for (const operand_data& d : data_) {
    std::string fault = d.memory.damage(name_of(d.is.what));
    if (fault.empty() && d.is.output) fault = wrong(d);
    if (!fault.empty()) return fault;
  }
  return "";
}

std::string layer_run::wrong(const operand_data& d) const {
  const operand& o = d.is;
  const bool bits = o.type == element::bit;
  const gemmact_type type = number_type(o.type);
  const i64 width = bits ? words_in(o.cols) : o.cols;
  const i64 stride = bits ? o.row_stride / bits_in_word : o.row_stride, bytes = bytes_of(o.type);
  const auto fault = [&](i64 i, i64 j, u32 got, double value, double error) {
    return fmt::format("{} row {} column {}: {:#x} = {:.9g} instead of {:.9g} +- {:.3g}", name_of(o.what), i, j, got,
                       bits ? double(got) : decode(type, got), value, error);
  };
  for (i64 i = 0; i < o.rows; ++i) {
    for (i64 j = 0; j < (i + 1 < o.rows ? stride : width); ++j) {
      const u32 got = load_bits(type, d.memory.data() + (i * stride + j) * bytes);
      const size_t at = size_t(i * o.cols + j);
      if (j >= width) {
        if (got != (bytes == 2 ? 0xffffu : 0xffffffffu)) return fault(i, j, got, NAN, 0) + " (between rows)";
      } else if (bits) {
        for (i64 b = 0; b < bits_in_word; ++b) {
          const i64 col = j * bits_in_word + b;
          const u32 bit = got >> b & 1u;
          const u32 allowed = col < o.cols ? d.expected.allowed[size_t(i * o.cols + col)] : 1u;
          if ((allowed >> bit & 1u) == 0) return fault(i, col, bit, double(1 - bit), 0);
        }
      } else if (d.expected.error[at] == 0) {
        if (got != encode(type, d.expected.value[at])) return fault(i, j, got, d.expected.value[at], 0);
      } else {
        const double value = d.expected.value[at], error = d.expected.error[at];
        const double room = error + spacing(type, std::fabs(value) + error) / 2;
        if (!(std::fabs(decode(type, got) - value) <= room)) return fault(i, j, got, value, room);
      }
    }
  }
  return "";
}

}  // namespace gemmact::test
