#ifndef PDP_TESTS_PERF_LOAD_H_
#define PDP_TESTS_PERF_LOAD_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "grpcpp/grpcpp.h"

// Closed-loop load over gRPC's callback API: `callers` calls are in flight at any moment, each
// answered call starts the next one. Knows bytes only, so echo and domain commands are measured by
// the same code.

namespace pdp::perf {

struct LoadOptions {
  std::string method;  // "/pdp.perf.v1.Echo/Echo"
  int callers = 1;
  // Calls are counted in this window, which starts after `warm_up`.
  absl::Duration window = absl::Seconds(3);
  absl::Duration warm_up = absl::Seconds(1);
  // Ends the window after so many calls have been started; 0: it lasts.
  uint64_t calls_max = 0;
  // A call that was refused because the service has too much to do is made again a little later.
  // Otherwise it counts as an error.
  bool ask_again = false;
  // The serialized request of the n-th call; called from many threads.
  std::function<std::string(uint64_t n)> request;
};

struct LoadResult {
  double calls_per_second = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  uint64_t errors = 0;
  std::string first_error;
};

// Blocks for warm_up + window, then waits for the calls in flight.
LoadResult RunLoad(const std::shared_ptr<grpc::Channel>& channel, const LoadOptions& options);

}  // namespace pdp::perf

#endif  // PDP_TESTS_PERF_LOAD_H_
