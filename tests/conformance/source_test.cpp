// Sources: views in random access, const, read from any thread.
#include <algorithm>
#include <array>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "subject.h"

namespace earshot::conformance {
namespace {

constexpr std::array kSource = {StageKind::kSource};
constexpr std::int64_t kMost = 12;  // records that are looked at

class SourceStage : public ::testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] std::set<std::string> views() const {
    std::set<std::string> views;
    for (const PortDescription& port : subject_.description().outputs) views.insert(port.view);
    return views;
  }
  [[nodiscard]] std::vector<PortDescription> ports(const std::string& view) const {
    std::vector<PortDescription> ports = subject_.description().outputs;
    std::erase_if(ports, [&](const PortDescription& port) { return port.view != view; });
    return ports;
  }
  [[nodiscard]] static std::unique_ptr<View> open(const Stage& stage, const std::string& view) {
    Result<std::unique_ptr<View>> opened = dynamic_cast<const Source&>(stage).open(view, "");
    EXPECT_TRUE(opened.ok()) << opened.error().message;
    return opened.ok() ? std::move(opened).value() : nullptr;
  }
  [[nodiscard]] static std::string bits_of(const View& view, std::int64_t index) {
    const RecordHeader header = view.header(index);
    std::string text = header.id + " " + header.related + " " + header.dataset + " " + header.clip + "\n";
    const Result<Outputs> record = view.record(index);
    if (!record.ok()) return text + bits(record.error());
    for (std::size_t i = 0; i < record->size(); ++i) {
      const Result<std::string> content = view.content_id(index, i);
      text += bits(*(*record)[i]) + " " + (content.ok() ? *content : bits(content.error())) + "\n";
    }
    return text;
  }

  const Subject subject_{GetParam()};
};

TEST_P(SourceStage, every_view_holds_records_as_declared) {
  const auto stage = subject_.start();
  for (const std::string& name : views()) {
    const auto view = open(*stage, name);
    ASSERT_GE(view->size(), 1) << name;
    for (const std::int64_t index : {std::int64_t{0}, view->size() - 1}) {
      const Result<Outputs> record = view->record(index);
      ASSERT_TRUE(record.ok()) << record.error().message;
      EXPECT_EQ(breach(*record, ports(name)), "") << name;
    }
  }
}

TEST_P(SourceStage, headers_name_each_record_once) {
  const auto stage = subject_.start();
  for (const std::string& name : views()) {
    const auto view = open(*stage, name);
    std::set<std::string> ids;
    for (std::int64_t i = 0; i < std::min(view->size(), std::int64_t{2000}); ++i) {
      const RecordHeader header = view->header(i);
      EXPECT_TRUE(!header.id.empty() && ids.insert(header.id).second) << name << " " << i << " " << header.id;
      EXPECT_EQ(header.id.find('#'), std::string::npos) << "# separates an id from what was derived of it";
      EXPECT_FALSE(header.dataset.empty()) << header.id;
    }
  }
}

TEST_P(SourceStage, another_instance_gives_the_same_bits_in_any_order) {
  const auto first = subject_.start();
  const auto second = subject_.start();
  for (const std::string& name : views()) {
    const auto forwards = open(*first, name);
    const auto backwards = open(*second, name);
    const std::int64_t count = std::min(forwards->size(), kMost);
    std::vector<std::string> seen;
    for (std::int64_t i = 0; i < count; ++i) seen.push_back(bits_of(*forwards, i));
    for (std::int64_t i = count - 1; i >= 0; --i)
      EXPECT_EQ(bits_of(*backwards, i), seen.at(static_cast<std::size_t>(i)));
  }
}

TEST_P(SourceStage, four_threads_at_once_give_the_bits_of_one) {
  const auto alone = subject_.start();
  const auto shared = subject_.start();
  for (const std::string& name : views()) {
    const auto expected = open(*alone, name);
    const auto view = open(*shared, name);
    const std::int64_t count = std::min(view->size(), kMost);
    std::array<std::vector<std::string>, 4> seen;
    {
      std::vector<std::jthread> threads;
      for (auto& mine : seen)
        threads.emplace_back([&] {
          for (std::int64_t i = 0; i < count; ++i) mine.push_back(bits_of(*view, i));
        });
    }
    for (std::int64_t i = 0; i < count; ++i)
      for (const auto& mine : seen) EXPECT_EQ(mine.at(static_cast<std::size_t>(i)), bits_of(*expected, i)) << name;
  }
}

TEST_P(SourceStage, a_split_that_there_is_not_is_refused_with_a_sentence) {
  const auto stage = subject_.start();
  for (const std::string& name : views()) {
    const Result<std::unique_ptr<View>> opened = dynamic_cast<const Source&>(*stage).open(name, "no such split");
    ASSERT_FALSE(opened.ok()) << name;
    EXPECT_EQ(opened.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(opened.error().message.find("no such split"), std::string::npos) << opened.error().message;
  }
}

INSTANTIATE_TEST_SUITE_P(Plugins, SourceStage, ::testing::ValuesIn(plugins_of(kSource)),
                         [](const auto& named) { return named.param; });

}  // namespace
}  // namespace earshot::conformance
