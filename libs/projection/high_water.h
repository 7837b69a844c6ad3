#ifndef PDP_LIBS_PROJECTION_HIGH_WATER_H_
#define PDP_LIBS_PROJECTION_HIGH_WATER_H_

#include <algorithm>
#include <cstdint>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace pdp::projection {

// How far one process has read a partition, for another one of the same area. A reader passes by
// what is told of somebody who is not known here; whoever makes somebody known must therefore ask
// for facts at or after this, once it has done so. Thread-safe.
class HighWater {
 public:
  // When the reader begins (Process::Resumes), and before it reacts to an event.
  void Saw(uint64_t seq) {
    absl::MutexLock lock(&mutex_);
    seq_ = std::max(seq_.value_or(0), seq);
  }
  // Nothing until the reader has begun.
  std::optional<uint64_t> seq() const {
    absl::MutexLock lock(&mutex_);
    return seq_;
  }

 private:
  mutable absl::Mutex mutex_;
  std::optional<uint64_t> seq_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace pdp::projection

#endif  // PDP_LIBS_PROJECTION_HIGH_WATER_H_
