#include <cstring>
#include <limits>

#include <gtest/gtest.h>

#include "earshot/audio/finite.h"
#include "earshot/audio/mel.h"
#include "earshot/audio/recording.h"
#include "earshot/audio/waveform.h"

namespace earshot {
namespace {

class Silence final : public AudioContent {
 public:
  explicit Silence(AudioHeader header) : header_(std::move(header)) {}
  [[nodiscard]] const AudioHeader& header() const noexcept override { return header_; }
  [[nodiscard]] std::string name() const override { return "silence"; }
  [[nodiscard]] Result<std::vector<float>> render(FrameRange range, Downmix) const override {
    return std::vector<float>(static_cast<std::size_t>(range.frames));
  }

 private:
  AudioHeader header_;
};

Recording silence(std::int64_t frames, std::int64_t rate_hz, TimeRange range = {}) {
  return Recording(std::make_shared<const Silence>(AudioHeader{frames, rate_hz, 2, "silence"}), range);
}

TEST(TimeRange, frames_are_rounded_at_every_rate_and_cut_at_the_end) {
  const TimeRange range{1, 10};
  EXPECT_EQ(range.at(44100, 44100), (FrameRange{44, 441}));
  EXPECT_EQ(range.at(22050, 22050), (FrameRange{22, 221}));
  EXPECT_EQ(range.at(44100, 100), (FrameRange{44, 56}));
  EXPECT_EQ(range.at(44100, 20), (FrameRange{20, 0}));
  EXPECT_EQ((TimeRange{500, {}}.at(1000, 800)), (FrameRange{500, 300}));
  EXPECT_EQ((TimeRange{}.at(44100, 12345)), (FrameRange{0, 12345}));
}

TEST(TimeRange, counts_of_years_do_not_overflow) {
  EXPECT_EQ(rescale(std::int64_t{1} << 52, 768000, 1000), ((std::int64_t{1} << 52) * 10 / 768 + 5) / 10);
  EXPECT_EQ(rescale(1, 2, 1), 1);
  EXPECT_EQ(rescale(0, 44100, 32000), 0);
}

TEST(Recording, knows_its_length_from_the_header) {
  EXPECT_EQ(silence(132300, 44100).length_ms(), 3000);
  EXPECT_EQ(silence(132300, 44100, {1500, 500}).length_ms(), 500);
  EXPECT_DOUBLE_EQ(silence(22050, 44100).footprint().length_s, 0.5);
  EXPECT_EQ(silence(22050, 44100).footprint().sample_rate_hz, 44100);
}

TEST(Recording, as_a_record_says_what_and_which_part) {
  const Record record = silence(44100, 44100, {250, 500}).to_record().value();
  EXPECT_EQ(record.dtype, DType::kUtf8);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(record.bytes.data()), record.bytes.size()), "silence");
  EXPECT_EQ(record.facts.at("start_ms"), "250");
  EXPECT_EQ(record.facts.at("length_ms"), "500");
  EXPECT_EQ(record.facts.at("channels"), "2");
}

TEST(Waveform, shows_its_range_without_the_neighbours) {
  const Waveform waveform({9, 1, 2, 3, 9}, 1000, {.range = {7, 3}, .source_frames = 20, .lead = 1, .tail = 1});
  ASSERT_EQ(waveform.frames(), 3);
  EXPECT_EQ(waveform.samples()[0], 1);
  EXPECT_EQ(waveform.first_frame(), 7);
  EXPECT_EQ(waveform.with_neighbours().size(), 5U);
}

TEST(Waveform, drops_the_neighbours_once_its_samples_are_changed) {
  Waveform waveform({9, 1, 2, 3, 9}, 1000, {.range = {7, 3}, .source_frames = 20, .lead = 1, .tail = 1});
  waveform.samples()[0] = 5;
  EXPECT_EQ(waveform.with_neighbours().size(), 3U);
  EXPECT_EQ(waveform.with_neighbours()[0], 5);
  EXPECT_EQ(waveform.first_frame(), 7);
}

TEST(Waveform, as_a_record_is_all_that_it_carries_in_float32) {
  const Waveform waveform({9, 1, 2}, 8000, {.range = {1, {}}, .source_frames = 3, .lead = 1, .tail = 0});
  const Record record = waveform.to_record().value();
  EXPECT_EQ(record.shape, (std::vector<std::int64_t>{3}));
  EXPECT_EQ(record.facts.at("sample_rate"), "8000");
  EXPECT_EQ(record.facts.at("lead"), "1");
  float first = 0;
  std::memcpy(&first, record.bytes.data(), sizeof(first));
  EXPECT_EQ(first, 9);
  EXPECT_TRUE(Waveform({}, 8000).to_record()->bytes.empty());
}

