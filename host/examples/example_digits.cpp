// Networks learn to read digits, in mixed precision: those of two and three layers, each function of the catalogue, and
// what is said of deep ones: that gradients vanish below sigmoids, that ReLU units die, and that leaky ones do not.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <numeric>

#include "host/examples/digits/baselines.hpp"
#include "host/examples/digits/chance.hpp"
#include "host/examples/digits/experiments.hpp"
#include "host/examples/digits/idx_files.hpp"
#include "host/examples/digits/options.hpp"
#include "host/examples/digits/row_tally.hpp"

using namespace examples;

namespace {

struct budget {
  int64_t train, held_out;  // digits to draw
  int64_t network_steps, row_steps, depth_steps;
};
constexpr budget whole{40000, 10000, 3000, 400, 500}, quick{12000, 2000, 900, 80, 120};

// Lines that tell what was found, and how many of them are not as they should be.
struct findings {
  int wrong = 0;

  void expect(bool found, const char* claim) {
    if (!found) ++wrong;
    std::printf("%s%s\n", found ? "" : "WRONG, it is not so: ", claim);
  }
};

struct classroom {
  const options& chosen;
  const budget& time;
  const device& where;
  const digit_inputs &train_on, &held_out;
  bool drawn;                      // what is expected is known of the digits that are drawn here
  std::optional<double> linear{};  // the accuracy of s = W x, where it ran
  findings found{};

  // What the first networks reach is known of the usual number of steps.
  bool usual() const { return drawn && !chosen.steps; }

