#ifndef PDP_LIBS_PROJECTION_PULSE_H_
#define PDP_LIBS_PROJECTION_PULSE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace pdp::projection {

// Tells waiting threads that something may have changed. A waiter takes the count first, then
// looks, then waits for the count to move on: no beat is missed. Thread-safe.
class Pulse {
 public:
  void Beat() {
    {
      absl::MutexLock lock(&mutex_);
      ++beats_;
    }
    absl::MutexLock lock(&watchers_mutex_);
    for (const auto& [id, watcher] : watchers_) watcher();
  }
  // `watcher` is called at every beat until Unwatch returns; it must not call back into the pulse.
  uint64_t Watch(std::function<void()> watcher) {
    absl::MutexLock lock(&watchers_mutex_);
    watchers_.emplace(++last_watcher_, std::move(watcher));
    return last_watcher_;
  }
  void Unwatch(uint64_t id) {
    absl::MutexLock lock(&watchers_mutex_);
    watchers_.erase(id);
  }
  uint64_t count() const {
    absl::MutexLock lock(&mutex_);
    return beats_;
  }
  // True when there has been a beat after `seen`.
  bool Await(uint64_t seen, absl::Duration timeout) const {
    absl::MutexLock lock(&mutex_);
    const auto moved = [this, seen]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return beats_ > seen;
    };
    return mutex_.AwaitWithTimeout(absl::Condition(&moved), timeout);
  }

 private:
  mutable absl::Mutex mutex_;
  uint64_t beats_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Mutex watchers_mutex_;
  uint64_t last_watcher_ ABSL_GUARDED_BY(watchers_mutex_) = 0;
  std::map<uint64_t, std::function<void()>> watchers_ ABSL_GUARDED_BY(watchers_mutex_);
};

}  // namespace pdp::projection

#endif  // PDP_LIBS_PROJECTION_PULSE_H_
