// NameTable: very many short texts in little memory: one block of bytes and eight bytes each.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace earshot::folder {

class NameTable {
 public:
  void add(std::string_view name) {
    bytes_ += name;
    ends_.push_back(bytes_.size());
  }
  [[nodiscard]] std::size_t size() const noexcept { return ends_.size(); }
  [[nodiscard]] std::string_view operator[](std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(bytes_).substr(begin, ends_[i] - begin);
  }

  // The same names in bytewise order.
  [[nodiscard]] NameTable sorted() const {
    std::vector<std::size_t> order(size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) { return (*this)[a] < (*this)[b]; });
    NameTable table;
    table.bytes_.reserve(bytes_.size());
    table.ends_.reserve(ends_.size());
    for (const std::size_t i : order) table.add((*this)[i]);
    return table;
  }
  // Where `name` is in a table that is sorted.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const {
    std::size_t low = 0;
    std::size_t high = size();
    while (low < high) {
      const std::size_t middle = low + (high - low) / 2;
      if ((*this)[middle] < name)
        low = middle + 1;
      else
        high = middle;
    }
    return low < size() && (*this)[low] == name ? std::optional(low) : std::nullopt;
  }

 private:
  std::string bytes_;
  std::vector<std::size_t> ends_;
};

}  // namespace earshot::folder
