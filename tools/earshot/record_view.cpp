#include "record_view.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <span>
#include <vector>

#include "earshot/contract/npy.h"
#include "files.h"
#include "image_file.h"
#include "wav_file.h"

namespace earshot::tools {
namespace {

// IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits.
double half_value(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 0x1F;
  const int fraction = bits & 0x3FF;
  const double sign = (bits & 0x8000) != 0 ? -1.0 : 1.0;
  if (exponent == 0x1F)
    return fraction != 0 ? std::numeric_limits<double>::quiet_NaN() : sign * std::numeric_limits<double>::infinity();
  return sign * (exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(fraction + 0x400, exponent - 25));
}

template <class T>
std::vector<double> values_of(std::span<const std::byte> bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  return {values.begin(), values.end()};
}

std::vector<double> numbers_of(const Record& record) {
  switch (record.dtype) {
    case DType::kFloat32:
      return values_of<float>(record.bytes);
    case DType::kInt16:
      return values_of<std::int16_t>(record.bytes);
    case DType::kInt32:
      return values_of<std::int32_t>(record.bytes);
    case DType::kInt64:
      return values_of<std::int64_t>(record.bytes);
    case DType::kFloat16: {
      std::vector<double> values = values_of<std::uint16_t>(record.bytes);
      for (double& value : values) value = half_value(static_cast<std::uint16_t>(value));
      return values;
    }
    case DType::kUtf8:
      break;
  }
  return {};
}

const char* name_of(DType dtype) {
  switch (dtype) {
    case DType::kFloat32:
      return "float32";
    case DType::kFloat16:
      return "float16";
    case DType::kInt16:
      return "int16";
    case DType::kInt32:
      return "int32";
    case DType::kInt64:
      return "int64";
    case DType::kUtf8:
      return "utf8";
  }
  return "";
}

std::filesystem::path with_suffix(const std::filesystem::path& stem, const char* suffix) {
  return stem.string() + suffix;
}

}  // namespace

Record without_neighbours(Record record) {
  const auto lead = record.facts.find("lead");
  const auto tail = record.facts.find("tail");
  if (lead == record.facts.end() || tail == record.facts.end() || record.dtype != DType::kFloat32) return record;
  const auto first = record.bytes.begin() + 4 * std::stoll(lead->second);
  record.bytes = std::vector<std::byte>(first, record.bytes.end() - 4 * std::stoll(tail->second));
  record.shape = {static_cast<std::int64_t>(record.bytes.size() / 4)};
  return record;
}

std::optional<Figures> figures_of(const Record& record) {
  const std::vector<double> numbers = numbers_of(record);
  if (numbers.empty()) return std::nullopt;
  Figures figures{.min = std::numeric_limits<double>::infinity(), .max = -std::numeric_limits<double>::infinity()};
  double sum = 0;
  std::size_t count = 0;
  for (const double number : numbers) {
    if (std::isnan(number)) continue;
    figures.min = std::min(figures.min, number);
    figures.max = std::max(figures.max, number);
    sum += number;
    ++count;
  }
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  if (count == 0) figures.min = figures.max = kNone;
  figures.mean = count == 0 ? kNone : sum / static_cast<double>(count);
  figures.nan_share = 1.0 - static_cast<double>(count) / static_cast<double>(numbers.size());
  return figures;
}

std::string text_of(const Record& record) {
  std::string text(record.bytes.size(), '\0');
  if (!text.empty()) std::memcpy(text.data(), record.bytes.data(), text.size());
  return text;
}

std::string shape_text(const Record& record) {
  std::string text = "[";
  for (std::size_t i = 0; i < record.shape.size(); ++i) text += (i == 0 ? "" : ", ") + std::to_string(record.shape[i]);
  return text + "] " + name_of(record.dtype);
}

Status save_record(const Record& record, const std::filesystem::path& stem) {
  if (record.dtype == DType::kUtf8) return write_file(with_suffix(stem, ".txt"), record.bytes);
  if (Status written = write_file(with_suffix(stem, ".npy"), to_npy(record)); !written.ok()) return written;
  if (record.dtype != DType::kFloat32) return {};
  const std::vector<double> numbers = numbers_of(record);
  const std::vector<float> values(numbers.begin(), numbers.end());
  if (const auto rate = record.facts.find("sample_rate"); record.kind == "waveform" && rate != record.facts.end())
    return write_file(with_suffix(stem, ".wav"), wav_file(values, std::stoll(rate->second)));
  if (record.kind == "mel" && record.shape.size() == 2)
    return write_image(with_suffix(stem, ".png"), values, record.shape[0], record.shape[1]);
  return {};
}

}  // namespace earshot::tools
