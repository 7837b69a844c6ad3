#ifndef PDP_LIBS_BASE_CLOCK_H_
#define PDP_LIBS_BASE_CLOCK_H_

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace pdp {

// The one seam to time. Nothing else in the platform asks the machine what time it is.
// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() = 0;
  // How long some fixed past instant is ago. Nobody sets this one: it only goes forward, as fast as
  // time does. For leases and waits, which a corrected clock must neither stretch nor end.
  virtual absl::Duration Steady() { return Now() - absl::UnixEpoch(); }
  // The machine's clock. Never destroyed.
  static Clock& System();
};

// A clock that runs `lag` behind another, which must outlive it: the past, as it went on.
class LateClock final : public Clock {
 public:
  LateClock(Clock& clock, absl::Duration lag) : clock_(clock), lag_(lag) {}
  absl::Time Now() override { return clock_.Now() - lag_; }
  absl::Duration Steady() override { return clock_.Steady(); }

 private:
  Clock& clock_;
  const absl::Duration lag_;
};

// A clock that moves only when told; for tests and the simulator.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(absl::Time start) : now_(start) {}
  absl::Time Now() override {
    absl::MutexLock lock(&mutex_);
    return now_;
  }
  absl::Duration Steady() override {
    absl::MutexLock lock(&mutex_);
    return now_ + set_back_ - absl::UnixEpoch();
  }
  void Set(absl::Time now) {
    absl::MutexLock lock(&mutex_);
    now_ = now;
  }
  void Advance(absl::Duration by) {
    absl::MutexLock lock(&mutex_);
    now_ += by;
  }
  // As people set a clock: time has gone on all the same.
  void SetBack(absl::Duration by) {
    absl::MutexLock lock(&mutex_);
    now_ -= by;
    set_back_ += by;
  }

 private:
  absl::Mutex mutex_;
  absl::Time now_ ABSL_GUARDED_BY(mutex_);
  absl::Duration set_back_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace pdp

#endif  // PDP_LIBS_BASE_CLOCK_H_
