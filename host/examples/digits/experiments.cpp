#include "host/examples/digits/experiments.hpp"

namespace examples {

depth_curve depth_of(const device& where, const layer_kind& like, const digit_inputs& train_on,
                     const digit_inputs& held_out, const training& how) {
  std::vector<layer_kind> layers(chain_layers, like);
  layers.push_back({"linear", digit_set::classes});
  network net(where, train_on.size, layers, batch_size, how.seed);
  const auto norms = [&] {
    std::vector<double> all = gradient_norms(net, train_on);
    all.pop_back();  // of the scores: no function is there
    return all;
  };
  depth_curve curve{like.name(), norms(), {}, 0};
  train(net, train_on, how);
  curve.trained = norms();
  curve.accuracy = judge(net, held_out).accuracy;
  return curve;
}

}  // namespace examples
