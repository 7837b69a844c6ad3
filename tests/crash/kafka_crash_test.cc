// The kill loop with the log on a real Kafka: what was on its way to the broker when the service
// died arrives late, and the next epoch says whether it counts.

#include "gtest/gtest.h"
#include "tests/crash/kill_loop.h"
#include "tests/kafka/broker.h"

namespace pdp::crash {
namespace {

TEST(KafkaCrashTest, AKilledServiceHasLostNothingItAcknowledgedAndDoneNothingTwice) {
  KafkaCluster broker(1);
  const std::string& brokers = broker.bootstrap();
  ASSERT_FALSE(brokers.empty());
  RunKillLoop({.kills = 20,
               // A restarted process has another port and waits out the lease of the one before:
               // a short one, or it would be killed before it serves.
               .flags = {"--log", "kafka", "--bootstrap-servers", brokers, "--lease-ms", "50"},
               .load_min = absl::Milliseconds(3),
               .load_max = absl::Milliseconds(250)});
}

}  // namespace
}  // namespace pdp::crash
