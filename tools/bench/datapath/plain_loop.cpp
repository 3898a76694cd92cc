#include "plain_loop.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <thread>

#include "earshot/audio/audio_file.h"
#include "earshot/audio/log_mel.h"
#include "earshot/audio/resampler.h"
#include "earshot/contract/random.h"

namespace earshot::bench {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

Status compute_clip(const std::filesystem::path& path, std::uint64_t item, std::uint64_t seed,
                    const audio::LogMel& log_mel, std::optional<audio::Resampler>& resampler, StepTimes& times) {
  const Clock::time_point start = Clock::now();
  Result<Recording> recording = audio::open_recording(path);
  if (!recording.ok()) return std::move(recording).error();
  const std::int64_t spare_ms = recording->length_ms() - kCrop_ms;
  const std::int64_t start_ms = Random(seed, item, "start").below(spare_ms + 1);
  const Recording crop = recording->with_range({start_ms, kCrop_ms});
  const Result<std::vector<float>> samples = crop.content().render(crop.frames(), Downmix::kMean);
  if (!samples.ok()) return samples.error();
  times.decode_s += seconds_since(start);

  const Clock::time_point decoded = Clock::now();
  if (!resampler || resampler->in_rate_hz() != crop.header().sample_rate_hz) {
    Result<audio::Resampler> made = audio::Resampler::create(crop.header().sample_rate_hz, kRate_hz);
    if (!made.ok()) return std::move(made).error();
    resampler = std::move(made).value();
  }
  const std::vector<float> resampled =
      resampler->resample(*samples, 0, {0, resampler->output_frames(static_cast<std::int64_t>(samples->size()))});
  times.resample_s += seconds_since(decoded);

  const Clock::time_point at_rate = Clock::now();
  const Result<Mel> mel = log_mel.compute(resampled);
  if (!mel.ok()) return mel.error();
  times.log_mel_s += seconds_since(at_rate);
  return {};
}

}  // namespace

Result<StepTimes> plain_loop(const std::vector<std::filesystem::path>& files, int threads, std::uint64_t seed) {
  Result<audio::LogMel> log_mel = audio::LogMel::create(audio::FrontEnd::passt(), kRate_hz);
  if (!log_mel.ok()) return std::move(log_mel).error();
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  StepTimes total;
  Status status;
  const auto work = [&] {
    StepTimes times;
    std::optional<audio::Resampler> resampler;
    Status mine;
    for (std::size_t item = next++; item < files.size() && mine.ok(); item = next++)
      mine = compute_clip(files[item], item, seed, *log_mel, resampler, times);
    const std::lock_guard lock(mutex);
    if (!mine.ok() && status.ok()) status = mine;
    total.decode_s += times.decode_s;
    total.resample_s += times.resample_s;
    total.log_mel_s += times.log_mel_s;
  };
  std::vector<std::thread> others;
  for (int thread = 1; thread < threads; ++thread) others.emplace_back(work);
  work();
  for (std::thread& other : others) other.join();
  if (!status.ok()) return std::move(status).error();
  return total;
}

}  // namespace earshot::bench
