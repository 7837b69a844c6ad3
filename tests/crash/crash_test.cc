// An acknowledged command is never lost (design, 8): kill -9 of a service under load, again and
// again, with an oracle outside of it. Embedded log; the machine stays up, so what the service has
// written to the kernel counts, and the log is fsynced besides.

#include "gtest/gtest.h"
#include "tests/crash/kill_loop.h"

namespace pdp::crash {
namespace {

TEST(CrashTest, AKilledServiceHasLostNothingItAcknowledgedAndDoneNothingTwice) {
  RunKillLoop({.kills = 100,
               .flags = {"--log", "embedded"},
               .load_min = absl::Milliseconds(3),
               .load_max = absl::Milliseconds(120)});
}

}  // namespace
}  // namespace pdp::crash
