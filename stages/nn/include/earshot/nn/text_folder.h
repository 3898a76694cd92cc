// TextFolder: what the small files of a Hugging Face folder say of a text encoder: its architecture, and what a
// sentence-transformers folder adds to it. No LibTorch. Every number is bounded before anything is made of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "earshot/contract/result.h"
#include "earshot/nn/activation.h"

namespace earshot::nn {

// As config.json has it.
struct TextShape {
  std::int64_t depth = 12;
  std::int64_t width = 768;
  std::int64_t heads = 12;
  std::int64_t head_size = 64;
  std::int64_t hidden = 3072;      // of the perceptrons
  std::int64_t vocabulary = 8192;  // rows of the table of words
  std::int64_t positions = 0;      // rows of the table of positions; 0: none
  std::int64_t types = 0;          // rows of the table of token types; 0: none
  std::int64_t buckets = 0;        // of the relative position bias; 0: none
  std::int64_t max_distance = 128;
  std::int32_t padding = 1;  // id from which positions count, and which fills sentences up
  double norm_epsilon = 1e-5;
  Activation activation = Activation::kGelu;
  bool gated = false;  // the perceptrons
};

struct TextFolder {
  TextShape shape;
  std::string pooling;                       // "first" or "mean" where 1_Pooling/config.json declares it, else empty
  bool unit_length = false;                  // modules.json has a module Normalize
  std::int64_t most_tokens = 512;            // for which there are positions; 512 where it has none
  std::int64_t max_tokens = 512;             // of sentence_bert_config.json, else the most
  std::vector<std::filesystem::path> files;  // what was read: it counts as the weights do
};

// `model_type` is "bert", "roberta", "mpnet" or "t5".
// Errors: kNotFound without config.json; kCorruptInput naming file, key and what was expected; kUnsupported for another
// architecture, activation, pooling or module.
Result<TextFolder> read_text_folder(const std::filesystem::path& folder, const std::string& model_type);

// The sizes of a drawn encoder: as published (base), but for `depth` and `width`. Errors: kInvalidArgument for a width
// that is no multiple of 64, the size of a head.
Result<TextShape> drawn_text_shape(const std::string& model_type, std::int64_t depth, std::int64_t width);

}  // namespace earshot::nn
