#include "files.h"

#include <fstream>
#include <system_error>

namespace earshot::tools {

Result<std::vector<std::byte>> read_file(const std::filesystem::path& file) {
  std::error_code failure;
  const std::uintmax_t size = std::filesystem::file_size(file, failure);
  if (failure) return Error{ErrorCode::kNotFound, "cannot read '" + file.string() + "': " + failure.message()};
  std::vector<std::byte> bytes(size);
  std::ifstream in(file, std::ios::binary);
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
  if (!in) return Error{ErrorCode::kIo, "cannot read '" + file.string() + "' to its end"};
  return bytes;
}

Status write_file(const std::filesystem::path& file, std::span<const std::byte> bytes) {
  std::ofstream out(file, std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out) return Error{ErrorCode::kIo, "cannot write '" + file.string() + "'"};
  return {};
}

}  // namespace earshot::tools
