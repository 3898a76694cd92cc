// infonce: the contrastive loss of a batch of recordings and sentences, with Mixco's where a batch has mixtures. Value
// and gradient are plain functions of the similarities (stages/retrieval); this stage joins rows by their ids, scales
// cosines by the trainable temperature and hands the gradient on. Source: Munakata et al. (DCASE 2024 task 8), eq.
// 3-12.
#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <ATen/ops/empty.h>
#include <ATen/ops/matmul.h>

#include "earshot/contract/plugin.h"
#include "earshot/nn/compute.h"
#include "earshot/nn/loss.h"
#include "earshot/nn/rows.h"
#include "earshot/nn/stored.h"
#include "earshot/nn/weights.h"
#include "earshot/retrieval/contrastive_loss.h"
#include "earshot/retrieval/mix.h"
#include "earshot/retrieval/temperature.h"

namespace {
using namespace earshot;

struct Options {
  double temperature = 0.02;
  std::string positives = "multi_positive_mean";
  double factor = 1;
  double weight = 1;
};

retrieval::Positives positives_of(const std::string& name) {
  if (name == "diagonal") return retrieval::Positives::kDiagonal;
  return name == "mask" ? retrieval::Positives::kMask : retrieval::Positives::kMultiPositiveMean;
}

// Pairs and mixtures of a batch, joined by id.
struct Joined {
  std::vector<Row> clean;  // audio of pair i
  std::vector<Row> texts;  // text of pair i
  std::vector<Row> mixed;  // audio of mixture m
  std::vector<retrieval::Mixture> mixtures;
  std::vector<std::string> clips;  // clip of pair i
};

// A pair needs both rows, a mixture its own pair and its partner's: whatever lacks one is left out.
Joined join(const BatchInputs& inputs) {
  Joined joined;
  std::unordered_map<std::string_view, const Row*> audio;
  for (const Row& row : inputs.rows("audio")) audio.emplace(row.id, &row);
  std::unordered_map<std::string_view, std::size_t> pairs;
  for (const Row& text : inputs.rows("text")) {
    const auto clean = audio.find(text.id);
    if (clean == audio.end()) continue;
    pairs.emplace(text.id, joined.texts.size());
    joined.clean.push_back(*clean->second);
    joined.texts.push_back(text);
    joined.clips.push_back(text.related);
  }
  for (const Row& row : inputs.rows("mix")) {
    const auto& mix = static_cast<const Mix&>(*row.payload);
    const auto mixed = audio.find(row.id);
    const auto own = pairs.find(mix.own());
    const auto partner = pairs.find(mix.partner());
    if (mixed == audio.end() || own == pairs.end() || partner == pairs.end()) continue;
    joined.mixed.push_back(*mixed->second);
    joined.mixtures.push_back({own->second, partner->second, mix.lambda()});
  }
  return joined;
}

class InfoNce final : public BatchMap {
 public:
  static auto contract() {
    return Contract<Options>("infonce", /*algorithm=*/1,
                             "the contrastive loss of recordings and sentences, and Mixco's")
        .option(&Options::temperature, "temperature", range(0.01, 10), "tau at the start; trained from there")
        .option(&Options::positives, "positives", choices({"diagonal", "multi_positive_mean", "mask"}),
                "what another pair of the same clip counts as: a negative, a positive, or neither")
        .option(&Options::factor, "factor", range(1e-6, 1e6), "by which the sum of the two directions' means is scaled")
        .option(&Options::weight, "weight", range(0, 1e6), "of this loss where a step adds up several")
        .input<Embedding>("audio", derived_rows())
        .input<Embedding>("text", same_fact_as("dim", "audio"))
        .input<Mix>("mix", optional_input(), derived_rows())
        .output<Loss>("loss")
        .numeric()
        .compute_lane()
        .trainable()
        .offers(nn::kParametersCapability);
  }

  InfoNce(const Options& options, const Setup& setup)
      : threads_(setup.compute_threads),
        weight_(options.weight),
        settings_{positives_of(options.positives), options.factor},
        weights_(setup),
        theta_(weights_.parameter("theta", std::array<std::int64_t, 1>{1},
                                  nn::constant(retrieval::theta_from_temperature(options.temperature)))) {}

  State* state() override { return &weights_; }
  void* capability(std::string_view name) override {
    return name == nn::kParametersCapability ? static_cast<nn::Parameters*>(&weights_) : nullptr;
  }
  [[nodiscard]] Footprint footprint(const Footprint&) const override { return {.bytes = sizeof(Loss)}; }

  Result<BatchOutputs> process(const BatchInputs& inputs, Context& context) override {
    const Joined joined = join(inputs);
    BatchOutputs outputs;
    outputs.ports.resize(1);
    if (joined.texts.empty()) return outputs;
    Result<Term> clean = Term{};
    Result<Term> mixed = Term{};
    at::Tensor root;
    const Status done = nn::compute(threads_, nn::Gradients{context.training}, [&] {
      const at::Tensor texts = nn::stack_embeddings(joined.texts);
      clean = term(joined.clean, texts, [&](const retrieval::Similarity& similarity) {
        return retrieval::info_nce(similarity, joined.clips, settings_);
      });
      if (!joined.mixed.empty())
        mixed = term(joined.mixed, texts, [&](const retrieval::Similarity& similarity) {
          return retrieval::mixco(similarity, joined.mixtures, joined.clips, settings_);
        });
      if (clean.ok()) root = clean->root;
      if (clean.ok() && mixed.ok() && mixed->root.defined()) root = root.add(mixed->root);
    });
    if (!done.ok()) return done.error();
    for (const Result<Term>* one : {&clean, &mixed})
      if (!one->ok()) return one->error();
    outputs.ports[0].push_back(
        {"loss", {}, std::make_shared<const Loss>(clean->value + mixed->value, std::move(root), weight_)});
    return outputs;
  }

 private:
  struct Term {
    double value = 0;
    at::Tensor root;  // scalar with the gradients of the term
  };

  // S = scale * cosines. With G = dL/dS from `loss`, the scalar sum(scale G . cosines) + theta dL/dtheta, G and
  // dL/dtheta held constant, has the gradients of L.
  template <class LossOf>
  Result<Term> term(std::span<const Row> audio, const at::Tensor& texts, const LossOf& loss) const {
    const at::Tensor cosines = at::matmul(nn::stack_embeddings(audio), texts.t());
    const double theta = static_cast<double>(nn::values_of(theta_)[0]);
    const double scale = retrieval::scale_from_theta(theta);
    const at::Tensor similarity = cosines.detach().mul(scale).contiguous();
    const std::span<const float> values = nn::values_of(similarity);
    Result<retrieval::LossAndGradient> result = loss({values, audio.size(), static_cast<std::size_t>(texts.size(0))});
    if (!result.ok()) return std::move(result).error();
    const double theta_gradient = retrieval::theta_gradient(values, result->gradient, theta);
    at::Tensor gradient = at::empty(similarity.sizes(), at::kFloat);
    std::ranges::copy(result->gradient, nn::values_of(gradient).begin());
    return Term{result->loss, cosines.mul(gradient.mul(scale)).sum().add(theta_.sum().mul(theta_gradient))};
  }

  int threads_;
  double weight_;
  retrieval::LossSettings settings_;
  nn::Weights weights_;
  at::Tensor theta_;
};

}  // namespace

EARSHOT_PLUGIN(InfoNce)
