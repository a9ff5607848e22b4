// A function's curves in a picture.
#pragma once
#include <string>
#include <vector>

#include "host/api/plot.hpp"
#include "host/include/gemmact/gemmact.h"

namespace gemmact::api {

struct drawn_function {
  std::string text;
  std::vector<float> values;  // of its parameters
  std::string at;             // behind its text in the legend
};

// A function and, if wanted, its derivative, dashed and of the same colour. usage_error.
void add_curves(plot_request& picture, const drawn_function& function, gemmact_accuracy accuracy, bool derivative);

// usage_error where --from and --to are no range that can be drawn.
void require_plot_range(double from, double to);

}  // namespace gemmact::api
