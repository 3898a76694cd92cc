// What a folder as Hugging Face publishes models says of its tokeniser.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "earshot/contract/result.h"
#include "vocabulary.h"
#include "wordpiece.h"

namespace earshot::text {

struct VocabularyFolder {
  Vocabulary tokens;
  std::vector<std::pair<std::string, std::string>> merges;  // family byte_pair, in order of rank
  WordPiece::Rules rules;                                   // family wordpiece
  std::string content;                                      // content id of every file that was read
};

// Family byte_pair: vocab.json and merges.txt, wordpiece: vocab.txt, both else tokenizer.json; beside them
// tokenizer_config.json where there is one. Errors: kNotFound naming the files, kCorruptInput, kTooLarge.
Result<VocabularyFolder> read_vocabulary_folder(const std::filesystem::path& folder, const std::string& family);

}  // namespace earshot::text
