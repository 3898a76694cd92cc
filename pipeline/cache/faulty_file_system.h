// A file system for tests on which one call fails, or every call from then on.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include <rocksdb/file_system.h>

namespace earshot::cache {

// Counts calls and says which of them fail. Thread-safe.
class Faults {
 public:
  enum class Kind : std::uint8_t { kRead, kWrite, kSync };

  // The `number`th call of a kind fails, counted from 0; with `lasting`, those after it too. -1: none.
  void arm(Kind kind, int number, bool lasting) {
    kind_ = kind;
    number_ = number;
    lasting_ = lasting;
    calls_ = 0;
  }
  [[nodiscard]] bool happened() const { return number_ >= 0 && calls_ > number_; }

  rocksdb::IOStatus of(Kind kind) {
    if (kind != kind_) return rocksdb::IOStatus::OK();
    const int call = calls_++;
    if (number_ < 0 || call < number_ || (call > number_ && !lasting_)) return rocksdb::IOStatus::OK();
    return kind == Kind::kWrite ? rocksdb::IOStatus::NoSpace("injected") : rocksdb::IOStatus::IOError("injected");
  }

 private:
  Kind kind_ = Kind::kRead;
  std::atomic<int> number_ = -1;
  bool lasting_ = false;
  std::atomic<int> calls_ = 0;
};

class FaultyWritableFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyWritableFile(std::unique_ptr<rocksdb::FSWritableFile>&& file, Faults& faults)
      : FSWritableFileOwnerWrapper(std::move(file)), faults_(faults) {}
  using FSWritableFileOwnerWrapper::Append;
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* debug) override {
    const rocksdb::IOStatus fault = faults_.of(Faults::Kind::kWrite);
    return fault.ok() ? target()->Append(data, options, debug) : fault;
  }
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           const rocksdb::DataVerificationInfo& /*verification*/,
                           rocksdb::IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  // The disk is not waited for: that is not what is tested.
  rocksdb::IOStatus Sync(const rocksdb::IOOptions& /*options*/, rocksdb::IODebugContext* /*debug*/) override {
    return faults_.of(Faults::Kind::kSync);
  }
  rocksdb::IOStatus Fsync(const rocksdb::IOOptions& /*options*/, rocksdb::IODebugContext* /*debug*/) override {
    return faults_.of(Faults::Kind::kSync);
  }

 private:
  Faults& faults_;
};

class FaultyRandomRWFile final : public rocksdb::FSRandomRWFileOwnerWrapper {
 public:
  FaultyRandomRWFile(std::unique_ptr<rocksdb::FSRandomRWFile>&& file, Faults& faults)
      : FSRandomRWFileOwnerWrapper(std::move(file)), faults_(faults) {}
  rocksdb::IOStatus Write(std::uint64_t offset, const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                          rocksdb::IODebugContext* debug) override {
    const rocksdb::IOStatus fault = faults_.of(Faults::Kind::kWrite);
    return fault.ok() ? target()->Write(offset, data, options, debug) : fault;
  }
  rocksdb::IOStatus Fsync(const rocksdb::IOOptions& /*options*/, rocksdb::IODebugContext* /*debug*/) override {
    return faults_.of(Faults::Kind::kSync);
  }

 private:
  Faults& faults_;
};

class FaultySequentialFile final : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  FaultySequentialFile(std::unique_ptr<rocksdb::FSSequentialFile>&& file, Faults& faults)
      : FSSequentialFileOwnerWrapper(std::move(file)), faults_(faults) {}
  rocksdb::IOStatus Read(std::size_t count, const rocksdb::IOOptions& options, rocksdb::Slice* result, char* scratch,
                         rocksdb::IODebugContext* debug) override {
    const rocksdb::IOStatus fault = faults_.of(Faults::Kind::kRead);
    return fault.ok() ? target()->Read(count, options, result, scratch, debug) : fault;
  }

 private:
  Faults& faults_;
};

