#include "wav_file.h"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace earshot::tools {
namespace {

constexpr std::uint16_t kIeeeFloat = 3;
constexpr std::uint16_t kChannels = 1;
constexpr std::uint16_t kBytesPerFrame = sizeof(float);

class Writer {
 public:
  void tag(std::string_view four) { raw(four.data(), four.size()); }
  template <class T>
  void number(T value) {
    raw(&value, sizeof(value));
  }
  void raw(const void* from, std::size_t size) {
    const auto* const bytes = static_cast<const std::byte*>(from);
    bytes_.insert(bytes_.end(), bytes, bytes + size);
  }
  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace

std::vector<std::byte> wav_file(std::span<const float> samples, std::int64_t sample_rate_hz) {
  constexpr std::uint32_t kFormatBytes = 18;
  constexpr std::uint32_t kFactBytes = 4;
  const auto rate = static_cast<std::uint32_t>(sample_rate_hz);
  const auto data_bytes = static_cast<std::uint32_t>(samples.size_bytes());
  Writer file;
  file.tag("RIFF");
  file.number<std::uint32_t>(4 + (8 + kFormatBytes) + (8 + kFactBytes) + (8 + data_bytes));
  file.tag("WAVE");
  file.tag("fmt ");
  file.number(kFormatBytes);
  file.number(kIeeeFloat);
  file.number(kChannels);
  file.number(rate);
  file.number<std::uint32_t>(rate * kBytesPerFrame);
  file.number(kBytesPerFrame);
  file.number<std::uint16_t>(8 * kBytesPerFrame);
  file.number<std::uint16_t>(0);  // no extension of the format
  file.tag("fact");
  file.number(kFactBytes);
  file.number(static_cast<std::uint32_t>(samples.size()));
  file.tag("data");
  file.number(data_bytes);
  file.raw(samples.data(), samples.size_bytes());
  return file.take();
}

}  // namespace earshot::tools
