// Random programs of a few threads of two clusters: the detector reports the first race where brute force sees it.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "kernels/emulator/memory.hpp"
#include "tests/emulator/order_oracle.hpp"
#include "tests/support/random.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

using namespace gemmact::emulator;  // NOLINT: what these tests speak of

constexpr int block_threads = 128, cluster_threads = 256;
constexpr call_site here{"random", "program", 0};

// Groups of asynchronous work, as the events at which it is done.
struct work {
  std::vector<int> open;
  std::vector<std::vector<int>> closed;
  void commit() {
    closed.push_back(open);
    open.clear();
  }
  // All of it but the newest `pending` groups.
  std::vector<int> complete(size_t pending) const {
    std::vector<int> done;
    for (size_t i = 0; i + pending < closed.size(); i++) done.insert(done.end(), closed[i].begin(), closed[i].end());
    return done;
  }
};

struct barrier {
  barrier_id id = 0;
  int phase = 0;
  std::vector<int> arrivals[2];  // of the block's threads and of others, in this phase
  std::vector<int> landed;       // in all phases
  int complete[2] = {order_oracle::none, order_oracle::none}, before[2] = {order_oracle::none, order_oracle::none};
  struct load {
    bool global;
    int first, count, done;
  };
  std::vector<load> under_way;
};

struct cluster {
  std::unique_ptr<cluster_races> races;
  int first = 0;  // its first thread in the oracle
  meeting_id meeting = 0;
  std::vector<int> came;
  int met = order_oracle::none;
  barrier full;
  work copies[cluster_threads], reads[cluster_threads], writes[cluster_threads];
  std::vector<int> all_copies[cluster_threads];
  work products;  // of the first block's warpgroup
};

class program {
 public:
  explicit program(u64 seed) : random_(seed), out_(64), words_(8) {
    registry_.add("out", out_.data(), 64, array_use::read_write);
    registry_.add("words", words_.data(), 8, array_use::read_write);
    detector_ = std::make_unique<race_detector>(grid_shape{4, 2, block_threads, 2048}, registry_,
                                                [this](const std::string& text) { found_ = text; });
    for (int i = 0; i < 2; i++) start(clusters_[i], i);
    polite_ =
        chance(0.6) ? 1 : random_.uniform();  // of a fully polite program only the detector could say that it races
    other_cluster_ = chance(0.5) ? 0 : 0.3;
    bytes_ = 4 << below(4);
    for (const int t : {0, 1, 33, 127, 128, 160})  // what is not done by whole warps
      if (t == 0 || chance(0.5)) lively_.push_back(t);
  }

  // Empty if both agree to the end, or to the first race.
  std::string run() {
    const int steps = 20 + int(random_.below(120));
    for (int i = 0; i < steps && found_.empty() && !expected_ && oracle_.events() + 300 < order_oracle::most_events;
         i++)
      step();
    if (expected_ && found_.empty()) return "the detector misses the race of:\n" + log_;
    if (!expected_ && !found_.empty()) return "the detector reports what is ordered:\n" + found_ + "\n" + log_;
    return "";
  }
  bool raced() const { return expected_; }

 private:
  int below(int n) { return int(random_.below(n)); }
  bool chance(double share) { return random_.uniform() < share; }
  void note(const std::string& what, int thread = -1) {
    log_ += "  " + what + (thread < 0 ? "" : " by " + std::to_string(thread)) + "\n";
  }

  void start(cluster& c, int number) {
    c.races = detector_->begin_cluster(u32(2 * number));
    c.first = number * cluster_threads;
    c.full.id = c.races->barrier_init(0, {0, 1024, 8}, here);
    c.races->barrier_init_fence(0);
    c.races->meet(0, cluster_threads);
    meet(c, 0, cluster_threads);
    c.meeting = c.races->new_meeting();
  }

  void meet(cluster& c, int first, int count) {
    std::vector<int> threads;
    for (int t = first; t < first + count; t++) threads.push_back(c.first + t);
    oracle_.joint_event(threads);
  }

  // An access of the detector and of the oracle, unless it would race and the program is polite.
  bool access(cluster& c, const actor& by, bool shared, access_kind kind, std::vector<int> issued, int done, int& first,
              int& count, const char* what, int thread) {
    count = 1 << below(5);
    first = below(std::max(bytes_ / count, 1)) * count;
    if (chance(0.1)) first++;
    const order_oracle::access a{
        kind, by.async, shared ? 0 : 1, shared ? first + 100 * c.first : first, count, std::move(issued), done};
    const bool races = oracle_.races(a);
    if (races && chance(polite_)) return false;
    note(std::string(what) + (shared ? " shared " : " global ") + std::to_string(int(kind)) + " " +
             std::to_string(first) + "+" + std::to_string(count),
         c.first + thread);
    oracle_.add(a);
    expected_ |= races;
    if (shared) c.races->access(by, shared_range{0, u32(first), u32(count)}, kind, here);
    else c.races->access(by, global_range{0, u64(first), u64(count)}, kind, here);
    return true;
  }

