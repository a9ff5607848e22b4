// Memory that runs out at every place where it can: GEMMACT_OUT_OF_MEMORY, nothing leaks, and the next call works. And a
// run allocates nothing.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <new>
#include <string>
#include <vector>

#include "host/api/handles.hpp"
#include "host/plan/gpu_device.hpp"
#include "host/plan/gpu_facts.hpp"
#include "host/plan/tuned_times.hpp"
#include "tests/host/jit/temporary_folder.hpp"
#include "tests/host/sample_layer.hpp"
#include "tests/support/fake_cuda/loaded.hpp"
#include "tests/support/toy_family.hpp"

namespace {

std::atomic<int64_t> allocations{0}, living{0}, fail_at{-1}, refused_softly{0};

void* allocate_or_null(size_t bytes, size_t alignment) noexcept {
  if (allocations++ == fail_at) return nullptr;
  void* memory = std::aligned_alloc(alignment, (bytes + alignment) / alignment * alignment);
  if (memory != nullptr) ++living;
  return memory;
}

void* allocate(size_t bytes, size_t alignment) {
  void* memory = allocate_or_null(bytes, alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

// For std::nothrow: who asks so can do without, as std::stable_sort can.
void* allocate_softly(size_t bytes, size_t alignment) noexcept {
  void* memory = allocate_or_null(bytes, alignment);
  if (memory == nullptr) ++refused_softly;
  return memory;
}

void release(void* memory) noexcept {
  if (memory == nullptr) return;
  --living;
  std::free(memory);
}

}  // namespace

// All of them: memory of a form that is left out is another allocator's, and comes to the delete of one that is here.
void* operator new(size_t bytes) { return allocate(bytes, 16); }
void* operator new[](size_t bytes) { return allocate(bytes, 16); }
void* operator new(size_t bytes, std::align_val_t a) { return allocate(bytes, static_cast<size_t>(a)); }
void* operator new[](size_t bytes, std::align_val_t a) { return allocate(bytes, static_cast<size_t>(a)); }
void* operator new(size_t bytes, const std::nothrow_t&) noexcept { return allocate_softly(bytes, 16); }
void* operator new[](size_t bytes, const std::nothrow_t&) noexcept { return allocate_softly(bytes, 16); }
void* operator new(size_t bytes, std::align_val_t a, const std::nothrow_t&) noexcept {
  return allocate_softly(bytes, static_cast<size_t>(a));
}
void* operator new[](size_t bytes, std::align_val_t a, const std::nothrow_t&) noexcept {
  return allocate_softly(bytes, static_cast<size_t>(a));
}
void operator delete(void* memory) noexcept { release(memory); }
void operator delete[](void* memory) noexcept { release(memory); }
void operator delete(void* memory, size_t) noexcept { release(memory); }
void operator delete[](void* memory, size_t) noexcept { release(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept { release(memory); }
void operator delete[](void* memory, size_t, std::align_val_t) noexcept { release(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { release(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { release(memory); }
void operator delete(void* memory, std::align_val_t, const std::nothrow_t&) noexcept { release(memory); }
void operator delete[](void* memory, std::align_val_t, const std::nothrow_t&) noexcept { release(memory); }

namespace gemmact::test {
namespace {

// Whether a call came to its allocation number `index`, which failed.
bool comes_to(int64_t index, const std::function<void()>& call) {
  const int64_t failing = allocations + index;
  fail_at = failing;
  call();
  fail_at = -1;
  return allocations > failing;
}

// Fails the first, the second, ... allocation of a call until the call needs no more of them.
// `before` and `after` surround each call and do not fail.
void exhaust(
    const char* what, const std::function<gemmact_status()>& call, const std::function<void()>& before = [] {},
    const std::function<void()>& after = [] {}) {
  SCOPED_TRACE(what);
  int64_t failures = 0;
  for (;; ++failures) {
    const int64_t alive = living, softly = refused_softly;
    before();
    gemmact_status status = GEMMACT_OK;
    const bool failed = comes_to(failures, [&] { status = call(); });
    after();
    const bool harmless = !failed || (refused_softly > softly && status == GEMMACT_OK);
    ASSERT_EQ(status, harmless ? GEMMACT_OK : GEMMACT_OUT_OF_MEMORY)
        << "at allocation " << failures << ": " << gemmact_last_error();
    if (!failed) break;
    if (status != GEMMACT_OK) {  // what succeeds may be remembered
      ASSERT_EQ(living, alive) << "leaked after allocation " << failures;
    }
    ASSERT_LT(failures, 10000);
  }
  EXPECT_GT(failures, 0) << "the detector has seen no allocation";
}

class memory : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(gemmact_context_create("cpu", &context_), GEMMACT_OK);
    gemmact_plan* warm = nullptr;  // statics are made once
    gemmact_plan_create(context_, layer_.link(), &warm);
    gemmact_plan_destroy(warm);
  }
  void TearDown() override { gemmact_context_destroy(context_); }
  sample_layer layer_ = forward_layer("leaky_relu(slope=0.02)");
  gemmact_context* context_ = nullptr;
};

TEST_F(memory, runs_out_in_a_plan) {
  exhaust("plan", [&] {
    gemmact_plan* plan = nullptr;
    gemmact_status status = gemmact_plan_create(context_, &layer_.problem, &plan);
    EXPECT_EQ(plan == nullptr, status != GEMMACT_OK);
    if (status != GEMMACT_OK) {
      EXPECT_STREQ(gemmact_last_error(), "an allocation failed: there is not enough memory");
    }
    gemmact_plan_destroy(plan);
    return status;
  });
}

// Another equation each time, so that none is remembered.
TEST_F(memory, runs_out_in_an_equation) {
  auto text = [number = 0]() mutable {
    return "f(x; beta=1, s[n]=2) = x > 0 ? s * x^3 : x * sigmoid(beta * x) + " + std::to_string(10000 + number++);
  };
  gemmact_activation_info info{};
  info.struct_bytes = sizeof info;
  size_t bytes = 0;
  ASSERT_EQ(gemmact_activation_describe(text().c_str(), &info, nullptr, &bytes), GEMMACT_OK) << gemmact_last_error();
  std::string written = text();
  exhaust(
      "equation", [&] { return gemmact_activation_describe(written.c_str(), &info, nullptr, &bytes); },
      [&] {
        written = text();
        bytes = 0;
      });
}

TEST_F(memory, runs_out_in_a_refusal) {
  sample_layer wrong = forward_layer("a_function_with_quite_a_long_name");
  wrong.link();
  int64_t failures = 0;
  for (;; ++failures) {  // the message may be lost, the status may be either
    gemmact_plan* plan = nullptr;
    gemmact_status status = GEMMACT_OK;
    const bool failed = comes_to(failures, [&] { status = gemmact_plan_create(context_, &wrong.problem, &plan); });
    ASSERT_EQ(plan, nullptr);
    ASSERT_TRUE(status == GEMMACT_OUT_OF_MEMORY || status == GEMMACT_UNKNOWN_ACTIVATION);
    ASSERT_STRNE(gemmact_last_error(), "");
    if (!failed) break;
    ASSERT_LT(failures, 10000);
  }
  EXPECT_GT(failures, 0);
  EXPECT_NE(std::string(gemmact_last_error()).find("a_function_with"), std::string::npos);
}

TEST_F(memory, runs_out_in_an_explanation) {
  exhaust("explain", [&] {
    size_t bytes = 0;
    return gemmact_problem_explain(context_, &layer_.problem, nullptr, &bytes);
  });
}

TEST_F(memory, runs_out_in_a_file_of_measured_times) {
  core::timing one;
  one.family = "a family with a long enough name", one.tile = "a tile with a long enough name";
  one.low = 1, one.median = 2, one.high = 3.5, one.runs = 20;
  plan::tuned_problem times;
  times.timings.assign(3, one);
  const std::string key = "a key that is long enough for memory of its own";
  const auto status_of = [](const auto& work) {
    try {
      work();
      return GEMMACT_OK;
    } catch (const std::bad_alloc&) {
      return GEMMACT_OUT_OF_MEMORY;
    }
  };
  exhaust("written", [&] { return status_of([&] { plan::tuned_text(key, times); }); });
  const std::string text = plan::tuned_text(key, times);
  exhaust("read", [&] { return status_of([&] { EXPECT_NE(plan::read_tuned(key, text), nullptr); }); });
}

TEST_F(memory, runs_out_in_the_one_call_layer) {
  float x[4] = {}, w[4] = {}, y[4];
  gemmact_context* fresh = nullptr;  // its cache may keep a plan although the call failed after that
  exhaust(
      "linear", [&] { return gemmact_linear(fresh, "relu", x, w, nullptr, y, 2, 2, 2, GEMMACT_F32, nullptr); },
      [&] { ASSERT_EQ(gemmact_context_create("cpu", &fresh), GEMMACT_OK); }, [&] { gemmact_context_destroy(fresh); });
}

TEST_F(memory, runs_out_in_a_context) {
  gemmact_context* first = nullptr;  // makes what stays for the process
  ASSERT_EQ(gemmact_context_create("describe:h100", &first), GEMMACT_OK) << gemmact_last_error();
  gemmact_context_destroy(first);
  exhaust("context", [&] {
    gemmact_context* made = nullptr;
    gemmact_status status = gemmact_context_create("describe:h100", &made);
    gemmact_context_destroy(made);
    return status;
  });
}

// A context on a fake GPU, whose kernels come from a pack.
class memory_and_a_gpu : public memory {
 protected:
  void SetUp() override {
    memory::SetUp();
    fake_.records = false;
    toy::write_pack(folder_ / "toy.pack", "sm_90");
    options_.packs = {folder_ / "toy.pack"};
    options_.nvrtc = "/nonexistent/libnvrtc.so";
    open();
    layer_.add(GEMMACT_RESIDUAL);
  }
  void open() {
    const cuda::context& here = cuda::context::open(cuda::driver::instance(), 0);
    gpu_ = std::make_unique<gemmact_context>();
    gpu_->device = std::make_unique<plan::gpu_device>(plan::gpu_of(here.facts()), &here, toy::rows(), options_);
  }
  fake_cuda::state& fake_ = fake_cuda::loaded();
  temporary_folder folder_;
  jit::compiler_options options_;
  std::unique_ptr<gemmact_context> gpu_;
};

TEST_F(memory_and_a_gpu, runs_out_in_a_plan) {
  gemmact_plan* plan = nullptr;
  ASSERT_EQ(gemmact_plan_create(gpu_.get(), layer_.link(), &plan), GEMMACT_OK) << gemmact_last_error();
  gemmact_plan_destroy(plan);  // what is made once stays
  gpu_.reset();
  exhaust(
      "plan on a GPU", [&] { return gemmact_plan_create(gpu_.get(), layer_.link(), &plan); },
      [&] { open(); },  // which has loaded and read nothing yet
      [&] {
        gemmact_plan_destroy(plan);
        gpu_.reset();
        EXPECT_EQ(fake_.libraries, 0);
      });
}

// A context goes on after a failure: whatever it had half learnt, the same call again is served.
TEST_F(memory_and_a_gpu, runs_out_in_a_context_that_goes_on) {
  gemmact_plan* plan = nullptr;
  const auto make = [&] { return gemmact_plan_create(gpu_.get(), layer_.link(), &plan); };
  ASSERT_EQ(make(), GEMMACT_OK) << gemmact_last_error();
  gemmact_plan_destroy(plan);
  int64_t failures = 0;
  for (bool failed = true; failed; ++failures) {
    open();
    gemmact_status status = GEMMACT_OK;
    failed = comes_to(failures, [&] { status = make(); });
    gemmact_plan_destroy(plan);
    ASSERT_TRUE(status == GEMMACT_OK || status == GEMMACT_OUT_OF_MEMORY);
    ASSERT_EQ(make(), GEMMACT_OK) << "after allocation " << failures << ": " << gemmact_last_error();
    gemmact_plan_destroy(plan);
    ASSERT_LT(failures, 10000);
  }
  EXPECT_GT(failures, 1);
}

TEST_F(memory_and_a_gpu, a_run_allocates_nothing) {
  gemmact_plan* plan = nullptr;
  ASSERT_EQ(gemmact_plan_create(gpu_.get(), layer_.link(), &plan), GEMMACT_OK) << gemmact_last_error();
  sample_run run(layer_);
  run.link();
  const int64_t before = allocations;
  for (int i = 0; i < 10; ++i) ASSERT_EQ(gemmact_run(plan, &run.operands, run.workspace, nullptr), GEMMACT_OK);
  EXPECT_EQ(allocations, before);
  gemmact_plan_destroy(plan);
}

// Layers of every operation and combination, with sizes of several blocks where `m` is some hundreds.
std::vector<sample_layer> every_kind_of_layer(int64_t m) {
  std::vector<sample_layer> all = {
      forward_layer("gelu"),   gated_layer(),      maxout_layer(3).add(GEMMACT_KEPT, GEMMACT_U8),
      activation_grad_layer(), input_grad_layer(), below_layer(),
      weight_grad_layer()};
  all.push_back(activation_grad_layer("swish", GEMMACT_F32));
  all.back().add(GEMMACT_DBIAS, GEMMACT_F32, GEMMACT_PER_COLUMN).add(GEMMACT_DPARAM, GEMMACT_F32, GEMMACT_SCALAR);
  all.push_back(below_layer("swish", GEMMACT_F32));
  all.back().add(GEMMACT_BELOW | GEMMACT_DBIAS, GEMMACT_F32, GEMMACT_PER_ROW);
  all.push_back(weight_grad_layer());
  all.back().add(GEMMACT_DBIAS, GEMMACT_F32, GEMMACT_PER_COLUMN);
  all.push_back(activation_grad_layer("f(x; a=1, s[n]=2) = min(s * x, sin(a * x))^3", GEMMACT_F32));
  all.back().add(GEMMACT_PARAM, GEMMACT_F32, GEMMACT_PER_COLUMN, 1);
  all.back().add(GEMMACT_DPARAM, GEMMACT_F32, GEMMACT_SCALAR).add(GEMMACT_DPARAM, GEMMACT_F32, GEMMACT_PER_COLUMN, 1);
  all.push_back(forward_layer("relu"));
  for (const uint32_t slot : {GEMMACT_X, GEMMACT_W}) all.back().at(slot).type = GEMMACT_BF16;
  for (sample_layer& l : all) {
    l.problem.m = m;
    if (m > 100) l.problem.n = 130, l.problem.k = 67;
  }
  return all;
}

void expect_no_allocation(gemmact_context* context, sample_layer& layer) {
  gemmact_plan* plan = nullptr;
  ASSERT_EQ(gemmact_plan_create(context, layer.link(), &plan), GEMMACT_OK) << gemmact_last_error();
  gemmact_plan_info info{};
  info.struct_bytes = sizeof info;
  ASSERT_EQ(gemmact_plan_get_info(plan, &info), GEMMACT_OK);
  constexpr size_t largest_tensor = 400 * 130 * 4;
  sample_run run(layer, (std::max<size_t>(info.workspace_bytes, largest_tensor) + 8191) / 4096 * 4096);
  gemmact_operands* operands = run.link();
  ASSERT_EQ(gemmact_workspace_init(plan, run.workspace, nullptr), GEMMACT_OK);
  ASSERT_EQ(gemmact_run(plan, operands, run.workspace, nullptr), GEMMACT_OK) << gemmact_last_error();
  int64_t before = allocations;
  for (int i = 0; i < 10; ++i) ASSERT_EQ(gemmact_run(plan, operands, run.workspace, nullptr), GEMMACT_OK);
  EXPECT_EQ(allocations, before);
  gemmact_plan_destroy(plan);
}

TEST_F(memory, a_run_allocates_nothing) {
  const char* before = std::getenv("GEMMACT_CPU_THREADS");
  const std::string threads_before = before == nullptr ? "" : before;
  for (const char* threads : {"1", "5"}) {
    setenv("GEMMACT_CPU_THREADS", threads, 1);
    gemmact_context* context = nullptr;
    ASSERT_EQ(gemmact_context_create("cpu", &context), GEMMACT_OK);
    for (const int64_t m : {5, 400}) {
      std::vector<sample_layer> layers = every_kind_of_layer(m);
      for (size_t i = 0; i < layers.size(); ++i) {
        SCOPED_TRACE("layer " + std::to_string(i) + ", m = " + std::to_string(m) + ", threads: " + threads);
        expect_no_allocation(context, layers[i]);
      }
    }
    gemmact_context_destroy(context);
  }
  if (before == nullptr) unsetenv("GEMMACT_CPU_THREADS");
  else setenv("GEMMACT_CPU_THREADS", threads_before.c_str(), 1);
}

}  // namespace
}  // namespace gemmact::test
