#include "host/plan/tuned_times.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <climits>
#include <cmath>
#include <ctime>
#include <nlohmann/json.hpp>
#include <utility>

#include "host/core/made_function.hpp"
#include "host/core/names.hpp"

namespace gemmact::plan {
namespace {

using json = nlohmann::json;

constexpr size_t max_file_bytes = size_t{1} << 20;
constexpr size_t most_without_times = 4096;                // of some 1 KB each
constexpr uint64_t max_folder_bytes = uint64_t{16} << 20;  // of some 2 KB each

std::string activation_text(const core::activation_use& use) {
  if (use.info == nullptr) return "-";
  std::string text = use.made != nullptr ? use.made->type : use.info->name;
  for (int i = 0; i < use.info->param_count; ++i)
    text += fmt::format("{}{:a}", i == 0 ? '(' : ',', use.params[size_t(i)]);
  return use.info->param_count == 0 ? text : text + ')';
}

std::string tensor_text(const core::tensor& t) {
  return fmt::format("{} {} {} {}, align {}, {} x {}, strides {} {} {}", core::slot_text(t.slot, t.index),
                     core::name_of(t.type), core::name_of(t.order), core::name_of(t.extent), t.align_bytes, t.rows,
                     t.cols, t.row_stride, t.col_stride, t.batch_stride);
}

constexpr std::string_view head = "{\"gemmact_tuned\": 1, \"checksum\": \"", after_checksum = "\",\n";
constexpr size_t checksum_digits = 32;

// Numbers that no clock gives are a damaged file's, too.
bool plausible(const core::timing& t) {
  return std::isfinite(t.low) && std::isfinite(t.high) && 0 < t.low && t.low <= t.median && t.median <= t.high &&
         t.runs > 0 && !t.family.empty();
}

std::string now_text() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

enum class member { key, tuned_at, m, times, family, tile, median_us, low_us, high_us, runs, behind, none };
constexpr std::string_view member_names[] = {"key",       "tuned_at", "m",       "times", "family", "tile",
                                             "median_us", "low_us",   "high_us", "runs",  "behind"};
constexpr unsigned bit(member one) { return 1u << int(one); }
constexpr unsigned of_file = bit(member::family) - 1, of_time = bit(member::none) - 1 - of_file;

// The body of a file, value by value: of a tree of values, nlohmann's destructor allocates, and where that fails the process
// ends.
class times_reader final : public json::json_sax_t {
 public:
  explicit times_reader(const std::string& key) : key_(key), read_(std::make_shared<tuned_problem>()) {}
  std::shared_ptr<tuned_problem> read() const { return read_; }

 private:
  enum class place { before, file, list, time, after };

  // The member whose value comes, and that it has come.
  member arrived() {
    const member one = std::exchange(member_, member::none);
    (place_ == place::time ? seen_of_time_ : seen_of_file_) |= bit(one);
    return one;
  }
  bool number(double value) {
    switch (arrived()) {
      case member::median_us:
        time_.median = value;
        return true;
      case member::low_us:
        time_.low = value;
        return true;
      case member::high_us:
        time_.high = value;
        return true;
      default:
        return false;
    }
  }

