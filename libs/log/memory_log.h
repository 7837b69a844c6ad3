#ifndef PDP_LIBS_LOG_MEMORY_LOG_H_
#define PDP_LIBS_LOG_MEMORY_LOG_H_

#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "libs/base/clock.h"
#include "libs/log/event_log.h"

namespace pdp::log {

// What a broker would hold: the raw records of every area. Shared by the clients (MemoryLog) of one
// simulated service; outlives them. The knobs damage history as disks, brokers and intruders do.
// Thread-safe.
class MemoryStore {
 public:
  MemoryStore();
  ~MemoryStore();

  void Append(Area area, std::string bytes);
  size_t Count(Area area) const;
  std::string Get(Area area, size_t index) const;
  // Gives the record at `index` other bytes; tails that have read it do not notice.
  void Replace(Area area, size_t index, std::string bytes);
  // Forgets everything from `index` on, as a disk that lied about its syncs does.
  void Truncate(Area area, size_t index);

 private:
  friend class MemoryLog;
  friend class MemorySource;
  struct Lane;
  Lane& lane(Area area) const { return *lanes_[area.index()]; }
  std::vector<std::unique_ptr<Lane>> lanes_;
};

// The memory binding: one client of a MemoryStore. Stored at once, in the calling thread.
// A client stands for one process: its faults are its own. Thread-safe.
//
//   MemoryLog log;                               // a log of its own
//   MemoryLog a(store), b(store);                // two processes on one broker
class MemoryLog final : public EventLog {
 public:
  explicit MemoryLog(std::shared_ptr<MemoryStore> store = std::make_shared<MemoryStore>(),
                     Clock& clock = Clock::System());
  ~MemoryLog() override;

  absl::StatusOr<std::unique_ptr<PendingClaim>> BeginClaim(Area area, const std::string& owner_id,
                                                           const std::string& endpoint,
                                                           TailPosition from) override;
  absl::Status Append(Area area, std::string bytes) override;
  absl::StatusOr<std::unique_ptr<Tail>> OpenTail(Area area, TailPosition after) override;
  absl::StatusOr<TailPosition> End(Area area) override;
  absl::Status Health(Area area) override;

  // Unreachable: Poll, End and Claim answer Unavailable and what is appended stays in flight, as if
  // held, until reachable again (or lost before).
  void SetReachable(bool reachable);
  // Appends of this client stay in flight until released (stored, in order) or lost (delivery
  // failure: the areas concerned are broken until their next Claim).
  void HoldAppends(bool hold);
  void ReleaseHeld();
  void LoseHeld();
  // Releases the first `count` held appends and keeps the rest.
  void ReleaseHeld(size_t count);
  // The next `count` appends are accepted, then lost with a delivery failure.
  void FailAppends(size_t count);
  // The next `count` appends are stored twice, as a retried produce is.
  void DoubleAppends(size_t count);
  // Appends in flight at most; beyond it Append answers ResourceExhausted.
  void SetInFlightMax(size_t count);

  MemoryStore& store() { return *store_; }

 private:
  friend class MemorySource;
  absl::Status AppendLocked(Area area, std::string bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void StoreLocked(Area area, std::string bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ReleaseLocked(size_t count) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void BreakLocked(Area area) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::shared_ptr<MemoryStore> store_;
  Clock& clock_;
  // Taken before the lock of a lane of the store.
  mutable absl::Mutex mutex_;
  std::atomic<bool> reachable_{true};
  bool hold_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<std::pair<Area, std::string>> held_ ABSL_GUARDED_BY(mutex_);
  size_t fail_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t double_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t in_flight_max_ ABSL_GUARDED_BY(mutex_) = 100'000;
  std::vector<absl::Status> broken_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace pdp::log

#endif  // PDP_LIBS_LOG_MEMORY_LOG_H_
