#include "earshot/pipeline/report/progress.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <unistd.h>

namespace earshot::report {
namespace {

constexpr double kLiveInterval_s = 0.2;
constexpr double kPlainInterval_s = 10.0;

template <class... Args>
std::string format(const char* pattern, Args... args) {
  std::array<char, 160> text{};
  std::snprintf(text.data(), text.size(), pattern, args...);
  return text.data();
}

}  // namespace

std::string duration_text(double seconds) {
  if (seconds < 1) return format("%d ms", static_cast<int>(std::lround(seconds * 1000)));
  const auto whole = static_cast<long>(std::lround(seconds));
  if (whole < 60) return format("%ld s", whole);
  if (whole < 3600) return format("%ld min %02ld s", whole / 60, whole % 60);
  return format("%ld h %02ld min", whole / 3600, whole % 3600 / 60);
}

Progress::Progress(std::FILE* stream, bool quiet)
    : stream_(stream), quiet_(quiet), terminal_(::isatty(::fileno(stream)) == 1) {}

Progress::~Progress() { end(); }

void Progress::begin(std::string label, std::int64_t before) {
  const std::scoped_lock lock(mutex_);
  label_ = std::move(label);
  before_ = before;
  ended_ = before;
  planned_ = 0;
  loss_.reset();
  bytes_before_ = cache_ ? cache_->bytes : 0;
  begun_ = Clock::now();
  shown_ = begun_;
}

void Progress::items(std::int64_t ended, std::int64_t planned) {
  const std::scoped_lock lock(mutex_);
  ended_ = ended;
  planned_ = planned;
  show(false);
}

void Progress::loss(double value) {
  const std::scoped_lock lock(mutex_);
  loss_ = value;
}

void Progress::cache(const CacheProgress& so_far) {
  const std::scoped_lock lock(mutex_);
  cache_ = so_far;
}

void Progress::note(const std::string& text) {
  const std::scoped_lock lock(mutex_);
  if (quiet_) return;
  if (live_) std::fputs("\r\033[K", stream_);
  live_ = false;
  std::fprintf(stream_, "%s\n", text.c_str());
  std::fflush(stream_);
}

void Progress::end() {
  const std::scoped_lock lock(mutex_);
  if (live_) std::fputs("\r\033[K", stream_);
  live_ = false;
  std::fflush(stream_);
}

std::string Progress::line() const {
  const double elapsed_s = std::chrono::duration<double>(Clock::now() - begun_).count();
  const double share = planned_ > 0 ? static_cast<double>(ended_) / static_cast<double>(planned_) : 0.0;
  const double rate = elapsed_s > 0 ? static_cast<double>(ended_ - before_) / elapsed_s : 0.0;
  constexpr int kWidth = 16;
  const int filled = static_cast<int>(share * kWidth);
  std::string bar(static_cast<std::size_t>(filled), '=');
  if (filled < kWidth) bar += '>';
  bar.resize(kWidth, ' ');
  std::string text = label_ + "  [" + bar + "]  " +
                     format("%d %%  %lld/%lld items  %.1f items/s", static_cast<int>(share * 100),
                            static_cast<long long>(ended_), static_cast<long long>(planned_), rate);
  if (cache_ && elapsed_s > 0) {
    const std::int64_t values = std::max<std::int64_t>(1, cache_->hits + cache_->misses);
    text += format("  %.1f MB/s  hits %lld %%", static_cast<double>(cache_->bytes - bytes_before_) * 1e-6 / elapsed_s,
                   static_cast<long long>(100 * cache_->hits / values));
  }
  if (loss_) text += format("  loss %.3f", *loss_);
  if (rate > 0 && ended_ < planned_)
    text += "  " + duration_text(static_cast<double>(planned_ - ended_) / rate) + " left";
  return text;
}

void Progress::show(bool force) {
  if (quiet_) return;
  const Clock::time_point now = Clock::now();
  const double interval_s = terminal_ ? kLiveInterval_s : kPlainInterval_s;
  if (!force && std::chrono::duration<double>(now - shown_).count() < interval_s) return;
  shown_ = now;
  if (terminal_) {
    std::fprintf(stream_, "\r\033[K%s", line().c_str());
    live_ = true;
  } else {
    std::fprintf(stream_, "%s\n", line().c_str());
  }
  std::fflush(stream_);
}

}  // namespace earshot::report
