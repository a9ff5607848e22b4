// What is kept of tuning: by which key, and what a file may look like that is not used.
#include "host/plan/tuned_times.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <set>

#include "tests/host/plan/tuning_fixture.hpp"
#include "tests/support/refusal.hpp"

namespace gemmact::test {
namespace {

core::problem checked(sample_layer layer) { return core::check_problem(layer.link(), plan::functions()); }

// All that a plan depends on makes another key; the order in which tensors are listed does not.
TEST(tuning_keys, each_difference_counts) {
  std::set<std::string> keys;
  const auto add = [&](const char* what, auto change, sample_layer layer = forward_layer("leaky_relu(slope=0.25)")) {
    change(layer);
    EXPECT_TRUE(keys.insert(plan::tuning_key(checked(layer))).second) << what;
  };
  add("nothing", [](sample_layer&) {});
  add("m", [](sample_layer& l) { l.problem.m = 6; });
  add("n", [](sample_layer& l) { l.problem.n = 6; });
  add("k", [](sample_layer& l) { l.problem.k = 6; });
  add("batch", [](sample_layer& l) { l.problem.batch = 2, l.at(GEMMACT_Y).batch_stride = 35; });
  add("batch stride", [](sample_layer& l) { l.problem.batch = 2, l.at(GEMMACT_Y).batch_stride = 36; });
  add("a parameter", [](sample_layer& l) { l.problem.activation = "leaky_relu(slope=0.250001)"; });
  add("a function", [](sample_layer& l) { l.problem.activation = "relu"; });
  add("accuracy", [](sample_layer& l) { l.problem.accuracy = GEMMACT_FAST; });
  add("compute", [](sample_layer& l) { l.problem.compute = GEMMACT_COMPUTE_TF32; });
  for (uint64_t flag : {GEMMACT_ALLOW_UNFUSED, GEMMACT_BATCH_INVARIANT, GEMMACT_VARIABLE_M})
    add("a flag", [&](sample_layer& l) { l.problem.flags = flag; });
  add("a type", [](sample_layer& l) { l.at(GEMMACT_Y).type = GEMMACT_BF16; });
  add("an order", [](sample_layer& l) { l.at(GEMMACT_W).order = GEMMACT_COLUMN_MAJOR; });
  add("a stride", [](sample_layer& l) { l.at(GEMMACT_X).ld = 40; });
  add("an alignment", [](sample_layer& l) { l.at(GEMMACT_X).align_bytes = 16; });
  add("an extent", [](sample_layer& l) { l.at(GEMMACT_BIAS).extent = GEMMACT_SCALAR; });
  add("one less", [](sample_layer& l) { l.drop(GEMMACT_BIAS); });
  add("one more", [](sample_layer& l) { l.add(GEMMACT_RESIDUAL); });
  add("kept", [](sample_layer& l) { l.add(GEMMACT_KEPT, GEMMACT_BIT); });
  add(
      "gated", [](sample_layer&) {}, gated_layer());
  add(
      "pieces", [](sample_layer&) {}, maxout_layer(2));
  add(
      "more pieces", [](sample_layer&) {}, maxout_layer(3));
  add(
      "backward", [](sample_layer&) {}, weight_grad_layer());
  add(
      "below", [](sample_layer&) {}, below_layer());
  add(
      "another below", [](sample_layer&) {}, below_layer("leaky_relu"));
  sample_layer swapped = forward_layer("leaky_relu(slope=0.25)");
  std::swap(swapped.tensors.front(), swapped.tensors.back());
  EXPECT_FALSE(keys.insert(plan::tuning_key(checked(swapped))).second) << "the order of the list";
}

plan::tuned_problem sample_times(int number = 0) {
  plan::tuned_problem times;
  times.m = 5;
  for (int i = 0; i < 3; ++i) {
    core::timing t;
    t.family = "toy", t.tile = fmt::format("{}x{}", number, i);
    t.median = 10.1 + number + i, t.low = 10.05 + number + i, t.high = 10.3 + number + i;
    t.runs = 20 + i;
    t.behind = i == 2;
    times.timings.push_back(t);
  }
  return times;
}

bool same(const plan::tuned_problem& a, const plan::tuned_problem& b) {
  return a.m == b.m && std::equal(a.timings.begin(), a.timings.end(), b.timings.begin(), b.timings.end(),
                                  [](const core::timing& x, const core::timing& y) {
                                    return x.family == y.family && x.tile == y.tile && x.median == y.median &&
                                           x.low == y.low && x.high == y.high && x.runs == y.runs &&
                                           x.behind == y.behind;
                                  });
}

TEST(tuned_files, there_and_back) {
  const std::string text = plan::tuned_text("a key", sample_times());
  const auto read = plan::read_tuned("a key", text);
  ASSERT_NE(read, nullptr);
  EXPECT_TRUE(same(*read, sample_times()));
  expect_part(text, "\"key\": \"a key\"");
  EXPECT_EQ(plan::read_tuned("another key", text), nullptr);
}

TEST(tuned_files, every_truncation_and_every_flipped_bit) {
  const std::string whole = plan::tuned_text("a key", sample_times());
  for (size_t length = 0; length < whole.size(); ++length)
    EXPECT_EQ(plan::read_tuned("a key", whole.substr(0, length)), nullptr) << length;
  for (size_t at = 0; at < whole.size(); ++at)
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = whole;
      damaged[at] = char(damaged[at] ^ (1 << bit));
      EXPECT_EQ(plan::read_tuned("a key", damaged), nullptr) << at << " " << bit;
    }
  EXPECT_EQ(plan::read_tuned("a key", whole + "\n"), nullptr);
}

// With a checksum that fits: what only somebody who knows it writes.
TEST(tuned_files, whole_ones_of_nonsense) {
  const std::string whole = plan::tuned_text("a key", sample_times());
  const size_t body = whole.find('\n') + 1;
  const auto with = [&](const std::string& words, const std::string& others) {
    std::string text = whole.substr(body);
    const size_t at = text.find(words);
    EXPECT_NE(at, std::string::npos) << words;
    text.replace(at, words.size(), others);
    return plan::read_tuned(
        "a key", fmt::format("{{\"gemmact_tuned\": 1, \"checksum\": \"{}\",\n{}", jit::hash_bytes(text).text(), text));
  };
  EXPECT_NE(with("toy", "yot"), nullptr);
  for (const char* number : {"0", "-1", "1e999", "null", "\"3\"", "[1]", "12"})
    EXPECT_EQ(with("\"median_us\": 10.1", fmt::format("\"median_us\": {}", number)), nullptr) << number;
  for (const char* number : {"0", "-3", "1.5", "1e300", "null", "\"3\""})
    EXPECT_EQ(with("\"runs\": 20", fmt::format("\"runs\": {}", number)), nullptr) << number;
  EXPECT_EQ(with("\"behind\": true", "\"behind\": 1"), nullptr);
  EXPECT_EQ(with("\"m\": 5", "\"m\": 5.5"), nullptr);
  EXPECT_EQ(with("\"times\"", "\"timez\""), nullptr);
  EXPECT_EQ(with("\"toy\"", "7"), nullptr);
  EXPECT_EQ(with("\"toy\"", "\"\""), nullptr);
  EXPECT_EQ(with("}", "]"), nullptr);
}

class tuned_folders : public tuning_fixture {
 protected:
  void SetUp() override {
    tuning_fixture::SetUp();
    set_times({{"toy_64x32", 15}});
    ASSERT_EQ(tune(layer_), GEMMACT_OK) << message_;
    reopen();
  }
  std::string file() const {
    const std::vector<std::string> files = folder_.files_with(".tuned");
    EXPECT_EQ(files.size(), 1u);
    return files.at(0);
  }
  // As good as none; explain says why, and the next tuning puts it right.
  void expect_refused(const std::string& why) {
    reopen();
    EXPECT_EQ(kernel_of(layer_), "toy_64x64");
    expect_part(explanation(layer_), "; times of tuning: ");
    expect_part(explanation(layer_), why);
    EXPECT_EQ(tune(layer_), GEMMACT_OK) << message_;
    EXPECT_EQ(kernel_of(layer_), "toy_64x32");
    reopen();
    EXPECT_EQ(kernel_of(layer_), "toy_64x32");
  }
  std::string not_kept() {
    sample_run memory(layer_);
    return api::tune(*context_->device, layer_.link(), memory.link(), {1}).not_kept;
  }
  sample_layer layer_ = forward_layer();
};

TEST_F(tuned_folders, the_key_has_the_device_the_driver_and_the_kernels) {
  const std::string text = read_bytes(file());
  for (const char* part :
       {"Fake GPU, sm_90, 132 multiprocessors", "driver of CUDA 12.4", "gemmact 100, kernels ", "relu"})
    expect_part(text, part);
  EXPECT_EQ(std::filesystem::status(file()).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(tuned_folders, another_device_or_driver_has_its_own) {
  const core::problem p = checked(forward_layer());
  plan::tuned_times one("a GPU with CUDA 12.4", folder_ / "other", "");
  one.keep(p, sample_times());
  EXPECT_TRUE(same(*one.find(p), sample_times()));
  plan::tuned_times again("a GPU with CUDA 12.4", folder_ / "other", ""),
      newer("a GPU with CUDA 12.5", folder_ / "other", "");
  EXPECT_TRUE(same(*again.find(p), sample_times()));
  EXPECT_TRUE(newer.find(p)->timings.empty());
}

TEST_F(tuned_folders, damaged_files) {
  std::string bytes = read_bytes(file());
  ++bytes.at(bytes.find("median_us") + 12);  // a digit
  write_bytes(file(), bytes);
  expect_refused(".tuned is damaged");
  std::filesystem::resize_file(file(), bytes.size() / 2);
  expect_refused(".tuned is damaged");
  std::filesystem::resize_file(file(), 2 << 20);
  expect_refused(".tuned is damaged");
}

TEST_F(tuned_folders, files_and_folders_that_others_can_write) {
  ::chmod(file().c_str(), 0620);
  expect_refused("can be written by others (mode 620)");
  ::chmod((folder_ / "cache").c_str(), 0777);
  reopen();
  EXPECT_EQ(kernel_of(layer_), "toy_64x64");
  expect_part(explanation(layer_), "can be written by others (mode 777)");
  ASSERT_EQ(tune(layer_), GEMMACT_OK) << "and its choice stays in memory";
  EXPECT_EQ(kernel_of(layer_), "toy_64x32");
  expect_part(explanation(layer_), "; times of tuning: not kept: the cache's directory ");
  reopen();
  EXPECT_EQ(kernel_of(layer_), "toy_64x64");
}

TEST_F(tuned_folders, no_folder) {
  jit::compiler_options options;
  options.packs = {folder_ / "toy.pack"};
  options.cache_off_reason = "GEMMACT_CACHE_DIR is off";
  open(options);
  EXPECT_EQ(kernel_of(layer_), "toy_64x64");
  ASSERT_EQ(tune(layer_), GEMMACT_OK) << message_;
  EXPECT_EQ(kernel_of(layer_), "toy_64x32");
  EXPECT_EQ(explanation(layer_).find("times of tuning"), std::string::npos);
  EXPECT_EQ(not_kept(), "not kept: GEMMACT_CACHE_DIR is off");
}

TEST_F(tuned_folders, a_caller_learns_that_times_are_not_kept) {
  EXPECT_EQ(not_kept(), "");
  std::filesystem::remove_all(folder_ / "cache");
  write_bytes(folder_ / "cache", "a file");
  expect_part(not_kept(), "not kept: the cache's directory ");
}

// What an earlier tuning of the same m has preferred is timed again beside what is timed now, on a clock that may be another:
// its other times rank behind these.
TEST_F(tuned_folders, times_are_joined) {
  const auto tune_large = [&](std::map<std::string, double> us) {
    ::setenv("GEMMACT_PLAN", "toy:128x128", 1);
    set_times(std::move(us));
    ASSERT_EQ(tune(layer_), GEMMACT_OK) << message_;
    ::unsetenv("GEMMACT_PLAN");
  };
  tune_large({{"toy_128x128", 12}, {"toy_64x32", 15}});
  EXPECT_EQ(launches_.size(), 2u) << "64x32 was the fastest";
  EXPECT_EQ(kernel_of(layer_), "toy_128x128") << "12 us against 15";
  tune_large({{"toy_128x128", 20}});
  EXPECT_EQ(launches_.size(), 1u);
  EXPECT_EQ(kernel_of(layer_), "toy_128x128") << "20 us against 15 of another day, by which it was the faster one";
  ::setenv("GEMMACT_PLAN", "toy:64x32", 1);
  set_times({{"toy_128x128", 20}, {"toy_64x32", 19}});
  ASSERT_EQ(tune(layer_), GEMMACT_OK) << message_;
  ::unsetenv("GEMMACT_PLAN");
  EXPECT_EQ(launches_.size(), 2u);
  EXPECT_EQ(kernel_of(layer_), "toy_64x32");
  expect_part(explanation(layer_), "measured 40 us (40 to 40, 6 runs, not with those that decide)");
  plan::tuned_problem others = sample_times();
  const core::problem p = checked(forward_layer());
  plan::tuned_times table("a GPU", folder_ / "other", "");
  table.keep(p, sample_times(1));
  table.keep(p, sample_times(2));
  EXPECT_EQ(table.find(p)->timings.size(), 6u);
  others.m = 4;
  table.keep(p, others);
  EXPECT_EQ(table.find(p)->timings.size(), 3u);
}

// What another process has kept after this one had looked is joined with, not written over.
TEST_F(tuned_folders, others_times_are_not_lost) {
  const core::problem p = checked(forward_layer());
  plan::tuned_times here("a GPU", folder_ / "other", ""), there("a GPU", folder_ / "other", "");
  EXPECT_TRUE(here.find(p)->timings.empty());
  EXPECT_EQ(there.keep(p, sample_times(1)), "");
  EXPECT_TRUE(here.find(p)->timings.empty()) << "the disk is asked once";
  EXPECT_EQ(here.keep(p, sample_times(2)), "");
  EXPECT_EQ(there.find_anew(p)->timings.size(), 6u);
  const auto all = plan::tuned_times("a GPU", folder_ / "other", "").find(p);
  ASSERT_EQ(all->timings.size(), 6u);
  EXPECT_EQ(all->timings[0].tile, "2x0");
  EXPECT_FALSE(all->timings[0].behind);
  for (size_t i = 3; i < 6; ++i) EXPECT_TRUE(all->timings[i].behind) << "older than those";
}

// Problems that nobody has tuned do not stay for ever; those with times do.
TEST_F(tuned_folders, problems_without_times_are_forgotten) {
  core::problem p = checked(forward_layer());
  plan::tuned_times table("a GPU", "", "it is off");
  table.keep(p, sample_times());
  const auto first = table.find(p);
  p.m = 1;
  const std::weak_ptr<const plan::tuned_problem> nothing = table.find(p);
  EXPECT_FALSE(nothing.expired());
  for (p.m = 10; p.m < 10 + 4096; ++p.m) table.find(p);
  EXPECT_TRUE(nothing.expired());
  p.m = 5;
  EXPECT_EQ(table.find(p), first);
}

// A file is read once; another process's later choice is seen by the next context.
TEST_F(tuned_folders, the_disk_is_asked_once) {
  EXPECT_EQ(kernel_of(layer_), "toy_64x32");
  std::filesystem::remove(file());
  EXPECT_EQ(kernel_of(layer_), "toy_64x32");
  reopen();
  EXPECT_EQ(kernel_of(layer_), "toy_64x64");
}

}  // namespace
}  // namespace gemmact::test
