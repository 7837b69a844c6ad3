#include "services/gateway/workers.h"

#include <utility>

namespace pdp::gateway {

Workers::Workers(int threads, size_t queued_max) : queued_max_(queued_max) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Loop(); });
}

Workers::~Workers() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

bool Workers::Run(const std::string& tenant, std::function<void()> work) {
  absl::MutexLock lock(&mutex_);
  if (stopping_ || queued_ >= queued_max_) return false;
  auto& queue = queues_[tenant];
  if (queue.empty()) turns_.push_back(tenant);
  queue.push_back(std::move(work));
  ++queued_;
  return true;
}

void Workers::Loop() {
  while (true) {
    std::function<void()> work;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &Workers::HasWorkOrStops));
      if (turns_.empty()) return;
      const std::string tenant = std::move(turns_.front());
      turns_.pop_front();
      auto queue = queues_.find(tenant);
      work = std::move(queue->second.front());
      queue->second.pop_front();
      --queued_;
      if (queue->second.empty()) {
        queues_.erase(queue);
      } else {
        turns_.push_back(tenant);
      }
    }
    work();
  }
}

}  // namespace pdp::gateway
