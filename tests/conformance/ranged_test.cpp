// Stages that promise ranges: any part of the output has the bits of the same part of the whole.
#include <array>

#include <gtest/gtest.h>

#include "earshot/audio/recording.h"
#include "earshot/audio/waveform.h"
#include "subject.h"

namespace earshot::conformance {
namespace {

// A recording of 12.008 s is asked for these, at its edges and across the 5 s grid among them.
constexpr std::array kRanges = {TimeRange{0, 1000},    TimeRange{1, 7},       TimeRange{4990, 20},
                                TimeRange{5000, 5000}, TimeRange{3333, 7777}, TimeRange{11000, 1009},
                                TimeRange{11999, {}},  TimeRange{500, {}}};

std::vector<std::string> ranged_plugins() {
  std::vector<std::string> names = catalogue().names();
  std::erase_if(names, [](const std::string& name) { return !catalogue().find(name)->ranged; });
  return names;
}

class RangedStage : public ::testing::TestWithParam<std::string> {
 protected:
  static Result<Waveform> process(const Subject& subject, const Stage& stage, PayloadPtr payload) {
    const std::vector<std::string> names = {subject.description().inputs.at(0).name};
    const std::vector<PayloadPtr> payloads = {std::move(payload)};
    Context context = subject.context(0, false);
    Result<Outputs> outputs = dynamic_cast<const Map&>(stage).process({names, payloads}, context);
    if (!outputs.ok()) return outputs.error();
    return static_cast<const Waveform&>(*(*outputs)[0]);
  }
  // The stage's output for a range of the recording; a stage that reads waveforms stands behind decode.
  [[nodiscard]] Result<Waveform> output(TimeRange range) const {
    const auto recording = std::make_shared<Recording>(static_cast<const Recording&>(*whole_).with_range(range));
    if (subject_.description().inputs.at(0).kind == std::string(Recording::kInfo.kind))
      return process(subject_, *stage_, recording);
    const Result<Waveform> decoded = process(decode_, *decoder_, recording);
    if (!decoded.ok()) return decoded.error();
    return process(subject_, *stage_, std::make_shared<Waveform>(*decoded));
  }

  const Subject subject_{GetParam()};
  const Subject decode_{"decode"};
  const std::unique_ptr<Stage> stage_ = subject_.start();
  const std::unique_ptr<Stage> decoder_ = decode_.start();
  const PayloadPtr whole_ = make_payload(Recording::kInfo.kind, {}, Shape::kUsual, 1);
};

TEST_P(RangedStage, any_range_has_the_bits_of_the_whole) {
  ASSERT_EQ(subject_.description().outputs.at(0).kind, std::string(Waveform::kInfo.kind)) << "the suite cuts waveforms";
  const Result<Waveform> whole = output({});
  ASSERT_TRUE(whole.ok()) << whole.error().message;
  for (const TimeRange& range : kRanges) {
    const Result<Waveform> part = output(range);
    ASSERT_TRUE(part.ok()) << part.error().message;
    const FrameRange frames = range.at(whole->sample_rate_hz(), whole->frames());
    ASSERT_EQ(part->frames(), frames.frames) << range.start_ms;
    ASSERT_GT(frames.frames, 0);
    for (std::int64_t i = 0; i < frames.frames; ++i)
      ASSERT_EQ(part->samples()[static_cast<std::size_t>(i)],
                whole->samples()[static_cast<std::size_t>(frames.first + i)])
          << "from " << range.start_ms << " ms, frame " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Plugins, RangedStage, ::testing::ValuesIn(ranged_plugins()),
                         [](const auto& named) { return named.param; });

}  // namespace
}  // namespace earshot::conformance
