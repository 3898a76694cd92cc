// Model: the algorithm that a Tokeniser record names, with its vocabulary: text to ids, specials left out.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace earshot::text {

class Model {
 public:
  Model() = default;
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;
  virtual ~Model() = default;

  // Appends the ids of `text`. Precondition: valid UTF-8. Safe from any thread.
  virtual void cut(std::string_view text, std::vector<std::int32_t>& ids) const = 0;
};

}  // namespace earshot::text
