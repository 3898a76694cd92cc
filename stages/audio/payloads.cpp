// The audio payloads: what the engine asks of them.
#include <cstring>
#include <string>

#include "earshot/audio/finite.h"
#include "earshot/audio/mel.h"
#include "earshot/audio/recording.h"
#include "earshot/audio/waveform.h"

namespace earshot {
namespace {

template <class T>
std::vector<std::byte> bytes_of(std::span<const T> values) {
  std::vector<std::byte> bytes(values.size_bytes());
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

std::int64_t memory_of(const std::vector<float>& values, std::size_t header) {
  return static_cast<std::int64_t>(values.capacity() * sizeof(float) + header);
}

}  // namespace

AudioContent::~AudioContent() = default;

const PayloadInfo& Recording::info() const noexcept { return kInfo; }

std::int64_t Recording::length_ms() const { return frames().frames * 1000 / header().sample_rate_hz; }

double Recording::length_s() const {
  return static_cast<double>(frames().frames) / static_cast<double>(header().sample_rate_hz);
}

Footprint Recording::footprint() const {
  return {.length_s = length_s(), .sample_rate_hz = header().sample_rate_hz, .bytes = bytes()};
}

Result<Record> Recording::to_record() const {
  const std::string name = content_->name();
  return Record{.kind = kInfo.kind,
                .dtype = DType::kUtf8,
                .shape = {static_cast<std::int64_t>(name.size())},
                .facts = {{"start_ms", std::to_string(range_.start_ms)},
                          {"length_ms", std::to_string(length_ms())},
                          {"sample_rate", std::to_string(header().sample_rate_hz)},
                          {"channels", std::to_string(header().channels)},
                          {"format", header().format}},
                .bytes = bytes_of(std::span<const char>(name))};
}

std::span<float> Waveform::samples() {
  if (lead_ != 0 || tail_ != 0) {
    const std::span<const float> kept = std::as_const(*this).samples();
    all_ = std::vector<float>(kept.begin(), kept.end());
    lead_ = tail_ = 0;
  }
  return all_;
}

const PayloadInfo& Waveform::info() const noexcept { return kInfo; }

std::int64_t Waveform::bytes() const noexcept { return memory_of(all_, sizeof(*this)); }

Footprint Waveform::footprint() const {
  return {.length_s = length_s(), .sample_rate_hz = sample_rate_hz_, .bytes = bytes()};
}

bool Waveform::finite() const { return !audio::first_non_finite(all_); }

Result<Record> Waveform::to_record() const {
  return Record{.kind = kInfo.kind,
                .dtype = DType::kFloat32,
                .shape = {frames()},
                .facts = {{"sample_rate", std::to_string(sample_rate_hz_)}},
                .bytes = bytes_of(samples())};
}

const PayloadInfo& Mel::info() const noexcept { return kInfo; }

std::int64_t Mel::bytes() const noexcept { return memory_of(values_, sizeof(*this)); }

bool Mel::finite() const { return !audio::first_non_finite(values_); }

Result<Record> Mel::to_record() const {
  return Record{.kind = kInfo.kind,
                .dtype = DType::kFloat32,
                .shape = {mels_, frames()},
                .facts = {{"sample_rate", std::to_string(sample_rate_hz_)}, {"front_end", *front_end_}},
                .bytes = bytes_of(values())};
}

}  // namespace earshot
