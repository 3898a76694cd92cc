// The audio payloads: what the engine asks of them.
#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "earshot/audio/finite.h"
#include "earshot/audio/mel.h"
#include "earshot/audio/recording.h"
#include "earshot/audio/waveform.h"
#include "earshot/contract/record.h"

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

std::optional<Part> Recording::part() const { return Part{range_, header().frames * 1000 / header().sample_rate_hz}; }

PayloadPtr Recording::with_part(const TimeRange& range) const {
  return std::make_shared<const Recording>(content_, range);
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
  Record record{.kind = kInfo.kind,
                .dtype = DType::kFloat32,
                .shape = {static_cast<std::int64_t>(all_.size())},
                .facts = {{"sample_rate", std::to_string(sample_rate_hz_)}},
                .bytes = bytes_of(std::span<const float>(all_))};
  if (range_.is_whole() && source_frames_ == frames()) return record;
  const auto say = [&](const char* name, std::int64_t value) { record.facts[name] = std::to_string(value); };
  say("start_ms", range_.start_ms);
  if (range_.length_ms) say("length_ms", *range_.length_ms);
  say("source_frames", source_frames_);
  say("lead", lead_);
  say("tail", tail_);
  return record;
}

Result<PayloadPtr> Waveform::from_record(const Record& record) {
  if (Status status = check_record(record, kInfo, DType::kFloat32, 1); !status.ok()) return status.error();
  std::map<std::string, std::int64_t> facts;
  for (const auto& [name, absent] : std::map<std::string, std::int64_t>{{"sample_rate", -1},
                                                                        {"start_ms", 0},
                                                                        {"length_ms", 0},
                                                                        {"source_frames", record.shape[0]},
                                                                        {"lead", 0},
                                                                        {"tail", 0}}) {
    const Result<std::int64_t> value = whole_fact(record, name, absent);
    if (!value.ok()) return value.error();
    facts[name] = *value;
  }
  if (facts["sample_rate"] == 0 || facts["lead"] > record.shape[0] || facts["tail"] > record.shape[0] - facts["lead"])
    return Error{ErrorCode::kCorruptInput, "a record of a waveform says what cannot be of its rate or neighbours"};
  Cut cut{.range = {.start_ms = facts["start_ms"]},
          .source_frames = facts["source_frames"],
          .lead = facts["lead"],
          .tail = facts["tail"]};
  if (record.facts.contains("length_ms")) cut.range.length_ms = facts["length_ms"];
  return PayloadPtr(std::make_shared<const Waveform>(values_of<float>(record), facts["sample_rate"], cut));
}

Result<PayloadPtr> Waveform::join(std::span<const PayloadPtr> parts, const TimeRange& range) {
  const auto& first = static_cast<const Waveform&>(*parts.front());
  const auto& last = static_cast<const Waveform&>(*parts.back());
  const FrameRange wanted = range.at(first.sample_rate_hz(), first.source_frames());
  const std::int64_t neighbours = rescale(kNeighbours_ms, 1000, first.sample_rate_hz());
  const std::int64_t there = first.first_frame() - first.lead();
  const std::int64_t there_end = last.first_frame() + last.frames() + last.tail();
  const std::int64_t begin = std::max(there, wanted.first - neighbours);
  const std::int64_t end = std::min(there_end, wanted.first + wanted.frames + neighbours);
  std::vector<float> samples;
  samples.reserve(static_cast<std::size_t>(std::max<std::int64_t>(0, end - begin)));
  for (const PayloadPtr& payload : parts) {
    const auto& part = static_cast<const Waveform&>(*payload);
    const std::int64_t part_begin = part.first_frame() - part.lead();
    const std::int64_t next = begin + static_cast<std::int64_t>(samples.size());
    const std::int64_t part_end = std::min(end, part.first_frame() + part.frames() + part.tail());
    if (next < part_begin || part.sample_rate_hz() != first.sample_rate_hz()) break;
    const std::span<const float> all = part.with_neighbours();
    if (next < part_end)
      samples.insert(samples.end(), all.begin() + (next - part_begin), all.begin() + (part_end - part_begin));
  }
  if (begin > wanted.first || end < wanted.first + wanted.frames || std::ssize(samples) != end - begin)
    return Error{ErrorCode::kInternal, "parts of a waveform do not cover the range that was asked for"};
  return PayloadPtr(std::make_shared<const Waveform>(std::move(samples), first.sample_rate_hz(),
                                                     Cut{.range = range,
                                                         .source_frames = first.source_frames(),
                                                         .lead = wanted.first - begin,
                                                         .tail = end - wanted.first - wanted.frames}));
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

Result<PayloadPtr> Mel::from_record(const Record& record) {
  if (Status status = check_record(record, kInfo, DType::kFloat32, 2); !status.ok()) return status.error();
  const Result<std::int64_t> rate = whole_fact(record, "sample_rate");
  if (!rate.ok()) return rate.error();
  const auto front_end = record.facts.find("front_end");
  return PayloadPtr(std::make_shared<const Mel>(
      values_of<float>(record), record.shape[0], *rate,
      std::make_shared<const std::string>(front_end == record.facts.end() ? "" : front_end->second)));
}

}  // namespace earshot
