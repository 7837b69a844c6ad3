#ifndef PDP_SERVICES_GATEWAY_QUOTA_H_
#define PDP_SERVICES_GATEWAY_QUOTA_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"

namespace pdp::gateway {

// Token buckets per (tenant, class) in integer micro-tokens (GW-14): READ 50/s burst 100, WRITE
// 10/s burst 20; and a count of open watches, 4 a tenant. Thread-safe.
class Quotas {
 public:
  static constexpr int kWatchesMax = 4;

  explicit Quotas(Clock& clock) : clock_(clock) {}

  // nullopt: admitted. Otherwise how long until one token is there, rounded up to a millisecond.
  std::optional<absl::Duration> Take(const std::string& tenant, absl::string_view rate_class);

  // False when the tenant has kWatchesMax open.
  bool OpenWatch(const std::string& tenant);
  void CloseWatch(const std::string& tenant);

 private:
  struct Bucket {
    int64_t micro_tokens = 0;
    absl::Time at;
  };
  Clock& clock_;
  absl::Mutex mutex_;
  std::map<std::pair<std::string, std::string>, Bucket> buckets_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int> watches_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace pdp::gateway

#endif  // PDP_SERVICES_GATEWAY_QUOTA_H_