  bool key(string_t& name) override {
    const auto found = std::find(std::begin(member_names), std::end(member_names), name);
    member_ = member(found - std::begin(member_names));
    return ((place_ == place::time ? of_time & ~seen_of_time_ : of_file & ~seen_of_file_) & bit(member_)) != 0;
  }
  bool boolean(bool value) override {
    time_.behind = value;
    return arrived() == member::behind;
  }
  bool number_integer(number_integer_t value) override {
    if (member_ != member::m && member_ != member::runs) return number(double(value));
    if (arrived() == member::runs) time_.runs = int(std::clamp<int64_t>(value, 0, INT_MAX));
    else read_->m = value;
    return true;
  }
  bool number_unsigned(number_unsigned_t value) override {
    return value <= INT64_MAX ? number_integer(int64_t(value)) : number(double(value));
  }
  bool number_float(number_float_t value, const string_t&) override { return number(value); }
  bool string(string_t& text) override {
    switch (arrived()) {
      case member::key:
        return text == key_;
      case member::tuned_at:
        return true;
      case member::family:
        time_.family = text;
        return true;
      case member::tile:
        time_.tile = text;
        return true;
      default:
        return false;
    }
  }
  bool start_object(size_t) override {
    if (place_ != place::before && place_ != place::list) return false;
    place_ = place_ == place::before ? place::file : place::time;
    return true;
  }
  bool end_object() override {
    if (place_ == place::file) {
      place_ = place::after;
      return seen_of_file_ == of_file;
    }
    place_ = place::list;
    if (std::exchange(seen_of_time_, 0) != of_time || !plausible(time_)) return false;
    read_->timings.push_back(std::exchange(time_, {}));
    return true;
  }
  bool start_array(size_t) override {
    if (arrived() != member::times) return false;
    place_ = place::list;
    return true;
  }
  bool end_array() override {
    place_ = place::file;
    return true;
  }
  bool null() override { return false; }
  bool binary(binary_t&) override { return false; }
  bool parse_error(size_t, const std::string&, const json::exception&) override { return false; }

