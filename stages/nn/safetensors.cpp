#include "earshot/nn/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <set>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

namespace earshot::nn {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kLongestHeader = 100'000'000;
constexpr int kDeepestHeader = 4;
static_assert(std::endian::native == std::endian::little, "values are copied as they lie in memory");

Error corrupt(const std::string& why) { return {ErrorCode::kCorruptInput, "not a safetensors file: " + why}; }

float from_half(std::uint16_t bits) {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000U) << 16U;
  const std::uint32_t exponent = (bits >> 10U) & 0x1FU;
  const std::uint32_t fraction = bits & 0x3FFU;
  if (exponent == 0) {
    const float small = static_cast<float>(fraction) * 0x1.0p-24F;
    return sign != 0 ? -small : small;
  }
  const std::uint32_t wide = exponent == 31 ? 255U : exponent + 112U;
  return std::bit_cast<float>(sign | (wide << 23U) | (fraction << 13U));
}

float from_bfloat(std::uint16_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16U); }

template <class Stored, class Convert>
void convert(std::span<const std::byte> bytes, std::span<float> values, Convert to_float) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    Stored stored;
    std::memcpy(&stored, bytes.data() + i * sizeof(Stored), sizeof(Stored));
    values[i] = to_float(stored);
  }
}

// Bytes of one value; 0 for a dtype that the format does not have.
std::size_t width_of(std::string_view dtype) {
  constexpr std::array<std::pair<std::string_view, std::size_t>, 15> kWidths{{{"F64", 8},
                                                                              {"F32", 4},
                                                                              {"F16", 2},
                                                                              {"BF16", 2},
                                                                              {"I64", 8},
                                                                              {"I32", 4},
                                                                              {"I16", 2},
                                                                              {"I8", 1},
                                                                              {"U64", 8},
                                                                              {"U32", 4},
                                                                              {"U16", 2},
                                                                              {"U8", 1},
                                                                              {"BOOL", 1},
                                                                              {"F8_E4M3", 1},
                                                                              {"F8_E5M2", 1}}};
  const auto* const found = std::ranges::find(kWidths, dtype, &std::pair<std::string_view, std::size_t>::first);
  return found == kWidths.end() ? 0 : found->second;
}

std::string about(const std::string& name) { return "tensor '" + name + "' "; }

// The format's own words: begin and end of the values in the data.
struct Offsets {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

Result<Offsets> read_offsets(const std::string& name, const Json& entry, std::uint64_t data_length) {
  const auto whole = [](const Json& value) { return value.is_number_unsigned(); };
  if (!entry.is_object() || !entry.contains("dtype") || !entry["dtype"].is_string() || !entry.contains("shape") ||
      !entry["shape"].is_array() || !entry.contains("data_offsets") || !entry["data_offsets"].is_array() ||
      entry["data_offsets"].size() != 2)
    return corrupt(about(name) + "lacks dtype, shape or data_offsets");
  if (!std::ranges::all_of(entry["shape"], whole) || !std::ranges::all_of(entry["data_offsets"], whole))
    return corrupt(about(name) + "has a shape or offsets that are not whole numbers");
  const Offsets offsets{entry["data_offsets"][0].get<std::uint64_t>(), entry["data_offsets"][1].get<std::uint64_t>()};
  if (offsets.begin > offsets.end || offsets.end > data_length)
    return corrupt(about(name) + "lies outside the " + std::to_string(data_length) + " bytes of data");
  return offsets;
}

Result<TensorView> read_entry(const std::string& name, const Json& entry, std::span<const std::byte> data) {
  const Result<Offsets> offsets = read_offsets(name, entry, data.size());
  if (!offsets.ok()) return offsets.error();
  const std::uint64_t length = offsets->end - offsets->begin;
  TensorView tensor{
      .name = name, .dtype = entry["dtype"].get<std::string>(), .bytes = data.subspan(offsets->begin, length)};
  const std::size_t width = width_of(tensor.dtype);
  if (width == 0) return Error{ErrorCode::kUnsupported, about(name) + "has dtype " + tensor.dtype + ", expected F32"};
  std::uint64_t count = 1;
  for (const Json& extent : entry["shape"]) {
    const auto size = extent.get<std::uint64_t>();
    if (size > std::numeric_limits<std::int64_t>::max() || (size != 0 && count > length / size))
      return corrupt(about(name) + "has a shape larger than its data");
    count *= size;
    tensor.shape.push_back(static_cast<std::int64_t>(size));
  }
  if (count * width != length)
    return corrupt(about(name) + "has " + std::to_string(length) + " bytes, its shape needs " +
                   std::to_string(count * width));
  return tensor;
}

// The format allows neither holes nor overlaps.
Status check_cover(std::span<const TensorView> tensors, std::span<const std::byte> data) {
  std::vector<const TensorView*> places;
  for (const TensorView& tensor : tensors) places.push_back(&tensor);
  std::ranges::sort(places, [](const TensorView* a, const TensorView* b) {
    return std::pair(a->bytes.data(), a->bytes.size()) < std::pair(b->bytes.data(), b->bytes.size());
  });
  const std::byte* at = data.data();
  for (const TensorView* place : places) {
    if (place->bytes.data() != at) return corrupt("a hole or an overlap before tensor '" + place->name + "'");
    at += place->bytes.size();
  }
  if (at != data.data() + data.size()) return corrupt("data that belongs to no tensor at the end");
  return {};
}

// The header as JSON, or why it is none. A key that comes twice would hide a tensor.
Result<Json> parse_header(std::string_view text) {
  std::set<std::string> seen;
  std::string twice;
  const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (depth > kDeepestHeader) return false;
    if (depth == 1 && event == Json::parse_event_t::key && !seen.insert(parsed.get<std::string>()).second)
      twice = parsed.get<std::string>();
    return true;
  };
  Json header = Json::parse(text, watch, /*allow_exceptions=*/false);
  if (!header.is_object()) return corrupt("its header is no JSON object");
  if (!twice.empty()) return corrupt(about(twice) + "comes twice");
  return header;
}

}  // namespace

