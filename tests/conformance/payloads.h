// Payloads of every kind for the suite, ordinary and hostile, each a pure function of its arguments.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "earshot/contract/payload.h"

namespace earshot::conformance {

enum class Shape : std::uint8_t {
  kUsual,     // about what a graph carries, and full of values
  kEmpty,     // no sample, frame, byte or token
  kOne,       // one
  kSilent,    // nothing but zeros or blanks
  kUnsound,   // NaN in the middle; bytes that are no UTF-8
  kVeryLong,  // minutes of sound, 100,000 words, as many tokens as a tokeniser allows
};
inline constexpr Shape kHostile[] = {Shape::kEmpty, Shape::kOne, Shape::kSilent, Shape::kUnsound, Shape::kVeryLong};
const char* to_string(Shape shape);

// Facts of the port that the payload is for.
using PortFacts = std::map<std::string, std::string>;

// Null for a kind that the suite does not know. Another `seed`, other values.
PayloadPtr make_payload(const std::string& kind, const PortFacts& facts, Shape shape, std::uint64_t seed);

}  // namespace earshot::conformance
