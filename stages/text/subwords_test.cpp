// Ids are checked against Hugging Face's: tests/data/tokenisers holds strings with the ids that `tools/parity
// tokenisers` got from transformers 5.23 for them. Vocabularies are not ours: they are read from the test data where it
// is there.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "earshot/text/sentence_tokeniser.h"

namespace earshot::text {
namespace {

namespace fs = std::filesystem;
using Ids = std::vector<std::int32_t>;

const fs::path kSample = "tests/data/tokenisers";

fs::path test_data() {
  const char* given = std::getenv("EARSHOT_TEST_DATA");
  return given != nullptr ? given : "../shared/data";
}

nlohmann::json read_json(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return nlohmann::json::parse(stream);
}

// RoBERTa's vocab.json out of GPT-2's and fairseq's list, whose line n is RoBERTa's id n + 4.
nlohmann::json roberta_tokens(const fs::path& data) {
  const nlohmann::json gpt2 = read_json(data / "gpt2_bpe_encoder.json");
  std::map<std::int64_t, std::string> by_id;
  for (const auto& [token, id] : gpt2.items()) by_id[id.get<std::int64_t>()] = token;
  nlohmann::json tokens = {{"<s>", 0}, {"<pad>", 1}, {"</s>", 2}, {"<unk>", 3}, {"<mask>", 50264}};
  std::ifstream lines(data / "fairseq_dict.txt");
  std::int64_t id = 4;
  for (std::string line; std::getline(lines, line) && id < 50264; ++id) {
    const std::string name = line.substr(0, line.find(' '));
    const bool filler = name.find_first_not_of("0123456789") != std::string::npos;
    tokens[filler ? name : by_id.at(std::stoll(name))] = id;
  }
  return tokens;
}

// A folder as Hugging Face publishes it, made of the test data for one family; removed at the end.
class Folder {
 public:
  explicit Folder(const std::string& family)
      : path_(fs::path(::testing::TempDir()) / ("vocabulary_" + family + std::to_string(getpid()))) {
    const fs::path data = test_data() / "tokenizer";
    if (!fs::exists(data)) return;
    fs::create_directories(path_);
    if (family == "wordpiece") fs::copy_file(data / "bert_base_uncased_vocab.txt", path_ / "vocab.txt");
    if (family == "mpnet")
      std::ofstream(path_ / "vocab.txt") << "<s>\n<pad>\n</s>\n<unk>\n"
                                         << std::ifstream(data / "bert_base_uncased_vocab.txt").rdbuf() << "<mask>\n";
    if (family == "unigram") fs::copy_file(kSample / "spiece.model", path_ / "spiece.model");
    if (family != "byte_pair") return;
    std::ofstream(path_ / "vocab.json") << roberta_tokens(data).dump();
    fs::copy_file(data / "gpt2_bpe_vocab.bpe", path_ / "merges.txt");
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

class Subwords : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(test_data() / "tokenizer")) GTEST_SKIP() << "no test data at " << test_data();
  }
  static SentenceTokeniser open(const std::string& family, std::int32_t max_tokens = 512) {
    const Folder folder(family);
    Tokeniser record = tokeniser_in(folder.path(), family).value();
    record.max_tokens = max_tokens;
    return SentenceTokeniser::open(record).value();
  }
};

// encoders.md, section 9.1, from transformers.
TEST_F(Subwords, roberta_has_its_published_ids) {
  const SentenceTokeniser tokenise = open("byte_pair");
  EXPECT_EQ(tokenise("Hello world").value(), (Ids{0, 31414, 232, 2}));
  EXPECT_EQ(tokenise(" Hello world").value(), (Ids{0, 20920, 232, 2}));
  EXPECT_EQ(tokenise.record().vocabulary, 50265);
  EXPECT_EQ(tokenise.record().mask, 50264);
}

// From `tools/parity/run tokenisers`: U+2EE40 came with Unicode 15.1, and behind a letter "'s" is one token.
TEST_F(Subwords, letters_that_utf8proc_does_not_know_yet_are_letters) {
  EXPECT_EQ(open("byte_pair")("\U0002177D\U000201B0\U0002EE40's'LL").value(),
            (Ids{0, 49585, 5543, 46, 10809, 49585, 21402, 27819, 7487, 49585, 2840, 9253, 7471, 18, 108, 6006, 2}));
}

TEST_F(Subwords, bert_has_its_published_specials) {
  const Tokeniser record = open("wordpiece").record();
  EXPECT_EQ((Ids{record.start, record.end, record.pad, record.unk, record.mask}), (Ids{101, 102, 0, 100, 103}));
  EXPECT_EQ(record.vocabulary, 30522);
}

// transformers' MPNetTokenizer: BERT's vocabulary four ids later, behind specials of its own.
TEST_F(Subwords, mpnet_has_its_published_specials) {
  const Folder folder("mpnet");
  const SentenceTokeniser tokenise = SentenceTokeniser::open(tokeniser_in(folder.path(), "wordpiece").value()).value();
  const Tokeniser& record = tokenise.record();
  EXPECT_EQ((Ids{record.start, record.end, record.pad, record.unk, record.mask}), (Ids{0, 2, 1, 104, 30526}));
  EXPECT_EQ(record.vocabulary, 30527);
  const Ids bert = open("wordpiece")("a hello [cls] world").value();
  const Ids mpnet = tokenise("a hello [CLS] world").value();
  ASSERT_EQ(mpnet.size(), bert.size());
  for (std::size_t i = 1; i + 1 < bert.size(); ++i) EXPECT_EQ(mpnet[i], bert[i] + 4) << i;
}

TEST_F(Subwords, a_long_sentence_is_cut_and_keeps_its_end) {
  const Ids ids = open("wordpiece", 5)("rain falls on a tin roof").value();
  EXPECT_EQ(ids.size(), 5U);
  EXPECT_EQ(ids.back(), 102);
}

TEST_F(Subwords, a_hundred_thousand_letters_are_cut_within_a_second) {
  const std::string text(100'000, 'a');
  EXPECT_EQ(open("byte_pair")(text).value().size(), 512U);
  EXPECT_EQ(open("wordpiece")(text).value(), (Ids{101, 100, 102}));
}

TEST_F(Subwords, a_vocabulary_that_changed_is_not_taken_for_the_old_one) {
  const Folder folder("wordpiece");
  const Tokeniser record = tokeniser_in(folder.path(), "wordpiece").value();
  std::ofstream(folder.path() / "vocab.txt", std::ios::app) << "another\n";
  EXPECT_EQ(SentenceTokeniser::open(record).error().code, ErrorCode::kCorruptInput);
}

TEST_F(Subwords, ids_are_those_of_the_reference_for_a_thousand_random_strings) {
  for (const char* family : {"byte_pair", "wordpiece", "unigram"}) {
    const SentenceTokeniser tokenise = open(family);
    std::ifstream lines(kSample / (std::string(family) + ".jsonl"));
    int count = 0;
    for (std::string line; std::getline(lines, line); ++count) {
      const nlohmann::json sample = nlohmann::json::parse(line);
      EXPECT_EQ(tokenise(sample["text"].get<std::string>()).value(), sample["ids"].get<Ids>()) << family << line;
    }
    EXPECT_EQ(count, 1000) << family;
  }
}

TEST(VocabularyFolder, what_is_absent_or_broken_is_named) {
  const fs::path folder = fs::path(::testing::TempDir()) / "broken_vocabulary";
  fs::create_directories(folder);
  EXPECT_NE(tokeniser_in(folder, "wordpiece").error().message.find("expected vocab.txt"), std::string::npos);
  EXPECT_EQ(tokeniser_in(folder, "unigram").error().code, ErrorCode::kNotFound);
  for (const char* text : {"", "[]", "{\"a\": -1}", "{\"a\": 99999999999}", "{\"a\": 1"}) {
    std::ofstream(folder / "vocab.json") << text;
    EXPECT_EQ(tokeniser_in(folder, "byte_pair").error().code, ErrorCode::kCorruptInput) << text;
  }
  std::ofstream(folder / "vocab.txt") << "rain\n";
  EXPECT_EQ(tokeniser_in(folder, "wordpiece").error().code, ErrorCode::kInvalidArgument);
  std::ofstream(folder / "spiece.model") << "no pieces";
  EXPECT_EQ(tokeniser_in(folder, "unigram").error().code, ErrorCode::kCorruptInput);
  fs::remove_all(folder);
}

}  // namespace
}  // namespace earshot::text
