// Random sequences of calls over the whole C interface. Every call returns a status of the enumeration; its message is
// empty exactly when it succeeded; a failed run writes nothing. The buffers of a run have the exact sizes that the plan
// owns, so that under AddressSanitizer any access beyond them is seen.
//
//   api_sequences_test [--sequences N] [--seed S]     sequence i has the seed S + i
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <map>

#include "host/api/handles.hpp"
#include "tests/host/api/random_layer.hpp"
#include "tests/support/replay.hpp"

extern "C" void __sanitizer_set_death_callback(void (*)()) __attribute__((weak));

namespace gemmact::test {
namespace {

uint64_t first_seed = 1, sequences = case_count(10000, 100);
volatile uint64_t current_seed = 0;

std::string replay() {
  return fmt::format("replay: api_sequences_test --sequences 1 --seed {}", uint64_t{current_seed});
}

// Signal-safe, for crashes.
void print_replay() {
  char text[64] = "replay: api_sequences_test --sequences 1 --seed ";
  char* end = std::to_chars(text + std::strlen(text), text + 63, uint64_t{current_seed}).ptr;
  *end++ = '\n';
  if (::write(2, text, static_cast<size_t>(end - text)) < 0) ::_exit(2);
}

void crashed(int signal) {
  print_replay();
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

struct free_memory {
  void operator()(void* memory) const { std::free(memory); }
};
using exact_memory = std::unique_ptr<unsigned char, free_memory>;

struct living_plan {
  gemmact_plan* plan = nullptr;
  size_t context = 0;
};

class sequence {
 public:
  explicit sequence(uint64_t seed) : random_(seed) {}

  void run() {
    for (int64_t steps = random_.between(4, 16); steps > 0 && !::testing::Test::HasFailure(); --steps) step();
    for (living_plan& p : plans_) gemmact_plan_destroy(p.plan);
    for (gemmact_context* c : contexts_) gemmact_context_destroy(c);
  }

  static std::map<std::string, std::map<gemmact_status, int>>& counts() {
    static std::map<std::string, std::map<gemmact_status, int>> all;
    return all;
  }

 private:
  bool chance(int percent) { return random_.below(100) < percent; }

  gemmact_status seen(const char* call, gemmact_status status) {
    const std::string message = gemmact_last_error();
    EXPECT_STRNE(gemmact_status_name(status), "GEMMACT_UNKNOWN_STATUS") << call << " " << replay();
    EXPECT_NE(status, GEMMACT_INTERNAL) << call << ": " << message << " " << replay();
    EXPECT_EQ(message.empty(), status == GEMMACT_OK) << call << ": " << message << " " << replay();
    ++counts()[call][status];
    return status;
  }

  gemmact_context* context() {
    if (contexts_.empty()) open();
    return contexts_[static_cast<size_t>(random_.below(static_cast<int64_t>(contexts_.size())))];
  }

  void open() {
    const char* texts[] = {"cpu", "cpu", "describe:h100", "describe:b200", "describe:", "cuda:0", "gpu", "", nullptr};
    gemmact_context* made = nullptr;
    seen("context_create", gemmact_context_create(texts[contexts_.empty() ? 0 : random_.below(9)], &made));
    if (made != nullptr) contexts_.push_back(made);
  }

  void step() {
    switch (random_.below(12)) {
      case 0:
        if (contexts_.size() < 3) open();
        break;
      case 1:
      case 2:
      case 3:
        plan_a_layer();
        break;
      case 4:
      case 5:
      case 6:
      case 7:
        run_a_plan();
        break;
      case 8:
        ask_about_a_plan();
        break;
      case 9:
        use_the_catalogue();
        break;
      case 10:
        one_call();
        break;
      default:
        drop();
        break;
    }
  }

  void plan_a_layer() {
    sample_layer layer = random_layer(random_);
    if (chance(40)) spoil(layer, random_);
    const gemmact_problem* problem = layer.link();
    gemmact_context* on = context();
    if (chance(30)) {
      gemmact_keep keep;
      gemmact_type type;
      seen("resolve_keep", gemmact_resolve_keep(problem, &keep, &type));
    }
    if (chance(30)) {
      char text[3000];
      size_t bytes = static_cast<size_t>(random_.below(sizeof text + 1));
      seen("problem_explain", gemmact_problem_explain(on, problem, bytes == 0 ? nullptr : text, &bytes));
    }
    if (chance(10)) {
      const gemmact_problem* both[] = {problem, chance(50) ? problem : nullptr};
      seen("prewarm", gemmact_context_prewarm(on, both, 2, static_cast<uint32_t>(random_.below(3))));
    }
    gemmact_plan* plan = nullptr;
    gemmact_status status = seen("plan_create", gemmact_plan_create(on, problem, &plan));
    EXPECT_EQ(plan != nullptr, status == GEMMACT_OK) << replay();
    if (plan == nullptr) return;
    if (plans_.size() == 4) drop();
    const size_t place = static_cast<size_t>(std::find(contexts_.begin(), contexts_.end(), on) - contexts_.begin());
    plans_.push_back({plan, place});
  }

  // Buffers of exactly the bytes that the plan's tensors span; empty when they are too large for a test.
  std::vector<exact_memory> buffers(const gemmact_plan& plan, std::vector<size_t>& sizes) {
    std::vector<exact_memory> memory;
    for (const core::tensor& t : plan.problem.tensors) {
      const int64_t bytes = core::tensor_bytes(t, plan.problem.batch);
      if (bytes > 1 << 20) return {};
      sizes.push_back(static_cast<size_t>(bytes));
      memory.emplace_back(static_cast<unsigned char*>(std::malloc(sizes.back())));
      for (size_t i = 0; i < sizes.back(); ++i) memory.back().get()[i] = static_cast<unsigned char>(random_.next());
    }
    return memory;
  }

  void spoil_run(const gemmact_plan& plan, std::vector<gemmact_binding>& bindings, gemmact_operands& o) {
    const auto at = static_cast<size_t>(random_.below(static_cast<int64_t>(bindings.size())));
    const auto other = static_cast<size_t>(random_.below(static_cast<int64_t>(bindings.size())));
    const core::tensor& t = plan.problem.tensors[at];
    switch (random_.below(8)) {
      case 0:
        bindings[at].data = nullptr;
        break;
      case 1:
        bindings[at].slot = static_cast<uint32_t>(random_.below(300));
        break;
      case 2:
        bindings[at].index = static_cast<uint32_t>(random_.below(3)) + 1;
        break;
      case 3:
        bindings.erase(bindings.begin() + static_cast<ptrdiff_t>(at));
        break;
      case 4:
        bindings.push_back(gemmact_binding(bindings[at]));
        break;
      case 5:
        o.m = random_.between(-2, plan.problem.m + 2);
        break;
      case 6:  // an element of one byte would be accepted there, and read beyond its buffer
        if (t.align_bytes > 1) bindings[at].data = static_cast<unsigned char*>(bindings[at].data) + 1;
        break;
      default:  // refused, or (C and RESIDUAL) exactly Y: never beyond the smaller buffer
        if (t.output) bindings[at].data = bindings[other].data;
        break;
    }
  }

  // Is an output bound to this memory? Its own tensor's, or, spoilt, C's or RESIDUAL's that is exactly Y.
  static bool is_output(const gemmact_plan& plan, const std::vector<gemmact_binding>& bindings, const void* memory) {
    for (const gemmact_binding& b : bindings)
      if (b.data == memory && plan.problem.find(b.slot, b.index)->output) return true;
    return false;
  }

  void run_a_plan() {
    if (plans_.empty()) return plan_a_layer();
    const gemmact_plan* plan = plans_[static_cast<size_t>(random_.below(static_cast<int64_t>(plans_.size())))].plan;
    std::vector<size_t> sizes;
    std::vector<exact_memory> memory = buffers(*plan, sizes);
    if (memory.empty() || plan->workspace_bytes > 1 << 26 || plan->problem.batch > 1000) return;
    std::vector<gemmact_binding> bindings;
    for (const core::tensor& t : plan->problem.tensors)
      bindings.push_back({t.slot, t.index, memory[static_cast<size_t>(t.binding)].get()});
    gemmact_operands o{};
    o.struct_bytes = sizeof o;
    o.binding_bytes = sizeof(gemmact_binding);
    if (chance(40)) spoil_run(*plan, bindings, o);
    o.bindings = bindings.data();
    o.count = bindings.size();
    const size_t bytes = plan->workspace_bytes;
    exact_memory scratch(static_cast<unsigned char*>(std::aligned_alloc(256, (bytes + 511) / 256 * 256)));
    void* workspace = chance(95) ? scratch.get() : nullptr;
    seen("workspace_init", gemmact_workspace_init(plan, workspace, nullptr));
    std::vector<std::vector<unsigned char>> before;
    for (size_t i = 0; i < memory.size(); ++i) before.emplace_back(memory[i].get(), memory[i].get() + sizes[i]);
    gemmact_status status = seen("run", gemmact_run(plan, &o, workspace, chance(98) ? nullptr : scratch.get()));
    for (size_t i = 0; i < memory.size(); ++i) {
      if (status == GEMMACT_OK && is_output(*plan, bindings, memory[i].get())) continue;
      EXPECT_EQ(std::memcmp(memory[i].get(), before[i].data(), sizes[i]), 0)
          << "tensor " << i << " was written, status " << gemmact_status_name(status) << " " << replay();
    }
  }

  void ask_about_a_plan() {
    if (plans_.empty()) return;
    gemmact_plan_info info{};
    info.struct_bytes = chance(80) ? sizeof info : static_cast<size_t>(random_.below(400));
    if (info.struct_bytes > sizeof info) info.struct_bytes = 0;
    seen("plan_get_info", gemmact_plan_get_info(plans_.back().plan, &info));
    gemmact_device_info device{};
    device.struct_bytes = sizeof device;
    seen("context_get_info", gemmact_context_get_info(context(), &device));
  }

  void use_the_catalogue() {
    size_t index;
    float values[GEMMACT_MAX_PARAMS], x[17], y[17], dy[17];
    const char* text = random_text(random_);
    size_t count = static_cast<size_t>(random_.below(GEMMACT_MAX_PARAMS + 1));
    gemmact_activation_info info{};
    info.struct_bytes = sizeof info;
    if (seen("activation_parse", gemmact_activation_parse(text, &index, values, count)) == GEMMACT_OK)
      seen("activation_get_info", gemmact_activation_get_info(index, &info));
    alignas(gemmact_param_info) char memory[600];
    size_t bytes = chance(20) ? 0 : static_cast<size_t>(random_.below(sizeof memory + 1));
    seen("activation_describe", gemmact_activation_describe(text, &info, bytes == 0 ? nullptr : memory, &bytes));
    bytes = chance(50) ? 0 : static_cast<size_t>(random_.below(sizeof memory + 1));
    seen("activation_source", gemmact_activation_source(text, bytes == 0 ? nullptr : memory, &bytes));
    const float* given = chance(50) ? values : nullptr;
    if (chance(80)) count = given == nullptr ? 0 : info.param_count;
    for (float& v : x) {
      const auto bits = static_cast<uint32_t>(random_.next());
      std::memcpy(&v, &bits, sizeof v);
    }
    for (float& v : values) v = static_cast<float>(random_.between(-3, 3));
    seen("activation_evaluate",
         gemmact_activation_evaluate(text, given, count, chance(50) ? GEMMACT_FAST : GEMMACT_ACCURATE, x,
                                     static_cast<size_t>(random_.below(18)), chance(80) ? y : nullptr,
                                     chance(80) ? dy : nullptr));
  }

  void one_call() {
    float x[64] = {}, w[64] = {}, y[64];
    const int64_t m = random_.between(-1, 8), n = random_.between(0, 8), k = random_.between(0, 8);
    seen("linear", gemmact_linear(context(), random_text(random_), x, w, chance(50) ? x : nullptr, y, m, n, k,
                                  GEMMACT_F32, nullptr));
  }

  void drop() {
    if (!plans_.empty()) {
      gemmact_plan_destroy(plans_.front().plan);
      plans_.erase(plans_.begin());
    } else if (!contexts_.empty()) {
      gemmact_context_destroy(contexts_.back());
      contexts_.pop_back();
    }
  }

  random_source random_;
  std::vector<gemmact_context*> contexts_;
  std::vector<living_plan> plans_;
};

TEST(sequences, random_calls) {
  for (uint64_t i = 0; i < sequences; ++i) {
    current_seed = first_seed + i;
    sequence(current_seed).run();
    if (HasFailure()) FAIL() << replay();
  }
  for (const auto& [call, statuses] : sequence::counts()) {
    int all = 0;
    for (const auto& entry : statuses) all += entry.second;
    auto ok = statuses.find(GEMMACT_OK);
    const int good = ok == statuses.end() ? 0 : ok->second;
    fmt::print("{:<20} {:>8} calls, {:>3} % succeeded, {} statuses\n", call, all, 100 * good / all, statuses.size());
    if (sequences < 1000) continue;
    EXPECT_GT(good, all / 5) << call << ": the sequences hardly reach beyond its checks";
  }
}

}  // namespace
}  // namespace gemmact::test

int main(int argc, char** argv) {
  using namespace gemmact::test;
  ::testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i + 1 < argc; i += 2) {
    uint64_t& value = std::string(argv[i]) == "--seed" ? first_seed : sequences;
    value = std::strtoull(argv[i + 1], nullptr, 10);
  }
  if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(print_replay);
  else
    for (int signal : {SIGSEGV, SIGABRT, SIGFPE, SIGBUS, SIGILL}) std::signal(signal, crashed);
  return RUN_ALL_TESTS();
}
