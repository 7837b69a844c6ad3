#include "services/gateway/quota.h"

#include <algorithm>

namespace pdp::gateway {
namespace {

constexpr int64_t kMicro = 1'000'000;

// Tokens a second equal micro-tokens a microsecond: refilling is a multiplication.
struct Rate {
  int64_t per_second;
  int64_t burst;
};
Rate RateOf(absl::string_view rate_class) {
  return rate_class == "WRITE" ? Rate{10, 20} : Rate{50, 100};
}

}  // namespace

std::optional<absl::Duration> Quotas::Take(const std::string& tenant,
                                           absl::string_view rate_class) {
  const Rate rate = RateOf(rate_class);
  const absl::Time now = clock_.Now();
  absl::MutexLock lock(&mutex_);
  auto [it, fresh] = buckets_.try_emplace({tenant, std::string(rate_class)});
  Bucket& bucket = it->second;
  if (fresh) {
    bucket = {rate.burst * kMicro, now};
  } else if (now > bucket.at) {
    // Capped before the product, so that a long pause cannot overflow it.
    const int64_t pause_us =
        std::min(absl::ToInt64Microseconds(now - bucket.at), rate.burst * kMicro);
    bucket.micro_tokens =
        std::min(rate.burst * kMicro, bucket.micro_tokens + pause_us * rate.per_second);
    bucket.at = now;
  }
  if (bucket.micro_tokens >= kMicro) {
    bucket.micro_tokens -= kMicro;
    return std::nullopt;
  }
  const int64_t missing = kMicro - bucket.micro_tokens;
  const int64_t per_ms = rate.per_second * 1000;
  return absl::Milliseconds((missing + per_ms - 1) / per_ms);
}

bool Quotas::OpenWatch(const std::string& tenant) {
  absl::MutexLock lock(&mutex_);
  int& open = watches_[tenant];
  if (open >= kWatchesMax) return false;
  ++open;
  return true;
}

void Quotas::CloseWatch(const std::string& tenant) {
  absl::MutexLock lock(&mutex_);
  --watches_[tenant];
}

}  // namespace pdp::gateway
