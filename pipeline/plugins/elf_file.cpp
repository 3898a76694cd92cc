#include "elf_file.h"

#include <cstring>
#include <system_error>
#include <utility>

namespace earshot::plugins {
namespace {

constexpr std::uint64_t kMaxTableBytes = std::uint64_t{16} << 20;

#if defined(__x86_64__)
constexpr Elf64_Half kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr Elf64_Half kMachine = EM_AARCH64;
#else
#error "the ELF machine number of this processor is missing here"
#endif

Error corrupt(const char* what) { return {ErrorCode::kCorruptInput, std::string("is damaged or cut short: ") + what}; }

std::string hexadecimal(const std::byte* bytes, std::size_t count) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += kDigits[static_cast<std::size_t>(bytes[i] >> 4)];
    text += kDigits[static_cast<std::size_t>(bytes[i] & std::byte{15})];
  }
  return text;
}

// The build id in the notes of one segment; empty where there is none. A note that does not fit ends the search.
std::string build_id_in(const std::vector<std::byte>& notes) {
  std::size_t at = 0;
  while (notes.size() - at >= sizeof(Elf64_Nhdr)) {
    Elf64_Nhdr note;
    std::memcpy(&note, notes.data() + at, sizeof(note));
    at += sizeof(note);
    const std::uint64_t name_bytes = (std::uint64_t{note.n_namesz} + 3) / 4 * 4;
    const std::uint64_t value_bytes = (std::uint64_t{note.n_descsz} + 3) / 4 * 4;
    if (name_bytes > notes.size() - at || value_bytes > notes.size() - at - name_bytes) break;
    const std::byte* name = notes.data() + at;
    if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && std::memcmp(name, "GNU", 4) == 0)
      return hexadecimal(name + name_bytes, note.n_descsz);
    at += name_bytes + value_bytes;
  }
  return {};
}

}  // namespace

Result<ElfFile> ElfFile::open(const std::filesystem::path& path) {
  std::error_code failure;
  if (!std::filesystem::is_regular_file(path, failure)) return Error{ErrorCode::kIo, "is not a regular file"};
  ElfFile elf;
  elf.size_ = std::filesystem::file_size(path, failure);
  elf.file_.open(path, std::ios::binary);
  if (failure || !elf.file_) return Error{ErrorCode::kIo, "cannot be read"};
  for (const auto part : {&ElfFile::read_header, &ElfFile::read_build_id, &ElfFile::read_symbols})
    if (Status status = (elf.*part)(); !status.ok()) return std::move(status).error();
  return elf;
}

Result<std::vector<std::byte>> ElfFile::read(std::uint64_t offset, std::uint64_t count) {
  if (count > kMaxTableBytes) return corrupt("a table in it is larger than 16 MiB");
  if (offset > size_ || count > size_ - offset) return corrupt("a table in it lies beyond its end");
  std::vector<std::byte> bytes(count);
  file_.clear();
  file_.seekg(static_cast<std::streamoff>(offset));
  file_.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(count));
  if (!file_) return Error{ErrorCode::kIo, "cannot be read"};
  return bytes;
}

template <class T>
Result<std::vector<T>> ElfFile::read_table(std::uint64_t offset, std::uint64_t count) {
  if (count > kMaxTableBytes / sizeof(T)) return corrupt("a table in it is larger than 16 MiB");
  Result<std::vector<std::byte>> bytes = read(offset, count * sizeof(T));
  if (!bytes.ok()) return std::move(bytes).error();
  std::vector<T> table(count);
  if (!table.empty()) std::memcpy(table.data(), bytes->data(), bytes->size());
  return table;
}

Status ElfFile::read_header() {
  if (size_ < sizeof(Elf64_Ehdr)) return Error{ErrorCode::kCorruptInput, "is not a shared library (ELF)"};
  Result<std::vector<Elf64_Ehdr>> header = read_table<Elf64_Ehdr>(0, 1);
  if (!header.ok()) return std::move(header).error();
  header_ = header->front();
  if (std::memcmp(header_.e_ident, ELFMAG, SELFMAG) != 0)
    return Error{ErrorCode::kCorruptInput, "is not a shared library (ELF)"};
  if (header_.e_ident[EI_CLASS] != ELFCLASS64 || header_.e_ident[EI_DATA] != ELFDATA2LSB ||
      header_.e_machine != kMachine)
    return Error{ErrorCode::kUnsupported, "is a library for another processor"};
  if (header_.e_type != ET_DYN)
    return Error{ErrorCode::kUnsupported, "is an object or a program, not a shared library"};
  if (header_.e_phentsize != sizeof(Elf64_Phdr) || header_.e_shentsize != sizeof(Elf64_Shdr))
    return corrupt("its headers have no known size");
  Result<std::vector<Elf64_Phdr>> segments = read_table<Elf64_Phdr>(header_.e_phoff, header_.e_phnum);
  if (!segments.ok()) return std::move(segments).error();
  segments_ = std::move(segments).value();
  return {};
}

Status ElfFile::read_build_id() {
  for (const Elf64_Phdr& segment : segments_) {
    if (segment.p_type != PT_NOTE) continue;
    const Result<std::vector<std::byte>> notes = read(segment.p_offset, segment.p_filesz);
    if (!notes.ok()) return notes.error();
    if (build_id_ = build_id_in(*notes); !build_id_.empty()) break;
  }
  return {};
}

Status ElfFile::read_symbols() {
  const Result<std::vector<Elf64_Shdr>> sections = read_table<Elf64_Shdr>(header_.e_shoff, header_.e_shnum);
  if (!sections.ok()) return sections.error();
  for (const Elf64_Shdr& section : *sections) {
    if (section.sh_type != SHT_DYNSYM) continue;
    if (section.sh_link >= sections->size()) return corrupt("its symbols have no names");
    const Elf64_Shdr& names = (*sections)[section.sh_link];
    Result<std::vector<Elf64_Sym>> symbols =
        read_table<Elf64_Sym>(section.sh_offset, section.sh_size / sizeof(Elf64_Sym));
    if (!symbols.ok()) return std::move(symbols).error();
    const Result<std::vector<char>> text = read_table<char>(names.sh_offset, names.sh_size);
    if (!text.ok()) return text.error();
    symbols_ = std::move(symbols).value();
    names_.assign(text->begin(), text->end());
    names_ += '\0';
    return {};
  }
  return {};
}

const Elf64_Sym* ElfFile::find(std::string_view symbol) const {
  for (const Elf64_Sym& candidate : symbols_)
    if (candidate.st_shndx != SHN_UNDEF && candidate.st_name < names_.size() &&
        symbol == names_.c_str() + candidate.st_name)
      return &candidate;
  return nullptr;
}

Result<std::vector<std::byte>> ElfFile::bytes(std::string_view symbol, std::size_t count) {
  const Elf64_Sym* found = find(symbol);
  if (found == nullptr) return Error{ErrorCode::kNotFound, "does not export " + std::string(symbol)};
  if (found->st_size < count) return corrupt("an object in it is too short");
  for (const Elf64_Phdr& segment : segments_) {
    if (segment.p_type != PT_LOAD || found->st_value < segment.p_vaddr) continue;
    const std::uint64_t into = found->st_value - segment.p_vaddr;
    if (into > segment.p_filesz || count > segment.p_filesz - into) continue;
    if (segment.p_offset > size_) break;
    return read(segment.p_offset + into, count);
  }
  return corrupt("an object in it lies outside the file");
}

}  // namespace earshot::plugins
