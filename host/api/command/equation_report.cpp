#include "host/api/command/equation_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "host/api/command/command_line.hpp"
#include "host/core/names.hpp"
#include "host/equation/print.hpp"

namespace gemmact::api {
namespace {

using json = nlohmann::ordered_json;

constexpr size_t label_width = 18;
constexpr size_t most_listed = 12;  // of places of one kind

std::string printed_node(const equation_facts& facts, equation::node_id id) {
  return equation::print(facts.worked_out.text.nodes, id, {facts.known.functions(), facts.worked_out.text.parameters});
}

std::string row(const std::string& label, const std::string& text) {
  return fmt::format("  {:<{}}{}\n", label, label_width - 2, wrapped(text, label_width));
}

std::string number(float v) { return std::isnan(v) ? "nan" : fmt::format("{}", v); }
std::string rounded(float v) { return std::isnan(v) ? "nan" : fmt::format("{:.6g}", v); }

std::string stretch_text(const stretch& s) {
  return s.from == s.to ? number(s.from) : fmt::format("[{}, {}]", number(s.from), number(s.to));
}

std::string extreme_text(const extreme& e) {
  return e.found ? fmt::format("{} at x = {}", rounded(e.value), number(e.at)) : "nowhere finite";
}

std::string limited(const std::vector<std::string>& all) {
  std::string out;
  for (size_t i = 0; i < std::min(all.size(), most_listed); ++i) out += (i == 0 ? "" : ", ") + all[i];
  return all.size() > most_listed ? out + fmt::format(", and {} more", all.size() - most_listed) : out;
}

std::string kept_text(const equation_facts& facts) {
  const core::activation_info& info = facts.info();
  std::string out = core::name_of(info.needs);
  if (info.needs == GEMMACT_KEEP_BIT)
    out += fmt::format(" (one an element): f' is {} where {}, else {}", printed_node(facts, facts.kept.if_set),
                       printed_node(facts, facts.kept.bit), printed_node(facts, facts.kept.if_not));
  if (info.needs != GEMMACT_KEEP_OUTPUT && info.has_grad_from_output) out += "; output is possible, too";
  if (facts.keeps_to_train != info.needs)
    out += fmt::format("; {} with gradients of parameters", core::name_of(facts.keeps_to_train));
  return out;
}

std::string parameter_text(const gemmact_param_info& p) {
  if (p.is_operand != 0) return fmt::format("{}, an operand: the tensor OPERAND", p.name);
  return fmt::format("{} = {}, {}, trainable", p.name, p.default_value,
                     p.is_per_column != 0 ? "one a column" : "one for all");
}

std::string meaning_text(const equation_facts& facts) {
  const equation::equation& e = facts.worked_out;
  const core::activation_info& info = facts.info();
  std::string out = row("read as", equation::print(e.text, facts.known.functions(), true));
  out += row("computed as", info.formula);
  for (const std::string& note : e.notes) out += row("  because", note);
  if (core::find_activation(info.name, facts.known.functions()) >= 0)
    out += row("its name", fmt::format("{} is what explanations call it; the catalogue's {} stays what it is",
                                       info.name, info.name));
  out += row("derivative", info.derivative);
  for (int p = 0; p < info.param_count; ++p)
    if (info.params[p].trainable != 0)
      out += row(std::string("  by ") + info.params[p].name, printed_node(facts, e.param_grads[size_t(p)]));
  out += row("backward keeps", kept_text(facts));
  const auto& work = info.work;
  out += row("instructions", fmt::format("about {} special-function, {} other for a value; in fast mode {} and {}",
                                         work[GEMMACT_ACCURATE].special_functions, work[GEMMACT_ACCURATE].arithmetic,
                                         work[GEMMACT_FAST].special_functions, work[GEMMACT_FAST].arithmetic));
  for (int p = 0; p < info.param_count; ++p) out += row(p == 0 ? "parameters" : "", parameter_text(info.params[p]));
  return out;
}

std::string places_text(const probed& probe) {
  std::string out;
  for (const bool derivative : {false, true})
    for (const char* kind : {"nan", "inf", "-inf"}) {
      std::vector<std::string> where;
      for (const not_finite& p : probe.places)
        if (p.of_derivative == derivative && number(p.value) == kind)
          where.push_back((p.where.from == p.where.to ? "at " : "on ") + stretch_text(p.where));
      if (!where.empty())
        out += row(out.empty() ? "not finite" : "",
                   fmt::format("{} is {} {}", derivative ? "f'" : "f", kind, limited(where)));
    }
  return out.empty()
             ? row("not finite", fmt::format("nowhere: neither at {} points of the interval, nor at {} of any size",
                                             probe.points, probe.special_points))
             : out;
}

std::string fixed_text(const std::vector<stretch>& fixed) {
  std::vector<std::string> texts;
  bool has_interval = false;
  for (const stretch& s : fixed) {
    const bool is_point = s.from == s.to;
    has_interval |= !is_point;
    texts.push_back(is_point ? rounded(s.from) : fmt::format("every x from {} to {}", number(s.from), number(s.to)));
  }
  if (texts.empty()) return "none";
  return limited(texts) + (has_interval ? " (to f32's precision)" : "");
}

std::string probe_text(const equation_report& report) {
  const probed& p = report.probe;
  const std::string values = report.facts.values_text();
  std::string out = fmt::format("\nFrom {} to {}{}, as the CPU device computes it:\n", number(p.from), number(p.to),
                                values.empty() ? "" : " with " + values);
  out += row("lowest", extreme_text(p.lowest));
  out += row("highest", extreme_text(p.highest));
  out += row("steepest", p.steepest.found ? "|f'| is " + extreme_text(p.steepest) : "f' is nowhere finite");
  out += row("fixed points", fixed_text(p.fixed));
  out += row("ends", fmt::format("f(-inf) is {}, f(inf) is {}, f(nan) is {}", rounded(p.at_minus_infinity),
                                 rounded(p.at_infinity), rounded(p.at_nan)));
  return out + places_text(p);
}

std::string check_text(const std::vector<checked_quantity>& checked) {
  std::string out =
      "\nChecked against the text as it is typed, in double, with dual numbers for the derivatives. Errors are in "
      "ulps,\n"
      "the spacing of f32 at the true result: where terms cancel they are many, and no fault. Allowed are 4 ulps and "
      "4\n"
      "times what 8 units of rounding (2^-24) in each operation of the computed form do at that x; what is farther "
      "off\n"
      "differs. Points where the text itself cancels or overflows in double, or where f32's range or rounding "
      "decides,\n"
      "say nothing:\n";
  for (const checked_quantity& q : checked) {
    const equation::tally& t = q.found;
    std::string text = fmt::format("{} points agree", t.agree);
    if (t.differ > 0) text += fmt::format(", {} DIFFER", t.differ);
    if (t.overflow > 0)
      text += fmt::format(
          ", {} are INFINITE or NaN, as f32 overflows where the text in double does not, the first at x = {}",
          t.overflow, number(t.overflow_at));
    if (t.left_out + t.beyond_f32 > 0)
      text += fmt::format(", {} say nothing for the text and {} for f32", t.left_out, t.beyond_f32);
    if (t.worst_ulps > 0)
      text += fmt::format("; most ulps: {:.3g} at x = {}; most of what is allowed: {:.2g} times it at x = {}",
                          t.worst_ulps, number(t.worst_ulps_at), t.worst_of_bound, number(t.worst_at));
    else text += "; each to the last bit";
    if (t.differ > 0) text += fmt::format(", where {} is computed, and it is {:.9g}", number(t.computed), t.exact);
    out += row(q.name, text);
  }
  return out;
}

std::string kernels_text(const std::vector<compiled_kernel>& kernels) {
  std::string out =
      "\nKernels of a plain bf16 layer with m = n = k = 4096 and a bias, forward and backward (one that spills "
      "registers "
      "to\nmemory would be refused):\n";
  for (const compiled_kernel& k : kernels)
    out += row(k.architecture, fmt::format("{}: {} registers a thread, 0 bytes of spills, a cubin of {} bytes, made in "
                                           "{:.2f} s",
                                           k.name, k.registers, k.bytes, k.seconds));
  return out;
}

// JSON has no NaN and no infinity: they are texts.
json json_number(double v) {
  if (std::isfinite(v)) return v;
  return std::isnan(v) ? "nan" : v > 0 ? "inf" : "-inf";
}
// The shortest decimal number that reads back as this float.
json json_float(float v) {
  return std::isfinite(v) ? json(std::strtod(fmt::format("{}", v).c_str(), nullptr)) : json_number(double(v));
}
json json_of(const extreme& e) {
  return e.found ? json{{"value", json_float(e.value)}, {"x", json_float(e.at)}} : json(nullptr);
}
json json_of(const stretch& s) { return json::array({json_float(s.from), json_float(s.to)}); }

json json_of(const probed& p) {
  json fixed = json::array(), places = json::array();
  for (const stretch& s : p.fixed) fixed.push_back(json_of(s));
  for (const not_finite& n : p.places)
    places.push_back(
        {{"of", n.of_derivative ? "derivative" : "value"}, {"is", json_float(n.value)}, {"x", json_of(n.where)}});
  return {{"from", json_float(p.from)},
          {"to", json_float(p.to)},
          {"lowest", json_of(p.lowest)},
          {"highest", json_of(p.highest)},
          {"steepest", json_of(p.steepest)},
          {"fixed_points", fixed},
          {"at_minus_infinity", json_float(p.at_minus_infinity)},
          {"at_infinity", json_float(p.at_infinity)},
          {"at_nan", json_float(p.at_nan)},
          {"not_finite", places}};
}

json parameters_json(const equation_facts& facts) {
  json all = json::array();
  for (int i = 0; i < facts.info().param_count; ++i) {
    const gemmact_param_info& p = facts.info().params[i];
    json one{{"name", p.name},
             {"default", p.is_operand != 0 ? json(nullptr) : json_float(p.default_value)},
             {"value", json_float(facts.values[size_t(i)])},
             {"per_column", p.is_per_column != 0},
             {"operand", p.is_operand != 0},
             {"derivative", nullptr}};
    if (p.trainable != 0) one["derivative"] = printed_node(facts, facts.worked_out.param_grads[size_t(i)]);
    all.push_back(std::move(one));
  }
  return all;
}

json json_of(const checked_quantity& q) {
  const equation::tally& t = q.found;
  return {{"of", q.name},
          {"agree", t.agree},
          {"differ", t.differ},
          {"left_out", t.left_out},
          {"overflow", t.overflow},
          {"overflow_at", t.overflow > 0 ? json_float(t.overflow_at) : json(nullptr)},
          {"beyond_f32", t.beyond_f32},
          {"worst_ulps", json_number(t.worst_ulps)},
          {"worst_ulps_at", json_float(t.worst_ulps_at)},
          {"worst_of_bound", json_number(t.worst_of_bound)},
          {"worst_of_bound_at", json_float(t.worst_at)}};
}

}  // namespace

bool passed(const equation_report& report) {
  return std::all_of(report.checked.begin(), report.checked.end(),
                     [](const checked_quantity& q) { return q.found.differ == 0; });
}

std::string report_text(const equation_report& report) {
  std::string out = report.facts.text + "\n\n" + meaning_text(report.facts) + probe_text(report);
  if (!report.checked.empty()) out += check_text(report.checked);
  if (!report.kernels.empty()) out += kernels_text(report.kernels);
  return out;
}

std::string report_json(const equation_report& report) {
  const equation_facts& facts = report.facts;
  const core::activation_info& info = facts.info();
  json work;
  for (const gemmact_accuracy mode : {GEMMACT_ACCURATE, GEMMACT_FAST})
    work[core::name_of(mode)] = {{"special_functions", info.work[mode].special_functions},
                                 {"others", info.work[mode].arithmetic}};
  json all{{"text", facts.text},
           {"name", info.name},
           {"read_as", equation::print(facts.worked_out.text, facts.known.functions(), true)},
           {"computed_as", info.formula},
           {"rewritten", facts.worked_out.notes},
           {"derivative", info.derivative},
           {"parameters", parameters_json(facts)},
           {"keeps", core::name_of(info.needs)},
           {"keeps_training_parameters", core::name_of(facts.keeps_to_train)},
           {"has_grad_from_output", info.has_grad_from_output},
           {"zero_at_zero", info.zero_at_zero},
           {"instructions", work},
           {"probe", json_of(report.probe)}};
  if (!report.checked.empty()) {
    all["check"] = json::array();
    for (const checked_quantity& q : report.checked) all["check"].push_back(json_of(q));
  }
  if (!report.kernels.empty()) {
    all["kernels"] = json::array();
    for (const compiled_kernel& k : report.kernels)
      all["kernels"].push_back({{"name", k.name},
                                {"architecture", k.architecture},
                                {"registers", k.registers},
                                {"spills", 0},
                                {"bytes", k.bytes},
                                {"seconds", k.seconds}});
  }
  return all.dump(2) + "\n";
}

}  // namespace gemmact::api
