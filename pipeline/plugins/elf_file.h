// ElfFile: looks into a shared library without loading it: build id, exported symbols and their bytes. 64-bit ELF of
// this processor. Reads only the tables it needs; every offset is checked against the file and every table against a
// limit before memory is taken. Not thread-safe.
//
// Source: System V ABI (gABI 4.1, "Object Files"); <elf.h>. Build id: .note.gnu.build-id, as `ld --build-id` writes it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <elf.h>

#include "earshot/contract/result.h"

namespace earshot::plugins {

class ElfFile {
 public:
  // Errors: kIo; kCorruptInput and kUnsupported say what is wrong, as the rest of a sentence that begins with the file.
  static Result<ElfFile> open(const std::filesystem::path& path);

  // In hexadecimal; empty where the file has none.
  [[nodiscard]] const std::string& build_id() const { return build_id_; }
  // True where the library defines the dynamic symbol.
  [[nodiscard]] bool defines(std::string_view symbol) const { return find(symbol) != nullptr; }
  // The first `count` bytes of a symbol's object as they stand in the file. Errors: kNotFound; kCorruptInput where
  // the object is shorter or lies outside the file.
  Result<std::vector<std::byte>> bytes(std::string_view symbol, std::size_t count);

 private:
  ElfFile() = default;
  Status read_header();
  Status read_build_id();
  Status read_symbols();
  [[nodiscard]] const Elf64_Sym* find(std::string_view symbol) const;

  Result<std::vector<std::byte>> read(std::uint64_t offset, std::uint64_t count);
  template <class T>
  Result<std::vector<T>> read_table(std::uint64_t offset, std::uint64_t count);

  std::ifstream file_;
  std::uint64_t size_ = 0;
  Elf64_Ehdr header_{};
  std::vector<Elf64_Phdr> segments_;
  std::vector<Elf64_Sym> symbols_;
  std::string names_;  // ends with NUL
  std::string build_id_;
};

}  // namespace earshot::plugins
