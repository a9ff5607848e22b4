// gemmact in C++20: the C interface of gemmact.h with owners, builders and exceptions. Header-only; needs nothing but
// gemmact.h and the library. What a layer is, and what each field means, is documented there.
//
//   gemmact::context cpu("cpu");
//   auto layer = gemmact::problem(GEMMACT_FORWARD, m, n, k)
//                    .activation("leaky_relu(slope=0.02)")
//                    .with(GEMMACT_X, {.type = GEMMACT_F32})
//                    .with(GEMMACT_W, {.type = GEMMACT_F32})
//                    .with(GEMMACT_BIAS, {.type = GEMMACT_F32, .extent = GEMMACT_PER_COLUMN})
//                    .with(GEMMACT_Y, {.type = GEMMACT_F32});
//   gemmact::plan plan(cpu, layer);
//   gemmact::workspace scratch(plan);
//   plan.run(gemmact::operands().bind(GEMMACT_X, x).bind(GEMMACT_W, w).bind(GEMMACT_BIAS, b).bind(GEMMACT_Y, y), scratch);
#ifndef GEMMACT_GEMMACT_HPP
#define GEMMACT_GEMMACT_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "gemmact/gemmact.h"

namespace gemmact {

// A call that did not succeed: its status, and in what() the status's name and the library's sentence.
class error : public std::runtime_error {
 public:
  error(gemmact_status status, const std::string& message)
      : std::runtime_error(std::string(gemmact_status_name(status)) + ": " + message), status_(status) {}
  gemmact_status status() const noexcept { return status_; }

 private:
  gemmact_status status_;
};

// Throws error for any status but GEMMACT_OK; must be called right after the call that returned it, on its thread.
inline void check(gemmact_status status) {
  if (status != GEMMACT_OK) throw error(status, gemmact_last_error());
}

// One tensor of a problem but for its slot; zero is every field's default but the type's.
struct tensor {
  gemmact_type type;
  gemmact_extent extent = GEMMACT_EACH;
  gemmact_order order = GEMMACT_ROW_MAJOR;
  int64_t ld = 0;            // elements; 0: dense
  int64_t batch_stride = 0;  // elements; 0: the same for all entries
  uint32_t align_bytes = 0;  // promised; 0: its element's. On a GPU, promise 16 for X and W (gemmact.h)
};

// What a forward layer keeps for its backward; type is 0 when nothing is kept.
struct kept {
  gemmact_keep keep;
  gemmact_type type;
};

// A layer's problem, field by field. Owns its texts and tensors; may be copied and changed after a plan was made of it.
class problem {
 public:
  // m, n and k are those of the forward layer for every operation.
  problem(gemmact_operation operation, int64_t m, int64_t n, int64_t k) {
    fields_.struct_bytes = sizeof fields_;
    fields_.operation = operation;
    fields_.m = m;
    fields_.n = n;
    fields_.k = k;
    fields_.tensor_bytes = sizeof(gemmact_tensor);
  }

  problem& activation(std::string text) { return set(activation_, std::move(text)); }
  // The layer below, of an input_grad.
  problem& below(std::string text, gemmact_combine combine = GEMMACT_PLAIN, gemmact_keep keep = GEMMACT_KEEP_AUTO) {
    fields_.below_combine = combine;
    fields_.keep_below = keep;
    return set(below_, std::move(text));
  }
  problem& gated() { return set(fields_.combine, GEMMACT_GATED); }
  problem& maxout(uint32_t pieces) {
    fields_.pieces = pieces;
    return set(fields_.combine, GEMMACT_MAXOUT);
  }
  problem& batch(int64_t count) { return set(fields_.batch, count); }
  problem& compute(gemmact_compute value) { return set(fields_.compute, value); }
  problem& accuracy(gemmact_accuracy value) { return set(fields_.accuracy, value); }
  problem& keep(gemmact_keep value) { return set(fields_.keep, value); }
  // Adds flags such as GEMMACT_VARIABLE_M.
  problem& flags(uint64_t more) { return set(fields_.flags, fields_.flags | more); }

  // Lists a tensor.
  problem& with(uint32_t slot, const tensor& t, uint32_t index = 0) {
    tensors_.push_back({slot, index, t.type, t.order, t.extent, t.align_bytes, t.ld, t.batch_stride});
    return *this;
  }

  // The problem for a call of gemmact.h; its pointers are good until this object changes or goes.
  gemmact_problem view() const {
    gemmact_problem p = fields_;
    p.activation = activation_.has ? activation_.text.c_str() : nullptr;
    p.below = below_.has ? below_.text.c_str() : nullptr;
    p.tensors = tensors_.data();
    p.tensor_count = tensors_.size();
    return p;
  }

  // What the forward layer should keep; the same on every device. Throws error.
  kept resolve_keep() const {
    kept answer{};
    gemmact_problem p = view();
    check(gemmact_resolve_keep(&p, &answer.keep, &answer.type));
    return answer;
  }

