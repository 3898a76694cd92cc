#include "earshot/pipeline/cache/packing.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <string>
#include <type_traits>

#include "earshot/contract/record.h"
#include "flac.h"

namespace earshot::cache {
namespace {

constexpr std::string_view kMagic = "ESR1";
struct NamedForm {
  std::string_view name;
  std::string_view loses;
};
constexpr std::array<NamedForm, 4> kForms = {{
    {"exact", "to the bit"},
    {"fp16", "in half the bytes, off by at most 2^-11 of a value, and by 2^-25 where it is below 6.1e-5"},
    {"pcm16", "in half the bytes, off by at most 2^-16, what lies outside [-1, 1) clipped"},
    {"flac", "as pcm16, compressed"},
}};
constexpr std::uint8_t kMostDims = 8;
constexpr float kLoudest = 8;  // beyond it, nobody calls it a waveform

Error corrupt(const std::string& what) { return {ErrorCode::kCorruptInput, "a packed record: " + what}; }

// Round to nearest, ties to even; subnormals through an addition that makes the processor round. Source: Giesen,
// "float->half variants", float_to_half_fast3_rtne.
std::uint16_t to_half(float value) {
  constexpr std::uint32_t kInfinity = 255U << 23U;
  constexpr std::uint32_t kTooLarge = (127U + 16U) << 23U;
  constexpr std::uint32_t kMagicBits = ((127U - 15U) + (23U - 10U) + 1U) << 23U;
  auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = bits & 0x80000000U;
  bits ^= sign;
  std::uint32_t half = 0;
  if (bits >= kTooLarge) {
    half = bits > kInfinity ? 0x7E00U : 0x7C00U;
  } else if (bits < (113U << 23U)) {
    half = std::bit_cast<std::uint32_t>(std::bit_cast<float>(bits) + std::bit_cast<float>(kMagicBits)) - kMagicBits;
  } else {
    const std::uint32_t odd = (bits >> 13U) & 1U;
    half = (bits + ((15U - 127U) << 23U) + 0xFFFU + odd) >> 13U;
  }
  return static_cast<std::uint16_t>(half | (sign >> 16U));
}

// Exact. Source: Giesen, "half->float", without branches so that it can be vectorised.
float from_half(std::uint16_t half) {
  constexpr std::uint32_t kExponent = 0x7C00U << 13U;
  constexpr std::uint32_t kMagicBits = 113U << 23U;
  const std::uint32_t shifted = (half & 0x7FFFU) << 13U;
  const std::uint32_t exponent = shifted & kExponent;
  const std::uint32_t normal = shifted + ((127U - 15U) << 23U);
  const std::uint32_t large = normal + ((128U - 16U) << 23U);
  const float small = std::bit_cast<float>(normal + (1U << 23U)) - std::bit_cast<float>(kMagicBits);
  const std::uint32_t bits = exponent == kExponent ? large
                             : exponent == 0       ? std::bit_cast<std::uint32_t>(small)
                                                   : normal;
  return std::bit_cast<float>(bits | (static_cast<std::uint32_t>(half & 0x8000U) << 16U));
}

std::int16_t to_pcm(float value) {
  return static_cast<std::int16_t>(std::lrint(std::clamp(value * 32768.0F, -32768.0F, 32767.0F)));
}

float from_pcm(std::int16_t value) { return static_cast<float>(value) / 32768.0F; }

// Every value of type From in `bytes` as one of type To.
template <class From, class To>
std::vector<std::byte> converted(std::span<const std::byte> bytes, To (*convert)(From)) {
  const std::size_t count = bytes.size() / sizeof(From);
  std::vector<std::byte> out(count * sizeof(To));
  for (std::size_t i = 0; i < count; ++i) {
    From value;
    std::memcpy(&value, bytes.data() + i * sizeof(From), sizeof(From));
    const To result = convert(value);
    std::memcpy(out.data() + i * sizeof(To), &result, sizeof(To));
  }
  return out;
}

// The largest absolute value of float32 bytes.
float largest(std::span<const std::byte> bytes) {
  float most = 0;
  for (std::size_t i = 0; i + sizeof(float) <= bytes.size(); i += sizeof(float)) {
    float value = 0;
    std::memcpy(&value, bytes.data() + i, sizeof(float));
    most = std::max(most, std::abs(value));
  }
  return most;
}

Status fits(const Record& record, Form form) {
  if (form == Form::kExact) return {};
  const std::string what = record.kind + " cannot be kept as " + std::string(to_string(form)) + ": ";
  if (record.dtype != DType::kFloat32) return Error{ErrorCode::kInvalidArgument, what + "its values are not float32"};
  const float limit = form == Form::kFp16 ? 65504.0F : kLoudest;
  if (largest(record.bytes) > limit)
    return Error{ErrorCode::kInvalidArgument, what + "a value is beyond " + std::to_string(static_cast<int>(limit))};
  return {};
}

// Bytes of float32 values, or of any for kExact, in a form.
Result<std::vector<std::byte>> values_as(Form form, std::span<const std::byte> bytes) {
  if (form == Form::kExact) return std::vector<std::byte>(bytes.begin(), bytes.end());
  if (form == Form::kFp16) return converted(bytes, &to_half);
  std::vector<std::byte> pcm = converted(bytes, &to_pcm);
  if (form == Form::kPcm16) return pcm;
  std::vector<std::int16_t> samples(pcm.size() / sizeof(std::int16_t));
  if (!samples.empty()) std::memcpy(samples.data(), pcm.data(), pcm.size());
  return to_flac(samples);
}

// Back; there must be `size` bytes of them.
Result<std::vector<std::byte>> values_from(Form form, std::span<const std::byte> bytes, std::size_t size) {
  if (form == Form::kFlac) {
    const Result<std::vector<std::int16_t>> samples = from_flac(bytes, size / sizeof(float));
    if (!samples.ok()) return corrupt(samples.error().message);
    return converted(std::as_bytes(std::span(*samples)), &from_pcm);
  }
  if (bytes.size() != (form == Form::kExact ? size : size / 2))
    return corrupt("its values are not as many as its shape says");
  if (form == Form::kFp16) return converted(bytes, &from_half);
  if (form == Form::kPcm16) return converted(bytes, &from_pcm);
  return std::vector<std::byte>(bytes.begin(), bytes.end());
}

class Out {
 public:
  template <class T>
  requires std::is_integral_v<T>
  void number(T value) { append(&value, sizeof(value)); }
  void text(std::string_view text) {
    number(static_cast<std::uint32_t>(text.size()));
    append(text.data(), text.size());
  }
  void append(const void* data, std::size_t size) {
    const auto* const first = static_cast<const std::byte*>(data);
    bytes.insert(bytes.end(), first, first + size);
  }
  std::vector<std::byte> bytes;
};

class In {
 public:
  explicit In(std::span<const std::byte> bytes) : rest_(bytes), size_(bytes.size()) {}

