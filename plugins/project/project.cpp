// project: maps an encoder's embeddings into the joint space and scales them to unit length. Munakata et al. (DCASE
// 2024 task 8) use one Linear into 1,024 dimensions, WavCaps (Mei et al. 2023) Linear-ReLU-Linear.
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <ATen/ops/relu.h>

#include "earshot/contract/plugin.h"
#include "earshot/nn/compute.h"
#include "earshot/nn/layers.h"
#include "earshot/nn/rows.h"

namespace {
using namespace earshot;

struct Options {
  std::int64_t dim = 1024;
  std::int64_t hidden = 0;
};

class Project final : public BatchMap {
 public:
  static auto contract() {
    return Contract<Options>("project", /*algorithm=*/1, "projects embeddings into the joint space, to unit length")
        .option(&Options::dim, "dim", range(1, 65536), "of the joint space")
        .option(&Options::hidden, "hidden", range(0, 65536), "width of a hidden layer with ReLU; 0: one Linear")
        .input<Embedding>("embedding")
        .output<Embedding>("embedding", fact_from_option("dim", "dim"))
        .numeric()
        .compute_lane()
        .trainable()
        .any_device()
        .offers(nn::kParametersCapability);
  }

  static Result<std::unique_ptr<Project>> create(const Options& options, const Setup& setup) {
    const Result<std::int64_t> in = setup.number("embedding", "dim");
    if (!in.ok()) return in.error();
    if (const Result<c10::Device> device = nn::device_of(setup); !device.ok()) return device.error();
    return std::make_unique<Project>(options, setup, *in);
  }

  Project(const Options& options, const Setup& setup, std::int64_t in)
      : threads_(setup.compute_threads),
        dim_(options.dim),
        device_(setup.device),
        precision_(setup.precision),
        weights_(setup),
        first_(weights_, "0", in, options.hidden > 0 ? options.hidden : options.dim) {
    if (options.hidden > 0) second_.emplace(weights_, "2", options.hidden, options.dim);
  }

  State* state() override { return &weights_; }
  void* capability(std::string_view name) override {
    return name == nn::kParametersCapability ? static_cast<nn::Parameters*>(&weights_) : nullptr;
  }

  [[nodiscard]] Footprint footprint(const Footprint&) const override { return nn::TensorEmbedding::footprint_of(dim_); }

  Result<BatchOutputs> process(const BatchInputs& inputs, Context& context) override {
    const std::span<const Row> rows = inputs.rows("embedding");
    BatchOutputs outputs;
    outputs.ports.resize(1);
    if (rows.empty()) return outputs;
    const Status done = nn::compute(threads_, nn::Gradients{context.training}, [&] {
      at::Tensor x;
      nn::in_precision(device_, precision_, [&] {
        x = first_(nn::stack_embeddings(rows).to(device_));
        if (second_) x = (*second_)(at::relu(x));
      });
      x = x.to(at::kCPU, at::kFloat);
      constexpr double kShortest = 1e-12;  // a zero row stays zero instead of becoming NaN
      const at::Tensor length = x.norm(2, {1}, /*keepdim=*/true).clamp_min(kShortest);
      outputs.ports[0] = nn::embedding_rows(x.div(length), rows);
    });
    if (!done.ok()) return done.error();
    return outputs;
  }

 private:
  int threads_;
  std::int64_t dim_;
  c10::Device device_;
  std::string precision_;
  nn::Weights weights_;
  nn::Linear first_;
  std::optional<nn::Linear> second_;
};

}  // namespace

EARSHOT_PLUGIN(Project)
