// The .npy form of a record: what `peek`, `embed` and `index` write for other people's programs.
// Source: NumPy's format 1.0 (numpy.lib.format). Little-endian, C order. Pure functions, safe from any thread.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "earshot/contract/payload.h"
#include "earshot/contract/result.h"

namespace earshot {

// The record's shape, dtype and bytes; UTF-8 becomes unsigned bytes. Kind and facts have no place there.
std::vector<std::byte> to_npy(const Record& record);

// A record without kind and facts. Errors: kCorruptInput when it is no such file or its length is not what its header
// says, kUnsupported for Fortran order and for types that no record has.
Result<Record> from_npy(std::span<const std::byte> file);

}  // namespace earshot
