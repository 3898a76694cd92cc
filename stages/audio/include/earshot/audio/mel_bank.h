// MelBank: triangles in the mel domain as Kaldi defines them, mel(f) = 1127 ln(1 + f / 700), not normalised by area.
//
// With d = (mel(fmax) - mel(fmin)) / (mels + 1), filter i rises from mel(fmin) + i d to its centre at + (i + 1) d and
// falls to + (i + 2) d; FFT bin k (k < fft / 2, at k * rate / fft Hz) has the triangle's value at its mel. Computed in
// double precision. Source: torchaudio.compliance.kaldi.get_mel_banks, Kaldi's mel-computations.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace earshot::audio {

class MelBank {
 public:
  // Preconditions: 0 <= fmin_hz < fmax_hz, mels >= 1, fft a power of two.
  MelBank(std::int64_t mels, std::int64_t fft, double sample_rate_hz, double fmin_hz, double fmax_hz);

  // The non-zero weights of one filter: bins first_bin, first_bin + 1, ...; count 0 where no bin lies inside.
  struct Filter {
    std::size_t first_bin = 0;
    std::size_t first_weight = 0;  // in weights()
    std::size_t count = 0;
  };
  [[nodiscard]] std::span<const Filter> filters() const noexcept { return filters_; }
  [[nodiscard]] std::span<const float> weights() const noexcept { return weights_; }
  // The weight of FFT bin `bin` in filter `mel`; 0 outside the triangle.
  [[nodiscard]] float weight(std::size_t mel, std::size_t bin) const;

 private:
  std::vector<Filter> filters_;
  std::vector<float> weights_;
};

}  // namespace earshot::audio
