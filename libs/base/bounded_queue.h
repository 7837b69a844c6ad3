#ifndef PDP_LIBS_BASE_BOUNDED_QUEUE_H_
#define PDP_LIBS_BASE_BOUNDED_QUEUE_H_

#include <deque>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace pdp {

// A first-in first-out queue with a limit, many producers, one or more consumers. Thread-safe.
// Closing refuses further items; what is queued can still be taken.
template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(size_t items_max) : items_max_(items_max) {}

  // False, leaving `item` untouched, when the queue is full or closed. Never blocks.
  [[nodiscard]] bool TryPush(T&& item) {
    absl::MutexLock lock(&mutex_);
    if (closed_ || items_.size() >= items_max_) return false;
    items_.push_back(std::move(item));
    return true;
  }

  // Waits for room. False when the queue is or becomes closed.
  [[nodiscard]] bool Push(T&& item) {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(this, &BoundedQueue::HasRoomOrClosed));
    if (closed_) return false;
    items_.push_back(std::move(item));
    return true;
  }

  // Takes up to `count_max` items, waiting up to `timeout` for the first. Empty on time-out, or at
  // once when closed and drained.
  std::vector<T> PopUpTo(size_t count_max, absl::Duration timeout) {
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(this, &BoundedQueue::HasItemOrClosed), timeout);
    std::vector<T> taken;
    while (!items_.empty() && taken.size() < count_max) {
      taken.push_back(std::move(items_.front()));
      items_.pop_front();
    }
    return taken;
  }

  void Close() {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
  }
  bool closed() const {
    absl::MutexLock lock(&mutex_);
    return closed_;
  }
  size_t size() const {
    absl::MutexLock lock(&mutex_);
    return items_.size();
  }

 private:
  bool HasItemOrClosed() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return closed_ || !items_.empty();
  }
  bool HasRoomOrClosed() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return closed_ || items_.size() < items_max_;
  }

  const size_t items_max_;
  mutable absl::Mutex mutex_;
  std::deque<T> items_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace pdp

#endif  // PDP_LIBS_BASE_BOUNDED_QUEUE_H_
