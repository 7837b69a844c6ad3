#ifndef PDP_LIBS_RPC_METRICS_H_
#define PDP_LIBS_RPC_METRICS_H_

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "grpcpp/support/server_interceptor.h"
#include "libs/base/clock.h"

namespace pdp::rpc {

// Counts, latencies and calls in flight of every method, and gauges that others register; written
// in the Prometheus text format. Thread-safe. Nothing is kept over a restart.
class Metrics {
 public:
  // Upper bounds of the latency histogram, in seconds.
  static constexpr std::array<double, 12> kBounds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                     0.1,   0.25,   0.5,   1,    5,     30};

  void Started(absl::string_view method);
  void Finished(absl::string_view method, absl::string_view code, absl::Duration took);
  // A value read at every scrape: `text` is the metric with its labels, e.g. pdp_queue{area="N56"}.
  void AddGauge(std::string text, std::function<double()> read);
  void Count(absl::string_view text, uint64_t by = 1);

  std::string Prometheus() const;

 private:
  struct Method {
    std::map<std::string, uint64_t> by_code;
    std::array<uint64_t, kBounds.size() + 1> buckets{};
    double seconds_sum = 0;
    uint64_t count = 0;
    int64_t in_flight = 0;
  };
  mutable absl::Mutex mutex_;
  std::map<std::string, Method, std::less<>> methods_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, uint64_t, std::less<>> counters_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::pair<std::string, std::function<double()>>> gauges_ ABSL_GUARDED_BY(mutex_);
};

// Feeds the metrics from every call of a server. `metrics` and `clock` outlive the server.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> MakeMetricsInterceptor(
    Metrics& metrics, Clock& clock);

// Serves GET /metrics and GET /health on a thread of its own, loopback unless told otherwise.
class MetricsServer {
 public:
  // `port` 0 takes a free one. Unavailable when the port is taken.
  static absl::StatusOr<std::unique_ptr<MetricsServer>> Start(const Metrics& metrics,
                                                              const std::string& host, int port,
                                                              std::function<bool()> healthy);
  virtual ~MetricsServer() = default;
  virtual int port() const = 0;
};

}  // namespace pdp::rpc

#endif  // PDP_LIBS_RPC_METRICS_H_