 private:
  struct optional_text {
    bool has = false;
    std::string text;
  };
  problem& set(optional_text& field, std::string text) {
    field = {true, std::move(text)};
    return *this;
  }
  template <class Field, class Value>
  problem& set(Field& field, Value value) {
    field = value;
    return *this;
  }

  gemmact_problem fields_{};
  optional_text activation_, below_;
  std::vector<gemmact_tensor> tensors_;
};

// The memory of one run. Owns nothing of what is bound.
class operands {
 public:
  // Binds a tensor. An input may be const: the library only reads it.
  operands& bind(uint32_t slot, const void* data, uint32_t index = 0) {
    bindings_.push_back({slot, index, const_cast<void*>(data)});
    return *this;
  }
  // The m of this run, for a problem with GEMMACT_VARIABLE_M.
  operands& m(int64_t rows) {
    m_ = rows;
    return *this;
  }

  // The operands for a call of gemmact.h; the pointer in it is good until this object changes or goes.
  gemmact_operands view(size_t workspace_bytes = 0) const {
    gemmact_operands o{};
    o.struct_bytes = sizeof o;
    o.m = m_;
    o.bindings = bindings_.data();
    o.count = bindings_.size();
    o.binding_bytes = sizeof(gemmact_binding);
    o.workspace_bytes = workspace_bytes;
    return o;
  }

 private:
  int64_t m_ = 0;
  std::vector<gemmact_binding> bindings_;
};

// A device and its caches; may be used from several threads. Must outlive its plans. Moving leaves an empty one behind.
class context {
 public:
  // Opens "cpu", "cuda:0", "describe:h100" ... Throws error: GEMMACT_BAD_DEVICE, GEMMACT_NO_DEVICE.
  explicit context(const std::string& device = "cpu") {
    gemmact_context* made = nullptr;
    check(gemmact_context_create(device.c_str(), &made));
    handle_.reset(made);
  }

  gemmact_context* get() const noexcept { return handle_.get(); }

  gemmact_device_info info() const {
    gemmact_device_info i{};
    i.struct_bytes = sizeof i;
    check(gemmact_context_get_info(get(), &i));
    return i;
  }

  // What a plan would do here, or why there can be none; several lines.
  std::string explain(const problem& layer) const {
    gemmact_problem p = layer.view();
    std::string text(4096, '\0');
    for (;;) {
      size_t bytes = text.size();
      gemmact_status status = gemmact_problem_explain(get(), &p, text.data(), &bytes);
      if (status != GEMMACT_BUFFER_TOO_SMALL) check(status);
      bool whole = bytes <= text.size();
      text.resize(whole ? bytes - 1 : bytes);
      if (whole) return text;
    }
  }

  // Compiles and caches what these problems need, with that many threads (0: the machine's).
  void prewarm(std::span<const problem> layers, uint32_t threads = 0) const {
    std::vector<gemmact_problem> views;
    for (const problem& layer : layers) views.push_back(layer.view());
    std::vector<const gemmact_problem*> pointers;
    for (const gemmact_problem& view : views) pointers.push_back(&view);
    check(gemmact_context_prewarm(get(), pointers.data(), pointers.size(), threads));
  }

  // Times a GPU's candidates for a problem on these inputs, for later plans; nothing of the operands is written.
  void tune(const problem& layer, const operands& run, double budget_ms) const {
    gemmact_problem p = layer.view();
    gemmact_operands o = run.view();
    check(gemmact_tune(get(), &p, &o, budget_ms));
  }

  // y = activation(x w^T + bias), dense, row-major, of one type; bias may be null.
  void linear(const std::string& activation, const void* x, const void* w, const void* bias, void* y, int64_t m,
              int64_t n, int64_t k, gemmact_type type, void* stream = nullptr) const {
    check(gemmact_linear(get(), activation.c_str(), x, w, bias, y, m, n, k, type, stream));
  }

 private:
  struct destroy {
    void operator()(gemmact_context* c) const noexcept { gemmact_context_destroy(c); }
  };
  std::unique_ptr<gemmact_context, destroy> handle_;
};

class workspace;

// One checked problem on one device: immutable, move-only, may be run from several threads with a workspace each.
class plan {
 public:
  plan(const context& on, const problem& layer) {
    gemmact_problem p = layer.view();
    gemmact_plan* made = nullptr;
    check(gemmact_plan_create(on.get(), &p, &made));
    handle_.reset(made);
  }

  gemmact_plan* get() const noexcept { return handle_.get(); }

  gemmact_plan_info info() const {
    gemmact_plan_info i{};
    i.struct_bytes = sizeof i;
    check(gemmact_plan_get_info(get(), &i));
    return i;
  }

