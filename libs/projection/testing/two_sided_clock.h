#ifndef PDP_LIBS_PROJECTION_TESTING_TWO_SIDED_CLOCK_H_
#define PDP_LIBS_PROJECTION_TESTING_TWO_SIDED_CLOCK_H_

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"

namespace pdp::projection {

// A clock that moves only when told, and whose wall people may set back while time goes on.
// Thread-safe.
class TwoSidedClock final : public Clock {
 public:
  explicit TwoSidedClock(absl::Time start) : wall_(start) {}
  absl::Time Now() override {
    absl::MutexLock lock(&mutex_);
    return wall_;
  }
  absl::Duration Steady() override {
    absl::MutexLock lock(&mutex_);
    return steady_;
  }
  void Advance(absl::Duration by) {
    absl::MutexLock lock(&mutex_);
    wall_ += by;
    steady_ += by;
  }
  void SetBack(absl::Duration by) {
    absl::MutexLock lock(&mutex_);
    wall_ -= by;
  }

 private:
  absl::Mutex mutex_;
  absl::Time wall_ ABSL_GUARDED_BY(mutex_);
  absl::Duration steady_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace pdp::projection

#endif  // PDP_LIBS_PROJECTION_TESTING_TWO_SIDED_CLOCK_H_
