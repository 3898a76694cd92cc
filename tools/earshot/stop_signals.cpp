#include "stop_signals.h"

#include <atomic>
#include <csignal>
#include <string_view>

#include <unistd.h>

#include "command.h"

namespace earshot::tools {
namespace {

// A signal handler can reach nothing but what is static and lock-free.
constinit std::atomic<int> stop_count = 0;
static_assert(std::atomic<int>::is_always_lock_free);

void on_stop(int /*signal*/) {
  if (stop_count.fetch_add(1) > 0) _exit(static_cast<int>(ExitCode::kInterrupted));
  constexpr std::string_view kSays = "\nstopping: what was begun is finished and kept; once more ends at once\n";
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, kSays.data(), kSays.size());
}

}  // namespace

void watch_for_stop_signals() {
  struct sigaction action = {};
  action.sa_handler = on_stop;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1}) sigaction(signal, &action, nullptr);
}

bool stop_requested() noexcept { return stop_count.load(std::memory_order_relaxed) > 0; }

}  // namespace earshot::tools
