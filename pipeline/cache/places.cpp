#include "places.h"

#include <algorithm>
#include <mutex>

namespace earshot::cache {
namespace {

constexpr std::size_t kMostPlaces = std::size_t{1} << 20;  // some 90 MB

}  // namespace

std::vector<std::size_t> Places::find(std::span<const ContentKey> keys, std::span<std::optional<Place>> places) const {
  std::vector<std::size_t> unknown;
  const std::shared_lock lock(mutex_);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto found = known_.find(Place{.key = keys[i]});
    if (found == known_.end())
      unknown.push_back(i);
    else
      places[i] = *found;
  }
  return unknown;
}

void Places::note(std::span<const std::optional<Place>> places) {
  if (std::ranges::none_of(places, &std::optional<Place>::has_value)) return;
  const std::scoped_lock lock(mutex_);
  for (const std::optional<Place>& place : places)
    if (place && known_.size() < kMostPlaces) known_.insert(*place);
}

void Places::forget() {
  const std::scoped_lock lock(mutex_);
  known_.clear();
}

}  // namespace earshot::cache
