#include <limits>

#include <gtest/gtest.h>

#include "counting_content.h"
#include "earshot/audio/audio_file.h"
#include "earshot/audio/waveform.h"
#include "stage_under_test.h"
#include "wav_file.h"

namespace earshot {
namespace {

using testing::counting_recording;
using testing::CountingContent;
using testing::StageUnderTest;

TEST(Decode, gives_the_samples_of_the_range_and_where_they_lie) {
  const auto waveform = StageUnderTest().process<Waveform>(counting_recording(80000, 8000, {1000, 500})).value();
  EXPECT_EQ(waveform.sample_rate_hz(), 8000);
  EXPECT_EQ(waveform.frames(), 4000);
  EXPECT_EQ(waveform.first_frame(), 8000);
  EXPECT_EQ(waveform.source_frames(), 80000);
  EXPECT_EQ(waveform.samples().front(), CountingContent::value(8000));
  EXPECT_EQ(waveform.samples().back(), CountingContent::value(11999));
}

TEST(Decode, brings_the_neighbours_of_a_range_as_far_as_there_are_some) {
  const auto middle = StageUnderTest().process<Waveform>(counting_recording(80000, 8000, {1000, 500})).value();
  EXPECT_EQ(middle.lead(), 160);
  EXPECT_EQ(middle.tail(), 160);
  EXPECT_EQ(middle.with_neighbours().front(), CountingContent::value(8000 - 160));
  const auto whole = StageUnderTest().process<Waveform>(counting_recording(80000, 8000)).value();
  EXPECT_EQ(whole.lead() + whole.tail(), 0);
  const auto start = StageUnderTest().process<Waveform>(counting_recording(8040, 8000, {5, 1000})).value();
  EXPECT_EQ(start.lead(), 40);
  EXPECT_EQ(start.tail(), 0);
}

TEST(Decode, a_range_beyond_the_end_is_cut_there) {
  EXPECT_EQ(StageUnderTest().process<Waveform>(counting_recording(8000, 8000, {500, 9000}))->frames(), 4000);
  EXPECT_EQ(StageUnderTest().process<Waveform>(counting_recording(8000, 8000, {5000, 100}))->frames(), 0);
  EXPECT_EQ(StageUnderTest().process<Waveform>(counting_recording(0, 8000))->frames(), 0);
}

TEST(Decode, is_never_larger_than_its_footprint_says) {
  for (const TimeRange range : {TimeRange{}, TimeRange{1000, 777}, TimeRange{0, 1}}) {
    const Recording recording = counting_recording(80011, 11025, range);
    const StageUnderTest decode;
    const auto waveform = decode.process<Waveform>(recording).value();
    EXPECT_LE(waveform.bytes(), decode.stage().footprint(recording.footprint()).bytes);
  }
}

TEST(Decode, reads_files) {
  const auto path = std::filesystem::path(::testing::TempDir()) / "decode" / "tone.wav";
  testing::write_wav(path);
  const Recording recording = audio::open_recording(path).value();
  const auto waveform = StageUnderTest().process<Waveform>(recording).value();
  EXPECT_EQ(waveform.frames(), 1600);
  EXPECT_EQ(waveform.sample_rate_hz(), 16000);
  EXPECT_EQ(waveform.samples()[0], 0.0F);
  EXPECT_GT(waveform.samples()[9], 0.4F);
}

TEST(Decode, what_cannot_be_read_is_the_error_of_that_item) {
  const auto path = std::filesystem::path(::testing::TempDir()) / "decode" / "gone.wav";
  testing::write_wav(path);
  const Recording recording = audio::open_recording(path).value();
  std::filesystem::remove(path);
  EXPECT_EQ(StageUnderTest().process<Waveform>(recording).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace earshot
