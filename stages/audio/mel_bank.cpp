#include "earshot/audio/mel_bank.h"

#include <algorithm>
#include <cmath>

namespace earshot::audio {
namespace {

double mel_of(double frequency_hz) { return 1127.0 * std::log1p(frequency_hz / 700.0); }

}  // namespace

MelBank::MelBank(std::int64_t mels, std::int64_t fft, double sample_rate_hz, double fmin_hz, double fmax_hz) {
  const double low = mel_of(fmin_hz);
  const double step = (mel_of(fmax_hz) - low) / static_cast<double>(mels + 1);
  for (std::int64_t mel = 0; mel < mels; ++mel) {
    const double left = low + static_cast<double>(mel) * step;
    Filter filter{.first_weight = weights_.size()};
    for (std::int64_t bin = 0; bin < fft / 2; ++bin) {
      const double at = mel_of(static_cast<double>(bin) * sample_rate_hz / static_cast<double>(fft));
      const double weight = std::min((at - left) / step, (left + 2 * step - at) / step);
      if (weight <= 0) continue;
      if (filter.count++ == 0) filter.first_bin = static_cast<std::size_t>(bin);
      weights_.push_back(static_cast<float>(weight));
    }
    filters_.push_back(filter);
  }
}

float MelBank::weight(std::size_t mel, std::size_t bin) const {
  const Filter& filter = filters_[mel];
  const bool inside = bin >= filter.first_bin && bin < filter.first_bin + filter.count;
  return inside ? weights_[filter.first_weight + bin - filter.first_bin] : 0.0F;
}

}  // namespace earshot::audio
