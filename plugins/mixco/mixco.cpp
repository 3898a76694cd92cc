// mixco: mixes each recording of a training batch with another, in the waveform. Its rows are the clean ones under
// their ids, then the mixtures ID#mix; port `mix` says of each mixture what it is made of. Source: Munakata et al.
// (DCASE 2024 task 8), eq. 7, x' = lambda x + (1 - lambda) x_partner with lambda ~ U(0, 1); MixCo, Kim et al. 2020.
#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "earshot/audio/waveform.h"
#include "earshot/contract/plugin.h"
#include "earshot/retrieval/mix.h"
#include "earshot/retrieval/mixing.h"

namespace {
using namespace earshot;

struct Options {
  bool per_batch = false;
};

// As long as the longer of the two; behind its end a sound is silent.
Waveform mixture(const Waveform& own, const Waveform& partner, double lambda) {
  std::vector<float> samples(static_cast<std::size_t>(std::max(own.frames(), partner.frames())), 0.0F);
  const auto add = [&](const Waveform& sound, float share) {
    for (std::size_t i = 0; const float sample : sound.samples()) samples[i++] += share * sample;
  };
  add(own, static_cast<float>(lambda));
  add(partner, static_cast<float>(1 - lambda));
  return {std::move(samples), own.sample_rate_hz()};
}

class Mixco final : public BatchMap {
 public:
  static auto contract() {
    return Contract<Options>("mixco", /*algorithm=*/1, "mixes each recording of a batch with another, in training only")
        .option(&Options::per_batch, "per_batch", "one lambda for all mixtures of a batch instead of one for each")
        .input<Waveform>("audio")
        .output<Waveform>("audio", same_facts_as("audio"))
        .output<Mix>("mix")
        .random();
  }
  Mixco(const Options& options, const Setup&) : per_batch_(options.per_batch) {}

  // A mixture is as long as the longer of its two sounds; a clean row and its mixture live at once.
  [[nodiscard]] Footprint footprint(const Footprint& input) const override {
    Footprint output = input;
    output.bytes = 2 * input.bytes + static_cast<std::int64_t>(sizeof(Mix)) + 256;
    return output;
  }

  Result<BatchOutputs> process(const BatchInputs& inputs, Context& context) override {
    const std::span<const Row> rows = inputs.rows("audio");
    BatchOutputs outputs;
    outputs.ports = {{rows.begin(), rows.end()}, {}};
    if (!context.training || rows.size() < 2) return outputs;
    const std::vector<std::size_t> partners =
        retrieval::random_partners(uniforms(rows.size(), context.random("partners")));
    const std::vector<double> lambdas =
        retrieval::mixing_weights(uniforms(rows.size(), context.random("lambda")), per_batch_);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const Row& own = rows[i];
      const Row& partner = rows[partners[i]];
      const std::string id = own.id + "#mix";
      outputs.ports[0].push_back(
          {id, own.related,
           std::make_shared<const Waveform>(mixture(static_cast<const Waveform&>(*own.payload),
                                                    static_cast<const Waveform&>(*partner.payload), lambdas[i]))});
      outputs.ports[1].push_back({id, own.related, std::make_shared<const Mix>(own.id, partner.id, lambdas[i])});
    }
    return outputs;
  }

 private:
  static std::vector<double> uniforms(std::size_t count, Random random) {
    std::vector<double> draws(count);
    std::ranges::generate(draws, [&] { return random.uniform(); });
    return draws;
  }

  bool per_batch_;
};

}  // namespace

EARSHOT_PLUGIN(Mixco)
