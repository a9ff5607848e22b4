#include "host/plan/tuned_times.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <climits>
#include <cmath>
#include <ctime>
#include <new>
#include <nlohmann/json.hpp>
#include <stdexcept>

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

int64_t whole(const json& number) {
  if (!number.is_number_integer()) throw std::invalid_argument("a number is not whole");
  return number.get<int64_t>();
}

std::string now_text() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

std::shared_ptr<tuned_problem> read_body(const std::string& key, const json& file) {
  if (file.at("key").get<std::string>() != key) return nullptr;
  auto read = std::make_shared<tuned_problem>();
  read->m = whole(file.at("m"));
  for (const json& one : file.at("times")) {
    core::timing t;
    t.family = one.at("family").get<std::string>();
    t.tile = one.at("tile").get<std::string>();
    t.median = one.at("median_us").get<double>();
    t.low = one.at("low_us").get<double>();
    t.high = one.at("high_us").get<double>();
    t.runs = int(std::clamp<int64_t>(whole(one.at("runs")), 0, INT_MAX));
    t.behind = one.at("behind").get<bool>();
    if (!plausible(t)) return nullptr;
    read->timings.push_back(std::move(t));
  }
  return read;
}

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
  json file{{"key", key}, {"tuned_at", now_text()}, {"m", times.m}, {"times", json::array()}};
  for (const core::timing& t : times.timings)
    if (t.failure.empty())
      file["times"].push_back({{"family", t.family},
                               {"tile", t.tile},
                               {"median_us", t.median},
                               {"low_us", t.low},
                               {"high_us", t.high},
                               {"runs", t.runs},
                               {"behind", t.behind}});
  const std::string body = file.dump(1).substr(1).append("\n");  // the head opens the object
  return std::string(head).append(jit::hash_bytes(body).text()).append(after_checksum).append(body);
}

std::shared_ptr<tuned_problem> read_tuned(const std::string& key, std::string_view text) {
  const size_t body_at = head.size() + checksum_digits + after_checksum.size();
  if (text.size() < body_at || !text.starts_with(head)) return nullptr;
  const std::string_view body = text.substr(body_at);
  const std::string right = jit::hash_bytes(body).text().append(after_checksum);
  if (text.substr(head.size(), right.size()) != right) return nullptr;
  try {
    return read_body(key, json::parse(std::string("{").append(body)));
  } catch (const std::bad_alloc&) {
    throw;                           // the file may be right
  } catch (const std::exception&) {  // what JSON's reader throws, and what is no number of ours
    return nullptr;
  }
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
