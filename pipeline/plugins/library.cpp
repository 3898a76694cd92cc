#include "earshot/pipeline/plugins/library.h"

#define BOOST_DLL_USE_STD_FS
#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include <boost/dll/shared_library.hpp>
#include <dlfcn.h>

#include "elf_file.h"

namespace earshot::plugins {
namespace {

constexpr std::string_view kAbiSymbol = "earshot_plugin_abi";
constexpr std::string_view kEntrySymbol = "earshot_plugin";

// A fixed array of characters up to its first NUL.
template <std::size_t kSize>
std::string_view text_in(const char (&array)[kSize]) {
  return {array, static_cast<std::size_t>(std::find(array, array + kSize, '\0') - array)};
}

// "compiler" and so on; what the plugin was built with must be what this program was built with.
Status same(const char* what, std::string_view theirs, std::string_view ours) {
  if (theirs == ours) return {};
  return Error{ErrorCode::kUnsupported, "was built with " + std::string(what) + " " + std::string(theirs) +
                                            ", this earshot with " + std::string(ours) + "; build it again"};
}

Status check(const PluginAbi& abi) {
  if (abi.version != kAbiVersion || abi.size != sizeof(PluginAbi))
    return same("plugin ABI", std::to_string(abi.version) + " (" + std::to_string(abi.size) + " bytes)",
                std::to_string(kAbiVersion) + " (" + std::to_string(sizeof(PluginAbi)) + " bytes)");
  if (Status status = same("compiler", text_in(abi.compiler), std::string_view(__VERSION__).substr(0, 55));
      !status.ok())
    return status;
  if (text_in(abi.torch) == "none") return {};
  return same("LibTorch", text_in(abi.torch), EARSHOT_TORCH_VERSION);
}

}  // namespace

Result<std::string> inspect_library(const std::filesystem::path& file) {
  Result<ElfFile> elf = ElfFile::open(file);
  if (!elf.ok()) return std::move(elf).error();
  for (const std::string_view symbol : {kAbiSymbol, kEntrySymbol})
    if (!elf->defines(symbol))
      return Error{ErrorCode::kNotFound,
                   "has no symbol " + std::string(symbol) + ": it is no plugin, or EARSHOT_PLUGIN is missing in it"};
  // The head first: how long the rest is depends on the version.
  constexpr std::size_t kHead = offsetof(PluginAbi, compiler);
  PluginAbi abi{};
  Result<std::vector<std::byte>> bytes = elf->bytes(kAbiSymbol, kHead);
  if (!bytes.ok()) return std::move(bytes).error();
  std::memcpy(&abi, bytes->data(), kHead);
  if (std::memcmp(abi.magic, "EARSHOT", sizeof(abi.magic)) != 0)
    return Error{ErrorCode::kNotFound,
                 "has a symbol earshot_plugin_abi that does not begin with EARSHOT: it is no plugin"};
  if (abi.size == sizeof(PluginAbi) && abi.version == kAbiVersion) {
    bytes = elf->bytes(kAbiSymbol, sizeof(PluginAbi));
    if (!bytes.ok()) return std::move(bytes).error();
    std::memcpy(&abi, bytes->data(), sizeof(PluginAbi));
  }
  if (Status status = check(abi); !status.ok()) return std::move(status).error();
  return elf->build_id();
}

Result<EntryFunction> load_library(const std::filesystem::path& file) {
  namespace dll = boost::dll;
  // Boost has no word for RTLD_NODELETE: what a stage leaves behind (payloads, threads) may outlive every handle.
  const auto mode = dll::load_mode::rtld_now | static_cast<dll::load_mode::type>(RTLD_NODELETE);
  try {
    const dll::shared_library library(std::filesystem::absolute(file), mode);
    return EntryFunction(&library.get<const PluginEntry*()>(std::string(kEntrySymbol)));
  } catch (const std::exception& thrown) {
    return Error{ErrorCode::kIo, std::string("cannot be loaded: ") + thrown.what()};
  }
}

Result<const PluginEntry*> read_entry(const EntryFunction& function) {
  const PluginEntry* entry = function();
  if (entry == nullptr) return Error{ErrorCode::kUnsupported, "describes nothing: earshot_plugin() returned null"};
  if (entry->description == nullptr || entry->create == nullptr)
    return Error{ErrorCode::kUnsupported, std::string("cannot describe itself: ") +
                                              (entry->failure != nullptr ? entry->failure : "it does not say why")};
  return entry;
}

}  // namespace earshot::plugins
