#include "record_view.h"

#include <cmath>
#include <cstring>
#include <limits>

#include <gtest/gtest.h>
#include <png.h>
#include <sndfile.h>

#include "image_file.h"
#include "scratch_folder.h"

namespace earshot::tools {
namespace {

template <class T>
Record record_of(std::string kind, DType dtype, std::vector<std::int64_t> shape, const std::vector<T>& values) {
  Record record{.kind = std::move(kind), .dtype = dtype, .shape = std::move(shape)};
  record.bytes.resize(values.size() * sizeof(T));
  if (!values.empty()) std::memcpy(record.bytes.data(), values.data(), record.bytes.size());
  return record;
}

TEST(RecordView, figures_leave_out_what_is_no_number_and_say_how_much_that_is) {
  const auto nan = std::numeric_limits<float>::quiet_NaN();
  const auto figures = figures_of(record_of<float>("mel", DType::kFloat32, {4}, {1, nan, 3, -1})).value();
  EXPECT_EQ(figures.min, -1);
  EXPECT_EQ(figures.max, 3);
  EXPECT_EQ(figures.mean, 1);
  EXPECT_EQ(figures.nan_share, 0.25);
}

// Bit patterns from the table of examples in IEEE 754-2008's binary16: 1, -2, 65504, 2^-24, infinity.
TEST(RecordView, half_precision_numbers_are_read_as_they_are_defined) {
  const auto largest = figures_of(record_of<std::uint16_t>("mel", DType::kFloat16, {3}, {0x3C00, 0xC000, 0x7BFF}));
  EXPECT_EQ(largest->min, -2);
  EXPECT_EQ(largest->max, 65504);
  const auto smallest = figures_of(record_of<std::uint16_t>("mel", DType::kFloat16, {2}, {0x0001, 0x7C00}));
  EXPECT_EQ(smallest->min, std::ldexp(1.0, -24));
  EXPECT_TRUE(std::isinf(smallest->max));
}

TEST(RecordView, texts_and_empty_records_have_no_figures) {
  EXPECT_FALSE(figures_of(record_of<char>("text", DType::kUtf8, {2}, {'h', 'i'})));
  EXPECT_FALSE(figures_of(record_of<float>("waveform", DType::kFloat32, {0}, {})));
}

TEST(RecordView, a_saved_waveform_reads_back_with_the_same_bits) {
  const ScratchFolder folder;
  const std::vector<float> samples = {0.0F, 0.5F, -1.25F, 1e-9F};
  Record record = record_of("waveform", DType::kFloat32, {4}, samples);
  record.facts["sample_rate"] = "32000";
  ASSERT_TRUE(save_record(record, folder.path() / "owl").ok());
  SF_INFO info = {};
  SNDFILE* const file = sf_open((folder.path() / "owl.wav").c_str(), SFM_READ, &info);
  ASSERT_NE(file, nullptr);
  std::vector<float> read(4);
  EXPECT_EQ(sf_readf_float(file, read.data(), 8), 4);
  sf_close(file);
  EXPECT_EQ(read, samples);
  EXPECT_EQ(info.samplerate, 32000);
  EXPECT_EQ(info.channels, 1);
}

TEST(RecordView, a_saved_spectrogram_has_low_bands_at_the_bottom_and_the_largest_value_white) {
  const ScratchFolder folder;
  const Record record = record_of<float>("mel", DType::kFloat32, {2, 3}, {-4, -4, -4, -2, -4, 0});
  ASSERT_TRUE(save_record(record, folder.path() / "owl").ok());
  png_image image = {};
  image.version = PNG_IMAGE_VERSION;
  ASSERT_NE(png_image_begin_read_from_file(&image, (folder.path() / "owl.png").c_str()), 0);
  image.format = PNG_FORMAT_GRAY;
  std::vector<png_byte> pixels(PNG_IMAGE_SIZE(image));
  ASSERT_NE(png_image_finish_read(&image, nullptr, pixels.data(), 0, nullptr), 0);
  EXPECT_EQ(image.width, 3U);
  EXPECT_EQ(pixels, (std::vector<png_byte>{128, 0, 255, 0, 0, 0}));
}

TEST(RecordView, what_cannot_be_written_is_an_error) {
  const Record record = record_of<float>("embedding", DType::kFloat32, {1}, {1});
  EXPECT_EQ(save_record(record, "/nowhere/at/all").error().code, ErrorCode::kIo);
}

}  // namespace
}  // namespace earshot::tools
