#ifndef PDP_SERVICES_GATEWAY_WORKERS_H_
#define PDP_SERVICES_GATEWAY_WORKERS_H_

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace pdp::gateway {

// The threads that calls wait for services on. Round robin by tenant (GW-14): with n tenants
// waiting, a tenant's next call waits for at most n - 1 calls of others, however many those have
// queued. Thread-safe. Destruction runs what is queued.
class Workers {
 public:
  Workers(int threads, size_t queued_max);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // False when `queued_max` calls wait already.
  [[nodiscard]] bool Run(const std::string& tenant, std::function<void()> work);

 private:
  void Loop();
  bool HasWorkOrStops() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !turns_.empty();
  }

  const size_t queued_max_;
  absl::Mutex mutex_;
  std::map<std::string, std::deque<std::function<void()>>> queues_ ABSL_GUARDED_BY(mutex_);
  // Tenants with something queued, each once, in the order of their turns.
  std::deque<std::string> turns_ ABSL_GUARDED_BY(mutex_);
  size_t queued_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace pdp::gateway

#endif  // PDP_SERVICES_GATEWAY_WORKERS_H_