std::string safetensors_head(const std::map<std::string, std::vector<std::int64_t>>& shapes) {
  Json header = Json::object();
  std::uint64_t at = 0;
  for (const auto& [name, shape] : shapes) {
    std::uint64_t end = sizeof(float);
    for (const std::int64_t extent : shape) end *= static_cast<std::uint64_t>(extent);
    end += at;
    header[name] = {{"dtype", "F32"}, {"shape", shape}, {"data_offsets", {at, end}}};
    at = end;
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  const std::uint64_t length = text.size();
  return std::string(reinterpret_cast<const char*>(&length), sizeof(length)) + text;
}

std::vector<std::byte> write_safetensors(const StoredTensors& tensors) {
  std::map<std::string, std::vector<std::int64_t>> shapes;
  for (const auto& [name, tensor] : tensors) shapes.emplace(name, tensor.shape);
  std::vector<std::byte> bytes;
  const auto append = [&bytes](std::span<const std::byte> more) {
    bytes.insert(bytes.end(), more.begin(), more.end());
  };
  append(std::as_bytes(std::span<const char>(safetensors_head(shapes))));
  for (const auto& [name, tensor] : tensors) append(std::as_bytes(std::span(tensor.values)));
  return bytes;
}

std::size_t TensorView::count() const { return bytes.size() / width_of(dtype); }

Result<std::vector<TensorView>> list_safetensors(std::span<const std::byte> bytes) {
  std::uint64_t length = 0;
  if (bytes.size() < sizeof(length)) return corrupt("shorter than 8 bytes");
  std::memcpy(&length, bytes.data(), sizeof(length));
  if (length > kLongestHeader || length > bytes.size() - sizeof(length))
    return corrupt("its header claims " + std::to_string(length) + " bytes, there are " +
                   std::to_string(bytes.size() - sizeof(length)));
  const Result<Json> header =
      parse_header({reinterpret_cast<const char*>(bytes.data()) + sizeof(length), static_cast<std::size_t>(length)});
  if (!header.ok()) return header.error();
  const std::span<const std::byte> data = bytes.subspan(sizeof(length) + length);
  std::vector<TensorView> tensors;
  for (const auto& [name, entry] : header->items()) {
    if (name == "__metadata__") continue;
    Result<TensorView> tensor = read_entry(name, entry, data);
    if (!tensor.ok()) return std::move(tensor).error();
    tensors.push_back(std::move(tensor).value());
  }
  if (Status cover = check_cover(tensors, data); !cover.ok()) return std::move(cover).error();
  return tensors;
}

bool is_floating(const TensorView& tensor) noexcept {
  return tensor.dtype == "F32" || tensor.dtype == "F64" || tensor.dtype == "F16" || tensor.dtype == "BF16";
}

void copy_values(const TensorView& tensor, std::span<float> values) {
  if (values.empty()) return;
  if (tensor.dtype == "F32") std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
  if (tensor.dtype == "F64") convert<double>(tensor.bytes, values, [](double v) { return static_cast<float>(v); });
  if (tensor.dtype == "F16") convert<std::uint16_t>(tensor.bytes, values, from_half);
  if (tensor.dtype == "BF16") convert<std::uint16_t>(tensor.bytes, values, from_bfloat);
}

Result<StoredTensors> read_safetensors(std::span<const std::byte> bytes) {
  const Result<std::vector<TensorView>> tensors = list_safetensors(bytes);
  if (!tensors.ok()) return tensors.error();
  StoredTensors stored;
  for (const TensorView& tensor : *tensors) {
    if (!is_floating(tensor))
      return Error{ErrorCode::kUnsupported,
                   about(tensor.name) + "has dtype " + tensor.dtype + ", expected F32, F64, F16 or BF16"};
    StoredTensor& one = stored[tensor.name];
    one.shape = tensor.shape;
    one.values.resize(tensor.count());
    copy_values(tensor, one.values);
  }
  return stored;
}

void mean_values(std::span<const TensorView* const> several, std::span<float> mean) {
  constexpr std::size_t kPiece = 4096;  // of the sum, so that it takes no memory
  std::array<double, kPiece> sum{};
  std::array<float, kPiece> values{};
  for (std::size_t first = 0; first < mean.size(); first += kPiece) {
    const std::size_t count = std::min(kPiece, mean.size() - first);
    std::fill_n(sum.begin(), count, 0.0);
    for (const TensorView* const one : several) {
      std::memcpy(values.data(), one->bytes.data() + first * sizeof(float), count * sizeof(float));
      for (std::size_t i = 0; i < count; ++i) sum[i] += static_cast<double>(values[i]);
    }
    for (std::size_t i = 0; i < count; ++i)
      mean[first + i] = static_cast<float>(sum[i] / static_cast<double>(several.size()));
  }
}

}  // namespace earshot::nn