TEST(Waveform, says_whether_every_sample_is_a_number) {
  EXPECT_TRUE(Waveform({0, 1, std::numeric_limits<float>::max()}, 8000).finite());
  EXPECT_FALSE(Waveform({0, std::numeric_limits<float>::quiet_NaN()}, 8000).finite());
  EXPECT_FALSE(Waveform({-std::numeric_limits<float>::infinity()}, 8000).finite());
}

TEST(FirstNonFinite, is_found_at_the_end_of_a_long_signal) {
  std::vector<float> samples(10000, 1.0F);
  EXPECT_FALSE(audio::first_non_finite(samples).has_value());
  samples[9999] = std::numeric_limits<float>::infinity();
  EXPECT_EQ(audio::first_non_finite(samples), 9999U);
}

TEST(Mel, bands_are_rows) {
  const Mel mel({1, 2, 3, 4, 5, 6}, 2, 16000, std::make_shared<const std::string>("mels=2"));
  EXPECT_EQ(mel.frames(), 3);
  EXPECT_EQ(mel.band(1)[0], 4);
  const Record record = mel.to_record().value();
  EXPECT_EQ(record.shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(record.facts.at("front_end"), "mels=2");
}

TEST(Payloads, hold_as_many_bytes_as_they_say) {
  EXPECT_GE(Waveform(std::vector<float>(1000), 8000).bytes(), 4000);
  EXPECT_LT(Waveform(std::vector<float>(1000), 8000).bytes(), 4200);
  EXPECT_LT(silence(1 << 30, 8000).bytes(), 200);
}

// [frame] 0, 1, 2, ... of a sound of `total` frames at 1 kHz, with `lead` and `tail` around frames [first, last).
PayloadPtr ramp(std::int64_t first, std::int64_t last, std::int64_t total, std::int64_t lead, std::int64_t tail) {
  std::vector<float> samples;
  for (std::int64_t n = first - lead; n < last + tail; ++n) samples.push_back(static_cast<float>(n));
  return std::make_shared<const Waveform>(
      std::move(samples), 1000,
      Waveform::Cut{.range = {first, last - first}, .source_frames = total, .lead = lead, .tail = tail});
}

std::vector<std::byte> bytes_of_record(const Payload& payload) { return payload.to_record()->bytes; }

TEST(Waveform, comes_back_from_its_record_with_range_and_neighbours) {
  const PayloadPtr cut = ramp(40, 60, 100, 5, 7);
  const PayloadPtr back = Waveform::from_record(cut->to_record().value()).value();
  const auto& wave = static_cast<const Waveform&>(*back);
  EXPECT_EQ(wave.range(), (TimeRange{40, 20}));
  EXPECT_EQ(wave.source_frames(), 100);
  EXPECT_EQ(wave.lead(), 5);
  EXPECT_EQ(wave.tail(), 7);
  EXPECT_EQ(bytes_of_record(*back), bytes_of_record(*cut));
}

TEST(Waveform, neighbours_beyond_the_record_are_refused) {
  Record record = ramp(40, 60, 100, 5, 7)->to_record().value();
  record.facts["lead"] = "33";
  EXPECT_EQ(Waveform::from_record(record).error().code, ErrorCode::kCorruptInput);
}

TEST(Waveform, parts_are_joined_to_any_range_that_they_cover) {
  const std::vector<PayloadPtr> parts = {ramp(0, 50, 120, 0, 20), ramp(50, 100, 120, 20, 20)};
  const PayloadPtr joined = Waveform::join(parts, {45, 30}).value();
  const auto& wave = static_cast<const Waveform&>(*joined);
  ASSERT_EQ(wave.frames(), 30);
  EXPECT_EQ(wave.samples().front(), 45);
  EXPECT_EQ(wave.samples().back(), 74);
  EXPECT_EQ(wave.lead(), 20);  // kNeighbours_ms at 1 kHz
  EXPECT_EQ(wave.with_neighbours().front(), 25);
  EXPECT_EQ(wave.with_neighbours().back(), 94);
}

TEST(Waveform, parts_with_a_gap_are_not_joined) {
  const std::vector<PayloadPtr> parts = {ramp(0, 50, 200, 0, 0), ramp(60, 110, 200, 0, 0)};
  EXPECT_EQ(Waveform::join(parts, {45, 30}).error().code, ErrorCode::kInternal);
}

TEST(Mel, comes_back_from_its_record) {
  const Mel mel({1, 2, 3, 4, 5, 6}, 2, 16000, std::make_shared<const std::string>("mels=2"));
  const PayloadPtr back = Mel::from_record(mel.to_record().value()).value();
  EXPECT_EQ(static_cast<const Mel&>(*back).front_end(), "mels=2");
  EXPECT_EQ(static_cast<const Mel&>(*back).frames(), 3);
  EXPECT_EQ(bytes_of_record(*back), bytes_of_record(mel));
}

}  // namespace
}  // namespace earshot
