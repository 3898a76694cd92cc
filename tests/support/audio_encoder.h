// An audio encoder as its tests use it: log-mels of the test wave in, embeddings out, with weights that can be drawn.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "batch_stage.h"
#include "drawn_weights.h"
#include "earshot/audio/log_mel.h"
#include "earshot/nn/rows.h"

namespace earshot::testing {

// Two blocks of one head: quick to draw and to run.
inline OptionValues small(OptionValues more = {}) {
  more.try_emplace("depth", OptionValue{std::int64_t{2}});
  more.try_emplace("width", OptionValue{std::int64_t{64}});
  return more;
}

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

class AudioEncoder {
 public:
  AudioEncoder(const audio::FrontEnd& front_end, std::int64_t sample_rate_hz, OptionValues options = small(),
               const Setup& setup = frozen())
      : log_mel_(audio::LogMel::create(front_end, sample_rate_hz).value()), stage_(drawn(std::move(options)), setup) {
    draw_weights(parameters());
  }

  [[nodiscard]] std::span<const nn::NamedTensor> parameters() {
    return static_cast<nn::Parameters*>(stage_.stage().capability(nn::kParametersCapability))->parameters();
  }

  // The log-mel of the test wave's first `length_s`, cut to `frames` where that is given.
  [[nodiscard]] Row clip(double length_s, std::int64_t frames = 0) const {
    const Mel mel = log_mel_.compute(test_wave(log_mel_.sample_rate_hz(), length_s)).value();
    if (frames == 0) frames = mel.frames();
    std::vector<float> values;
    for (std::int64_t band = 0; band < mel.mels(); ++band)
      for (const float value : mel.band(band).first(static_cast<std::size_t>(frames))) values.push_back(value);
    return {std::to_string(length_s) + "s" + std::to_string(frames),
            {},
            std::make_shared<const Mel>(std::move(values), mel.mels(), mel.sample_rate_hz(),
                                        std::make_shared<const std::string>(mel.front_end()))};
  }

  [[nodiscard]] BatchOutputs process(const std::vector<Row>& rows, bool training = false, std::uint64_t batch = 0) {
    Result<BatchOutputs> outputs = stage_.process({{"mel", rows}}, training, batch);
    EXPECT_TRUE(outputs.ok()) << outputs.error().message;
    return std::move(outputs).value();
  }
  [[nodiscard]] std::vector<float> embedding(const Row& row) { return values_of_row(process({row}).ports[0].at(0)); }

  // Gradients of the mean square of a training batch's embeddings, by parameter; empty where there is none.
  [[nodiscard]] std::vector<std::vector<float>> gradients(const std::vector<Row>& rows) {
    nn::stack_embeddings(process(rows, /*training=*/true).ports[0]).square().mean().backward();
    std::vector<std::vector<float>> all;
    for (const nn::NamedTensor& one : parameters())
      all.push_back(one.tensor.grad().defined() ? nn::store(one.tensor.grad()).values : std::vector<float>{});
    return all;
  }

 private:
  audio::LogMel log_mel_;
  BatchStage stage_;
};

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

// What every encoder keeps: clips of several lengths in one batch come out as each alone, to 1e-5.
inline void expect_no_leak(AudioEncoder& encoder, const std::vector<Row>& rows) {
  const BatchOutputs together = encoder.process(rows);
  ASSERT_EQ(together.ports[0].size(), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    EXPECT_LT(largest_difference(values_of_row(together.ports[0][i]), encoder.embedding(rows[i])), 1e-5) << i;
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

}  // namespace earshot::testing
