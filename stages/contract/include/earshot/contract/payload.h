// Payload: what flows along a wire. Immutable once it is on a wire, shared by every consumer, freed by the last one.
//
// A payload type is a final class with a static `kInfo`; its home is the shared library of the stages part that owns
// it. The engine never looks inside: it knows kind, bytes, footprint, finiteness and the record form.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/contract/result.h"
#include "earshot/contract/time_range.h"

namespace earshot {

// What the graph checker must know of a payload type.
struct PayloadInfo {
  const char* kind;                       // "waveform"; two ports fit when their kinds are equal
  const char* axes;                       // "[mel, frame]"
  std::array<const char*, 3> facts = {};  // physical facts a port of this kind has, for example "sample_rate"
};

enum class DType : std::uint8_t { kFloat32, kFloat16, kInt16, kInt32, kInt64, kUtf8 };

// The form in which a payload is looked at (peek), written to a file and cached. Row-major, little-endian.
struct Record {
  std::string kind;
  DType dtype = DType::kFloat32;
  std::vector<std::int64_t> shape;
  std::map<std::string, std::string> facts;  // for example {"sample_rate": "32000"}
  std::vector<std::byte> bytes;
};

// How large a payload is, or will be once it has passed further stages: what tokens are charged by.
struct Footprint {
  double length_s = 0;              // of sound, 0 where time has no meaning
  std::int64_t sample_rate_hz = 0;  // 0 where it has none
  std::int64_t bytes = 0;           // held in memory
};

class Payload;
using PayloadPtr = std::shared_ptr<const Payload>;

// Which part of a sound a payload means: what selectors choose and ranged stages ask for.
struct Part {
  TimeRange range;            // of the whole
  std::int64_t whole_ms = 0;  // length of the whole, rounded down
};

class Payload {
 public:
  Payload() = default;
  Payload(const Payload&) = default;
  Payload(Payload&&) = default;
  Payload& operator=(const Payload&) = default;
  Payload& operator=(Payload&&) = default;
  virtual ~Payload() = default;

  [[nodiscard]] virtual const PayloadInfo& info() const noexcept = 0;
  // Bytes of memory held, header included.
  [[nodiscard]] virtual std::int64_t bytes() const noexcept = 0;
  [[nodiscard]] virtual Footprint footprint() const { return {.bytes = bytes()}; }
  // False when any number in it is NaN or infinite. The engine asks after every stage.
  [[nodiscard]] virtual bool finite() const { return true; }
  // Absent where a payload is no part of a sound.
  [[nodiscard]] virtual std::optional<Part> part() const { return std::nullopt; }
  // Another part of the same sound; null for a payload that cannot give any.
  [[nodiscard]] virtual PayloadPtr with_part(const TimeRange& /*range*/) const { return nullptr; }
  // Errors: kUnsupported where a payload has no record form.
  [[nodiscard]] virtual Result<Record> to_record() const = 0;
};

// What can be done with payloads of a kind without an instance of any stage; null where the kind does not have it. Pure
// functions, safe from any thread.
struct PayloadReader {
  // The payload that gave the record, to the bit: the static `from_record` of the kind. Errors: kCorruptInput.
  Result<PayloadPtr> (*from_record)(const Record& record) = nullptr;
  // The part `range` of a sound from neighbouring parts of it that cover the range, in order: the static `join`.
  Result<PayloadPtr> (*join)(std::span<const PayloadPtr> parts, const TimeRange& range) = nullptr;
};

template <class P>
constexpr PayloadReader reader_of() {
  PayloadReader reader;
  if constexpr (requires { reader.from_record = &P::from_record; }) reader.from_record = &P::from_record;
  if constexpr (requires { reader.join = &P::join; }) reader.join = &P::join;
  return reader;
}

}  // namespace earshot