  // Launches; on the CPU device returns when done. The workspace is free again when the run is done.
  void run(const operands& o, void* workspace_memory, size_t workspace_bytes = 0, void* stream = nullptr) const {
    gemmact_operands view = o.view(workspace_bytes);
    check(gemmact_run(get(), &view, workspace_memory, stream));
  }
  void run(const operands& o, const workspace& scratch, void* stream = nullptr) const;

 private:
  struct destroy {
    void operator()(gemmact_plan* p) const noexcept { gemmact_plan_destroy(p); }
  };
  std::unique_ptr<gemmact_plan, destroy> handle_;
};

// A workspace in host memory, for plans of the CPU device: allocated and made ready. One for each run at a time.
class workspace {
 public:
  explicit workspace(const plan& of) : bytes_(of.info().workspace_bytes) {
    if (bytes_ == 0) return;
    memory_.reset(::operator new(bytes_, alignment));
    check(gemmact_workspace_init(of.get(), memory_.get(), nullptr));
  }
  void* data() const noexcept { return memory_.get(); }
  size_t bytes() const noexcept { return bytes_; }

 private:
  static constexpr std::align_val_t alignment{256};
  struct release {
    void operator()(void* memory) const noexcept { ::operator delete(memory, alignment); }
  };
  size_t bytes_;
  std::unique_ptr<void, release> memory_;
};

inline void plan::run(const operands& o, const workspace& scratch, void* stream) const {
  run(o, scratch.data(), scratch.bytes(), stream);
}

// The functions of the catalogue, in alphabetical order; their texts are static.
inline std::vector<gemmact_activation_info> catalogue() {
  size_t count = 0;
  check(gemmact_activation_count(&count));
  std::vector<gemmact_activation_info> all(count);
  for (size_t i = 0; i < count; ++i) {
    all[i].struct_bytes = sizeof all[i];
    check(gemmact_activation_get_info(i, &all[i]));
  }
  return all;
}

// The parameters of a function.
inline std::vector<gemmact_param_info> parameters(const gemmact_activation_info& function) {
  std::vector<gemmact_param_info> all(function.param_count);
  const auto* at = reinterpret_cast<const unsigned char*>(function.params);
  for (gemmact_param_info& p : all) {
    std::memcpy(&p, at, function.param_bytes < sizeof p ? function.param_bytes : sizeof p);
    at += function.param_bytes;
  }
  return all;
}

// The function that a text means: its place in the catalogue (SIZE_MAX: an equation) and its parameters' values, defaults
// filled in.
struct parsed_activation {
  size_t index;
  std::array<float, GEMMACT_MAX_PARAMS> values;
};

inline parsed_activation parse_activation(const std::string& text) {
  parsed_activation parsed{};
  check(gemmact_activation_parse(text.c_str(), &parsed.index, parsed.values.data(), parsed.values.size()));
  return parsed;
}

// What a text means: a function of the catalogue, or an equation. `memory` has what `info` points to.
struct activation_description {
  gemmact_activation_info info{};
  std::unique_ptr<std::byte[]> memory;
};

inline activation_description describe(const std::string& text) {
  activation_description d;
  d.info.struct_bytes = sizeof d.info;
  size_t bytes = 0;
  check(gemmact_activation_describe(text.c_str(), &d.info, nullptr, &bytes));
  d.memory = std::make_unique<std::byte[]>(bytes);
  check(gemmact_activation_describe(text.c_str(), &d.info, d.memory.get(), &bytes));
  return d;
}

// The text of the struct that GPUs' kernels are compiled with.
inline std::string activation_source(const std::string& text) {
  size_t bytes = 0;
  check(gemmact_activation_source(text.c_str(), nullptr, &bytes));
  std::string source(bytes, '\0');
  check(gemmact_activation_source(text.c_str(), source.data(), &bytes));
  source.resize(bytes - 1);
  return source;
}

// y[i] = f(x[i]) and dy_dx[i] = f'(x[i]) on the host; an empty output is not wanted. Throws std::length_error when an
// output's length is not x's. `values`, if any, replace all of the text's parameters; a function with targets takes them
// there.
inline void evaluate(const std::string& text, std::span<const float> x, std::span<float> y, std::span<float> dy_dx = {},
                     gemmact_accuracy accuracy = GEMMACT_ACCURATE, std::span<const float> values = {}) {
  if ((!y.empty() && y.size() != x.size()) || (!dy_dx.empty() && dy_dx.size() != x.size()))
    throw std::length_error("gemmact::evaluate: an output's length is not that of x");
  check(gemmact_activation_evaluate(text.c_str(), values.data(), values.size(), accuracy, x.data(), x.size(),
                                    y.empty() ? nullptr : y.data(), dy_dx.empty() ? nullptr : dy_dx.data()));
}

}  // namespace gemmact
#endif  // GEMMACT_GEMMACT_HPP
