// Progress: one live line on a terminal, plain lines every ten seconds where output is piped. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <optional>
#include <string>

namespace earshot::report {

// What a run has read and kept so far.
struct CacheProgress {
  std::int64_t hits = 0;
  std::int64_t misses = 0;
  std::int64_t bytes = 0;  // read and written
};

class Progress {
 public:
  // `stream` is not owned. `quiet`: prints nothing.
  Progress(std::FILE* stream, bool quiet);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Starts counting anew: "train"; `before` items were done by an earlier process and count for no rate.
  void begin(std::string label, std::int64_t before = 0);
  void items(std::int64_t ended, std::int64_t planned);
  void loss(double value);
  // Shown as MB/s since the last begin(), and the share of hits; of runs that keep values.
  void cache(const CacheProgress& so_far);
  // Prints a line of its own above the live line.
  void note(const std::string& text);
  // Ends the live line.
  void end();

 private:
  [[nodiscard]] std::string line() const;
  void show(bool force);

  using Clock = std::chrono::steady_clock;
  std::FILE* stream_;
  bool quiet_;
  bool terminal_;
  bool live_ = false;  // a live line is on the screen
  std::mutex mutex_;
  std::string label_;
  std::int64_t before_ = 0;
  std::int64_t ended_ = 0;  // those before included
  std::int64_t planned_ = 0;
  std::optional<double> loss_;
  std::optional<CacheProgress> cache_;
  std::int64_t bytes_before_ = 0;  // of cache_ at the last begin()
  Clock::time_point begun_;
  Clock::time_point shown_;
};

// "2 min 05 s", "3 h 10 min", "850 ms".
std::string duration_text(double seconds);

}  // namespace earshot::report
