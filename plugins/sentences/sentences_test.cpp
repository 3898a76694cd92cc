#include <gtest/gtest.h>

#include "earshot/contract/plugin.h"
#include "earshot/text/text.h"

extern "C" const earshot::PluginEntry* earshot_plugin() noexcept;

namespace earshot {
namespace {

std::unique_ptr<Stage> sentences(std::vector<std::string> lines) {
  OptionValue::List values;
  for (std::string& line : lines) values.push_back({std::move(line)});
  return earshot_plugin()->create({{"lines", {std::move(values)}}}, Setup{}).value();
}

std::unique_ptr<View> captions_of(const Stage& stage) {
  return dynamic_cast<const Source&>(stage).open("captions", "").value();
}

TEST(Sentences, come_in_the_order_of_the_graph_under_their_numbers) {
  const auto stage = sentences({"an owl hoots", "rain, then thunder"});
  const auto view = captions_of(*stage);
  ASSERT_EQ(view->size(), 2);
  EXPECT_EQ(view->header(1).id, "2");
  const Outputs outputs = view->record(1).value();
  EXPECT_EQ(static_cast<const Text&>(*outputs[0]).utf8(), "rain, then thunder");
}

TEST(Sentences, the_same_words_have_the_same_content_id_wherever_they_stand) {
  const auto stage = sentences({"rain", "wind", "rain"});
  const auto view = captions_of(*stage);
  EXPECT_EQ(view->content_id(0, 0).value(), view->content_id(2, 0).value());
  EXPECT_NE(view->content_id(0, 0).value(), view->content_id(1, 0).value());
}

TEST(Sentences, without_any_there_is_nothing_to_read) { EXPECT_EQ(captions_of(*sentences({}))->size(), 0); }

TEST(Sentences, a_split_is_refused) {
  const auto stage = sentences({"rain"});
  const auto opened = dynamic_cast<const Source&>(*stage).open("captions", "test");
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace earshot