  const std::string& key_;
  std::shared_ptr<tuned_problem> read_;
  core::timing time_;
  place place_ = place::before;
  member member_ = member::none;
  unsigned seen_of_file_ = 0, seen_of_time_ = 0;
};

bool of_one(const core::timing& a, const core::timing& b) { return a.family == b.family && a.tile == b.tile; }

}  // namespace

std::string tuning_key(const core::problem& p) {
  std::string text =
      fmt::format("{} {} {} {} {}; {} {}; flags {:#x}; m {} n {} k {} batch {}; {} below {}; kept {} {} {}",
                  core::name_of(p.operation), core::name_of(p.combine), p.pieces, core::name_of(p.below_combine),
                  p.below_pieces, core::name_of(p.compute), core::name_of(p.accuracy), p.flags, p.m, p.n, p.k, p.batch,
                  activation_text(p.activation), p.below ? activation_text(*p.below) : "-", core::name_of(p.keep),
                  core::name_of(p.keep_below), p.keep_type == gemmact_type{} ? "-" : core::name_of(p.keep_type));
  std::vector<std::string> tensors;
  for (const core::tensor& t : p.tensors) tensors.push_back(tensor_text(t));
  std::sort(tensors.begin(), tensors.end());
  for (const std::string& tensor : tensors) text.append("\n").append(tensor);
  return text;
}

std::string tuned_text(const std::string& key, const tuned_problem& times) {
  const auto quoted = [](const std::string& text) { return json(text).dump(); };
  std::string body = fmt::format(" \"key\": {},\n \"tuned_at\": \"{}\",\n \"m\": {},\n \"times\": [", quoted(key),
                                 now_text(), times.m);
  const char* between = "\n";
  for (const core::timing& t : times.timings) {
    if (!t.failure.empty()) continue;
    body += fmt::format(
        "{}  {{\"family\": {}, \"tile\": {}, \"median_us\": {}, \"low_us\": {}, \"high_us\": {}, "
        "\"runs\": {}, \"behind\": {}}}",
        std::exchange(between, ",\n"), quoted(t.family), quoted(t.tile), t.median, t.low, t.high, t.runs, t.behind);
  }
  body += "\n ]\n}\n";
  return std::string(head).append(jit::hash_bytes(body).text()).append(after_checksum).append(body);
}

std::shared_ptr<tuned_problem> read_tuned(const std::string& key, std::string_view text) {
  const size_t body_at = head.size() + checksum_digits + after_checksum.size();
  if (text.size() < body_at || !text.starts_with(head)) return nullptr;
  const std::string_view body = text.substr(body_at);
  const std::string right = jit::hash_bytes(body).text().append(after_checksum);
  if (text.substr(head.size(), right.size()) != right) return nullptr;
  times_reader reader(key);
  json::json_sax_t* each_value = &reader;
  return json::sax_parse(std::string("{").append(body), each_value) ? reader.read() : nullptr;
}

tuned_times::tuned_times(std::string device, std::string directory, std::string off_reason)
    : device_(std::move(device)),
      off_(directory.empty() ? "not kept: " + off_reason : ""),
      folder_(std::move(directory), ".tuned", max_folder_bytes, std::move(off_reason)) {}

std::string tuned_times::whole_key(const std::string& key) const {
  return std::string(device_).append("\n").append(key);
}

std::shared_ptr<const tuned_problem> tuned_times::known(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(key);
  return found == known_.end() ? nullptr : found->second;
}

std::shared_ptr<tuned_problem> tuned_times::read(const std::string& key) const {
  const std::string whole = whole_key(key);
  const jit::hash128 name = jit::hash_bytes(whole);
  std::string note;
  std::shared_ptr<tuned_problem> read;
  if (const auto text = folder_.read(name, max_file_bytes, note)) {
    read = read_tuned(whole, *text);
    if (read == nullptr) note = folder_.damaged(name);
  }
  if (read == nullptr) read = std::make_shared<tuned_problem>();
  read->note = note;
  return read;
}

// What another thread has learnt meanwhile stays, unless these replace it. Those without times are soon as many as there are
// sizes of layers, and leave together.
std::shared_ptr<const tuned_problem> tuned_times::learn(const std::string& key,
                                                        std::shared_ptr<const tuned_problem> times,
                                                        bool replace) const {
  const std::lock_guard lock(mutex_);
  if (times->timings.empty() && ++without_times_ > most_without_times) {
    std::erase_if(known_, [](const auto& one) { return one.second->timings.empty(); });
    without_times_ = 1;
  }
  if (replace) return known_.insert_or_assign(key, std::move(times)).first->second;
  return known_.emplace(key, std::move(times)).first->second;
}

std::shared_ptr<const tuned_problem> tuned_times::find(const core::problem& p) const {
  const std::string key = tuning_key(p);
  if (auto found = known(key)) return found;
  return learn(key, read(key), false);
}

std::shared_ptr<const tuned_problem> tuned_times::find_anew(const core::problem& p) const {
  const std::string key = tuning_key(p);
  auto here = known(key);
  if (here && !here->timings.empty() && !here->note.empty()) return here;  // the disk has not kept it
  auto anew = read(key);
  const bool has_times = !anew->timings.empty();  // otherwise what only this process has stays
  return learn(key, std::move(anew), has_times);
}

std::string tuned_times::keep(const core::problem& p, tuned_problem times) {
  const std::string key = tuning_key(p), whole = whole_key(key);
  const std::lock_guard one_at_a_time(keeping_);
  const jit::file_descriptor others_wait = folder_.lock();
  std::erase_if(times.timings, [](const core::timing& t) { return t.runs == 0 && t.failure.empty(); });
  const std::shared_ptr<const tuned_problem> on_disk = read(key), here = known(key);
  for (const tuned_problem* before : {on_disk.get(), here.get()}) {
    if (before == nullptr || before->m != times.m) continue;
    for (const core::timing& old : before->timings)
      if (std::none_of(times.timings.begin(), times.timings.end(), [&](const auto& t) { return of_one(t, old); }))
        times.timings.emplace_back(old).behind = true;
  }
  times.note.clear();
  folder_.write(jit::hash_bytes(whole), tuned_text(whole, times), times.note);
  const std::string not_kept = off_.empty() ? times.note : off_;
  learn(key, std::make_shared<const tuned_problem>(std::move(times)), true);
  return not_kept;
}

}  // namespace gemmact::plan