class FaultyDirectory final : public rocksdb::FSDirectoryWrapper {
 public:
  FaultyDirectory(std::unique_ptr<rocksdb::FSDirectory>&& directory, Faults& faults)
      : FSDirectoryWrapper(std::move(directory)), faults_(faults) {}
  rocksdb::IOStatus Fsync(const rocksdb::IOOptions& /*options*/, rocksdb::IODebugContext* /*debug*/) override {
    return faults_.of(Faults::Kind::kSync);
  }
  rocksdb::IOStatus FsyncWithDirOptions(const rocksdb::IOOptions& /*options*/, rocksdb::IODebugContext* /*debug*/,
                                        const rocksdb::DirFsyncOptions& /*which*/) override {
    return faults_.of(Faults::Kind::kSync);
  }

 private:
  Faults& faults_;
};

// Tables are read through memory maps: opening one may fail, reading in it is no call. Opening counts as a read,
// making, renaming, linking and removing as a write.
class FaultyFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit FaultyFileSystem(Faults& faults) : FileSystemWrapper(rocksdb::FileSystem::Default()), faults_(faults) {}
  [[nodiscard]] const char* Name() const override { return "faulty"; }

  rocksdb::IOStatus NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                      rocksdb::IODebugContext* debug) override {
    return wrapped<FaultySequentialFile>(Faults::Kind::kRead, file,
                                         [&] { return target()->NewSequentialFile(name, options, file, debug); });
  }
  rocksdb::IOStatus NewRandomAccessFile(const std::string& name, const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                        rocksdb::IODebugContext* debug) override {
    const rocksdb::IOStatus fault = faults_.of(Faults::Kind::kRead);
    return fault.ok() ? target()->NewRandomAccessFile(name, options, file, debug) : fault;
  }
  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override {
    return wrapped<FaultyWritableFile>(Faults::Kind::kWrite, file,
                                       [&] { return target()->NewWritableFile(name, options, file, debug); });
  }
  rocksdb::IOStatus NewRandomRWFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSRandomRWFile>* file,
                                    rocksdb::IODebugContext* debug) override {
    return wrapped<FaultyRandomRWFile>(Faults::Kind::kRead, file,
                                       [&] { return target()->NewRandomRWFile(name, options, file, debug); });
  }
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 rocksdb::IODebugContext* debug) override {
    return wrapped<FaultyDirectory>(Faults::Kind::kRead, directory,
                                    [&] { return target()->NewDirectory(name, options, directory, debug); });
  }
  rocksdb::IOStatus FileExists(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override {
    const rocksdb::IOStatus fault = faults_.of(Faults::Kind::kRead);
    return fault.ok() ? target()->FileExists(name, options, debug) : fault;
  }
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override {
    const rocksdb::IOStatus fault = faults_.of(Faults::Kind::kWrite);
    return fault.ok() ? target()->RenameFile(from, to, options, debug) : fault;
  }
  rocksdb::IOStatus LinkFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
    const rocksdb::IOStatus fault = faults_.of(Faults::Kind::kWrite);
    return fault.ok() ? target()->LinkFile(from, to, options, debug) : fault;
  }
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override {
    const rocksdb::IOStatus fault = faults_.of(Faults::Kind::kWrite);
    return fault.ok() ? target()->DeleteFile(name, options, debug) : fault;
  }

 private:
  // What `open` left in `file`, behind a wrapper that may fail.
  template <class Wrapper, class File, class Open>
  rocksdb::IOStatus wrapped(Faults::Kind kind, std::unique_ptr<File>* file, const Open& open) {
    rocksdb::IOStatus fault = faults_.of(kind);
    if (!fault.ok()) return fault;
    rocksdb::IOStatus opened = open();
    if (opened.ok()) *file = std::make_unique<Wrapper>(std::move(*file), faults_);
    return opened;
  }

  Faults& faults_;
};

}  // namespace earshot::cache
