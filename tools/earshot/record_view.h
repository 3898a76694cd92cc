// What a record looks like: its figures for people, and as files that other programs open.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "earshot/contract/payload.h"

namespace earshot::tools {

// Of the numbers that are no NaN.
struct Figures {
  double min = 0;
  double mean = 0;
  double max = 0;
  double nan_share = 0;  // of all numbers, [0, 1]
};

// A waveform's record without the neighbours that it may carry (facts `lead` and `tail`); any other one as it is.
Record without_neighbours(Record record);
// Nothing for texts and for records without a number.
std::optional<Figures> figures_of(const Record& record);
// The bytes of a kUtf8 record.
std::string text_of(const Record& record);
// "[64, 1001] float32".
std::string shape_text(const Record& record);

// Writes STEM.npy, of texts STEM.txt; of a waveform STEM.wav as well, of a mel spectrogram STEM.png.
// Errors: kIo.
Status save_record(const Record& record, const std::filesystem::path& stem);

}  // namespace earshot::tools
