#include "earshot/nn/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <utility>

#include <nlohmann/json.hpp>

namespace earshot::nn {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kLongestHeader = 100'000'000;
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
void convert(std::span<const std::byte> bytes, std::vector<float>& values, Convert to_float) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    Stored stored;
    std::memcpy(&stored, bytes.data() + i * sizeof(Stored), sizeof(Stored));
    values[i] = to_float(stored);
  }
}

std::size_t width_of(const std::string& dtype) {
  if (dtype == "F64") return 8;
  if (dtype == "F32") return 4;
  return dtype == "F16" || dtype == "BF16" ? 2 : 0;
}

// Where a tensor's values lie, as the header says; begin <= end <= the length of the data.
struct Place {
  std::string name;
  std::string dtype;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

Result<Place> read_place(const std::string& name, const Json& entry, std::uint64_t data_length) {
  const auto whole = [](const Json& value) { return value.is_number_unsigned(); };
  const std::string about = "tensor '" + name + "' ";
  if (!entry.is_object() || !entry.contains("dtype") || !entry["dtype"].is_string() || !entry.contains("shape") ||
      !entry["shape"].is_array() || !entry.contains("data_offsets") || !entry["data_offsets"].is_array() ||
      entry["data_offsets"].size() != 2)
    return corrupt(about + "lacks dtype, shape or data_offsets");
  const Json& offsets = entry["data_offsets"];
  if (!std::ranges::all_of(entry["shape"], whole) || !std::ranges::all_of(offsets, whole))
    return corrupt(about + "has a shape or offsets that are not whole numbers");
  Place place{.name = name,
              .dtype = entry["dtype"].get<std::string>(),
              .begin = offsets[0].get<std::uint64_t>(),
              .end = offsets[1].get<std::uint64_t>()};
  const std::size_t width = width_of(place.dtype);
  if (width == 0)
    return Error{ErrorCode::kUnsupported, about + "has dtype " + place.dtype + ", expected F32, F64, F16 or BF16"};
  if (place.begin > place.end || place.end > data_length)
    return corrupt(about + "lies outside the " + std::to_string(data_length) + " bytes of data");
  const std::uint64_t length = place.end - place.begin;
  std::uint64_t count = 1;
  for (const Json& extent : entry["shape"]) {
    const auto size = extent.get<std::uint64_t>();
    if (size != 0 && count > length / size) return corrupt(about + "has a shape larger than its data");
    count *= size;
    place.shape.push_back(static_cast<std::int64_t>(size));
  }
  if (count * width != length)
    return corrupt(about + "has " + std::to_string(length) + " bytes, its shape needs " +
                   std::to_string(count * width));
  return place;
}

// The format allows neither holes nor overlaps.
Status check_cover(std::vector<Place> places, std::uint64_t data_length) {
  std::ranges::sort(
      places, [](const Place& a, const Place& b) { return std::pair(a.begin, a.end) < std::pair(b.begin, b.end); });
  std::uint64_t at = 0;
  for (const Place& place : places) {
    if (place.begin != at) return corrupt("a hole or an overlap before tensor '" + place.name + "'");
    at = place.end;
  }
  if (at != data_length) return corrupt("data that belongs to no tensor at the end");
  return {};
}

StoredTensor read_values(const Place& place, std::span<const std::byte> data) {
  const std::span<const std::byte> bytes = data.subspan(place.begin, place.end - place.begin);
  StoredTensor tensor{place.shape, std::vector<float>(bytes.size() / width_of(place.dtype))};
  if (place.dtype == "F64") convert<double>(bytes, tensor.values, [](double v) { return static_cast<float>(v); });
  if (place.dtype == "F32") convert<float>(bytes, tensor.values, [](float v) { return v; });
  if (place.dtype == "F16") convert<std::uint16_t>(bytes, tensor.values, from_half);
  if (place.dtype == "BF16") convert<std::uint16_t>(bytes, tensor.values, from_bfloat);
  return tensor;
}

}  // namespace

std::vector<std::byte> write_safetensors(const StoredTensors& tensors) {
  Json header = Json::object();
  std::uint64_t at = 0;
  for (const auto& [name, tensor] : tensors) {
    const std::uint64_t end = at + tensor.values.size() * sizeof(float);
    header[name] = {{"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {at, end}}};
    at = end;
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  std::vector<std::byte> bytes(sizeof(std::uint64_t) + text.size() + at);
  const std::uint64_t length = text.size();
  std::memcpy(bytes.data(), &length, sizeof(length));
  std::memcpy(bytes.data() + sizeof(length), text.data(), text.size());
  std::byte* out = bytes.data() + sizeof(length) + text.size();
  for (const auto& [name, tensor] : tensors) {
    if (!tensor.values.empty()) std::memcpy(out, tensor.values.data(), tensor.values.size() * sizeof(float));
    out += tensor.values.size() * sizeof(float);
  }
  return bytes;
}

Result<StoredTensors> read_safetensors(std::span<const std::byte> bytes) {
  std::uint64_t length = 0;
  if (bytes.size() < sizeof(length)) return corrupt("shorter than 8 bytes");
  std::memcpy(&length, bytes.data(), sizeof(length));
  if (length > kLongestHeader || length > bytes.size() - sizeof(length))
    return corrupt("its header claims " + std::to_string(length) + " bytes, there are " +
                   std::to_string(bytes.size() - sizeof(length)));
  const char* text = reinterpret_cast<const char*>(bytes.data()) + sizeof(length);
  const Json header = Json::parse(text, text + length, nullptr, /*allow_exceptions=*/false);
  if (!header.is_object()) return corrupt("its header is no JSON object");
  const std::span<const std::byte> data = bytes.subspan(sizeof(length) + length);
  std::vector<Place> places;
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") continue;
    Result<Place> place = read_place(name, entry, data.size());
    if (!place.ok()) return std::move(place).error();
    places.push_back(std::move(place).value());
  }
  if (Status cover = check_cover(places, data.size()); !cover.ok()) return std::move(cover).error();
  StoredTensors tensors;
  for (const Place& place : places) tensors.emplace(place.name, read_values(place, data));
  return tensors;
}

Result<StoredTensors> mean_of(std::span<const StoredTensors> several) {
  StoredTensors mean = several.front();
  for (const StoredTensors& one : several)
    if (one.size() != mean.size())
      return Error{ErrorCode::kInvalidArgument,
                   "weights of different stages cannot be averaged: " + std::to_string(mean.size()) + " and " +
                       std::to_string(one.size()) + " tensors"};
  for (auto& [name, tensor] : mean) {
    std::vector<double> sum(tensor.values.size(), 0.0);
    for (const StoredTensors& one : several) {
      const auto found = one.find(name);
      if (found == one.end() || found->second.shape != tensor.shape)
        return Error{ErrorCode::kInvalidArgument,
                     "weights cannot be averaged: tensor '" + name + "' is missing in one or has another shape"};
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += static_cast<double>(found->second.values[i]);
    }
    for (std::size_t i = 0; i < sum.size(); ++i)
      tensor.values[i] = static_cast<float>(sum[i] / static_cast<double>(several.size()));
  }
  return mean;
}

}  // namespace earshot::nn
