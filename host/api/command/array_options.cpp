#include "host/api/command/array_options.hpp"

#include <algorithm>
#include <set>

#include "host/api/command/failures.hpp"
#include "host/core/nearest.hpp"
#include "host/core/slots.hpp"

namespace gemmact::api {
namespace {

struct array_row {
  const char* option;
  uint32_t slot;
  bool repeated;
  const char* help;
};

constexpr array_row rows[] = {
    {"--x", GEMMACT_X, false, "X, m x k; forward, weight_grad"},
    {"--w", GEMMACT_W, true,
     "W, n x k; forward, input_grad; gated: the gate's, then the value's; maxout: each piece's"},
    {"--bias", GEMMACT_BIAS, true,
     "b: (n,) or (1, n) is one a column, also where m is n; (m, 1) one a row, () or (m, n); one a W"},
    {"--c", GEMMACT_C, false, "C, m x n, added before the function (times --beta)"},
    {"--residual", GEMMACT_RESIDUAL, false, "R, m x n, added after the function"},
    {"--target", GEMMACT_TARGET, false, "a hinge's targets, (m,) or (m, n)"},
    {"--operand", GEMMACT_OPERAND, true,
     "an equation's operand: (m, 1) is one a row, (n,) or (1, n) one a column, () one in all, (m, n) each; where m is "
     "n, "
     "(n,) is refused, as it may be either: FILE, or NAME=FILE"},
    {"--param", GEMMACT_PARAM, true, "a parameter's value, () or (n,): FILE, or NAME=FILE"},
    {"--scale-x", GEMMACT_SCALE_X, false, "factor of X, () or (m,)"},
    {"--scale-w", GEMMACT_SCALE_W, true, "factor of W, () or (n,)"},
    {"--scale-y", GEMMACT_SCALE_Y, false, "factor of Y before it is rounded, ()"},
    {"--y", GEMMACT_Y, false, "forward writes Y, m x n"},
    {"--y-other", GEMMACT_Y_OTHER, false, "forward of sigmoid writes 1 - Y"},
    {"--amax-y", GEMMACT_AMAX_Y, false, "forward writes the largest |Y|"},
    {"--kept", GEMMACT_KEPT, true, "forward writes what backward needs; activation_grad reads it; gated: two"},
    {"--dy", GEMMACT_DY, false, "dY, m x n; activation_grad; input_grad and weight_grad of a maxout"},
    {"--dz", GEMMACT_DZ, true, "dZ, m x n; activation_grad writes it, input_grad and weight_grad read it; one a W"},
    {"--dx", GEMMACT_DX, false, "input_grad writes dX, m x k"},
    {"--dw", GEMMACT_DW, true, "weight_grad writes dW, n x k; one a W"},
    {"--dbias", GEMMACT_DBIAS, true, "activation_grad and weight_grad write db; one a W"},
    {"--dparam", GEMMACT_DPARAM, true, "activation_grad writes a parameter's gradient: FILE, or NAME=FILE"},
    {"--below-kept", GEMMACT_BELOW | GEMMACT_KEPT, true, "input_grad: what the layer below kept, m x k"},
    {"--below-target", GEMMACT_BELOW | GEMMACT_TARGET, false, "input_grad: the targets of a hinge below"},
    {"--below-operand", GEMMACT_BELOW | GEMMACT_OPERAND, true,
     "input_grad: an operand of an equation below, as --operand, with k for n"},
    {"--below-param", GEMMACT_BELOW | GEMMACT_PARAM, true, "input_grad: a parameter below"},
    {"--below-dz", GEMMACT_BELOW | GEMMACT_DZ, true, "input_grad writes dZ of the layer below, m x k"},
    {"--below-dbias", GEMMACT_BELOW | GEMMACT_DBIAS, true, "input_grad writes db of the layer below"},
    {"--below-dparam", GEMMACT_BELOW | GEMMACT_DPARAM, true, "input_grad writes a gradient of a parameter below"},
};

// Is the array read or written? usage_error when the operation has no such array.
bool is_output(const layer_options& layer, const array_options::given& file) {
  const core::slot_rule& rule = *core::find_slot(file.slot & ~uint32_t{GEMMACT_BELOW});
  const bool below = (file.slot & GEMMACT_BELOW) != 0;
  const bool maxout = layer.combine == GEMMACT_MAXOUT;
  if (below && !layer.below)
    usage_fail("{} is given, but --below, the function of the layer below, is not", file.option);
  switch (below ? rule.below : rule.roles[layer.operation - GEMMACT_FORWARD]) {
    case core::slot_role::in:
      return false;
    case core::slot_role::out:
      return true;
    case core::slot_role::maxout:
      if (maxout) return false;
      usage_fail("{} is given, but {} reads it for a maxout only", file.option, core::name_of(layer.operation));
    case core::slot_role::product:
      if (!maxout) return false;
      usage_fail("{} is given, but for a maxout {} reads --dy and --kept in its place", file.option,
                 core::name_of(layer.operation));
    default:
      usage_fail("{} is given, but {} has no such array", file.option, core::name_of(layer.operation));
  }
}

// Makes "NAME=FILE" or "FILE" in its path a file, and finds which parameter, or which operand, it means.
void find_parameter(const std::string& function, array_file& file) {
  const described_function info(function);
  const std::string_view of = std::string_view(info.name) == "equation" ? "the equation" : info.name;
  const bool operand = (file.slot & ~uint32_t{GEMMACT_BELOW}) == GEMMACT_OPERAND;
  const char* what = operand ? "operand" : "parameter";
  if (operand && !info.is_equation)
    usage_fail("{} is given, but {} is no equation{}", file.option, info.name,
               info.param_count > 0 && info.params[0].is_operand != 0 ? "; its targets are --target" : "");
  std::vector<std::string_view> names;
  std::vector<uint32_t> numbers;
  for (uint32_t i = 0; i < info.param_count; ++i) {
    if ((info.params[i].is_operand != 0) != operand) continue;
    names.push_back(info.params[i].name);
    numbers.push_back(i);
  }
  if (names.empty()) usage_fail("{} is given, but {} has no {}s", file.option, of, what);
  const size_t equals = file.path.find('=');
  const std::string name = file.path.substr(0, equals);
  const bool named = equals != file.path.npos && name.find('/') == name.npos;
  if (!named && names.size() > 1)
    usage_fail("{} is {}; {} has several {}s, so it must be NAME=FILE", file.option, core::quoted(file.path), of, what);
  const auto found = named ? std::find(names.begin(), names.end(), name) : names.begin();
  if (found == names.end())
    usage_fail("{} names {}, which is no {} of {}{}", file.option, core::quoted(name), what, of,
               core::did_you_mean(name, names));
  if (named) file.path.erase(0, equals + 1);
  file.index = numbers[size_t(found - names.begin())];
  if (info.is_equation && !operand)
    file.declared = info.params[file.index].is_per_column != 0 ? GEMMACT_PER_COLUMN : GEMMACT_SCALAR;
}

void require(const std::vector<array_file>& files, const layer_options& layer, uint32_t slot) {
  for (const array_file& file : files)
    if (file.slot == slot) return;
  const auto row = std::find_if(std::begin(rows), std::end(rows), [&](const array_row& r) { return r.slot == slot; });
  usage_fail("{} needs {}", core::name_of(layer.operation), row->option);
}

void check_complete(const std::vector<array_file>& files, const layer_options& layer) {
  const uint32_t gradient =
      layer.combine == GEMMACT_MAXOUT || layer.operation == GEMMACT_ACTIVATION_GRAD ? GEMMACT_DY : GEMMACT_DZ;
  if (layer.operation == GEMMACT_FORWARD || layer.operation == GEMMACT_WEIGHT_GRAD) require(files, layer, GEMMACT_X);
  if (layer.operation == GEMMACT_FORWARD || layer.operation == GEMMACT_INPUT_GRAD) require(files, layer, GEMMACT_W);
  require(files, layer, layer.operation == GEMMACT_FORWARD ? uint32_t{GEMMACT_Y} : gradient);
  if (std::none_of(files.begin(), files.end(), [](const array_file& f) { return f.output; }))
    usage_fail("{} is given no file to write", core::name_of(layer.operation));
  std::set<std::string> written;
  for (const array_file& file : files)
    if (file.output && !written.insert(file.path).second)
      usage_fail("{} is {}, which another option writes, too", file.option, core::quoted(file.path));
}

// How many pieces a maxout has, where --pieces does not say: as many as the files of one option.
int64_t counted_pieces(const std::vector<array_file>& files, const layer_options& layer) {
  const array_file* last = nullptr;  // there will be one: the files are complete
  for (const array_file& file : files)
    if ((file.slot & GEMMACT_BELOW) == 0 && (last == nullptr || file.index > last->index)) last = &file;
  const int64_t count = int64_t{last->index} + 1;
  if (count > most_pieces)
    usage_fail("{} is given {} times, but a maxout has 2 to {} pieces", last->option, count, most_pieces);
  if (count > 1) return count;
  const char* told_by = layer.operation == GEMMACT_WEIGHT_GRAD       ? "--dw"
                        : layer.operation == GEMMACT_ACTIVATION_GRAD ? "--dz (or --dbias)"
                                                                     : "--w";
  usage_fail("{} of a maxout needs {} once for each of its 2 to {} pieces", core::name_of(layer.operation), told_by,
             most_pieces);
}

}  // namespace

void add_array_options(command_line& line, array_options& options) {
  line.group("Arrays, each the name of a .npy file");
  for (const array_row& row : rows)
    line.option(
        row.option, "FILE", row.help,
        [&options, &row](const std::string& text) {
          options.files.push_back({row.slot, row.option, text});
        },
        row.repeated);
  line.group("Factors and results");
  line.real("--alpha", "factor of the product (default 1)", options.alpha);
  line.real("--beta", "factor of C (default 1)", options.beta);
  line.choice("--y-type", "of Y, dZ, dX or dW (default: that of the operands)", options.y_type,
              {GEMMACT_F32, GEMMACT_F16, GEMMACT_BF16, GEMMACT_E4M3});
  line.choice("--dbias-extent", "of db (default per_column)", options.dbias_extent,
              {GEMMACT_SCALAR, GEMMACT_PER_COLUMN, GEMMACT_PER_ROW});
  line.choice("--dparam-extent", "of parameters' gradients (default scalar; of an equation as it declares them)",
              options.dparam_extent, {GEMMACT_SCALAR, GEMMACT_PER_COLUMN});
  line.flag("--per-batch", "dW, db and parameters' gradients for each of a batch, not summed", options.per_batch);
}

std::vector<array_file> array_files(layer_options& layer, const array_options& options) {
  std::vector<array_file> files;
  for (const array_options::given& given : options.files) {
    if (given.text.empty()) usage_fail("{} is given no file", given.option);
    array_file file{given.slot, 0, given.option, given.text, is_output(layer, given), std::nullopt};
    const uint32_t plain = given.slot & ~uint32_t{GEMMACT_BELOW};
    if (plain == GEMMACT_PARAM || plain == GEMMACT_DPARAM || plain == GEMMACT_OPERAND) {
      const bool below = plain != given.slot;
      find_parameter((below ? layer.below : layer.activation).value_or("linear"), file);
    } else {
      for (const array_file& other : files) file.index += other.slot == given.slot;
    }
    files.push_back(file);
  }
  check_complete(files, layer);
  if (layer.combine == GEMMACT_MAXOUT && layer.pieces == 0) layer.pieces = counted_pieces(files, layer);
  return files;
}

void check_files(gemmact_status status) {
  if (status != GEMMACT_MISSING_TENSOR) return check(status);
  const std::string message = gemmact_last_error();  // begins with the tensor that is missing
  for (const array_row& row : rows)
    for (uint32_t index = 0; index < most_pieces; ++index)
      if (message.rfind(core::slot_text(row.slot, index) + " is not listed", 0) == 0)
        usage_fail("{}{} is missing: {}", index == 0 ? "" : "one more ", row.option, message);
  throw usage_error(message);
}

}  // namespace gemmact::api
