#include "host/examples/digits/baselines.hpp"

#include <algorithm>

namespace examples {

double nearest_centroid_accuracy(const digit_set& train, const digit_set& held_out) {
  const size_t size = size_t(train.size());
  std::vector<std::vector<float>> centroid(digit_set::classes, std::vector<float>(size));
  std::vector<float> members(digit_set::classes);
  for (int64_t i = 0; i < train.count; ++i) {
    const size_t label = train.labels[size_t(i)];
    members[label] += 1;
    for (size_t j = 0; j < size; ++j) centroid[label][j] += train.picture(i)[j];
  }
  for (size_t c = 0; c < centroid.size(); ++c)
    for (float& pixel : centroid[c]) pixel /= std::max(members[c], 1.0f);

  int64_t right = 0;
  for (int64_t i = 0; i < held_out.count; ++i) {
    size_t nearest = 0;
    float least = INFINITY;
    for (size_t c = 0; c < centroid.size(); ++c) {
      float distance = 0;
      for (size_t j = 0; j < size; ++j) {
        const float apart = centroid[c][j] - float(held_out.picture(i)[j]);
        distance += apart * apart;
      }
      if (members[c] > 0 && distance < least) least = distance, nearest = c;
    }
    right += nearest == held_out.labels[size_t(i)];
  }
  return double(right) / double(held_out.count);
}

double linear_accuracy(const device& where, const digit_inputs& train_on, const digit_inputs& held_out,
                       const training& how) {
  return outcome_of(where, {{"linear", digit_set::classes}}, train_on, held_out, how).judged.accuracy;
}

}  // namespace examples
