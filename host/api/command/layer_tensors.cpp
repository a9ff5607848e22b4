#include "host/api/command/layer_tensors.hpp"

#include <algorithm>
#include <charconv>

#include "host/api/command/failures.hpp"
#include "host/core/nearest.hpp"
#include "host/core/slots.hpp"

namespace gemmact::api {
namespace {

constexpr gemmact_type types[] = {GEMMACT_F32, GEMMACT_F16, GEMMACT_BF16, GEMMACT_E4M3, GEMMACT_U8, GEMMACT_BIT};
constexpr gemmact_order orders[] = {GEMMACT_ROW_MAJOR, GEMMACT_COLUMN_MAJOR};
constexpr gemmact_extent extents[] = {GEMMACT_EACH, GEMMACT_SCALAR, GEMMACT_PER_COLUMN, GEMMACT_PER_ROW};

struct named_slot {
  std::string name;
  uint32_t slot;
};

const std::vector<named_slot>& named_slots() {
  static const std::vector<named_slot> all = [] {
    std::vector<named_slot> found;
    for (uint32_t slot = 1; slot < 2 * GEMMACT_BELOW; ++slot)
      if (core::find_slot(slot & ~uint32_t{GEMMACT_BELOW}) != nullptr)
        found.push_back({core::slot_text(slot, 0), slot});
    return found;
  }();
  return all;
}

uint32_t slot_number(const std::string& name) {
  std::vector<std::string_view> names;
  for (const named_slot& s : named_slots()) {
    if (s.name == name) return s.slot;
    names.push_back(s.name);
  }
  usage_fail("--tensor names {}, which is no slot{}", core::quoted(name), core::did_you_mean(name, names));
}

template <class Number>
Number number_in(const std::string& text, const std::string& digits) {
  Number value{};
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc() || stop != end)
    usage_fail("--tensor {} has {} where a whole number must be", core::quoted(text), core::quoted(digits));
  return value;
}

template <class Enum, size_t Count>
bool take_name(const std::string& word, const Enum (&all)[Count], Enum& value) {
  const auto found = std::find_if(std::begin(all), std::end(all), [&](Enum e) { return word == core::name_of(e); });
  if (found == std::end(all)) return false;
  value = *found;
  return true;
}

void take_word(const std::string& text, const std::string& word, gemmact_tensor& tensor) {
  if (take_name(word, types, tensor.type) || take_name(word, orders, tensor.order) ||
      take_name(word, extents, tensor.extent))
    return;
  if (word.rfind("ld=", 0) == 0) tensor.ld = number_in<int64_t>(text, word.substr(3));
  else if (word.rfind("stride=", 0) == 0) tensor.batch_stride = number_in<int64_t>(text, word.substr(7));
  else if (word.rfind("align=", 0) == 0) tensor.align_bytes = number_in<uint32_t>(text, word.substr(6));
  else
    usage_fail("--tensor {} has the word {}, which is no type, order, extent, ld=, stride= or align=",
               core::quoted(text), core::quoted(word));
}

// Collects a layer's tensors.
class tensor_list {
 public:
  tensor_list(const layer_options& layer, const tensor_options& options) : layer_(layer), options_(options) {}

  void add(uint32_t slot, gemmact_type type, gemmact_extent extent = GEMMACT_EACH, uint32_t index = 0) {
    gemmact_tensor t{};
    t.slot = slot;
    t.index = index;
    t.type = type;
    t.extent = extent;
    const core::slot_shape shape = core::find_slot(slot & ~uint32_t{GEMMACT_BELOW})->shape;
    const bool below = (slot & GEMMACT_BELOW) != 0;
    const bool mask = type == GEMMACT_BIT || type == GEMMACT_U8;
    if (extent == GEMMACT_EACH && !mask)
      t.order = shape == core::slot_shape::nk            ? options_.w_order
                : shape == core::slot_shape::mk || below ? options_.x_order
                                                         : options_.y_order;
    if (extent == GEMMACT_EACH && options_.batch > 1) t.batch_stride = matrix_elements(shape, below, type);
    all_.push_back(t);
  }
  void add_pieces(uint32_t slot, gemmact_type type, int pieces, gemmact_extent extent = GEMMACT_EACH) {
    for (int i = 0; i < pieces; ++i) add(slot, type, extent, uint32_t(i));
  }
  void add_kept(uint32_t slot, const kept_answer& kept, int pieces) {
    if (kept.keep == GEMMACT_KEEP_NOTHING) return;
    add_pieces(slot, kept.type, kept.keep == GEMMACT_KEEP_Z ? pieces : 1);
  }
  void add_dparams(uint32_t slot, const std::optional<std::string>& activation) {
    const described_function info(activation.value_or("linear"));
    for (uint32_t i = 0; i < info.param_count; ++i)
      if (info.params[i].trainable != 0)
        add(slot, GEMMACT_F32, info.params[i].is_per_column != 0 ? GEMMACT_PER_COLUMN : GEMMACT_SCALAR, i);
  }

