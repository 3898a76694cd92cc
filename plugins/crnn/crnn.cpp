// crnn: a small convolutional and recurrent audio encoder, trained from scratch. Three 3 x 3 convolutions, a gated
// recurrent layer in both directions over what is left of the frames, then the mean and the maximum over time.
// Source of the plan: Cakir et al. 2017, "Convolutional recurrent neural networks for polyphonic sound event
// detection".
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <ATen/ops/amax.h>
#include <ATen/ops/cat.h>

#include "earshot/audio/front_end.h"
#include "earshot/audio/mel.h"
#include "earshot/contract/plugin.h"
#include "earshot/nn/encoder.h"
#include "earshot/nn/layers.h"

namespace {
using namespace earshot;

constexpr std::int64_t kMels = 80;

// 23 ms frames at 22.05 kHz.
audio::FrontEnd front_end() {
  audio::FrontEnd front;
  front.fft = 1024;
  front.window = 1024;
  front.hop = 512;
  front.mels = kMels;
  front.fmin = 20;
  front.mean = -4.5;
  front.std = 5;
  return front;
}

struct Options {
  std::int64_t channels = 16;
  std::int64_t dim = 512;
  double dropout = 0.2;
};

class Crnn final : public nn::Encoder {
 public:
  static auto contract() {
    return Contract<Options>("crnn", /*algorithm=*/1, "a small convolutional and recurrent audio encoder")
        .option(&Options::channels, "channels", range(4, 128), "of the first layer; doubled by each of the next two")
        .option(&Options::dim, "dim", range(32, 4096), "width of the embedding; a multiple of 4")
        .option(&Options::dropout, "dropout", range(0, 0.9), "of features a frame, in training")
        .input<Mel>("mel", constant_fact("sample_rate", "22050"), constant_fact("front_end", front_end().to_text()))
        .output<Embedding>("embedding", fact_from_option("dim", "dim"))
        .numeric()
        .compute_lane()
        .trainable()
        .any_device()
        .offers(nn::kParametersCapability);
  }

  static Result<std::unique_ptr<Crnn>> create(const Options& options, const Setup& setup) {
    if (options.dim % 4 != 0)
      return Error{ErrorCode::kInvalidArgument,
                   "crnn: dim = " + std::to_string(options.dim) +
                       " is no multiple of 4; mean and maximum of two directions take a quarter each"};
    return start<Crnn>(setup, options);
  }

  Crnn(const Setup& setup, const Options& options)
      : Encoder(setup, {.dim = options.dim}),
        dropout_(options.dropout),
        first_(weights_, "block0", {1, options.channels, 2, 2}),
        second_(weights_, "block1", {options.channels, 2 * options.channels, 2, 2}),
        third_(weights_, "block2", {2 * options.channels, 4 * options.channels, 2, 2}),
        gru_(weights_, "gru", 4 * options.channels * (kMels / 8), options.dim / 4, /*bidirectional=*/true) {}

  Result<BatchOutputs> process(const BatchInputs& inputs, Context& context) override {
    const std::span<const Row> rows = inputs.rows("mel");
    return encode(rows, nn::feature_maps<Mel>(rows), {.bands = kMels}, context);
  }

 private:
  // [clip, mel, frame] -> [clip, dim].
  [[nodiscard]] at::Tensor forward(const at::Tensor& mel, const nn::Draws& draws) const override {
    const bool training = draws.training();
    at::Tensor x = mel.unsqueeze(3).permute({0, 3, 1, 2});  // [clip, 1, mel, frame], channels last in memory
    x = third_(second_(first_(x, training), training), training);
    x = x.permute({0, 3, 1, 2}).flatten(2);  // [clip, frame, channel and mel]
    x = nn::dropout(x, dropout_, draws, "dropout", /*share_frames=*/true);
    const at::Tensor states = gru_(x);
    return at::cat({states.mean(1), at::amax(states, 1)}, 1);
  }

  double dropout_;
  nn::ConvBlock first_;
  nn::ConvBlock second_;
  nn::ConvBlock third_;
  nn::Gru gru_;
};

}  // namespace

EARSHOT_PLUGIN(Crnn)
