// pool: the embeddings of a recording's windows, in order, to one: their mean or their largest values.
#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "earshot/contract/embedding.h"
#include "earshot/contract/plugin.h"

namespace {
using namespace earshot;

struct Options {
  std::string how = "mean";
};

class Pool final : public Collapse {
 public:
  static auto contract() {
    return Contract<Options>("pool", /*algorithm=*/1, "the embeddings of a recording's windows to one")
        .option(&Options::how, "how", choices({"mean", "max"}), "mean of the windows, or the largest of each value")
        .input<Embedding>("embedding")
        .output<Embedding>("embedding", same_facts_as("embedding"))
        .deterministic();
  }
  Pool(const Options& options, const Setup&) : mean_(options.how == "mean") {}

  Result<Outputs> collapse(std::span<const Inputs> children, Context&) const override {
    const std::size_t dim = children.front().get<Embedding>("embedding").values().size();
    // float64, so that the mean of many windows is exact to float32.
    std::vector<double> sum(dim, 0.0);
    std::vector<float> largest(dim, std::numeric_limits<float>::lowest());
    for (const Inputs& child : children) {
      const std::span<const float> values = child.get<Embedding>("embedding").values();
      if (values.size() != dim)
        return Error{ErrorCode::kInvalidArgument, "pool: embeddings of " + std::to_string(dim) + " and of " +
                                                      std::to_string(values.size()) + " values cannot be pooled"};
      for (std::size_t i = 0; i < dim; ++i) {
        sum[i] += static_cast<double>(values[i]);
        largest[i] = std::max(largest[i], values[i]);
      }
    }
    if (!mean_) return Outputs{PlainEmbedding(std::move(largest))};
    std::vector<float> mean(dim);
    for (std::size_t i = 0; i < dim; ++i) mean[i] = static_cast<float>(sum[i] / static_cast<double>(children.size()));
    return Outputs{PlainEmbedding(std::move(mean))};
  }

 private:
  bool mean_;
};

}  // namespace

EARSHOT_PLUGIN(Pool)
