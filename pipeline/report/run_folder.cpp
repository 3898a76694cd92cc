#include "earshot/pipeline/report/run_folder.h"

#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace earshot::report {
namespace {

namespace fs = std::filesystem;

constexpr std::array kGrowing = {"metrics.jsonl", "items.jsonl"};

Error io_error(const fs::path& file, const std::string& what) {
  return {ErrorCode::kIo, "cannot " + what + " '" + file.string() + "': " + std::strerror(errno)};
}

// An open file descriptor, closed on the way out.
class Descriptor {
 public:
  Descriptor(const fs::path& file, int flags) : fd_(::open(file.c_str(), flags | O_CLOEXEC, 0644)) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] bool open() const { return fd_ >= 0; }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

Status write_all(const Descriptor& descriptor, const fs::path& file, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return io_error(file, "write to");
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

// What is written to a file piece by piece: small pieces go together, large ones by themselves.
class Pieces {
 public:
  Pieces(const Descriptor& descriptor, const fs::path& file) : descriptor_(descriptor), file_(file) {}

  Status put(std::span<const std::byte> bytes) {
    if (bytes.size() >= kLarge || waiting_.size() + bytes.size() > kLarge)
      if (Status written = flush(); !written.ok()) return written;
    if (bytes.size() >= kLarge) return write_all(descriptor_, file_, bytes);
    waiting_.insert(waiting_.end(), bytes.begin(), bytes.end());
    return {};
  }
  Status flush() {
    Status written = write_all(descriptor_, file_, waiting_);
    waiting_.clear();
    return written;
  }

 private:
  static constexpr std::size_t kLarge = std::size_t{1} << 20;

  const Descriptor& descriptor_;
  const fs::path& file_;
  std::vector<std::byte> waiting_;
};

}  // namespace

Result<RunFolder> RunFolder::open(const fs::path& folder, bool resume) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) return Error{ErrorCode::kIo, "cannot make the run folder '" + folder.string() + "': " + failed.message()};
  if (!resume && fs::exists(folder / "graph.toml", failed))
    return Error{ErrorCode::kInvalidArgument,
                 "'" + folder.string() + "' already holds a run; go on with --resume, or give another --out"};
  return RunFolder(folder);
}

Status RunFolder::append_line(const std::string& file, const nlohmann::ordered_json& line) {
  const fs::path path = path_ / file;
  const Descriptor descriptor(path, O_WRONLY | O_CREAT | O_APPEND);
  if (!descriptor.open()) return io_error(path, "open");
  const std::string text = line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  return write_all(descriptor, path, std::as_bytes(std::span(text)));
}

Status RunFolder::replace(const std::string& file, std::string_view text) {
  return replace(file, std::as_bytes(std::span(text)));
}

Status RunFolder::replace(const std::string& file, std::span<const std::byte> bytes) {
  return replace(file, [bytes](const ByteSink& sink) { return sink(bytes); });
}

Status RunFolder::replace(const std::string& file, const std::function<Status(const ByteSink&)>& fill) {
  const fs::path path = path_ / file;
  const fs::path temporary = path.string() + ".tmp";
  std::error_code failed;
  fs::create_directories(path.parent_path(), failed);
  {
    const Descriptor descriptor(temporary, O_WRONLY | O_CREAT | O_TRUNC);
    if (!descriptor.open()) return io_error(temporary, "open");
    Pieces pieces(descriptor, temporary);
    Status written = fill([&](std::span<const std::byte> bytes) { return pieces.put(bytes); });
    if (written.ok()) written = pieces.flush();
    if (!written.ok()) {
      fs::remove(temporary, failed);  // a disk that is full is not to stay so
      return written;
    }
    if (::fsync(descriptor.get()) != 0) return io_error(temporary, "sync");
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) return io_error(path, "replace");
  const Descriptor parent(path.parent_path(), O_RDONLY | O_DIRECTORY);
  if (parent.open()) ::fsync(parent.get());
  return {};
}

Result<std::map<std::string, std::int64_t>> RunFolder::sync_lengths() {
  std::map<std::string, std::int64_t> lengths;
  for (const char* file : kGrowing) {
    const fs::path path = path_ / file;
    const Descriptor descriptor(path, O_WRONLY);
    if (!descriptor.open()) continue;
    if (::fsync(descriptor.get()) != 0) return io_error(path, "sync");
    lengths[file] = ::lseek(descriptor.get(), 0, SEEK_END);
  }
  return lengths;
}

Status RunFolder::cut(const std::map<std::string, std::int64_t>& lengths) {
  for (const char* file : kGrowing) {
    const fs::path path = path_ / file;
    std::error_code failed;
    if (!fs::exists(path, failed)) continue;
    const auto length = lengths.find(file);
    if (::truncate(path.c_str(), length == lengths.end() ? 0 : length->second) != 0) return io_error(path, "cut");
  }
  return {};
}

std::string run_name(std::string_view title) {
  std::string name;
  for (const char c : title) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0)
      name += static_cast<char>(std::tolower(byte));
    else if (!name.empty() && name.back() != '-')
      name += '-';
  }
  while (!name.empty() && name.back() == '-') name.pop_back();
  if (name.empty()) name = "run";
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  std::array<char, 32> time{};
  std::strftime(time.data(), time.size(), "-%Y%m%d-%H%M%S", &local);
  return name + time.data();
}

}  // namespace earshot::report
