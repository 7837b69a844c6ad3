#ifndef PDP_LIBS_HOST_QUERY_POOL_H_
#define PDP_LIBS_HOST_QUERY_POOL_H_

#include <functional>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "libs/base/bounded_queue.h"

namespace pdp::host {

// A few threads that read views, so that no gRPC callback thread touches the disk. Thread-safe.
class QueryPool {
 public:
  QueryPool(size_t threads, size_t waiting_max) : work_(waiting_max) {
    for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { Run(); });
  }
  // What was taken in is still done.
  ~QueryPool() {
    work_.Close();
    for (std::thread& thread : threads_) thread.join();
  }

  absl::Status Run(std::function<void()> work) {
    if (work_.TryPush(std::move(work))) return absl::OkStatus();
    return absl::ResourceExhaustedError("too many queries are waiting");
  }

 private:
  void Run() {
    while (true) {
      const std::vector<std::function<void()>> taken = work_.PopUpTo(1, absl::InfiniteDuration());
      if (taken.empty()) return;
      taken.front()();
    }
  }

  BoundedQueue<std::function<void()>> work_;
  std::vector<std::thread> threads_;
};

}  // namespace pdp::host

#endif  // PDP_LIBS_HOST_QUERY_POOL_H_