  template <class T>
  T number() {
    T value{};
    if (const std::span<const std::byte> bytes = take(sizeof(T)); !bytes.empty())
      std::memcpy(&value, bytes.data(), sizeof(T));
    return value;
  }
  std::string text() {
    const std::span<const std::byte> bytes = take(number<std::uint32_t>());
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  void align() { (void)take((8 - (size_ - rest_.size()) % 8) % 8); }
  [[nodiscard]] std::span<const std::byte> rest() const { return rest_; }
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  std::span<const std::byte> take(std::size_t count) {
    ok_ = ok_ && count <= rest_.size();
    if (!ok_) return {};
    const std::span<const std::byte> bytes = rest_.first(count);
    rest_ = rest_.subspan(count);
    return bytes;
  }
  std::span<const std::byte> rest_;
  std::size_t size_;
  bool ok_ = true;
};

}  // namespace

std::string_view to_string(Form form) { return kForms.at(static_cast<std::size_t>(form)).name; }
std::string_view loss_of(Form form) { return kForms.at(static_cast<std::size_t>(form)).loses; }

std::optional<Form> form_of(std::string_view name) {
  const auto* const found = std::ranges::find(kForms, name, &NamedForm::name);
  if (found == kForms.end()) return std::nullopt;
  return static_cast<Form>(found - kForms.begin());
}

Result<std::vector<std::byte>> pack(const Record& record, Form form) {
  if (Status status = fits(record, form); !status.ok()) return status.error();
  Out out;
  out.bytes.reserve(record.bytes.size() + 512);
  out.append(kMagic.data(), kMagic.size());
  out.number(static_cast<std::uint8_t>(form));
  out.number(static_cast<std::uint8_t>(record.dtype));
  out.number(static_cast<std::uint8_t>(record.shape.size()));
  out.number(std::uint8_t{0});
  for (const std::int64_t extent : record.shape) out.number(extent);
  out.number(static_cast<std::uint32_t>(record.facts.size()));
  for (const auto& [name, value] : record.facts) {
    out.text(name);
    out.text(value);
  }
  out.text(record.kind);
  out.bytes.resize((out.bytes.size() + 7) / 8 * 8);
  const Result<std::vector<std::byte>> values = values_as(form, record.bytes);
  if (!values.ok()) return values.error();
  out.append(values->data(), values->size());
  return std::move(out.bytes);
}

Result<Record> unpack(std::span<const std::byte> bytes) {
  if (bytes.size() < kMagic.size() || std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) != 0)
    return corrupt("it does not begin as one");
  In in(bytes);
  (void)in.number<std::uint32_t>();
  const auto form = in.number<std::uint8_t>();
  const auto dtype = in.number<std::uint8_t>();
  const auto rank = in.number<std::uint8_t>();
  (void)in.number<std::uint8_t>();
  if (form >= kForms.size() || dtype > static_cast<std::uint8_t>(DType::kUtf8) || rank > kMostDims)
    return corrupt("its form, type or rank is unknown");
  Record record{.dtype = static_cast<DType>(dtype)};
  for (int i = 0; i < rank; ++i) record.shape.push_back(in.number<std::int64_t>());
  const auto facts = in.number<std::uint32_t>();
  for (std::uint32_t i = 0; i < facts && in.ok(); ++i) {
    std::string name = in.text();
    record.facts[std::move(name)] = in.text();
  }
  record.kind = in.text();
  in.align();
  if (!in.ok()) return corrupt("it ends before its values");
  std::size_t size = size_of(record.dtype);
  for (const std::int64_t extent : record.shape)
    if (extent < 0 || __builtin_mul_overflow(size, static_cast<std::size_t>(extent), &size))
      return corrupt("its shape makes no sense");
  if (static_cast<Form>(form) != Form::kExact && record.dtype != DType::kFloat32)
    return corrupt("its form does not fit its type");
  Result<std::vector<std::byte>> values = values_from(static_cast<Form>(form), in.rest(), size);
  if (!values.ok()) return values.error();
  record.bytes = *std::move(values);
  return record;
}

}  // namespace earshot::cache
