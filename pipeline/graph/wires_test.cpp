#include "wires.h"

#include <gtest/gtest.h>

#include "parse.h"

namespace earshot::graph {
namespace {

class Wires : public testing::Test {
 protected:
  std::vector<Wire> read(const std::string& text) {
    sources_.add_file("g.toml", text);
    flow_ = *parse_file("g.toml", text, findings_);
    return read_wires(flow_, "flow \"f\"", findings_);
  }
  static std::string text(const Wire& wire) {
    std::string out;
    for (const WireEnd& end : wire.ends) {
      out += out.empty() ? "" : " ";
      for (std::size_t i = 0; i < end.parts.size(); ++i) out += (i > 0 ? "." : "") + end.parts[i];
    }
    return out;
  }

  Sources sources_;
  Findings findings_{sources_};
  Table flow_;
};

TEST_F(Wires, ends_know_their_parts_and_places) {
  const std::vector<Wire> wires = read("[wires]\na = \"corpus.recordings.audio->crop  ->  b.audio\"\n");
  ASSERT_EQ(wires.size(), 1U);
  EXPECT_EQ(text(wires[0]), "corpus.recordings.audio crop b.audio");
  EXPECT_EQ(place(wires[0].ends[1].span.origin), "g.toml:2:31");
  EXPECT_EQ(wires[0].ends[1].span.length, 4);
  EXPECT_EQ(findings_.errors(), 0U);
}

TEST_F(Wires, an_insert_goes_between_the_two_stages_it_names) {
  const std::vector<Wire> wires =
      read("[wires]\na = \"x -> mixco.audio -> logmel -> y\"\n[insert]\ni = \"mixco -> gain -> roll -> logmel\"\n");
  EXPECT_EQ(text(wires[0]), "x mixco.audio gain roll logmel y");
  EXPECT_EQ(findings_.errors(), 0U);
}

TEST_F(Wires, inserts_follow_one_another) {
  const std::vector<Wire> wires =
      read("[wires]\na = \"x -> y\"\n[insert]\nfirst = \"x -> a -> y\"\nsecond = \"a -> b -> y\"\n");
  EXPECT_EQ(text(wires[0]), "x a b y");
}

TEST_F(Wires, an_insert_into_two_wires_at_once_is_refused) {
  read("[wires]\na = \"x -> y.first\"\nb = \"x -> y.second\"\n[insert]\ni = \"x -> n -> y\"\n");
  EXPECT_EQ(findings_.errors(), 1U);
}

TEST_F(Wires, an_insert_may_name_the_port_it_means) {
  const std::vector<Wire> wires =
      read("[wires]\na = \"x -> y.first\"\nb = \"x -> y.second\"\n[insert]\ni = \"x -> n -> y.second\"\n");
  EXPECT_EQ(text(wires[1]), "x n y.second");
  EXPECT_EQ(findings_.errors(), 0U);
}

TEST_F(Wires, what_is_no_wire_is_refused) {
  for (const char* bad :
       {"a", "a ->", "-> a", "a -> -> b", "a > b", "a.b.c.d -> e", "a. -> b", "a -> b c", "->", "é -> b"}) {
    const std::size_t before = findings_.errors();
    read("[wires]\na = \"" + std::string(bad) + "\"\n");
    EXPECT_GT(findings_.errors(), before) << bad;
  }
}

}  // namespace
}  // namespace earshot::graph