  void generic(cluster& c, int t) {
    const bool shared = chance(0.6);
    const access_kind kind = chance(0.5)             ? access_kind::read
                             : chance(0.7) || shared ? access_kind::write
                                                     : access_kind::atomic;
    const int event = oracle_.event(c.first + t);
    int first, count;
    access(c, c.races->by_thread(u32(t)), shared, kind, {event}, event, first, count, "generic", t);
  }

  void copy(cluster& c, int t) {
    const bool shared = chance(0.7);
    const int done = oracle_.event(order_oracle::none);
    int first, count;
    if (!access(c, c.races->by_cp_async(u32(t)), shared, shared ? access_kind::write : access_kind::read,
                {oracle_.event(c.first + t)}, done, first, count, "cp_async", t))
      return;
    c.copies[t].open.push_back(done);
    c.all_copies[t].push_back(done);
  }

  void bulk_store(cluster& c, int t) {
    const bool shared = chance(0.6);
    const access_kind kind = shared ? access_kind::read : chance(0.5) ? access_kind::write : access_kind::atomic;
    const int done = oracle_.event(order_oracle::none);
    int first, count;
    if (access(c, c.races->by_bulk_store(u32(t), kind), shared, kind, {oracle_.event(c.first + t)}, done, first, count,
               "bulk store", t))
      (shared ? c.reads : c.writes)[t].open.push_back(done);
  }

  void bulk_load(cluster& c, int t) {
    const bool shared = chance(0.8);
    const int done = oracle_.event(order_oracle::none);
    int first, count;
    if (access(c, c.races->by_bulk_load(u32(t), c.full.id, here), shared,
               shared ? access_kind::write : access_kind::read, {oracle_.event(c.first + t)}, done, first, count,
               "bulk load", t))
      c.full.under_way.push_back({!shared, first, count, done});
  }

  void wgmma(cluster& c) {
    std::vector<int> issued;
    for (int t = 0; t < 128; t++) issued.push_back(oracle_.last_of(c.first + t));
    for (u32 warp = 0; warp < 4; warp++) c.races->wgmma_came(32 * warp);
    const actor by = c.races->by_wgmma(0);
    const int done = oracle_.event(order_oracle::none);
    int first, count;
    access(c, by, true, access_kind::read, issued, done, first, count, "wgmma", 0);
    c.products.open.push_back(done);
  }

  void groups(cluster& c, int t) {
    const int pending = below(3);
    note("groups " + std::to_string(pending), c.first + t);
    switch (pick(1, 7)) {
      case 0:
        c.races->cp_async_commit(u32(t));
        return c.copies[t].commit();
      case 1:
        c.races->cp_async_wait(u32(t), u32(pending));
        oracle_.event(c.first + t, c.copies[t].complete(size_t(pending)));
        return;
      case 2:
        c.races->bulk_commit(u32(t));
        c.reads[t].commit();
        return c.writes[t].commit();
      case 3:
        c.races->bulk_wait_read(u32(t), u32(pending));
        oracle_.event(c.first + t, c.reads[t].complete(size_t(pending)));
        return;
      case 4:
        c.races->bulk_wait(u32(t), u32(pending));
        oracle_.event(c.first + t, c.reads[t].complete(size_t(pending)));
        oracle_.event(c.first + t, c.writes[t].complete(size_t(pending)));
        return;
      case 5:
        for (u32 warp = 0; warp < 4; warp++) c.races->wgmma_commit(32 * warp);
        return c.products.commit();
      default:
        const int warp = below(4);
        c.races->wgmma_wait(u32(32 * warp), u32(pending));
        for (int i = 0; i < 32; i++) oracle_.event(c.first + 32 * warp + i, c.products.complete(size_t(pending)));
    }
  }

  void on_barrier(cluster& c, int t) {
    barrier& b = c.full;
    switch (pick(2, 6)) {
      case 0:
        note("arrive", c.first + t);
        c.races->barrier_arrive(u32(t), b.id, here);
        b.arrivals[t >= block_threads].push_back(oracle_.event(c.first + t));
        return;
      case 1:
        return bulk_load(c, t);
      case 2:
        note("landed");
        for (const barrier::load& l : b.under_way) {
          if (l.global) c.races->landed(b.id, global_range{0, u64(l.first), u64(l.count)});
          else c.races->landed(b.id, shared_range{0, u32(l.first), u32(l.count)});
          b.landed.push_back(l.done);
        }
        return b.under_way.clear();
      case 3: {
        note("complete");
        c.races->barrier_complete(b.id);
        b.phase++;
        for (int from = 0; from < 2; from++) {
          std::vector<int> after = b.arrivals[from];
          if (from == 0) after.insert(after.end(), b.landed.begin(), b.landed.end());
          b.before[from] = b.complete[from];
          b.complete[from] = oracle_.event(order_oracle::none, after);
          b.arrivals[from].clear();
        }
        return;
      }
      case 4: {
        const bool previous = chance(0.2), wide = chance(0.5);
        const int phase = b.phase - (previous ? 2 : 1);
        if (phase < 0) return;
        note("wait for phase " + std::to_string(phase) + (wide ? " of the cluster" : ""), c.first + t);
        c.races->barrier_wait(u32(t), b.id, u32(phase), wide ? sync_scope::cluster : sync_scope::block, here);
        const int* seen = previous ? b.before : b.complete;
        oracle_.event(c.first + t, {seen[0], wide ? seen[1] : order_oracle::none});
        return;
      }
      default:
        if (t >= block_threads) return;
        note("cp_async_arrive", c.first + t);
        c.races->cp_async_arrived(u32(t), b.id, c.races->cp_async_arrive(u32(t), b.id, here));
        oracle_.event(c.first + t);
        b.arrivals[0].insert(b.arrivals[0].end(), c.all_copies[t].begin(), c.all_copies[t].end());
    }
  }

