// KeptRows: the capability "earshot.kept_rows/1". A batch map that pads rows by itself says which of them may be
// computed together where their results are kept; without it, those whose payloads are of one shape.
#pragma once

#include <cstdint>

#include "earshot/contract/payload.h"

namespace earshot {

inline constexpr const char* kKeptRowsCapability = "earshot.kept_rows/1";

class KeptRows {
 public:
  KeptRows() = default;
  KeptRows(const KeptRows&) = delete;
  KeptRows& operator=(const KeptRows&) = delete;
  virtual ~KeptRows() = default;

  // The extent that a row is padded to. In a batch of rows of one extent, and as many rows as another's, a row comes
  // out with the same bits whatever the others are. `payload` is the row of the first input. Compute lane only.
  [[nodiscard]] virtual std::int64_t padded_extent(const Payload& payload) const = 0;
};

}  // namespace earshot
