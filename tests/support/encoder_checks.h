// What the tests of encoders share: weights that need no file, gradients, and check values of reference networks.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "batch_stage.h"
#include "drawn_weights.h"
#include "earshot/nn/rows.h"

namespace earshot::testing {

// With weights that need no file.
inline OptionValues drawn(OptionValues options) {
  options["weights"] = {std::string("random")};
  return options;
}

inline Setup frozen() {
  Setup setup = trainable();
  setup.trainable = false;
  setup.compute_threads = 2;
  return setup;
}

inline std::span<const nn::NamedTensor> parameters_of(Stage& stage) {
  return static_cast<nn::Parameters*>(stage.capability(nn::kParametersCapability))->parameters();
}

// Gradients of the mean square of a training batch's embeddings, by parameter; empty where there is none.
inline std::vector<std::vector<float>> gradients_of(Stage& stage, const BatchOutputs& trained) {
  nn::stack_embeddings(trained.ports[0]).square().mean().backward();
  std::vector<std::vector<float>> all;
  for (const nn::NamedTensor& one : parameters_of(stage))
    all.push_back(one.tensor.grad().defined() ? nn::store(one.tensor.grad()).values : std::vector<float>{});
  return all;
}

inline double largest_difference(std::span<const float> a, std::span<const float> b) {
  EXPECT_EQ(a.size(), b.size());
  double largest = 0;
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i)
    largest = std::max(largest, static_cast<double>(std::abs(a[i] - b[i])));
  return largest;
}

// Published check values of a vector: its first four, its last, its sum and its length.
struct CheckValues {
  std::vector<double> first;
  double last = 0;
  double sum = 0;
  double length = 0;
};
inline void expect_near(std::span<const float> values, const CheckValues& expected) {
  constexpr double kTolerance = 1e-4;
  for (std::size_t i = 0; i < expected.first.size(); ++i) EXPECT_NEAR(values[i], expected.first[i], kTolerance) << i;
  EXPECT_NEAR(values.back(), expected.last, kTolerance);
  double sum = 0;
  double squares = 0;
  for (const float value : values) {
    sum += static_cast<double>(value);
    squares += static_cast<double>(value) * static_cast<double>(value);
  }
  EXPECT_NEAR(sum, expected.sum, 1e-3);
  EXPECT_NEAR(std::sqrt(squares), expected.length, 1e-3);
}

// The gradients of a training batch do not depend on `chunk`, to 1e-5.
inline void expect_same_gradients(const std::vector<std::vector<float>>& plain,
                                  const std::vector<std::vector<float>>& chunked) {
  ASSERT_EQ(plain.size(), chunked.size());
  double largest = 0;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    EXPECT_LT(largest_difference(plain[i], chunked[i]), 1e-5) << i;
    for (const float value : plain[i]) largest = std::max(largest, static_cast<double>(std::abs(value)));
  }
  EXPECT_GT(largest, 1e-3);
}

// What every encoder keeps: rows of several lengths in one batch come out as each alone, to 1e-5.
template <class Encoder>
void expect_no_leak(Encoder& encoder, const std::vector<Row>& rows) {
  const BatchOutputs together = encoder.process(rows);
  ASSERT_EQ(together.ports[0].size(), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    EXPECT_LT(largest_difference(values_of_row(together.ports[0][i]), encoder.embedding(rows[i])), 1e-5) << i;
}

}  // namespace earshot::testing
