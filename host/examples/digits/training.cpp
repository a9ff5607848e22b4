#include "host/examples/digits/training.hpp"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "host/examples/digits/chance.hpp"

namespace examples {
namespace {

// Adam's step; `step` counts from 1.
void learn(learnt& l, float rate, int64_t step) {
  constexpr float keep_mean = 0.9f, keep_squared = 0.999f, least = 1e-8f;
  l.mean.resize(l.value.size());
  l.squared.resize(l.value.size());
  const float scale = rate / (1 - std::pow(keep_mean, float(step)));
  const float whole = 1 / (1 - std::pow(keep_squared, float(step)));
  for (size_t i = 0; i < l.value.size(); ++i) {
    const float slope = l.slope[i];
    l.mean[i] = keep_mean * l.mean[i] + (1 - keep_mean) * slope;
    l.squared[i] = keep_squared * l.squared[i] + (1 - keep_squared) * slope * slope;
    l.value[i] -= scale * l.mean[i] / (std::sqrt(whole * l.squared[i]) + least);
  }
}

double norm(const std::vector<learnt>& weights) {
  double sum = 0;
  for (const learnt& w : weights) {
    float parts[8] = {};  // rows are whole pieces of eight
    for (size_t i = 0; i < w.slope.size(); ++i) parts[i % 8] += w.slope[i] * w.slope[i];
    sum = std::accumulate(std::begin(parts), std::end(parts), sum);
  }
  return std::sqrt(sum);
}

// Of softmax and cross entropy.
double softmax_loss(const std::vector<float>& scores, int64_t score_row, const std::vector<uint8_t>& labels,
                    std::vector<float>& gradient) {
  const int64_t rows = std::ssize(labels);
  gradient.assign(size_t(rows * score_row), 0);
  double loss = 0;
  for (int64_t i = 0; i < rows; ++i) {
    const float* s = scores.data() + i * score_row;
    float* g = gradient.data() + i * score_row;
    const float highest = *std::max_element(s, s + digit_set::classes);
    float sum = 0;
    for (int c = 0; c < digit_set::classes; ++c) sum += g[c] = std::exp(s[c] - highest);
    loss += std::log(sum) - (s[labels[size_t(i)]] - highest);
    for (int c = 0; c < digit_set::classes; ++c)
      g[c] = (g[c] / sum - (c == labels[size_t(i)] ? 1.0f : 0.0f)) / float(rows);
  }
  return loss / double(rows);
}

// Scores that are losses already, a hinge's: their sum, a digit.
double summed_loss(const std::vector<float>& scores, int64_t score_row, std::vector<float>& gradient) {
  const int64_t rows = std::ssize(scores) / score_row;
  gradient.assign(scores.size(), 0);
  double loss = 0;
  for (int64_t i = 0; i < rows; ++i)
    for (int c = 0; c < digit_set::classes; ++c) {
      loss += double(scores[size_t(i * score_row + c)]) / double(rows);
      gradient[size_t(i * score_row + c)] = 1 / float(rows);
    }
  return loss;
}

}  // namespace

digit_inputs::digit_inputs(const digit_set& digits, const digit_set& like)
    : count(digits.count), size(digits.size()), labels(digits.labels) {
  double sum = 0, squares = 0;
  for (const uint8_t p : like.pixels) sum += p, squares += double(p) * p;
  const double mean = sum / double(like.pixels.size());
  const double deviation = std::sqrt(std::max(squares / double(like.pixels.size()) - mean * mean, 1.0));
  uint16_t of_pixel[256];
  for (int p = 0; p < 256; ++p) of_pixel[p] = to_bf16(float((p - mean) / deviation));
  rows.resize(size_t(count * network::row_of(size)));
  for (int64_t i = 0; i < count; ++i)
    for (int64_t j = 0; j < size; ++j) rows[size_t(i * network::row_of(size) + j)] = of_pixel[digits.picture(i)[j]];
}

double loss(const std::vector<float>& scores, const network& net, const std::vector<uint8_t>& labels,
            std::vector<float>& gradient) {
  return net.has_targets() ? summed_loss(scores, net.score_row(), gradient)
                           : softmax_loss(scores, net.score_row(), labels, gradient);
}

training_result train(network& net, const digit_inputs& digits, const training& how) {
  chance random(how.seed);
  std::vector<int64_t> order(size_t(digits.count));
  std::iota(order.begin(), order.end(), 0);
  const int64_t batch = net.batch(), row = network::row_of(digits.size);
  std::vector<uint16_t> x(size_t(batch * row));
  std::vector<uint8_t> labels(static_cast<size_t>(batch));
  std::vector<float> gradient;
  training_result result;
  result.gradient_norms.resize(net.depth());

  const auto began = std::chrono::steady_clock::now();
  int64_t next = digits.count;  // in `order`, of which each pass has another
  for (int64_t step = 0; step < how.steps; ++step) {
    if (next + batch > digits.count) random.shuffle(order), next = 0;
    for (int64_t i = 0; i < batch; ++i) {
      const int64_t digit = order[size_t(next++)];
      std::copy_n(digits.row(digit), row, x.begin() + i * row);
      labels[size_t(i)] = digits.labels[size_t(digit)];
    }
    const double batch_loss = loss(net.forward(x.data(), batch, labels), net, labels, gradient);
    net.backward(gradient);
    const double done = double(step) / double(how.steps);
    const float rate = how.rate * float(0.5 + 0.5 * std::cos(3.14159265 * done));
    for (size_t layer = 0; layer < net.depth(); ++layer) {
      result.gradient_norms[layer] += norm(net.weights(layer)) / double(how.steps);
      for (learnt* l : net.all_learnt(layer)) learn(*l, rate, step + 1);
    }
    net.store_learnt();
    if (how.progress) how.progress(step + 1, batch_loss);
  }
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - began;
  result.seconds_a_step = spent.count() / double(how.steps);
  return result;
}

judgement judge(network& net, const digit_inputs& digits) {
  int64_t right = 0, hidden = 0, dead = 0;
  std::vector<std::vector<uint16_t>> first(net.depth() - 1);  // outputs of the first digit, by layer
  std::vector<std::vector<uint8_t>> varies(net.depth() - 1);
  for (int64_t from = 0; from < digits.count; from += net.batch()) {
    const int64_t rows = std::min(net.batch(), digits.count - from);
    const std::vector<float>& scores = net.forward(digits.row(from), rows);
    for (int64_t i = 0; i < rows; ++i) {
      const float* s = scores.data() + i * net.score_row();
      right += std::max_element(s, s + digit_set::classes) - s == digits.labels[size_t(from + i)];
    }
    for (size_t layer = 0; layer + 1 < net.depth(); ++layer) {
      const std::vector<uint16_t> y = net.output(layer, rows);
      const size_t units = size_t(net.units(layer)), row = size_t(network::row_of(net.units(layer)));
      if (from == 0) first[layer].assign(y.begin(), y.begin() + std::ptrdiff_t(units)), varies[layer].resize(units);
      for (size_t i = 0; i < size_t(rows); ++i)
        for (size_t j = 0; j < units; ++j) varies[layer][j] |= y[i * row + j] != first[layer][j];
    }
  }
  for (const std::vector<uint8_t>& units : varies) {
    hidden += std::ssize(units);
    dead += std::count(units.begin(), units.end(), uint8_t(0));
  }
  return {double(right) / double(digits.count), hidden == 0 ? 0 : double(dead) / double(hidden)};
}

std::vector<double> gradient_norms(network& net, const digit_inputs& digits) {
  const std::vector<uint8_t> labels(digits.labels.begin(), digits.labels.begin() + net.batch());
  std::vector<float> gradient;
  loss(net.forward(digits.row(0), net.batch(), labels), net, labels, gradient);
  net.backward(gradient);
  std::vector<double> norms;
  for (size_t layer = 0; layer < net.depth(); ++layer) norms.push_back(net.gradient_norm(layer));
  return norms;
}

outcome outcome_of(const device& where, const std::vector<layer_kind>& layers, const digit_inputs& train_on,
                   const digit_inputs& held_out, const training& how) {
  network net(where, train_on.size, layers, batch_size, how.seed);
  training_result trained = train(net, train_on, how);
  return {judge(net, held_out), std::move(trained)};
}

}  // namespace examples
