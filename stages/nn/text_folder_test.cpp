#include "earshot/nn/text_folder.h"

#include <map>

#include <gtest/gtest.h>

#include "weights_folder.h"

namespace earshot::nn {
namespace {

// The published files of these models, but for what nobody reads.
constexpr const char* kRoberta = R"({"model_type": "roberta", "hidden_act": "gelu", "hidden_size": 768,
  "intermediate_size": 3072, "layer_norm_eps": 1e-05, "max_position_embeddings": 514, "num_attention_heads": 12,
  "num_hidden_layers": 12, "pad_token_id": 1, "type_vocab_size": 1, "vocab_size": 50265})";
constexpr const char* kMiniLm = R"({"model_type": "bert", "hidden_act": "gelu", "hidden_size": 384,
  "intermediate_size": 1536, "layer_norm_eps": 1e-12, "max_position_embeddings": 512, "num_attention_heads": 12,
  "num_hidden_layers": 6, "pad_token_id": 0, "position_embedding_type": "absolute", "type_vocab_size": 2,
  "vocab_size": 30522})";
constexpr const char* kFlanT5 = R"({"model_type": "t5", "d_ff": 2048, "d_kv": 64, "d_model": 768,
  "feed_forward_proj": "gated-gelu", "layer_norm_epsilon": 1e-06, "num_heads": 12, "num_layers": 12,
  "relative_attention_num_buckets": 32, "vocab_size": 32128})";

class Folder : public ::testing::Test {
 protected:
  Result<TextFolder> read(const std::string& model_type, const std::string& config) {
    folder_.write("config.json", config);
    return read_text_folder(folder_.path(), model_type);
  }
  // What is said of kRoberta with `from` replaced by `to`.
  Error refusal(const std::string& from, const std::string& to) {
    std::string config = kRoberta;
    config.replace(config.find(from), from.size(), to);
    const Result<TextFolder> made = read("roberta", config);
    EXPECT_FALSE(made.ok()) << to;
    return made.ok() ? Error{} : made.error();
  }
  // kMiniLm with modules.json and 1_Pooling/config.json.
  Result<TextFolder> sentence_bert(const std::string& modules, const std::string& pooling) {
    folder_.write("modules.json", modules);
    folder_.write("1_Pooling/config.json", pooling);
    return read("bert", kMiniLm);
  }
  WeightsFolder folder_;
};

TEST_F(Folder, config_says_the_architecture) {
  const TextFolder roberta = read("roberta", kRoberta).value();
  EXPECT_EQ(roberta.shape.depth, 12);
  EXPECT_EQ(roberta.shape.head_size, 64);
  EXPECT_EQ(roberta.shape.vocabulary, 50265);
  EXPECT_EQ(roberta.shape.norm_epsilon, 1e-5);
  EXPECT_EQ(roberta.max_tokens, 512);  // positions 0 and 1 are of the padding
  EXPECT_EQ(roberta.shape.padding, 1);
  EXPECT_TRUE(roberta.pooling.empty());
  const TextFolder mini = read("bert", kMiniLm).value();
  EXPECT_EQ(mini.shape.head_size, 32);
  EXPECT_EQ(mini.max_tokens, 512);
}

TEST_F(Folder, t5_is_gated_where_its_config_says_so) {
  const TextShape flan = read("t5", kFlanT5).value().shape;
  EXPECT_TRUE(flan.gated);
  EXPECT_EQ(flan.activation, Activation::kGeluTanh);
  EXPECT_EQ(flan.hidden, 2048);
  EXPECT_EQ(flan.buckets, 32);
  EXPECT_EQ(flan.max_distance, 128);
}

TEST_F(Folder, sentence_transformers_declares_pooling_and_length) {
  folder_.write("sentence_bert_config.json", R"({"max_seq_length": 256, "do_lower_case": false})");
  const TextFolder read = sentence_bert(R"([{"type": "sentence_transformers.models.Transformer", "path": ""},
      {"type": "sentence_transformers.models.Pooling", "path": "1_Pooling"},
      {"type": "sentence_transformers.models.Normalize", "path": "2_Normalize"}])",
                                        R"({"pooling_mode_cls_token": false, "pooling_mode_mean_tokens": true})")
                              .value();
  EXPECT_EQ(read.pooling, "mean");
  EXPECT_TRUE(read.unit_length);
  EXPECT_EQ(read.max_tokens, 256);
  EXPECT_EQ(read.most_tokens, 512);
  EXPECT_EQ(read.files.size(), 4U);  // each of the small files counts as the weights do
}

