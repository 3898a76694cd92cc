// Embedding: one row of the joint space, or of an encoder's own space, as floats. The interface without LibTorch that
// rank, pool and index read; stages/nn has the implementation that is a row of a batch tensor.
#pragma once

#include <cmath>
#include <cstring>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "earshot/contract/payload.h"
#include "earshot/contract/record.h"

namespace earshot {

class Embedding : public Payload {
 public:
  static constexpr PayloadInfo kInfo{"embedding", "[dim]", {"dim", nullptr, nullptr}};

  [[nodiscard]] const PayloadInfo& info() const noexcept override { return kInfo; }
  // [dim] floats in host memory, owned by the payload. Safe from any thread.
  [[nodiscard]] virtual std::span<const float> values() const = 0;

  [[nodiscard]] bool finite() const override {
    for (const float value : values())
      if (!std::isfinite(value)) return false;
    return true;
  }
  [[nodiscard]] Result<Record> to_record() const override {
    const std::span<const float> row = values();
    Record record{.kind = kInfo.kind, .dtype = DType::kFloat32, .shape = {static_cast<std::int64_t>(row.size())}};
    record.facts["dim"] = std::to_string(row.size());
    record.bytes.resize(row.size_bytes());
    std::memcpy(record.bytes.data(), row.data(), row.size_bytes());
    return record;
  }
  // An embedding that owns its floats.
  static Result<PayloadPtr> from_record(const Record& record);
};

// An embedding that owns its floats.
class PlainEmbedding final : public Embedding {
 public:
  explicit PlainEmbedding(std::vector<float> values) : values_(std::move(values)) {}
  [[nodiscard]] std::span<const float> values() const override { return values_; }
  [[nodiscard]] std::int64_t bytes() const noexcept override {
    return static_cast<std::int64_t>(sizeof(*this) + values_.capacity() * sizeof(float));
  }

 private:
  std::vector<float> values_;
};

inline Result<PayloadPtr> Embedding::from_record(const Record& record) {
  if (Status status = check_record(record, kInfo, DType::kFloat32, 1); !status.ok()) return status.error();
  return PayloadPtr(std::make_shared<const PlainEmbedding>(earshot::values_of<float>(record)));
}

}  // namespace earshot
