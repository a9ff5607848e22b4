#include <algorithm>
#include <nlohmann/json.hpp>

#include "host/api/command/described_layer.hpp"
#include "host/api/command/failures.hpp"
#include "host/api/command/output.hpp"
#include "host/api/command/text_file.hpp"
#include "host/core/status.hpp"
#include "host/plan/pack.hpp"

namespace gemmact::api {
namespace {

using json = nlohmann::json;

json read_problems(const std::string& path) {
  const std::string text = read_text(path);
  json problems;
  try {
    problems = json::parse(text);
  } catch (const json::exception& e) {
    run_fail("{} is no JSON: {}", path, e.what());
  }
  if (!problems.is_array() || problems.empty()) run_fail("{} must be an array of objects, one a problem", path);
  return problems;
}

// "--type=bf16" of a field: the same words as on the command line of explain.
std::vector<std::string> words_of(const std::string& key, const json& value) {
  std::string option = "--" + key;
  std::replace(option.begin(), option.end(), '_', '-');
  if (option == "--device" || option == "--help") usage_fail("{} cannot be given here", core::quoted(key));
  if (value.is_boolean()) return value.get<bool>() ? std::vector{option} : std::vector<std::string>{};
  if (value.is_string()) return {option + "=" + value.get<std::string>()};
  if (value.is_number()) return {option + "=" + value.dump()};
  std::vector<std::string> words;
  if (!value.is_array())
    usage_fail("{} is {}; it takes a text, a number, true, false or a list", key, value.type_name());
  for (const json& one : value) {
    if (one.is_array()) usage_fail("{} has a list within its list", key);
    for (std::string& word : words_of(key, one)) words.push_back(std::move(word));
  }
  return words;
}

core::problem checked_problem(const json& fields) {
  if (!fields.is_object()) usage_fail("it is {}, and must be an object", fields.type_name());
  std::vector<std::string> words;
  for (const auto& [key, value] : fields.items())
    for (std::string& word : words_of(key, value)) words.push_back(std::move(word));
  return described_problem("pack", words);
}

std::vector<core::problem> checked_problems(const std::string& path) {
  std::vector<core::problem> problems;
  const json all = read_problems(path);
  for (size_t i = 0; i < all.size(); ++i) {
    try {
      problems.push_back(checked_problem(all[i]));
    } catch (const std::exception& e) {
      run_fail("{}: problem {}: {}", path, i, e.what());
    }
  }
  return problems;
}

std::string table(const std::vector<plan::packed_kernel>& kernels) {
  size_t width = 0;
  for (const plan::packed_kernel& k : kernels) width = std::max(width, k.name.size());
  std::string text;
  for (const plan::packed_kernel& k : kernels)
    text += fmt::format("{:<{}}  {:<7} {:>4} registers  {:>7} bytes\n", k.name, width, k.architecture, k.registers,
                        k.bytes);
  return text + fmt::format("{} kernel(s)\n", kernels.size());
}

}  // namespace

void run_pack(const std::vector<std::string>& arguments) {
  std::optional<std::string> arch, out, listed;
  std::vector<std::string> files;
  command_line line(
      "pack", "FILE --arch sm_80,sm_90 -o PACK",
      "Compiles the kernels that problems need into one file, so that a machine without NVRTC can run them: name it in "
      "GEMMACT_PACK there. FILE is a JSON array with an object for each problem, whose fields are the options of "
      "explain without their dashes, the device left out: [{\"m\": 4096, \"n\": 4096, \"k\": 4096, \"type\": \"bf16\", "
      "\"activation\": \"gelu\", \"bias\": \"column\", \"variable-m\": true}]. A plan finds its kernel there when it "
      "promises its tensors' alignment (align_bytes) as the file does: 16 bytes, unless \"align\" says otherwise.",
      "Examples:\n"
      "  gemmact pack problems.json --arch sm_80,sm_90 -o my.pack\n"
      "  gemmact pack --list my.pack\n");
  line.words("FILE", "the problems, as JSON", files);
  line.text("--arch", "LIST", "the GPUs' architectures: sm_80, sm_86, sm_89, sm_90 (or sm_90a), ...", arch);
  line.text("-o", "PACK", "the file that is written", out);
  line.text("--list", "PACK", "tells what a pack holds, and writes nothing", listed);
  if (!line.parse(arguments)) return;
  try {
    if (listed) {
      if (arch || out || !files.empty()) usage_fail("--list takes no other option");
      return write_standard_output(table(plan::list_pack(*listed)));
    }
    if (files.size() != 1 || !arch || !out) usage_fail("pack needs one FILE, --arch and -o (see gemmact pack --help)");
    const std::vector<int> numbers = architectures("--arch", *arch);
    const std::vector<core::problem> problems = checked_problems(files[0]);
    write_standard_output(table(
        plan::make_pack(problems, numbers, *out, plan::gpu_families(), jit::compiler_options::from_environment())));
  } catch (const core::failure& f) {
    throw run_error(f.message());
  }
}

}  // namespace gemmact::api
