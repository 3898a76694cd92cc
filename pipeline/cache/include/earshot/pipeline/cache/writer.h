// Writer: puts records into a store. Nothing is there before `commit`; after it, everything is, whatever happens next.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "earshot/contract/result.h"
#include "earshot/pipeline/cache/entry.h"
#include "earshot/pipeline/cache/store.h"

namespace earshot::cache {

// Safe from any thread; one at a time is served. A writer that gave an error gives it again until the store is opened
// anew: what was committed before is intact. What is not committed when it is destroyed is dropped.
// Errors of all functions: kIo (the disk is full, the folder is read-only), kInvalidArgument.
class Writer {
 public:
  // `store` was opened with Mode::kWrite, has no other writer and outlives this one. Values go to disk as they come;
  // after `commit_bytes` of them a put commits by itself.
  static Result<Writer> of(Store& store, std::uint64_t commit_bytes = std::uint64_t{256} << 20);
  Writer(Writer&&) noexcept;
  Writer& operator=(Writer&&) noexcept;
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer();

  // The name of a description, which is written with the next commit where it is new.
  Result<DescriptionId> describe(const Description& description);
  // A key that was put since the last commit is not put again. Precondition: the description came from `describe`.
  Status put(const NewRecord& record);
  // All that was put, or nothing of it. Without anything put it does nothing.
  Status commit();
  [[nodiscard]] std::uint64_t uncommitted_bytes() const;

 private:
  class Pending;
  explicit Writer(std::unique_ptr<Pending> pending);
  std::unique_ptr<Pending> pending_;
};

}  // namespace earshot::cache
