// StoreFiles: the stores of a folder that are read as one, and which of them is written.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "earshot/contract/result.h"
#include "earshot/pipeline/cache/store.h"
#include "member.h"
#include "places.h"

namespace earshot::cache {

class StoreFiles {
 public:
  // As Store::open, through any door to the file system.
  static Result<Store> open(const std::filesystem::path& folder, const OpenOptions& options, rocksdb::Env* env);

  // The files of a store.
  static StoreFiles& of(Store& store) { return *store.files_; }
  static const StoreFiles& of(const Store& store) { return *store.files_; }

  [[nodiscard]] const std::vector<std::unique_ptr<Member>>& members() const { return members_; }
  // The member that is written; null where none is.
  [[nodiscard]] Member* written() { return written_ ? members_[*written_].get() : nullptr; }
  // Of every member. Whoever moves or drops values makes it forget them.
  [[nodiscard]] Places& places() { return places_; }

 private:
  std::vector<std::unique_ptr<Member>> members_;
  std::optional<std::size_t> written_;
  Places places_;
};

}  // namespace earshot::cache