TEST_F(Folder, a_pooling_or_module_that_is_not_here_is_refused) {
  const char* const modules = R"([{"type": "x.Pooling", "path": "1_Pooling"}])";
  EXPECT_EQ(sentence_bert(modules, R"({"pooling_mode_cls_token": true})").value().pooling, "first");
  EXPECT_EQ(sentence_bert(modules, R"({"pooling_mode": "cls"})").value().pooling, "first");
  for (const char* pooling : {R"({"pooling_mode_max_tokens": true})", R"({"pooling_mode": "lasttoken"})", "{}",
                              R"({"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": true})"})
    EXPECT_EQ(sentence_bert(modules, pooling).error().code, ErrorCode::kUnsupported) << pooling;
  for (const char* other : {R"([{"type": "x.Dense", "path": "2_Dense"}])", R"([1])"})
    EXPECT_EQ(sentence_bert(other, "{}").error().code, ErrorCode::kUnsupported) << other;
}

TEST_F(Folder, a_module_does_not_leave_its_folder) {
  for (const char* path : {"../x", "/etc", "a/b", ""}) {
    const std::string modules = std::string(R"([{"type": "x.Pooling", "path": ")") + path + R"("}])";
    EXPECT_EQ(sentence_bert(modules, "{}").error().code, ErrorCode::kCorruptInput) << path;
  }
}

TEST_F(Folder, a_number_out_of_bounds_names_file_key_and_what_was_expected) {
  const Error huge = refusal("768", "99999999999");
  EXPECT_EQ(huge.code, ErrorCode::kCorruptInput);
  EXPECT_NE(huge.message.find("config.json: hidden_size is 99999999999, expected a whole number, 1 to 16384"),
            std::string::npos)
      << huge.message;
  for (const auto& [from, to] : {std::pair{"768", "-768"},
                                 {"768", "768.5"},
                                 {"768", "\"768\""},
                                 {"768", "767"},
                                 {"50265", "1e300"},
                                 {"514", "3"},
                                 {"\"pad_token_id\": 1", "\"pad_token_id\": 600"},
                                 {"1e-05", "0"},
                                 {"\"num_hidden_layers\"", "\"layers\""}})
    EXPECT_EQ(refusal(from, to).code, ErrorCode::kCorruptInput) << to;
}

TEST_F(Folder, another_architecture_is_refused_by_name) {
  for (const auto& [from, to] : {std::pair{"\"roberta\"", "\"albert\""},
                                 {"\"gelu\"", "\"swish\""},
                                 {"\"pad_token_id\": 1", "\"position_embedding_type\": \"relative_key\""}})
    EXPECT_EQ(refusal(from, to).code, ErrorCode::kUnsupported) << to;
}

TEST_F(Folder, what_is_no_config_is_refused) {
  EXPECT_EQ(read_text_folder(folder_.path(), "bert").error().code, ErrorCode::kNotFound);
  for (const std::string config : {"", "{", "[]", "7", "{}"})
    EXPECT_EQ(read("bert", config).error().code, ErrorCode::kCorruptInput) << config;
  EXPECT_EQ(read("bert", std::string(2 << 20, ' ')).error().code, ErrorCode::kTooLarge);
  EXPECT_FALSE(read("bert", std::string(1 << 19, '[')).ok());
}

TEST(DrawnTextShape, is_the_published_one_with_other_sizes) {
  const TextShape mpnet = drawn_text_shape("mpnet", 2, 128).value();
  EXPECT_EQ(mpnet.heads, 2);
  EXPECT_EQ(mpnet.hidden, 512);
  EXPECT_EQ(mpnet.types, 0);
  EXPECT_EQ(mpnet.buckets, 32);
  EXPECT_EQ(drawn_text_shape("bert", 2, 100).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace earshot::nn
