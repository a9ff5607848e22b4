// The gradient's norm by depth: as text, and as a picture.
#pragma once
#include <string>
#include <vector>

namespace examples {

// By layer, the one next to the digits first.
struct depth_curve {
  std::string name;
  std::vector<double> untrained, trained;
  double accuracy = 0;  // once trained
};

// A column for each curve, a line for each layer, the last first; bars are logarithmic, over one range.
std::string depth_bars(const std::vector<depth_curve>& curves, std::vector<double> depth_curve::*which);

// An SVG with a logarithmic axis: lines for the untrained, dashed ones for the trained. Empty where no norm is above 0.
std::string depth_svg(const std::vector<depth_curve>& curves);

}  // namespace examples
