#include "sidecar.h"

#include <fstream>
#include <system_error>

#include "description_fields.h"

namespace earshot::plugins {
namespace {

constexpr std::int64_t kFormat = 1;
constexpr std::uintmax_t kMaxBytes = std::uintmax_t{1} << 20;

}  // namespace

std::string sidecar_text(const std::string& build_id, const PluginDescription& description) {
  const Json document = {{"format", kFormat}, {"build_id", build_id}, {"plugin", encode(description)}};
  return document.dump(1) + "\n";
}

Result<PluginDescription> parse_sidecar(std::string_view text, const std::string& build_id) {
  const Json document = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object() || document.size() != 3 || document.value("format", Json()) != Json(kFormat) ||
      !document.contains("build_id") || !document.contains("plugin"))
    return Error{ErrorCode::kCorruptInput, "is no description file of format " + std::to_string(kFormat)};
  if (build_id.empty() || document["build_id"] != Json(build_id))
    return Error{ErrorCode::kNotFound, "describes another build of the library"};
  try {
    return decode_description(document["plugin"]);
  } catch (const BadJson& bad) {
    return Error{ErrorCode::kCorruptInput, bad.what()};
  }
}

Result<PluginDescription> read_sidecar(const std::filesystem::path& library, const std::string& build_id) {
  const std::filesystem::path file = std::filesystem::path(library).replace_extension(".json");
  std::error_code failure;
  if (!std::filesystem::is_regular_file(file, failure)) return Error{ErrorCode::kNotFound, "is not there"};
  if (std::filesystem::file_size(file, failure) > kMaxBytes) return Error{ErrorCode::kTooLarge, "is above 1 MiB"};
  std::ifstream stream(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  return parse_sidecar(text, build_id);
}

}  // namespace earshot::plugins
