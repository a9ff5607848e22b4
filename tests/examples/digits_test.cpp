// The parts of example_digits: the digits that it draws, how hard they are, and MNIST's files.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>

#include "host/examples/digits/baselines.hpp"
#include "host/examples/digits/idx_files.hpp"
#include "host/examples/digits/row_tally.hpp"
#include "tests/examples/idx_writer.hpp"

namespace gemmact::test {
namespace {

using examples::digit_set;

TEST(digits, the_same_seed_draws_the_same_bytes) {
  const digit_set one = examples::draw_digits(200, 7), again = examples::draw_digits(200, 7);
  EXPECT_EQ(one.pixels, again.pixels);
  EXPECT_EQ(one.labels, again.labels);
  const digit_set other = examples::draw_digits(200, 8), fewer = examples::draw_digits(150, 7);
  EXPECT_NE(one.pixels, other.pixels);
  EXPECT_NE(one.labels, other.labels);
  EXPECT_TRUE(std::equal(fewer.pixels.begin(), fewer.pixels.end(), one.pixels.begin()));
}

TEST(digits, each_ten_have_every_digit) {
  const digit_set digits = examples::draw_digits(300, 3);
  std::set<std::string> orders;
  for (auto from = digits.labels.begin(); from != digits.labels.end(); from += 10) {
    std::vector<uint8_t> ten(from, from + 10);
    orders.emplace(ten.begin(), ten.end());
    std::sort(ten.begin(), ten.end());
    for (size_t digit = 0; digit < 10; ++digit) EXPECT_EQ(ten[digit], digit);
  }
  EXPECT_GT(orders.size(), 25u);
}

TEST(digits, no_two_pictures_are_alike_and_each_has_ink) {
  const digit_set digits = examples::draw_digits(1000, 4);
  std::set<std::string> pictures;
  for (int64_t i = 0; i < digits.count; ++i) {
    const uint8_t* p = digits.picture(i);
    pictures.emplace(p, p + digits.size());
    const int64_t dark = std::count_if(p, p + digits.size(), [](uint8_t pixel) { return pixel > 150; });
    EXPECT_GT(dark, 8) << i;
    EXPECT_LT(dark, digits.size() / 3) << i;
  }
  EXPECT_EQ(pictures.size(), 1000u);
}

TEST(digits, are_too_hard_without_a_hidden_layer) {
  const digit_set train = examples::draw_digits(12000, 1), held_out = examples::draw_digits(2000, 2);
  const double centroid = examples::nearest_centroid_accuracy(train, held_out);
  EXPECT_LE(centroid, 0.8);
  EXPECT_GE(centroid, 0.4);  // they are digits, not noise
  const examples::device cpu("cpu");
  const examples::digit_inputs inputs(train, train), held_out_inputs(held_out, train);
  // Twice as long brings no more: no weakness of the training keeps it below.
  const auto linear = [&](int64_t steps, float rate) {
    return examples::linear_accuracy(cpu, inputs, held_out_inputs,
                                     {.steps = steps, .rate = rate, .seed = 1, .progress = {}});
  };
  const double half_way = linear(1000, 3e-3f), best = std::max(linear(2000, 3e-3f), linear(2000, 1e-3f));
  EXPECT_LE(best, 0.9);
  EXPECT_GE(best, 0.7);
  EXPECT_NEAR(best, half_way, 0.02);
}

TEST(baselines, a_centroid_tells_apart_what_is_apart) {
  digit_set set{4, 1, 2, {0, 0, 10, 0, 250, 0, 240, 0}, {3, 3, 8, 8}};
  EXPECT_EQ(examples::nearest_centroid_accuracy(set, set), 1);
  set.labels = {3, 3, 8, 3};
  EXPECT_EQ(examples::nearest_centroid_accuracy(set, set), 0.75);
}

TEST(row_tally, tells_what_was_looked_at) {
  const auto all = [](double linear, double step, double relu) {
    examples::row_tally rows;
    rows.take("linear", linear, 0.8), rows.take("step", step, 0.8), rows.take("relu", relu, 0.8);
    return rows;
  };
  const examples::row_tally good = all(0.8, 0.3, 0.97);
  EXPECT_TRUE(good.holds());
  EXPECT_EQ(good.claim(), "All but linear, which stays a line, and step are better than s = W x.");
  EXPECT_FALSE(all(0.9, 0.3, 0.97).holds());
  EXPECT_FALSE(all(0.8, 0.9, 0.97).holds());
  EXPECT_FALSE(all(0.8, 0.3, 0.82).holds());
}

TEST(row_tally, what_has_no_kernel_is_not_said_to_be_better) {
  examples::row_tally rows;
  rows.refuse();
  EXPECT_FALSE(rows.holds()) << "nothing was looked at";
  rows.take("relu", 0.97, 0.8);  // linear is the one that has none
  EXPECT_TRUE(rows.holds());
  EXPECT_EQ(rows.claim(),
            "All but linear, which stays a line, and step are better than s = W x, of the 1 that have a kernel here; "
            "1 have none.");
}

class idx : public idx_folder {};

TEST_F(idx, files_are_read_as_they_were_written) {
  const digit_set train = examples::draw_digits(130, 5), held_out = examples::draw_digits(20, 6);
  write(train, "train");
  write(held_out, "t10k");
  const auto [read, other] = examples::read_both(folder(), 128);
  EXPECT_EQ(read.count, 130);
  EXPECT_EQ(read.height, 28);
  EXPECT_EQ(read.width, 28);
  EXPECT_EQ(read.pixels, train.pixels);
  EXPECT_EQ(read.labels, train.labels);
  EXPECT_EQ(other.pixels, held_out.pixels);
}

TEST_F(idx, files_that_cannot_serve_are_refused_in_one_sentence) {
  const digit_set good = examples::draw_digits(130, 5);
  const auto refusal = [&](int64_t least = 128) -> std::string {
    try {
      examples::read_both(folder(), least);
    } catch (const std::runtime_error& e) {
      return e.what();
    }
    return "nothing was refused";
  };
  const auto expect = [&](const std::string& sentence, int64_t least = 128) {
    EXPECT_NE(refusal(least).find(sentence), std::string::npos) << refusal(least) << "\nshould say: " << sentence;
    write(good, "train");
    write(good, "t10k");
  };
  expect("train-images-idx3-ubyte cannot be opened");
  const std::filesystem::path images = std::filesystem::path(folder()) / "train-images-idx3-ubyte";
  std::filesystem::remove(images);
  std::filesystem::create_directory(images);  // as some unpack the archives
  EXPECT_NE(refusal().find("train-images-idx3-ubyte cannot be read"), std::string::npos) << refusal();
  std::filesystem::remove(images);
  write(good, "train");
  change("train-images-idx3-ubyte", [](std::string& bytes) { bytes.pop_back(); });
  expect("train-images-idx3-ubyte has 101919 bytes after its header, which promises 101920");
  change("t10k-images-idx3-ubyte", [](std::string& bytes) { bytes += '\0'; });
  expect("t10k-images-idx3-ubyte has at least 101921 bytes after its header, which promises 101920");
  change("train-images-idx3-ubyte", [](std::string& bytes) { bytes.resize(15); });
  expect("train-images-idx3-ubyte has 15 bytes, fewer than its header's 16");
  change("t10k-labels-idx1-ubyte", [](std::string& bytes) { bytes.clear(); });
  expect("t10k-labels-idx1-ubyte has 0 bytes, fewer than its header's 8");
  change("train-labels-idx1-ubyte", [](std::string& bytes) { bytes[3] = 3; });
  expect("train-labels-idx1-ubyte begins with the number 2051; it must be 2049");
  change("train-images-idx3-ubyte", [](std::string& bytes) { bytes[0] = '\x1f'; });  // compressed files begin so
  expect("begins with the number 520095747; it must be 2051");
  change("train-images-idx3-ubyte", [](std::string& bytes) { bytes[8] = '\x7f'; });
  expect("train-images-idx3-ubyte says that size 1 is 2130706460; it must be from 1 to 1024");
  change("train-images-idx3-ubyte", [](std::string& bytes) { bytes[7] = 0; });
  expect("says that size 0 is 0; it must be from 1 to 10000000");
  change("train-labels-idx1-ubyte", [](std::string& bytes) { bytes[7]--, bytes.pop_back(); });
  expect("train-labels-idx1-ubyte has 129 labels for 130 pictures");
  change("t10k-labels-idx1-ubyte", [](std::string& bytes) { bytes.back() = 10; });
  expect("t10k-labels-idx1-ubyte has the label 10; labels are digits, 0 to 9");
  expect("has 130 digits to learn from; it needs at least 131", 131);
  write({1, 27, 28, std::vector<uint8_t>(27 * 28), {0}}, "t10k");
  expect("has digits of 28 x 28 to learn from and held-out ones of 27 x 28; they must be alike");
  EXPECT_EQ(refusal(), "nothing was refused");
}

}  // namespace
}  // namespace gemmact::test
