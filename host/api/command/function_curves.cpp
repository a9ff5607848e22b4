#include "host/api/command/function_curves.hpp"

#include "host/api/command/failures.hpp"

namespace gemmact::api {
namespace {

constexpr int samples = 1201;

// "swish'", "(x / 2)'"
std::string primed(const std::string& text) {
  const bool expression = text.find_first_of("+-*/^<>?") != text.npos;
  return expression ? "(" + text + ")'" : text + "'";
}

}  // namespace

void add_curves(plot_request& picture, const drawn_function& function, gemmact_accuracy accuracy, bool derivative) {
  const std::vector<float> x = plot_points(picture.from, picture.to, samples);
  std::vector<float> y(x.size()), dy(x.size());
  check(gemmact_activation_evaluate(function.text.c_str(), function.values.empty() ? nullptr : function.values.data(),
                                    function.values.size(), accuracy, x.data(), x.size(), y.data(), dy.data()));
  const int colour = int(picture.curves.size()) / (derivative ? 2 : 1);
  picture.curves.push_back({function.text + function.at, std::move(y), false, colour});
  if (derivative) picture.curves.push_back({primed(function.text) + function.at, std::move(dy), true, colour});
}

void require_plot_range(double from, double to) {
  if (!plot_range_ok(from, to))
    usage_fail(
        "--from is {} and --to is {}; --from must lie below --to, far enough for single precision to tell them apart",
        from, to);
}

}  // namespace gemmact::api
