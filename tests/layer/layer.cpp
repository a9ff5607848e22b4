#include "tests/layer/layer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>

namespace gemmact::test {
namespace {

int64_t round_up(int64_t v, int64_t to) { return (v + to - 1) / to * to; }

bool is_output(gemmact_operation operation, uint32_t slot) {
  if (slot & GEMMACT_BELOW) {
    const uint32_t s = slot & ~uint32_t(GEMMACT_BELOW);
    return s == GEMMACT_DZ || s == GEMMACT_DBIAS || s == GEMMACT_DPARAM;
  }
  switch (slot) {
    case GEMMACT_Y:
    case GEMMACT_Y_OTHER:
    case GEMMACT_AMAX_Y:
    case GEMMACT_DX:
    case GEMMACT_DW:
    case GEMMACT_DBIAS:
    case GEMMACT_DPARAM:
      return true;
    case GEMMACT_KEPT:
      return operation == GEMMACT_FORWARD;
    case GEMMACT_DZ:
      return operation == GEMMACT_ACTIVATION_GRAD;
    default:
      return false;
  }
}

bool is_accumulated(uint64_t flags, uint32_t slot) {
  switch (slot & ~uint32_t(GEMMACT_BELOW)) {
    case GEMMACT_DW:
      return (flags & GEMMACT_ACCUMULATE_DW) != 0;
    case GEMMACT_DBIAS:
      return (flags & GEMMACT_ACCUMULATE_DBIAS) != 0;
    case GEMMACT_DPARAM:
      return (flags & GEMMACT_ACCUMULATE_DPARAM) != 0;
    default:
      return false;
  }
}

struct shape {
  int64_t rows, cols;
};

shape matrix_shape(const layer& l, int64_t m, uint32_t slot) {
  if (slot & GEMMACT_BELOW) return {m, l.k};
  switch (slot) {
    case GEMMACT_X:
    case GEMMACT_DX:
    case GEMMACT_SCALE_X:
      return {m, l.k};
    case GEMMACT_W:
    case GEMMACT_DW:
      return {l.n, l.k};
    default:
      return {m, l.n};
  }
}

shape spread(shape s, gemmact_extent extent) {
  switch (extent) {
    case GEMMACT_SCALAR:
      return {1, 1};
    case GEMMACT_PER_COLUMN:
      return {1, s.cols};
    case GEMMACT_PER_ROW:
      return {s.rows, 1};
    default:
      return s;
  }
}

// Sets the strides and the span for a matrix of the plan's largest shape. Its strides are multiples of `piece` elements.
void lay_out(operand& o, shape full, const listing& how, int64_t batch, int64_t piece) {
  const bool bit = o.spec.type == GEMMACT_BIT;
  int64_t entry = 0;
  if (how.extent == GEMMACT_EACH) {
    const bool by_row = how.order == GEMMACT_ROW_MAJOR;
    const int64_t minor = by_row ? full.cols : full.rows, major = by_row ? full.rows : full.cols;
    const int64_t dense = bit ? round_up(minor, 32) : minor;
    const int64_t ld = round_up(dense + (how.pad < 0 ? 0 : how.pad * (bit ? 32 : 1)), piece);
    o.spec.ld = how.pad < 0 && ld == dense ? 0 : ld;
    o.row_stride = by_row ? ld : 1;
    o.col_stride = by_row ? 1 : ld;
    // The last row needs no padding behind it, except that a mask ends with whole words.
    entry = (major - 1) * ld + dense;
    o.spec.batch_stride = how.batched ? round_up(major * ld + (how.pad > 0 && !bit ? how.pad : 0), piece) : 0;
  } else {
    o.row_stride = full.rows > 1 || how.extent == GEMMACT_PER_ROW ? 1 : 0;
    o.col_stride = how.extent == GEMMACT_PER_COLUMN ? 1 : 0;
    if (how.extent != GEMMACT_PER_ROW) o.row_stride = 0;
    entry = full.rows * full.cols;
    o.spec.batch_stride = how.batched ? entry + (how.pad > 0 ? how.pad : 0) : 0;
  }
  o.batch = how.batched ? batch : 1;
  o.span_elems = (o.batch - 1) * o.spec.batch_stride + entry;
}

size_t payload_bytes(const operand& o) {
  if (o.spec.type == GEMMACT_BIT) return size_t(o.span_elems / 32 * 4);
  return size_t(o.span_elems) * size_t(element_bytes(o.spec.type));
}

template <class Visit>  // visit(b, i, j)
void each_element(const operand& o, Visit visit) {
  for (int64_t b = 0; b < o.batch; ++b)
    for (int64_t i = 0; i < o.rows; ++i)
      for (int64_t j = 0; j < o.cols; ++j) visit(b, i, j);
}

uint32_t read_element(const operand& o, const uint8_t* payload, int64_t at) {
  if (o.spec.type == GEMMACT_BIT) return (load_bits(GEMMACT_BIT, payload + at / 32 * 4) >> (at % 32)) & 1u;
  return load_bits(o.spec.type, payload + at * element_bytes(o.spec.type));
}

void write_element(const operand& o, uint8_t* payload, int64_t at, uint32_t bits) {
  if (o.spec.type != GEMMACT_BIT) return store_bits(o.spec.type, payload + at * element_bytes(o.spec.type), bits);
  uint8_t* word = payload + at / 32 * 4;
  const uint32_t mask = 1u << (at % 32);
  store_bits(GEMMACT_BIT, word, (load_bits(GEMMACT_BIT, word) & ~mask) | (bits != 0 ? mask : 0u));
}

}  // namespace

namespace {

const char* const operation_names[] = {"", "forward", "activation_grad", "input_grad", "weight_grad"};
const char* const combine_names[] = {"plain", "gated", "maxout"};

}  // namespace

const char* slot_name(uint32_t slot) {
  static const char* const names[] = {
      "none", "X",  "W",  "BIAS", "C",     "RESIDUAL", "Y",       "Y_OTHER", "TARGET",  "OPERAND", "PARAM", "KEPT",
      "DY",   "DZ", "DX", "DW",   "DBIAS", "DPARAM",   "SCALE_X", "SCALE_W", "SCALE_Y", "AMAX_Y",  "ALPHA", "BETA"};
  return names[slot & ~uint32_t(GEMMACT_BELOW)];
}

std::string operand::name() const {
  static const char* const extents[] = {"", " scalar", " per column", " per row"};
  return fmt::format(
      "{}{}{}:{}{}{}{}{}{}{}", spec.slot & GEMMACT_BELOW ? "BELOW|" : "", slot_name(spec.slot),
      spec.index == 0 ? "" : fmt::format("[{}]", spec.index), type_name(spec.type), extents[spec.extent],
      spec.order == GEMMACT_COLUMN_MAJOR ? " col" : "", spec.ld == 0 ? "" : fmt::format(" ld={}", spec.ld),
      spec.batch_stride == 0 ? "" : fmt::format(" stride={}", spec.batch_stride),
      spec.align_bytes == 0 ? "" : fmt::format(" align={}", spec.align_bytes), bound_to >= 0 ? " in Y" : "");
}

operand& layer::add(uint32_t slot, gemmact_type type, listing how) {
  operand& o = operands.emplace_back();
  o.spec = {slot, how.index, type, how.order, how.extent, 0, 0, 0};
  o.output = is_output(operation, slot);
  o.accumulated = is_accumulated(flags, slot);
  const shape own = spread(matrix_shape(*this, m, slot), how.extent);
  o.rows = own.rows;
  o.cols = own.cols;
  const bool aligned = align_bytes != 0 && how.extent == GEMMACT_EACH && type != GEMMACT_BIT;
  if (aligned) o.spec.align_bytes = align_bytes;
  lay_out(o, spread(matrix_shape(*this, largest_m(), slot), how.extent), how, batch,
          aligned ? int64_t(align_bytes) / element_bytes(type) : 1);
  if (!o.output || o.accumulated) o.values.resize(o.count());
  return o;
}

void layer::share_with_y(uint32_t slot) {
  for (size_t i = 0; i < operands.size(); ++i)
    if (operands[i].spec.slot == GEMMACT_Y) get(slot).bound_to = int(i);
}

const operand* layer::find(uint32_t slot, uint32_t index) const {
  for (const operand& o : operands)
    if (o.spec.slot == slot && o.spec.index == index) return &o;
  return nullptr;
}

operand* layer::find(uint32_t slot, uint32_t index) {
  return const_cast<operand*>(static_cast<const layer*>(this)->find(slot, index));
}

const operand& layer::get(uint32_t slot, uint32_t index) const {
  const operand* o = find(slot, index);
  if (o == nullptr) throw std::logic_error(fmt::format("the test's layer has no {}[{}]", slot_name(slot), index));
  return *o;
}

operand& layer::get(uint32_t slot, uint32_t index) {
  return const_cast<operand&>(static_cast<const layer*>(this)->get(slot, index));
}

std::string layer::text() const {
  std::string text = fmt::format(
      "{} {} {} below {} {} pieces={} m={}/{} n={} k={} batch={} compute={} accuracy={} keep={}/{}"
      " flags={:#x}:",
      operation_names[operation], combine_names[combine], activation, below, combine_names[below_combine], pieces, m,
      largest_m(), n, k, batch, int(compute), int(accuracy), int(keep), int(keep_below), flags);
  for (const operand& o : operands) text += fmt::format(" {};", o.name());
  return text;
}

problem_view::problem_view(const layer& l) {
  for (const operand& o : l.operands) tensors.push_back(o.spec);
  problem.struct_bytes = sizeof problem;
  problem.operation = l.operation;
  problem.combine = l.combine;
  problem.pieces = uint32_t(l.pieces);
  problem.compute = l.compute;
  problem.accuracy = l.accuracy;
  problem.keep = l.keep;
  problem.keep_below = l.keep_below;
  problem.flags = l.flags;
  problem.m = l.largest_m();
  problem.n = l.n;
  problem.k = l.k;
  problem.batch = l.batch;
  problem.activation = l.activation.empty() ? nullptr : l.activation.c_str();
  problem.below = l.below.empty() ? nullptr : l.below.c_str();
  problem.tensors = tensors.data();
  problem.tensor_count = tensors.size();
  problem.tensor_bytes = sizeof(gemmact_tensor);
  problem.below_combine = l.below_combine;
}

namespace {

// The emulated GPU has but a sample of the kernels of products beside each other, of pairs below, of sums over rows and of
// masks.
bool is_not_sampled(gemmact_status status) {
  constexpr std::string_view lacks = "the emulated GPU has no kernel ";
  std::string_view kernel = gemmact_last_error();
  const size_t at = kernel.find(lacks);
  if (status == GEMMACT_OK || at == kernel.npos) return false;
  kernel.remove_prefix(at + lacks.size());
  kernel = kernel.substr(0, kernel.find(": "));
  for (const std::string_view member : {".parts=", ".index_span=", ".masked=", ".row_sums=", ".sums=", ".pairs=",
                                        ".outputs=", ".sums_a=", ".sums_batch=", ".reads_pair="})
    if (kernel.find(member) != kernel.npos) return true;
  return false;
}

// Whether the device takes the layer, as the creation of its plan went; what it does not take is counted.
bool takes(test_device& device, const layer& l, gemmact_status status) {
  if (device.refuses_nothing()) return true;
  const bool refused = status == GEMMACT_NOT_SUPPORTED, not_sampled = is_not_sampled(status);
  if (refused || not_sampled) count(device, l, refused ? outcome::refused : outcome::not_sampled);
  return !refused && !not_sampled;  // another failure is the test's to tell
}

}  // namespace

void count(test_device& device, const layer& l, outcome what) {
  const std::string operation = operation_names[l.operation];
  device.counts().count(l.below.empty() ? operation : operation + "_below", combine_names[l.combine], what);
}

bool covered(test_device& device, const layer& l) {
  if (device.refuses_nothing()) return true;
  const problem_view view(l);
  gemmact_plan* plan = nullptr;
  const gemmact_status status = gemmact_plan_create(device.context(), &view.problem, &plan);
  gemmact_plan_destroy(plan);
  return takes(device, l, status);
}

layer_run::layer_run(test_device& device, const layer& l) {
  const problem_view view(l);
  const gemmact_status status = gemmact_plan_create(device.context(), &view.problem, &plan_);
  if (!takes(device, l, status)) throw not_covered(gemmact_last_error());
  if (status != GEMMACT_OK) throw std::runtime_error(fmt::format("plan refused: {}", gemmact_last_error()));
  count(device, l, outcome::covered);
  info_.struct_bytes = sizeof info_;
  if (gemmact_plan_get_info(plan_, &info_) != GEMMACT_OK) throw std::runtime_error(gemmact_last_error());
  for (size_t i = 0; i < l.operands.size(); ++i) {
    const operand& o = l.operands[i];
    // Every other buffer is aligned to what is promised, which may be its element alone, and no more.
    const size_t promised = std::max(size_t(o.spec.align_bytes), size_t(element_bytes(o.spec.type)));
    const size_t shift = i % 2 == 0 ? 0 : promised;
    buffers_.push_back(o.bound_to >= 0 ? nullptr
                                       : std::make_unique<guarded_buffer>(device.memory(), payload_bytes(o), shift));
  }
  use(l);
  workspace_ = std::make_unique<guarded_buffer>(device.memory(), info_.workspace_bytes, 256);
}

void layer_run::use(const layer& l) {
  layer_ = &l;
  for (const auto& buffer : buffers_)
    if (buffer) std::fill_n(buffer->before(), buffer->payload_bytes(), uint8_t(0xFF));
  for (size_t i = 0; i < l.operands.size(); ++i) {
    const operand& o = l.operands[i];
    uint8_t* to = buffers_[o.bound_to >= 0 ? size_t(o.bound_to) : i]->before();
    if (o.output && l.poison != 0xFF) std::fill_n(to, payload_bytes(o), l.poison);
    if (o.values.empty()) continue;
    each_element(o, [&](int64_t b, int64_t r, int64_t c) {
      const double v = o.at(b, r, c);
      write_element(o, to, o.offset(b, r, c), o.spec.type == GEMMACT_BIT ? uint32_t(v) : encode(o.spec.type, v));
    });
  }
}

void layer_run::run(bool new_workspace) {
  std::vector<gemmact_binding> bindings;
  for (size_t i = 0; i < buffers_.size(); ++i) {
    const operand& o = layer_->operands[i];
    if (buffers_[i]) buffers_[i]->upload();
    bindings.push_back({o.spec.slot, o.spec.index, buffers_[o.bound_to >= 0 ? size_t(o.bound_to) : i]->device()});
  }
  if (new_workspace) workspace_->upload();
  gemmact_operands operands{};
  operands.struct_bytes = sizeof operands;
  operands.m = layer_->flags & GEMMACT_VARIABLE_M ? layer_->m : 0;
  operands.bindings = bindings.data();
  operands.count = bindings.size();
  operands.binding_bytes = sizeof(gemmact_binding);
  operands.workspace_bytes = info_.workspace_bytes;
  void* workspace = info_.workspace_bytes == 0 ? nullptr : workspace_->device();
  if ((new_workspace && gemmact_workspace_init(plan_, workspace, nullptr) != GEMMACT_OK) ||
      gemmact_run(plan_, &operands, workspace, nullptr) != GEMMACT_OK)
    throw std::runtime_error(fmt::format("run failed: {}", gemmact_last_error()));
  for (const auto& buffer : buffers_)
    if (buffer) buffer->download();
  workspace_->download();
}

uint32_t layer_run::bits(size_t index, int64_t b, int64_t i, int64_t j) const {
  const operand& o = layer_->operands[index];
  return read_element(o, buffers_[index]->after(), o.offset(b, i, j));
}

void layer_run::set_bits(size_t index, int64_t b, int64_t i, int64_t j, uint32_t bits) {
  const operand& o = layer_->operands[index];
  write_element(o, buffers_[index]->after(), o.offset(b, i, j), bits);
}

std::vector<double> layer_run::values(uint32_t slot, uint32_t index) const {
  for (size_t at = 0; at < buffers_.size(); ++at) {
    const operand& o = layer_->operands[at];
    if (o.spec.slot != slot || o.spec.index != index) continue;
    std::vector<double> values;
    values.reserve(o.count());
    each_element(o, [&](int64_t b, int64_t i, int64_t j) {
      const uint32_t raw = bits(at, b, i, j);
      values.push_back(o.spec.type == GEMMACT_BIT ? raw : decode(o.spec.type, raw));
    });
    return values;
  }
  throw std::logic_error(fmt::format("the test's layer has no {}[{}]", slot_name(slot), index));
}

std::vector<bool> layer_run::changed(size_t operand) const {
  guarded_buffer& buffer = *buffers_[operand];
  std::vector<bool> all(buffer.payload_bytes());
  for (size_t i = 0; i < all.size(); ++i) all[i] = buffer.before()[i] != buffer.after()[i];
  return all;
}

std::vector<uint8_t> layer_run::owned_bytes(const operand& o) const {
  std::vector<uint8_t> owned(payload_bytes(o));
  const int bytes = element_bytes(o.spec.type);
  each_element(o, [&](int64_t b, int64_t i, int64_t j) {
    const int64_t at = o.offset(b, i, j);
    std::fill_n(owned.data() + (o.spec.type == GEMMACT_BIT ? at / 32 : at) * bytes, bytes, uint8_t(1));
  });
  return owned;
}

std::string layer_run::stray_write() const {
  for (size_t at = 0; at < buffers_.size(); ++at) {
    if (!buffers_[at]) continue;
    const operand& o = layer_->operands[at];
    const std::vector<uint8_t> owned = o.output ? owned_bytes(o) : std::vector<uint8_t>{};
    const std::string stray = buffers_[at]->stray_write(o.output ? &owned : nullptr);
    if (!stray.empty()) return fmt::format("{}: {}", o.name(), stray);
    if (!o.output || o.spec.type != GEMMACT_BIT || o.cols % 32 == 0) continue;
    for (int64_t b = 0; b < o.batch; ++b)
      for (int64_t i = 0; i < o.rows; ++i)
        for (int64_t j = o.cols; j < round_up(o.cols, 32); ++j)
          if (bits(at, b, i, j) != 0) return fmt::format("{}: spare bit {} of row {} is set", o.name(), j, i);
  }
  // The workspace's content is the library's own; what lies around it is not.
  const std::vector<uint8_t> all(workspace_->payload_bytes(), 1);
  const std::string stray = workspace_->stray_write(&all);
  return stray.empty() ? "" : fmt::format("workspace: {}", stray);
}

std::vector<double> run_layer(const layer& l, uint32_t slot, uint32_t index) {
  layer_run run(device_under_test(), l);
  run.run();
  if (const std::string stray = run.stray_write(); !stray.empty()) throw std::runtime_error(stray);
  return run.values(slot, index);
}

}  // namespace gemmact::test
