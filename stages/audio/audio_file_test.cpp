// Files are written by libsndfile itself into the test's temporary folder, and then broken.
#include "earshot/audio/audio_file.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <thread>

#include <gtest/gtest.h>
#include <sndfile.h>
#include <sys/stat.h>

#include "test_wave.h"

namespace earshot::audio {
namespace {

namespace fs = std::filesystem;

struct Format {
  const char* suffix;
  int code;
  const char* name;
  int sample_rate_hz;
};

constexpr Format kWav{"wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT, "WAV", 44100};
constexpr Format kFlac{"flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, "FLAC", 44100};
constexpr Format kVorbis{"ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS, "Ogg Vorbis", 44100};
constexpr Format kOpus{"opus", SF_FORMAT_OGG | SF_FORMAT_OPUS, "Ogg Opus", 48000};
constexpr Format kMp3{"mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, "MP3", 44100};
constexpr Format kFormats[] = {kWav, kFlac, kVorbis, kOpus, kMp3};

class AudioFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        fs::path(::testing::TempDir()) / "audio_file" / ::testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  // Interleaved samples; an empty path where this libsndfile cannot write the format.
  [[nodiscard]] fs::path write(const Format& format, const std::vector<float>& samples, int channels = 1) const {
    fs::path path = folder_ / (std::string("sound.") + format.suffix);
    SF_INFO info{};
    info.samplerate = format.sample_rate_hz;
    info.channels = channels;
    info.format = format.code;
    SNDFILE* const file = sf_open(path.c_str(), SFM_WRITE, &info);
    if (file == nullptr) return {};
    sf_writef_float(file, samples.data(), static_cast<sf_count_t>(samples.size()) / channels);
    sf_close(file);
    return path;
  }
  [[nodiscard]] fs::path write_wave(const Format& format, double length_s) const {
    return write(format, testing::test_wave(format.sample_rate_hz, length_s));
  }
  // Stereo noise with pauses; `compression` from 0 to 1.
  [[nodiscard]] fs::path write_mp3(int rate_hz, double compression, int mode, std::int64_t length_s) const {
    SF_INFO info{};
    info.samplerate = rate_hz;
    info.channels = 2;
    info.format = kMp3.code;
    SNDFILE* const file = sf_open((folder_ / "few.mp3").c_str(), SFM_WRITE, &info);
    if (file == nullptr) return {};
    sf_command(file, SFC_SET_COMPRESSION_LEVEL, &compression, sizeof(compression));
    sf_command(file, SFC_SET_BITRATE_MODE, &mode, sizeof(mode));
    std::vector<float> samples(static_cast<std::size_t>(2 * length_s * rate_hz));
    for (std::size_t n = 0; n < samples.size(); ++n)
      samples[n] =
          (n / 30000 % 3 == 0 ? 0.01F : 0.5F) * static_cast<float>(testing::u(static_cast<std::uint32_t>(n), 3));
    sf_writef_float(file, samples.data(), length_s * rate_hz);
    sf_close(file);
    return folder_ / "few.mp3";
  }
  [[nodiscard]] fs::path write_bytes(const std::string& bytes, const char* name = "sound.wav") const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
    return folder_ / name;
  }

  fs::path folder_;
};

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::shared_ptr<const AudioFile> open(const fs::path& path) {
  auto file = AudioFile::open(path);
  EXPECT_TRUE(file.ok()) << (file.ok() ? "" : file.error().message);
  return file.ok() ? *file : nullptr;
}

std::vector<float> read_all(const AudioFile& file, Downmix downmix = Downmix::kMean) {
  auto samples = file.render({0, file.header().frames}, downmix);
  EXPECT_TRUE(samples.ok()) << (samples.ok() ? "" : samples.error().message);
  return samples.ok() ? *samples : std::vector<float>{};
}

ErrorCode code_of_opening(const fs::path& path) {
  const auto file = AudioFile::open(path);
  EXPECT_FALSE(file.ok());
  return file.ok() ? ErrorCode::kInternal : file.error().code;
}

// A WAV of 16-bit mono samples with the header figures given.
std::string wav_header(std::uint16_t channels, std::uint32_t rate_hz, std::uint32_t data_bytes) {
  std::string bytes;
  const auto put = [&bytes](auto value) { bytes.append(reinterpret_cast<const char*>(&value), sizeof(value)); };
  bytes += "RIFF";
  put(std::uint32_t{36} + data_bytes);
  bytes += "WAVEfmt ";
  put(std::uint32_t{16});
  put(std::uint16_t{1});
  put(channels);
  put(rate_hz);
  put(static_cast<std::uint32_t>(2U * channels * rate_hz));
  put(static_cast<std::uint16_t>(2U * channels));
  put(std::uint16_t{16});
  bytes += "data";
  put(data_bytes);
  return bytes;
}

TEST_F(AudioFileTest, every_format_is_read_back) {
  for (const Format& format : kFormats) {
    const fs::path path = write_wave(format, 1.5);
    if (path.empty()) continue;
    const auto file = open(path);
    EXPECT_EQ(file->header().format, format.name);
    EXPECT_EQ(file->header().sample_rate_hz, format.sample_rate_hz);
    const auto samples = read_all(*file);
    const auto wave = testing::test_wave(format.sample_rate_hz, 1.5);
    ASSERT_GE(samples.size(), wave.size());
    double error = 0;
    for (std::size_t n = 0; n < wave.size(); ++n) error += std::pow(static_cast<double>(samples[n] - wave[n]), 2);
    EXPECT_LT(std::sqrt(error / static_cast<double>(wave.size())), 0.03) << format.name;
  }
}

TEST_F(AudioFileTest, any_range_has_the_bits_of_the_whole) {
  std::vector<fs::path> paths{write_mp3(22050, 0.9, SF_BITRATE_MODE_VARIABLE, 17)};
  for (const Format& format : kFormats) paths.push_back(write_wave(format, 12.3));
  for (const fs::path& path : paths) {
    if (path.empty()) continue;
    const auto file = open(path);
    const auto all = read_all(*file);
    const auto frames = static_cast<std::int64_t>(all.size());
    for (std::int64_t first = 0; first < frames; first += frames / 23 + 101) {
      const FrameRange range{first, std::min(1 + first * 3 % (7 * file->header().sample_rate_hz), frames - first)};
      const auto part = file->render(range, Downmix::kMean);
      ASSERT_TRUE(part.ok());
      ASSERT_EQ(0, std::memcmp(part->data(), all.data() + first, part->size() * sizeof(float)))
          << path << " from " << first;
    }
  }
}

TEST_F(AudioFileTest, an_mp3_of_few_bits_restarts_without_a_click) {
  const fs::path path = write_mp3(22050, 0.9, SF_BITRATE_MODE_CONSTANT, 16);
  if (path.empty()) GTEST_SKIP() << "this libsndfile writes no MP3";
  SF_INFO info{};
  SNDFILE* const sound = sf_open(path.c_str(), SFM_READ, &info);
  std::vector<float> in_one_go(static_cast<std::size_t>(info.frames * info.channels));
  const sf_count_t frames = sf_readf_float(sound, in_one_go.data(), info.frames);
  sf_close(sound);
  const auto samples = read_all(*open(path), Downmix::kFirst);
  for (std::size_t n = 0; n < static_cast<std::size_t>(frames); ++n)
    ASSERT_NEAR(samples[n], in_one_go[2 * n], 1e-6) << n;
}

TEST_F(AudioFileTest, an_mp3_shorter_than_estimated_ends_in_silence) {
  const fs::path path = write_mp3(44100, 0.9, SF_BITRATE_MODE_CONSTANT, 30);
  if (path.empty()) GTEST_SKIP() << "this libsndfile writes no MP3";
  const auto file = open(path);
  const std::int64_t frames = file->header().frames;
  EXPECT_GE(frames, 30 * 44100);
  EXPECT_EQ(static_cast<std::int64_t>(read_all(*file).size()), frames);
  EXPECT_EQ(file->render({frames - 1, 1}, Downmix::kMean)->size(), 1U);
}

TEST_F(AudioFileTest, channels_are_averaged_or_the_first_is_kept) {
  const auto stereo = open(write(kWav, {0.5F, 0.25F, -1.0F, 0.5F}, 2));
  EXPECT_EQ(stereo->header().channels, 2);
  EXPECT_EQ(read_all(*stereo), (std::vector<float>{0.375F, -0.25F}));
  EXPECT_EQ(read_all(*stereo, Downmix::kFirst), (std::vector<float>{0.5F, -1.0F}));
  const auto three = open(write(kWav, {0.3F, 0.6F, 0.9F}, 3));
  EXPECT_NEAR(read_all(*three)[0], 0.6, 1e-7);
}

TEST_F(AudioFileTest, a_range_outside_the_file_is_refused) {
  const auto file = open(write(kWav, std::vector<float>(100)));
  for (const FrameRange range : {FrameRange{-1, 5}, FrameRange{96, 5}, FrameRange{0, -1},
                                 FrameRange{5, std::numeric_limits<std::int64_t>::max()}})
    EXPECT_EQ(file->render(range, Downmix::kMean).error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(file->render({100, 0}, Downmix::kMean)->empty());
}

TEST_F(AudioFileTest, an_empty_sound_has_no_frames) {
  const auto file = open(write(kWav, {}));
  EXPECT_EQ(file->header().frames, 0);
  EXPECT_TRUE(read_all(*file).empty());
}

TEST_F(AudioFileTest, what_is_no_sound_file_says_so) {
  EXPECT_EQ(code_of_opening(folder_ / "absent.wav"), ErrorCode::kNotFound);
  EXPECT_EQ(code_of_opening(folder_), ErrorCode::kUnsupported);
  EXPECT_EQ(code_of_opening(write_bytes("this is a text file, and a long one, too")), ErrorCode::kUnsupported);
  EXPECT_EQ(code_of_opening(write_bytes("")), ErrorCode::kUnsupported);
  const fs::path pipe = folder_ / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(code_of_opening(pipe), ErrorCode::kUnsupported);
}

TEST_F(AudioFileTest, hostile_header_figures_are_refused) {
  EXPECT_EQ(code_of_opening(write_bytes(wav_header(1000, 16000, 4000) + std::string(4000, '\0'))),
            ErrorCode::kTooLarge);
  EXPECT_EQ(code_of_opening(write_bytes(wav_header(1, 2'000'000'000, 4000) + std::string(4000, '\0'))),
            ErrorCode::kTooLarge);
  EXPECT_EQ(code_of_opening(write_bytes(wav_header(1, 10, 4000) + std::string(4000, '\0'))), ErrorCode::kCorruptInput);
  EXPECT_FALSE(AudioFile::open(write_bytes(wav_header(0, 16000, 4000) + std::string(4000, '\0'))).ok());
}

TEST_F(AudioFileTest, a_wav_that_claims_more_than_it_holds_is_as_long_as_it_is) {
  const auto file = open(write_bytes(wav_header(1, 16000, 0x7FFFFF00) + std::string(2000, '\x10')));
  EXPECT_EQ(file->header().frames, 1000);
  EXPECT_EQ(read_all(*file).size(), 1000U);
}

TEST_F(AudioFileTest, a_truncated_flac_names_the_frame_where_it_ends) {
  const fs::path path = write_wave(kFlac, 5);
  const std::string whole = bytes_of(path);
  const auto file = open(write_bytes(whole.substr(0, whole.size() / 2), "half.flac"));
  EXPECT_EQ(file->header().frames, 5 * 44100);
  const auto samples = file->render({0, file->header().frames}, Downmix::kMean);
  ASSERT_FALSE(samples.ok());
  EXPECT_EQ(samples.error().code, ErrorCode::kCorruptInput);
  EXPECT_NE(samples.error().message.find("half.flac"), std::string::npos);
  EXPECT_NE(samples.error().message.find("220500"), std::string::npos);
  EXPECT_TRUE(file->render({0, 44100}, Downmix::kMean).ok());
}

// STREAMINFO of a FLAC file: bytes 21 to 25 hold the number of frames, 36 bits.
TEST_F(AudioFileTest, a_flac_that_claims_days_in_a_few_bytes_is_refused) {
  std::string bytes = bytes_of(write_wave(kFlac, 0.1));
  bytes[21] = static_cast<char>(bytes[21] | 0x0F);
  for (std::size_t i = 22; i < 26; ++i) bytes[i] = '\xFF';
  EXPECT_EQ(code_of_opening(write_bytes(bytes, "days.flac")), ErrorCode::kCorruptInput);
}

TEST_F(AudioFileTest, every_truncation_and_every_damage_ends_in_a_value_or_a_typed_error) {
  for (const Format& format : kFormats) {
    const fs::path path = write_wave(format, 0.3);
    if (path.empty()) continue;
    const std::string whole = bytes_of(path);
    for (std::uint32_t trial = 0; trial < 60; ++trial) {
      const double place = testing::u(trial, 31) + 0.5;
      std::string broken = whole;
      if (trial % 2 == 0)
        broken.resize(static_cast<std::size_t>(place * static_cast<double>(whole.size())));
      else
        broken[static_cast<std::size_t>(place * static_cast<double>(std::min<std::size_t>(whole.size(), 4000)))] ^=
            '\x5A';
      const auto file = AudioFile::open(write_bytes(broken, "broken"));
      if (!file.ok()) {
        EXPECT_FALSE(file.error().message.empty());
        continue;
      }
      const auto samples = (*file)->render({0, (*file)->header().frames}, Downmix::kMean);
      if (samples.ok()) {
        EXPECT_EQ(static_cast<std::int64_t>(samples->size()), (*file)->header().frames);
      }
    }
  }
}

TEST_F(AudioFileTest, a_sample_that_is_not_a_number_is_an_error_that_names_the_frame) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    std::vector<float> samples(70000, 0.1F);
    samples[66000] = bad;
    const auto file = open(write(kWav, samples));
    const auto part = file->render({50000, 20000}, Downmix::kMean);
    ASSERT_FALSE(part.ok());
    EXPECT_EQ(part.error().code, ErrorCode::kNonFinite);
    EXPECT_NE(part.error().message.find("frame 66000"), std::string::npos);
    EXPECT_TRUE(file->render({0, 66000}, Downmix::kMean).ok());
  }
}

TEST_F(AudioFileTest, a_file_that_changed_since_it_was_opened_is_noticed) {
  const auto file = open(write(kWav, std::vector<float>(100)));
  EXPECT_TRUE(fs::exists(write(kWav, std::vector<float>(50))));
  EXPECT_EQ(file->render({0, 100}, Downmix::kMean).error().code, ErrorCode::kCorruptInput);
}

TEST_F(AudioFileTest, threads_read_the_same_file_side_by_side) {
  const auto file = open(write_wave(kVorbis, 8));
  const auto all = read_all(*file);
  std::vector<std::thread> readers;
  for (std::int64_t reader = 0; reader < 4; ++reader)
    readers.emplace_back([&, reader] {
      const auto part = file->render({reader * 44100, 88200}, Downmix::kMean);
      EXPECT_TRUE(part.ok() && std::equal(part->begin(), part->end(), all.begin() + reader * 44100));
    });
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace earshot::audio
