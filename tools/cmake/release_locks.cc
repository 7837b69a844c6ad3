// Linked into every release binary. Debian's Abseil is built with its checks on: each lock that is
// taken, gRPC's own included, is entered into a graph that is searched for deadlocks, which takes a
// tenth of a command's time. Debug and sanitizer builds keep the search.

#include "absl/synchronization/mutex.h"

namespace {

[[maybe_unused]] const bool set = [] {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  return true;
}();

}  // namespace
