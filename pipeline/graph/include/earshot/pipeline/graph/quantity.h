// Quantities: numbers with a unit, "32 kHz", "10 ms", "1 GiB", "20 %".
#pragma once

#include <string>
#include <string_view>

#include "earshot/contract/result.h"

namespace earshot::graph {

// The number in the canonical unit: ("32 kHz", "Hz") is 32000. A dimensionless one (unit "") takes "%" only.
// Units: Hz kHz MHz; us ms s min h; B kB MB GB TB KiB MiB GiB TiB; any other canonical unit is taken as it is named.
// Errors: kInvalidArgument, "expected ..." with the units there are.
Result<double> read_quantity(std::string_view text, std::string_view unit);
// "a number in Hz, kHz or MHz".
std::string expected_quantity(std::string_view unit);

}  // namespace earshot::graph
