// A text encoder as its tests use it: sentences as ids in, embeddings out, with weights that everybody can draw.
//
// `small_text()` is what `tools/parity/run text figures` makes of transformers: two blocks of two heads of 64, a
// vocabulary of 8,192 ids.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "earshot/nn/safetensors.h"
#include "earshot/text/tokens.h"
#include "encoder_checks.h"

namespace earshot::testing {

using Ids = std::vector<std::int32_t>;

inline OptionValues small_text(OptionValues more = {}) {
  more.try_emplace("depth", OptionValue{std::int64_t{2}});
  more.try_emplace("width", OptionValue{std::int64_t{128}});
  return more;
}

// Sentences of 5, 3, 24 and 6 ids; the last holds RoBERTa's padding, written by its author.
inline std::vector<Ids> check_sentences() {
  Ids longest = {0};
  for (std::int32_t i = 0; i < 22; ++i) longest.push_back(100 + 331 * i);
  longest.push_back(2);
  return {{0, 10, 11, 12, 2}, {0, 8191, 2}, longest, {0, 20, 1, 21, 22, 2}};
}

class TextEncoder {
 public:
  explicit TextEncoder(OptionValues options = small_text(), const Setup& setup = frozen(), std::int32_t padding = 1)
      : record_(std::make_shared<const text::Tokeniser>(record(padding))),
        stage_(drawn(std::move(options)), told(setup)) {
    draw_weights(parameters());
  }

  // Of a folder, with its own weights.
  static Result<std::unique_ptr<Stage>> make(const std::filesystem::path& folder, OptionValues options = {},
                                             std::int32_t padding = 1) {
    options["weights"] = {folder.string()};
    Setup setup = frozen();
    setup.facts["tokens"]["tokeniser"] = record(padding).to_text();
    return BatchStage::make(options, setup);
  }

  [[nodiscard]] std::span<const nn::NamedTensor> parameters() { return parameters_of(stage_.stage()); }
  [[nodiscard]] Stage& stage() { return stage_.stage(); }
  [[nodiscard]] nn::StoredTensors weights() {
    nn::StoredTensors all;
    for (const nn::NamedTensor& one : parameters()) all[one.name] = nn::store(one.tensor);
    return all;
  }

  [[nodiscard]] Row sentence(Ids ids) const {
    return {std::to_string(++made_), {}, std::make_shared<const Tokens>(std::move(ids), record_)};
  }
  [[nodiscard]] std::vector<Row> sentences(const std::vector<Ids>& several) const {
    std::vector<Row> rows;
    for (const Ids& ids : several) rows.push_back(sentence(ids));
    return rows;
  }

  [[nodiscard]] BatchOutputs process(const std::vector<Row>& rows, bool training = false, std::uint64_t batch = 0) {
    return process_with(stage_.stage(), rows, training, batch);
  }
  // The same sentences through another stage.
  static BatchOutputs process_with(Stage& stage, const std::vector<Row>& rows, bool training = false,
                                   std::uint64_t batch = 0) {
    const std::vector<std::string> names = {"tokens"};
    const std::vector<std::vector<Row>> ports = {rows};
    Context context{.seed = 1, .training = training, .item = batch, .stage = "stage"};
    Result<BatchOutputs> outputs = dynamic_cast<BatchMap&>(stage).process(BatchInputs(names, ports), context);
    EXPECT_TRUE(outputs.ok()) << outputs.error().message;
    return std::move(outputs).value();
  }
  [[nodiscard]] std::vector<float> embedding(const Row& row) { return values_of_row(process({row}).ports[0].at(0)); }

  [[nodiscard]] std::vector<std::vector<float>> gradients(const std::vector<Row>& rows) {
    return gradients_of(stage_.stage(), process(rows, /*training=*/true));
  }

 private:
  static text::Tokeniser record(std::int32_t padding) {
    text::Tokeniser record;
    if (padding == 0) std::swap(record.pad, record.start);
    return record;
  }
  [[nodiscard]] Setup told(Setup setup) const {
    setup.facts["tokens"]["tokeniser"] = record_->to_text();
    return setup;
  }

  std::shared_ptr<const text::Tokeniser> record_;
  BatchStage stage_;
  mutable int made_ = 0;
};

// All of check_sentences() in one batch, each with the figures of the reference.
inline void expect_as_reference(TextEncoder& encoder, const std::vector<CheckValues>& expected) {
  const BatchOutputs outputs = encoder.process(encoder.sentences(check_sentences()));
  ASSERT_EQ(outputs.ports[0].size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    SCOPED_TRACE(i);
    expect_near(values_of_row(outputs.ports[0][i]), expected[i]);
  }
}

// A Hugging Face folder that lives as long as the object.
class ModelFolder {
 public:
  ModelFolder()
      : path_(std::filesystem::path(::testing::TempDir()) /
              (std::string("model_") + ::testing::UnitTest::GetInstance()->current_test_info()->test_suite_name() +
               ::testing::UnitTest::GetInstance()->current_test_info()->name())) {}
  ~ModelFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ModelFolder(const ModelFolder&) = delete;
  ModelFolder& operator=(const ModelFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  const ModelFolder& write(const std::string& name, std::string_view text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << text;
    return *this;
  }
  // model.safetensors, each key with `prefix` before it.
  const ModelFolder& write(const nn::StoredTensors& tensors, const std::string& prefix = {}) const {
    nn::StoredTensors official;
    for (const auto& [name, tensor] : tensors) official[prefix + name] = tensor;
    const std::vector<std::byte> bytes = nn::write_safetensors(official);
    return write("model.safetensors", {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }

 private:
  std::filesystem::path path_;
};

}  // namespace earshot::testing
