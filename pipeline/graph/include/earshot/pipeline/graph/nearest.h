// The name that somebody probably meant. Pure functions, safe from any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace earshot::graph {

// The nearest of `names` by edit distance (insert, delete, replace, swap of neighbours), if it is near enough to be a
// slip: at most a third of the length, at least one; else the only one that holds the name or is held by it, as
// "sample_rate_hz" holds "rate_hz". Empty otherwise. The first of equally near ones.
std::string nearest(std::string_view name, std::span<const std::string> names);
// `did you mean "lr"?`, or empty.
std::string did_you_mean(std::string_view name, std::span<const std::string> names);
// "a, b, c".
std::string joined(std::span<const std::string> names);
// "frame, mel and window"; `none` where there are no names.
std::string listed(std::span<const std::string> names, std::string_view none = "none");

}  // namespace earshot::graph
