// The file reader against hostile files: a real plugin, damaged everywhere that offsets and sizes are kept.
#include <array>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>

#include <elf.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "earshot/contract/random.h"
#include "earshot/pipeline/plugins/library.h"

namespace earshot::plugins {
namespace {

namespace fs = std::filesystem;

class LibraryFile : public ::testing::Test {
 protected:
  void SetUp() override {
    file_ = fs::temp_directory_path() / ("earshot_library_file_" + std::to_string(getpid()) + ".so");
    fs::copy_file(fs::path(BAD_PLUGINS_DIR) / "good.so", file_, fs::copy_options::overwrite_existing);
    std::ifstream stream(file_, std::ios::binary);
    bytes_.assign(std::istreambuf_iterator<char>(stream), {});
  }
  void TearDown() override { fs::remove(file_); }

  void write_at(std::uint64_t offset, std::string_view bytes) const {
    std::fstream stream(file_, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(static_cast<std::streamoff>(offset));
    stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
  // Errors are fine, a crash is not; returns whether the file was accepted.
  bool accepted_with(std::uint64_t offset, std::string_view bytes) const {
    write_at(offset, bytes);
    const bool accepted = inspect_library(file_).ok();
    write_at(offset, std::string_view(bytes_).substr(offset, bytes.size()));
    return accepted;
  }

  fs::path file_;
  std::string bytes_;
};

// binutils' readelf, which came with the compiler.
TEST_F(LibraryFile, the_build_id_is_what_readelf_prints) {
  const std::string command = "readelf -n " + file_.string();
  const std::unique_ptr<FILE, int (*)(FILE*)> output(popen(command.c_str(), "r"), &pclose);
  std::string text(4096, '\0');
  text.resize(fread(text.data(), 1, text.size(), output.get()));
  const std::size_t at = text.find("Build ID: ");
  if (at == std::string::npos) GTEST_SKIP() << "readelf is not installed";
  EXPECT_EQ(*inspect_library(file_), text.substr(at + 10, text.find('\n', at) - at - 10));
}

TEST_F(LibraryFile, cut_at_any_length_it_is_refused) {
  for (std::size_t length = 0; length < bytes_.size(); length += 1 + bytes_.size() / 400) {
    fs::resize_file(file_, length);
    EXPECT_FALSE(inspect_library(file_).ok()) << length;
    write_at(length, std::string_view(bytes_).substr(length));
  }
  EXPECT_TRUE(inspect_library(file_).ok());
}

TEST_F(LibraryFile, extreme_numbers_anywhere_in_its_tables_are_survived) {
  Elf64_Ehdr header;
  std::memcpy(&header, bytes_.data(), sizeof(header));
  const std::array<std::pair<std::uint64_t, std::uint64_t>, 3> tables = {
      {{0, sizeof(header)},
       {header.e_phoff, header.e_phnum * sizeof(Elf64_Phdr)},
       {header.e_shoff, header.e_shnum * sizeof(Elf64_Shdr)}}};
  int refused = 0;
  for (const auto& [start, length] : tables)
    for (std::uint64_t at = start; at + 8 <= start + length; at += 4)
      for (const char fill : {'\0', '\x7f', '\xff'}) refused += accepted_with(at, std::string(8, fill)) ? 0 : 1;
  EXPECT_GT(refused, 50);
  EXPECT_TRUE(inspect_library(file_).ok());
}

TEST_F(LibraryFile, random_damage_is_survived) {
  Random random(1, 0, "damage");
  for (int i = 0; i < 4000; ++i) {
    const auto at = static_cast<std::uint64_t>(random.below(static_cast<std::int64_t>(bytes_.size()) - 8));
    std::string damage(static_cast<std::size_t>(1 + random.below(8)), '\0');
    for (char& byte : damage) byte = static_cast<char>(random.bits32());
    (void)accepted_with(at, damage);
  }
  EXPECT_TRUE(inspect_library(file_).ok());
}

}  // namespace
}  // namespace earshot::plugins
