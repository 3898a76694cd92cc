// Packing: records as the bytes of values in a store, and back.
//
// Bytes, little-endian: "ESR1", form, dtype and rank (a byte each, one of padding), extents (8 each), number of facts
// (4), each fact as two texts behind their lengths (4 each), the text of the kind likewise, zeros up to a multiple of
// 8, the values.
//
// Forms. What a cached stage passes on is what comes back, on misses as on hits, so a form that loses precision changes
// the results of a run, always in the same way:
//   exact   the bytes of the record
//   fp16    float32 as IEEE 754 half precision, rounded to even: a relative error of at most 2^-11 down to 6.1e-5
//   pcm16   float32 as 16-bit integers: an error of at most 2^-16 in [-1, 1), clipped beyond. For waveforms
//   flac    the same integers as FLAC: fewer bytes than pcm16, and more time
//
// Pure functions, safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "earshot/contract/payload.h"
#include "earshot/contract/result.h"

namespace earshot::cache {

enum class Form : std::uint8_t { kExact, kFp16, kPcm16, kFlac };

// "exact", "fp16", "pcm16", "flac", and back.
std::string_view to_string(Form form);
// How values come back, as words behind "keeps it".
std::string_view loss_of(Form form);
std::optional<Form> form_of(std::string_view name);

// Errors: kInvalidArgument where the form does not fit: values that are not float32, beyond 65504 for fp16, or far from
// [-1, 1) for pcm16 and flac.
Result<std::vector<std::byte>> pack(const Record& record, Form form);
// The record; values that were packed in another form than exact are float32 again. Errors: kCorruptInput.
Result<Record> unpack(std::span<const std::byte> bytes);

}  // namespace earshot::cache