  void on_meeting(cluster& c, int t) {
    const int warp = t / 32 * 32;
    switch (pick(3, 5)) {
      case 0:
        note("sync_block", c.first + t);
        c.races->meet(u32(t / 128 * 128), 128);
        return meet(c, t / 128 * 128, 128);
      case 1:
        note("sync_warp", c.first + t);
        c.races->meet(u32(warp), 32);
        return meet(c, warp, 32);
      case 2:
        note("arrives", c.first + t);
        c.races->release(c.meeting, u32(t), 1);
        return c.came.push_back(oracle_.event(c.first + t));
      case 3:
        note("meeting complete");
        if (c.came.empty()) return;
        c.races->complete(c.meeting);
        c.met = oracle_.event(order_oracle::none, c.came);
        return c.came.clear();
      default:
        if (c.met == order_oracle::none) return;
        note("warp leaves the meeting", c.first + t);
        c.races->acquire(c.meeting, u32(warp), 32);
        for (int i = warp; i < warp + 32; i++) oracle_.event(c.first + i, {c.met});
    }
  }

  void on_word(cluster& c, int t) {
    const int number = below(2);
    const global_range where{1, u64(4 * number), 4};
    note("word " + std::to_string(number), c.first + t);
    switch (pick(4, 3)) {
      case 0:
        c.races->load_acquire(u32(t), where, here);
        oracle_.event(c.first + t, released_[number]);
        return;
      case 1:
        c.races->store_release(u32(t), where, here);
        released_[number] = {oracle_.event(c.first + t)};
        return;
      default:
        c.races->add_acquire_release(u32(t), where, here);
        released_[number].push_back(oracle_.event(c.first + t, released_[number]));
    }
  }

  void fence(cluster& c, int t) {
    const int space = below(2);
    note(space == 0 ? "fence" : "global fence", c.first + t);
    if (space == 0) c.races->fence_proxy_async(u32(t));
    else c.races->fence_proxy_async_global(u32(t));
    oracle_.fence(c.first + t, space);
  }

  void step() {
    cluster& c = clusters_[chance(other_cluster_)];
    const int t = lively_[size_t(below(int(lively_.size())))];
    switch (pick(0, 9)) {
      case 0:
        return generic(c, t);
      case 1:
        return copy(c, t);
      case 2:
        return bulk_store(c, t);
      case 3:
        return wgmma(c);
      case 4:
        return groups(c, t);
      case 5:
        return on_barrier(c, t);
      case 6:
        return on_meeting(c, t);
      case 7:
        return on_word(c, t);
      default:
        return fence(c, t);
    }
  }

  // One of `count` choices. Each program prefers some and never makes others, so that together they come to more states.
  int pick(size_t choice, int count) {
    std::vector<int>& weights = weights_[choice];
    while (int(weights.size()) < count) weights.push_back(chance(0.3) ? 0 : 1 << below(4));
    int sum = 0;
    for (const int weight : weights) sum += weight;
    if (sum == 0) weights[size_t(below(count))] = sum = 1;
    int left = below(sum), at = 0;
    while (left >= weights[size_t(at)]) left -= weights[size_t(at++)];
    return at;
  }

  random_source random_;
  guarded_memory out_, words_;
  memory_registry registry_;
  std::unique_ptr<race_detector> detector_;
  order_oracle oracle_;
  cluster clusters_[2];
  std::vector<int> released_[2];
  double polite_ = 0, other_cluster_ = 0;
  int bytes_ = 32;
  std::vector<int> lively_, weights_[5];
  bool expected_ = false;
  std::string found_, log_;
};

TEST(detector_random, agrees_with_brute_force) {
  u64 raced = 0, ran = 0;
  for (u64 seed = 0; seed < case_count(3000); seed++) {
    if (!case_selected(seed)) continue;
    program p(seed);
    const std::string difference = p.run();
    ASSERT_EQ(difference, "") << replay_line(seed);
    raced += p.raced();
    ran++;
  }
  if (ran >= 1000) {
    EXPECT_GT(raced, ran / 10) << "too few programs race";
    EXPECT_LT(raced, ran * 9 / 10) << "too few programs do not race";
  }
  RecordProperty("programs", int(ran));
  printf("%llu random programs, %llu of them race\n", ran, raced);
}

}  // namespace
}  // namespace gemmact::test
