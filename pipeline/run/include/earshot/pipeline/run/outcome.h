// How items end. Every admitted item ends as exactly one of done, skipped or quarantined; `Conservation` is the proof.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "earshot/contract/result.h"
#include "earshot/pipeline/graph/resolved.h"

namespace earshot::run {

struct Failure {
  int node = 0;  // of the flow; the earliest one counts
  std::string stage;
  Error error;
  graph::FailurePolicy policy = graph::FailurePolicy::kFail;
};

// An item that was not done, and why.
struct LostItem {
  std::string flow;
  std::string view;
  std::string id;
  std::int64_t sequence = 0;
  Failure failure;
};

struct Conservation {
  std::int64_t admitted = 0;
  std::int64_t done = 0;
  std::int64_t skipped = 0;
  std::int64_t quarantined = 0;
  std::int64_t failed = 0;  // ended the run

  [[nodiscard]] bool holds() const { return admitted == done + skipped + quarantined + failed; }
  Conservation& operator+=(const Conservation& other);
  // "412 admitted = 410 done + 0 skipped + 2 quarantined", with the failed ones only where there are any.
  [[nodiscard]] std::string text() const;
};

}  // namespace earshot::run