  // A hinge's targets; of an equation each operand.
  void add_operands(uint32_t below, const std::optional<std::string>& activation) {
    const described_function info(activation.value_or("linear"));
    for (uint32_t i = 0; i < info.param_count; ++i)
      if (info.params[i].is_operand != 0)
        add(below | (info.is_equation ? GEMMACT_OPERAND : GEMMACT_TARGET), GEMMACT_F32, GEMMACT_PER_ROW,
            info.is_equation ? i : 0);
  }

  void forward();
  void activation_grad();
  void input_grad();
  void weight_grad();
  void replace_or_add(const gemmact_tensor& t);

  std::vector<gemmact_tensor> all_;

 private:
  int64_t matrix_elements(core::slot_shape shape, bool below, gemmact_type type) const {
    int64_t rows = shape == core::slot_shape::nk ? options_.n : options_.m;
    int64_t cols = shape == core::slot_shape::mn && !below ? options_.n : options_.k;
    if (type == GEMMACT_BIT) cols = (cols + 31) / 32 * 32;
    int64_t elements = 0;
    if (__builtin_mul_overflow(rows, cols, &elements))
      usage_fail("a matrix of {} x {} has more elements than fit in 63 bits", rows, cols);
    return elements;
  }
  // The layer's problem with these tensors, as far as the question of what is kept looks at it.
  kept_answer kept() const {
    gemmact_problem problem = layer_problem(layer_);
    problem.m = options_.m, problem.n = options_.n, problem.k = options_.k, problem.batch = options_.batch;
    return resolve_keep(problem, all_);
  }
  gemmact_type output_type() const { return options_.y_type.value_or(options_.type); }
  gemmact_type float_type(gemmact_type type) const { return type == GEMMACT_E4M3 ? GEMMACT_BF16 : type; }
  void add_dbias(uint32_t slot, int pieces) {
    if (options_.bias && *options_.bias != GEMMACT_EACH) add_pieces(slot, GEMMACT_F32, pieces, *options_.bias);
  }

  const layer_options& layer_;
  const tensor_options& options_;
};

void tensor_list::forward() {
  const gemmact_type bias_type =
      options_.bias_type.value_or(options_.type == GEMMACT_E4M3 ? GEMMACT_F32 : options_.type);
  add(GEMMACT_X, options_.type);
  add_pieces(GEMMACT_W, options_.type, layer_.products());
  if (options_.bias) add_pieces(GEMMACT_BIAS, bias_type, layer_.products(), *options_.bias);
  if (options_.c) add(GEMMACT_C, output_type());
  if (options_.residual) add(GEMMACT_RESIDUAL, output_type());
  add_operands(0, layer_.activation);
  add(GEMMACT_Y, output_type());
  if (layer_.keep || layer_.train_params) add_kept(GEMMACT_KEPT, kept(), layer_.products());
}

void tensor_list::activation_grad() {
  add(GEMMACT_DY, float_type(options_.type));
  add_operands(0, layer_.activation);
  add_pieces(GEMMACT_DZ, output_type(), layer_.products());
  add_dbias(GEMMACT_DBIAS, layer_.products());
  if (options_.dparam) add_dparams(GEMMACT_DPARAM, layer_.activation);
  add_kept(GEMMACT_KEPT, kept(), layer_.products());
}

void tensor_list::input_grad() {
  if (layer_.combine == GEMMACT_MAXOUT) add(GEMMACT_DY, float_type(options_.type));
  else add_pieces(GEMMACT_DZ, options_.type, layer_.products());
  add_pieces(GEMMACT_W, options_.type, layer_.products());
  if (layer_.combine == GEMMACT_MAXOUT) add_kept(GEMMACT_KEPT, kept(), 1);
  if (!layer_.below) return add(GEMMACT_DX, float_type(output_type()));
  add_operands(GEMMACT_BELOW, layer_.below);
  add_pieces(GEMMACT_BELOW | GEMMACT_DZ, output_type(), layer_.below_products());
  add_dbias(GEMMACT_BELOW | GEMMACT_DBIAS, layer_.below_products());
  if (options_.dparam) add_dparams(GEMMACT_BELOW | GEMMACT_DPARAM, layer_.below);
  add_kept(GEMMACT_BELOW | GEMMACT_KEPT, resolve_keep_below(layer_, output_type(), all_), layer_.below_products());
}

void tensor_list::weight_grad() {
  if (layer_.combine == GEMMACT_MAXOUT) {
    add(GEMMACT_DY, float_type(options_.type));
    add_kept(GEMMACT_KEPT, kept(), 1);
  } else {
    add_pieces(GEMMACT_DZ, options_.type, layer_.products());
  }
  add(GEMMACT_X, options_.type);
  add_pieces(GEMMACT_DW, float_type(output_type()), layer_.products());
  add_dbias(GEMMACT_DBIAS, layer_.products());
}

void tensor_list::replace_or_add(const gemmact_tensor& t) {
  for (gemmact_tensor& have : all_)
    if (have.slot == t.slot && have.index == t.index) return void(have = t);
  all_.push_back(t);
}

}  // namespace

