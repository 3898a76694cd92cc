#include "earshot/nn/rows.h"

#include <ATen/ops/arange.h>
#include <gtest/gtest.h>

#include "earshot/nn/stored.h"

namespace earshot::nn {
namespace {

// [3, 4] values 0 ... 11.
at::Tensor batch() { return at::arange(12, at::kFloat).view({3, 4}); }

std::vector<Row> named(std::vector<std::string> ids) {
  std::vector<Row> rows;
  for (std::string& id : ids) rows.push_back({std::move(id), {}, nullptr});
  return rows;
}

TEST(Rows, a_whole_batch_in_order_is_the_very_tensor) {
  const at::Tensor tensor = batch();
  EXPECT_TRUE(stack_embeddings(embedding_rows(tensor, named({"a", "b", "c"}))).is_same(tensor));
}

TEST(Rows, consecutive_rows_are_a_view) {
  const at::Tensor tensor = batch();
  const std::vector<Row> rows = embedding_rows(tensor, named({"a", "b", "c"}));
  const at::Tensor view = stack_embeddings(std::span(rows).subspan(1));
  EXPECT_EQ(view.const_data_ptr<float>(), tensor.const_data_ptr<float>() + 4);
  EXPECT_EQ(view.sizes(), at::IntArrayRef({2, 4}));
}

TEST(Rows, rows_in_another_order_are_copied_with_their_gradients) {
  at::Tensor tensor = batch();
  tensor.requires_grad_(true);
  std::vector<Row> rows = embedding_rows(tensor, named({"a", "b", "c"}));
  std::swap(rows[0], rows[2]);
  rows.pop_back();
  const at::Tensor stacked = stack_embeddings(rows);
  EXPECT_EQ(stacked.detach()[0][0].item<float>(), 8.0F);
  stacked[0].sum().backward();
  EXPECT_EQ(tensor.grad()[2][3].item<float>(), 1.0F);
  EXPECT_EQ(tensor.grad()[1][0].item<float>(), 0.0F);
}

TEST(Rows, embeddings_without_a_tensor_are_stacked_too) {
  const std::vector<Row> rows = {{"a", {}, std::make_shared<const PlainEmbedding>(std::vector<float>{1, 2})},
                                 {"b", {}, std::make_shared<const PlainEmbedding>(std::vector<float>{3, 4})}};
  EXPECT_EQ(stack_embeddings(rows)[1][0].item<float>(), 3.0F);
}

TEST(Rows, an_embedding_is_readable_as_plain_floats_of_its_row) {
  const std::vector<Row> rows = embedding_rows(batch(), named({"a", "b", "c"}));
  const std::span<const float> values = static_cast<const Embedding&>(*rows[1].payload).values();
  EXPECT_EQ(std::vector<float>(values.begin(), values.end()), (std::vector<float>{4, 5, 6, 7}));
  EXPECT_EQ(rows[1].id, "b");
}

TEST(Rows, clips_of_different_length_are_encoded_apart_and_come_back_in_order) {
  const std::vector<float> sound = {1, 2, 3, 4, 5, 6};
  const std::vector<FeatureMap> clips = {
      {std::span(sound).first(6), 3}, {std::span(sound).first(2), 1}, {std::span(sound).last(6), 3}};
  std::vector<std::int64_t> shapes;
  const BatchOutputs outputs = encode_by_length(
      named({"a", "b", "c"}), clips, {.bands = 2}, /*pinned=*/false, [&](const at::Tensor& features, std::int64_t) {
        shapes.insert(shapes.end(), {features.size(0), features.size(1), features.size(2)});
        return features.sum(2);
      });
  EXPECT_EQ(shapes, (std::vector<std::int64_t>{1, 2, 1, 2, 2, 3}));
  EXPECT_EQ(store(stack_embeddings(outputs.ports[0])).values, (std::vector<float>{6, 15, 1, 2, 6, 15}));
}

TEST(Rows, clips_without_frames_or_of_another_front_end_fail_alone) {
  const std::vector<float> sound = {1, 2, 3};
  const std::vector<FeatureMap> clips = {{{}, 0}, {sound, 3}, {std::span(sound).first(2), 1}};
  const BatchOutputs outputs =
      encode_by_length(named({"empty", "one band", "good"}), clips, {.bands = 2}, /*pinned=*/false,
                       [](const at::Tensor& features, std::int64_t) { return features.sum(2); });
  ASSERT_EQ(outputs.failed_rows.size(), 2U);
  EXPECT_EQ(outputs.failed_rows[1].first, "one band");
  ASSERT_EQ(outputs.ports[0].size(), 1U);
  EXPECT_EQ(outputs.ports[0][0].id, "good");
}

TEST(Rows, sentences_are_filled_up_at_the_end) {
  const std::vector<std::int32_t> ids = {5, 6, 7};
  const at::Tensor padded =
      pad_tokens(std::vector{std::span<const std::int32_t>(ids).first(1), std::span<const std::int32_t>(ids)}, 1);
  EXPECT_EQ(padded.sizes(), at::IntArrayRef({2, 3}));
  EXPECT_EQ(padded[0][1].item<std::int64_t>(), 1);
  EXPECT_EQ(padded[1][2].item<std::int64_t>(), 7);
}

}  // namespace
}  // namespace earshot::nn