  training steps(int64_t count, float rate = training().rate) const {
    return {.steps = count, .rate = rate, .seed = chosen.seed, .progress = {}};
  }
};

void print_outcome(const outcome& o) {
  std::printf("accuracy %5.2f %%  %7.3f ms  %5.1f %%  ", 100 * o.judged.accuracy, 1e3 * o.trained.seconds_a_step,
              100 * o.judged.dead_units);
  for (const double norm : o.trained.gradient_norms) std::printf("  %8.2e", norm);
  std::puts("");
}

// Runs a part; where the device has no kernel for it, says so and goes on.
template <class Part>
bool attempt(const Part& part) {
  try {
    part();
    return true;
  } catch (const gemmact::error& e) {
    if (e.status() != GEMMACT_NOT_SUPPORTED) throw;
    std::puts(e.what());
    return false;
  }
}

void baselines(classroom& room, const digit_set& train_on, const digit_set& held_out) {
  const double centroid = nearest_centroid_accuracy(train_on, held_out);
  room.linear = linear_accuracy(room.where, room.train_on, room.held_out, room.steps(room.time.network_steps));
  std::printf("\nWithout a hidden layer:\n  nearest mean picture  accuracy %5.2f %%\n", 100 * centroid);
  std::printf("  linear, s = W x       accuracy %5.2f %%\n", 100 * *room.linear);
  if (room.drawn) room.found.expect(centroid <= 0.8 && room.linear <= 0.9, "That is not enough for these digits.");
}

void main_network(classroom& room, const char* formula, std::vector<layer_kind> layers) {
  std::printf("\n%s, units:", formula);
  for (const layer_kind& l : layers) std::printf(" %lld", (long long)l.units);
  std::puts("");
  training how = room.steps(room.time.network_steps);
  how.progress = [&](int64_t step, double loss) {
    if (step % std::max<int64_t>(how.steps / 5, 1) == 0)
      std::printf("  step %4lld of %lld, loss %.4f\n", (long long)step, (long long)how.steps, loss);
  };
  const outcome o = outcome_of(room.where, layers, room.train_on, room.held_out, how);
  std::puts("                        a step    dead    gradient norm by layer");
  std::printf("  ");
  print_outcome(o);
  if (room.usual())
    room.found.expect(o.judged.accuracy >= 0.97, "It reads at least 97 % of digits that it has not seen.");
}

std::vector<layer_kind> every_kind() {
  std::vector<layer_kind> all;
  for (const gemmact_activation_info& f : gemmact::catalogue()) all.push_back({f.name, 0});
  for (const char* gate : {"sigmoid", "swish", "gelu", "relu"}) all.push_back({gate, 0, GEMMACT_GATED, 2});
  for (const int64_t pieces : {2, 4}) all.push_back({"", 0, GEMMACT_MAXOUT, pieces});
  return all;
}

// Weights begin so that units give about as much as they get, where that takes no larger ones than ReLU's: for z that are
// normal, the mean of f(z)^2 is that of z^2 times this.
float gain_of(const layer_kind& kind) {
  if (kind.combine != GEMMACT_PLAIN || takes_targets(kind.activation)) return 1;
  chance random(1);
  std::vector<float> z(4096), y(z.size());
  for (float& value : z) value = random.normal();
  gemmact::evaluate(kind.activation, z, y);
  const float squares = std::inner_product(y.begin(), y.end(), y.begin(), 0.0f);
  return std::min(2.0f, float(y.size()) / squares);
}

void each_function(classroom& room, const std::vector<layer_kind>& kinds) {
  const bool one = kinds.size() == 1;
  const int64_t steps = one ? room.time.network_steps : room.time.row_steps;
  std::printf("\ns = W3 f(W2 f(W1 x)), units: 128 64 10, %lld steps%s:\n", (long long)steps, one ? "" : " for each f");
  std::puts("  f                                        a step    dead    gradient norm by layer");
  row_tally rows;
  for (layer_kind kind : kinds) {
    kind.gain = gain_of(kind);
    std::vector<layer_kind> layers = {kind, kind, {"linear", digit_set::classes}};
    if (takes_targets(kind.activation)) layers = {{"relu", 0}, {"relu", 0}, {kind.activation, digit_set::classes}};
    layers[0].units = 128, layers[1].units = 64;
    std::printf("  %-18s  ", (kind.name() + (takes_targets(kind.activation) ? ", the head" : "")).c_str());
    std::fflush(stdout);
    const bool ran = attempt([&] {
      const outcome o = outcome_of(room.where, layers, room.train_on, room.held_out, room.steps(steps));
      print_outcome(o);
      if (room.linear) rows.take(kind.name(), o.judged.accuracy, *room.linear);
      if (kind.name() == "step")
        room.found.expect(o.trained.gradient_norms[0] == 0,
                          "  (A step passes no gradient: its weights stay as they were drawn.)");
    });
    if (!ran) rows.refuse();
  }
  if (!one && room.usual() && !room.chosen.quick && room.linear) room.found.expect(rows.holds(), rows.claim().c_str());
}

void depths(classroom& room) {
  std::printf("\nThe gradient's norm by layer of %d layers of %d units, untrained:\n", chain_layers, chain_units);
  std::vector<depth_curve> curves;
  // tanh and sigmoid begin with smaller weights, as they should: of a norm of 1 for each unit.
  const std::vector<layer_kind> kinds = {{"sigmoid", chain_units, GEMMACT_PLAIN, 1, 1},
                                         {"tanh", chain_units, GEMMACT_PLAIN, 1, 1},
                                         {"relu", chain_units},
                                         {"leaky_relu(slope=0.1)", chain_units}};
  for (const layer_kind& kind : kinds)
    curves.push_back(
        depth_of(room.where, kind, room.train_on, room.held_out, room.steps(room.time.depth_steps, 1e-3f)));
  std::printf("%s\nand after %lld steps:\n%s", depth_bars(curves, &depth_curve::untrained).c_str(),
              (long long)room.time.depth_steps, depth_bars(curves, &depth_curve::trained).c_str());
  std::printf("  so");
  for (const depth_curve& c : curves)
    std::printf("%*saccuracy %5.2f %%", c.name == "sigmoid" ? 5 : 6, "", 100 * c.accuracy);
  std::puts("\n");

  const auto left = [](const depth_curve& c) { return c.untrained.front() / c.untrained.back(); };
  const double law = std::pow(0.25, chain_layers - 1);
  std::printf(
      "Of the gradient of the last of these layers, the first gets %.2g below sigmoids (0.25^%d is %.2g), %.2g "
      "below ReLU.\n",
      left(curves[0]), chain_layers - 1, law, left(curves[2]));
  if (room.drawn) {
    room.found.expect(left(curves[0]) <= law, "Sigmoids leave at most 0.25 a layer: it vanishes.");
    room.found.expect(left(curves[1]) > 0.01 && left(curves[2]) > 0.1 && left(curves[3]) > 0.1,
                      "tanh, ReLU and the leaky ReLU pass it on.");
    room.found.expect(curves[0].accuracy + 0.3 < std::min({curves[1].accuracy, curves[2].accuracy, curves[3].accuracy}),
                      "So the chain of sigmoids does not learn, and the others do.");
  }

  if (!room.chosen.svg) return;
  std::ofstream file(*room.chosen.svg);
  file << depth_svg(curves);
  file.close();
  if (!file) throw std::runtime_error(*room.chosen.svg + " cannot be written");
}

void deaths(classroom& room) {
  constexpr float rates[] = {0.003f, 0.03f, 0.1f};
  std::puts("\nReLU at higher rates of learning, with 128, 128 and 10 units, beside the leaky one:");
  std::puts("   rate  relu                          leaky_relu(slope=0.1)");
  std::vector<judgement> relu, leaky;
  for (const float rate : rates) {
    std::printf("  %5.3f", double(rate));
    for (const auto& [f, all] : {std::pair{"relu", &relu}, std::pair{"leaky_relu(slope=0.1)", &leaky}}) {
      const std::vector<layer_kind> layers = {{f, 128}, {f, 128}, {"linear", digit_set::classes}};
      all->push_back(
          outcome_of(room.where, layers, room.train_on, room.held_out, room.steps(room.time.row_steps, rate)).judged);
      std::printf("  accuracy %5.2f %%, %4.1f %% dead", 100 * all->back().accuracy, 100 * all->back().dead_units);
      std::fflush(stdout);
    }
    std::puts("");
  }
  std::puts("");
  if (!room.drawn) return;
  room.found.expect(
      relu.back().dead_units > relu.front().dead_units + 0.2 && relu.back().accuracy < relu.front().accuracy - 0.2,
      "ReLU units die at a high rate, and the network with them.");
  room.found.expect(leaky.back().dead_units < 0.01 && leaky.back().accuracy > relu.back().accuracy + 0.2,
                    "The leaky ReLU cures it.");
}

// "relu", "maxout", "gated:swish".
layer_kind kind_of(const std::string& text) {
  const std::string gated = "gated:";
  layer_kind kind{text, 0};
  if (text == "maxout") kind = {"", 0, GEMMACT_MAXOUT, 2};
  if (text.rfind(gated, 0) == 0) kind = {text.substr(gated.size()), 0, GEMMACT_GATED, 2};
  try {
    if (kind.combine != GEMMACT_MAXOUT && gemmact::parse_activation(kind.activation).index == SIZE_MAX &&
        takes_targets(kind.activation))
      throw usage_error("--function is \"" + text + "\", whose operand tensors nothing here gives");
  } catch (const gemmact::error& e) {
    throw usage_error("--function: " + std::string(e.what()));
  }
  if (kind.combine == GEMMACT_GATED && takes_targets(kind.activation))
    throw usage_error("--function is \"" + text + "\"; a gate takes no targets");
  return kind;
}

int run(const options& chosen) {
  std::vector<layer_kind> kinds = every_kind();
  if (chosen.function) kinds = {kind_of(*chosen.function)};
  if (chosen.function && chosen.svg) throw usage_error("--svg draws what --function leaves out: gradients by depth");
  if (chosen.svg && !std::ofstream(*chosen.svg, std::ios::app))
    throw std::runtime_error(*chosen.svg + " cannot be written");
  budget time = chosen.quick ? quick : whole;
  time.network_steps = chosen.steps.value_or(uint32_t(time.network_steps));
  const device where(chosen.device);
  const digit_sets digits =
      chosen.data ? read_both(*chosen.data, batch_size)
                  : digit_sets{draw_digits(time.train, chosen.seed), draw_digits(time.held_out, ~chosen.seed)};

  std::printf("%lld digits of %d x %d to learn from and %lld that are held out, such as these:\n\n%s\n",
              (long long)digits.train.count, digits.train.height, digits.train.width, (long long)digits.held_out.count,
              as_text(digits.held_out).c_str());
  std::printf("%s: %s. Weights, activations and gradients are bf16, sums and what is learnt f32; %lld digits a step.\n",
              chosen.device.c_str(), where.description().c_str(), (long long)batch_size);
  const digit_inputs train_inputs(digits.train, digits.train), held_out_inputs(digits.held_out, digits.train);
  classroom room{chosen, time, where, train_inputs, held_out_inputs, !chosen.data};
  const auto shown = [&](const auto& part) {
    if (!attempt(part)) room.found.wrong += 1;
  };
  if (!chosen.function) {
    shown([&] { baselines(room, digits.train, digits.held_out); });
    shown([&] { main_network(room, "s = W2 max(0, W1 x)", {{"relu", 256}, {"linear", 10}}); });
    shown([&] {
      main_network(room, "s = W3 max(0, W2 max(0, W1 x))", {{"relu", 256}, {"relu", 128}, {"linear", 10}});
    });
  }
  each_function(room, kinds);
  if (!chosen.function) {
    shown([&] { depths(room); });
    shown([&] { deaths(room); });
  }
  if (room.found.wrong != 0) std::printf("\nWRONG or not shown here: %d claims, see above.\n", room.found.wrong);
  return room.found.wrong != 0;
}

}  // namespace

int main(int count, char** words) try {
  std::setvbuf(stdout, nullptr, _IOLBF, 1 << 12);
  const options chosen = parse_options(count, words);
  if (chosen.help) return std::fputs(help_text, stdout) < 0;
  return run(chosen);
} catch (const usage_error& e) {
  std::fprintf(stderr, "example_digits: %s\n", e.what());
  return 2;
} catch (const std::exception& e) {
  std::fprintf(stderr, "example_digits: %s\n", e.what());
  return 1;
}