gemmact_tensor parse_tensor(const std::string& text) {
  gemmact_tensor tensor{};
  tensor.type = GEMMACT_F32;
  size_t end = std::min(text.find(':'), text.size());
  std::string name = text.substr(0, end);
  if (const size_t bracket = name.find('['); bracket != name.npos && name.back() == ']') {
    tensor.index = number_in<uint32_t>(text, name.substr(bracket + 1, name.size() - bracket - 2));
    name.resize(bracket);
  }
  tensor.slot = slot_number(name);
  while (end < text.size()) {
    const size_t begin = end + 1;
    end = std::min(text.find(':', begin), text.size());
    take_word(text, text.substr(begin, end - begin), tensor);
  }
  return tensor;
}

void add_tensor_options(command_line& line, tensor_options& options) {
  const auto element = {GEMMACT_F32, GEMMACT_F16, GEMMACT_BF16, GEMMACT_E4M3};
  const auto order = {GEMMACT_ROW_MAJOR, GEMMACT_COLUMN_MAJOR};
  line.group("Its tensors");
  line.whole("--m", "rows of X and Y: the batch, the tokens", options.m);
  line.whole("--n", "columns of Y: the neurons", options.n);
  line.whole("--k", "columns of X: the inputs", options.k);
  line.whole("--batch", "as many of it; each matrix then has one for each (default 1)", options.batch);
  line.choice("--type", "of the operands of the product (default f32)", options.type, element);
  line.choice("--y-type", "of the result (default: as --type)", options.y_type, element);
  line.choice<std::optional<gemmact_extent>, std::optional<gemmact_extent>>(
      "--bias", "its extent; in a backward operation, that of its gradient (default none)", options.bias,
      {{"none", std::nullopt},
       {"column", GEMMACT_PER_COLUMN},
       {"row", GEMMACT_PER_ROW},
       {"scalar", GEMMACT_SCALAR},
       {"matrix", GEMMACT_EACH}});
  line.choice("--bias-type", "(default: as --type; f32 beside e4m3)", options.bias_type,
              {GEMMACT_F32, GEMMACT_F16, GEMMACT_BF16});
  line.flag("--residual", "a matrix is added after the function", options.residual);
  line.flag("--c", "a matrix is added before the function", options.c);
  line.flag("--dparam", "the gradients of the function's trainable parameters, too", options.dparam);
  line.choice("--x-order", "of X, DX and the layer below (default row_major)", options.x_order, order);
  line.choice("--w-order", "of W and DW (default row_major)", options.w_order, order);
  line.choice("--y-order", "of Y, DY and DZ (default row_major)", options.y_order, order);
  line.whole("--align",
             "bytes, promised of the memory of each tensor (default 16, as allocators give; 0: those of its element)",
             options.align);
  line.option(
      "--tensor", "TEXT",
      "any tensor in full: SLOT[INDEX]:WORD:..., words being a type, an order, an extent (each, scalar, per_column, "
      "per_row), ld=N, stride=N, align=N",
      [&options](const std::string& text) { options.given.push_back(text); }, true);
}

std::vector<gemmact_tensor> layer_tensors(const layer_options& layer, const tensor_options& options) {
  if (options.align < 0 || options.align > UINT32_MAX)
    usage_fail("--align is {}; it must be from 0 to {}", options.align, UINT32_MAX);
  tensor_list list(layer, options);
  switch (layer.operation) {
    case GEMMACT_ACTIVATION_GRAD:
      list.activation_grad();
      break;
    case GEMMACT_INPUT_GRAD:
      list.input_grad();
      break;
    case GEMMACT_WEIGHT_GRAD:
      list.weight_grad();
      break;
    default:
      list.forward();
  }
  for (const std::string& text : options.given) list.replace_or_add(parse_tensor(text));
  for (gemmact_tensor& t : list.all_)
    if (t.align_bytes == 0) t.align_bytes = uint32_t(options.align);
  return std::move(list.all_);
}

}  // namespace gemmact::api
