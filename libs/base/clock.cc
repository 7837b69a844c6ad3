#include "libs/base/clock.h"

#include <chrono>

#include "absl/time/clock.h"

namespace pdp {
namespace {
class SystemClock final : public Clock {
 public:
  absl::Time Now() override { return absl::Now(); }
  absl::Duration Steady() override {
    return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
  }
};
}  // namespace

Clock& Clock::System() {
  static SystemClock* const clock = new SystemClock();
  return *clock;
}

}  // namespace pdp
