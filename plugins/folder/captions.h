// The captions of a folder's recordings: from a CSV, or from a text beside each recording.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include "earshot/contract/result.h"
#include "name_table.h"
#include "scan.h"

namespace earshot::folder {

struct Captions {
  NameTable texts;                       // grouped by recording, in the order of the file within each
  std::vector<std::uint32_t> recording;  // of each text: its place in Scan::sounds
  Problems problems;
};

// CSV with a header: `file_name`, and `caption` or `caption_1`, `caption_2`...; other columns are passed over, empty
// captions too; several rows may speak of one file. Names are relative to the folder and taken as they are. Rows that
// name no sound file there are listed. Errors: kNotFound, kCorruptInput (quoting, number of fields, columns),
// kInvalidArgument for a name that leads out of the folder; each names the line.
Result<Captions> captions_from_csv(const std::filesystem::path& csv, const Scan& scan);

// NAME.txt beside NAME.wav: a caption a line, empty lines passed over. Texts that cannot be read are listed.
Captions captions_beside(const Scan& scan);

}  // namespace earshot::folder
