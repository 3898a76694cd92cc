// cnn: a small convolutional audio encoder, trained from scratch.
//
// Four 3 x 3 convolutions of stride 2, then one Linear a frame, then four summaries over time: the mean weighted by
// cos(pi k t) for k = 0, 1, 2 with t in [0, 1] the place in the clip, and the maximum. The weighted means tell "an owl,
// then a dog" from "a dog, then an owl". Batch normalisation: Ioffe and Szegedy 2015.
#include <array>
#include <cmath>
#include <memory>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include <ATen/ops/amax.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/relu.h>

#include "earshot/audio/front_end.h"
#include "earshot/audio/mel.h"
#include "earshot/contract/plugin.h"
#include "earshot/nn/encoder.h"
#include "earshot/nn/layers.h"
#include "earshot/nn/stored.h"

namespace {
using namespace earshot;

constexpr std::int64_t kMels = 64;
constexpr std::int64_t kCosines = 3;

// 20 ms frames at 16 kHz; (log-mel + 4.5) / 5 is about 0 on average.
audio::FrontEnd front_end() {
  audio::FrontEnd front;
  front.fft = 512;
  front.window = 512;
  front.hop = 320;
  front.mels = kMels;
  front.fmin = 20;
  front.mean = -4.5;
  front.std = 5;
  return front;
}

struct Options {
  std::int64_t channels = 16;
  std::int64_t dim = 1024;
  double dropout = 0.2;
};

// Weights cos(pi k t) / frames of the frames at t = (n + 0.5) / frames: [cosine, frame].
at::Tensor cosines(std::int64_t frames) {
  at::Tensor weights = at::empty({kCosines, frames}, at::kFloat);
  auto out = nn::values_of(weights).begin();
  for (std::int64_t k = 0; k < kCosines; ++k)
    for (std::int64_t n = 0; n < frames; ++n) {
      const double t = (static_cast<double>(n) + 0.5) / static_cast<double>(frames);
      *out++ =
          static_cast<float>(std::cos(std::numbers::pi * static_cast<double>(k) * t) / static_cast<double>(frames));
    }
  return weights;
}

class Cnn final : public nn::Encoder {
 public:
  static auto contract() {
    return Contract<Options>("cnn", /*algorithm=*/1, "a small convolutional audio encoder, trained from scratch")
        .option(&Options::channels, "channels", range(4, 128), "of the first layer; doubled by each of the next three")
        .option(&Options::dim, "dim", range(32, 4096), "width of the embedding; a multiple of 4")
        .option(&Options::dropout, "dropout", range(0, 0.9), "of features a frame, in training")
        .input<Mel>("mel", constant_fact("sample_rate", "16000"), constant_fact("front_end", front_end().to_text()))
        .output<Embedding>("embedding", fact_from_option("dim", "dim"))
        .numeric()
        .compute_lane()
        .trainable()
        .any_device()
        .offers(nn::kParametersCapability);
  }

  static Result<std::unique_ptr<Cnn>> create(const Options& options, const Setup& setup) {
    if (options.dim % (kCosines + 1) != 0)
      return Error{ErrorCode::kInvalidArgument, "cnn: dim = " + std::to_string(options.dim) +
                                                    " is no multiple of 4; each of four summaries takes a quarter"};
    return start<Cnn>(setup, options);
  }

  Cnn(const Setup& setup, const Options& options)
      : Encoder(setup, {.dim = options.dim}),
        dropout_(options.dropout),
        blocks_(blocks(weights_, options.channels)),
        frame_(weights_, "frame", 8 * options.channels * (kMels / 16), options.dim / (kCosines + 1)) {}

  Result<BatchOutputs> process(const BatchInputs& inputs, Context& context) override {
    const std::span<const Row> rows = inputs.rows("mel");
    return encode(rows, nn::feature_maps<Mel>(rows), {.bands = kMels}, context);
  }

 private:
  static std::vector<nn::ConvBlock> blocks(nn::Weights& weights, std::int64_t channels) {
    std::vector<nn::ConvBlock> blocks;
    std::int64_t in = 1;
    for (int layer = 0; layer < 4; ++layer, in = channels, channels *= 2)
      blocks.emplace_back(weights, "block" + std::to_string(layer), nn::ConvBlock::Shape{in, channels, 2, 2});
    return blocks;
  }

  // [clip, mel, frame] -> [clip, dim].
  [[nodiscard]] at::Tensor forward(const at::Tensor& mel, const nn::Draws& draws) const override {
    at::Tensor x = mel.unsqueeze(3).permute({0, 3, 1, 2});  // [clip, 1, mel, frame], channels last in memory
    for (const nn::ConvBlock& block : blocks_) x = block(x, draws.training());
    x = x.permute({0, 3, 1, 2}).flatten(2);  // [clip, frame, channel and mel]
    x = nn::dropout(x, dropout_, draws, "dropout", /*share_frames=*/true);
    const at::Tensor features = at::relu(frame_(x));
    const at::Tensor means = at::matmul(cosines(features.size(1)).to(features.device()), features).flatten(1);
    return at::cat({means, at::amax(features, 1)}, 1);
  }

  double dropout_;
  std::vector<nn::ConvBlock> blocks_;
  nn::Linear frame_;
};

}  // namespace

EARSHOT_PLUGIN(Cnn)
