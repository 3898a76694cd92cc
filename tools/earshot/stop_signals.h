// Stop signals: the first SIGINT, SIGTERM or SIGUSR1 asks the work to come to an end, the second ends it at once.
#pragma once

namespace earshot::tools {

// Call once, before threads are started.
void watch_for_stop_signals();
// Whether one has come. Safe from any thread.
bool stop_requested() noexcept;

}  // namespace earshot::tools
