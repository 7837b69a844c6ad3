// Hot standby: two replicas of a cell on one Kafka, with one key vault between them. The owner is
// killed under load; the other takes over; the killed one comes back as the new standby.

#include <algorithm>
#include <atomic>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "tests/crash/load.h"
#include "tests/crash/service.h"
#include "tests/kafka/broker.h"

namespace pdp::crash {
namespace {

using ::testing::IsEmpty;

constexpr int kTakeovers = 7, kCallers = 4;
constexpr absl::Duration kPatience = absl::Seconds(30);
// The aim of the platform for the median.
constexpr absl::Duration kWithoutServiceMax = absl::Seconds(3);

bool Await(const std::function<bool()>& condition) {
  for (const absl::Time end = absl::Now() + kPatience; absl::Now() < end;) {
    if (condition()) return true;
    absl::SleepFor(absl::Milliseconds(2));
  }
  return false;
}

// The standby has read up to where the owner is, or further.
bool Follows(const Service& standby, const Service& owner) {
  const auto ahead = owner.Cell(), behind = standby.Cell();
  return ahead.ok() && behind.ok() && behind->state() == "STANDBY" &&
         behind->position().seq() >= ahead->position().seq();
}

TEST(TakeoverTest, TheStandbyTakesOverWithinSecondsAndNothingAcknowledgedIsLost) {
  KafkaCluster broker(1);
  const std::string& brokers = broker.bootstrap();
  ASSERT_FALSE(brokers.empty());
  Folder folder;
  const std::vector<std::string> flags = {"--log",  "kafka", "--bootstrap-servers",
                                          brokers,  "--keys", folder.path() / "keys"};
  std::vector<std::string> standby_flags = flags;
  standby_flags.push_back("--standby");
  // Each data folder is used by the process that leads first, and by those that replace it.
  Service first(folder, "a", flags), again(folder, "a", standby_flags),
      second(folder, "b", standby_flags);
  Service* owner = &first;
  Service* standby = &second;
  ASSERT_OK(owner->Start());
  ASSERT_OK(standby->Start());

  Oracle oracle;
  Load load(oracle);
  std::atomic<Service*> target{owner};
  const auto where = [&] { return target.load()->channel(); };
  load.Start(where, kCallers);
  std::vector<double> seconds;
  for (int i = 1; i <= kTakeovers; ++i) {
    SCOPED_TRACE(absl::StrCat("takeover ", i));
    const uint64_t before = load.acknowledged();
    ASSERT_TRUE(Await([&] {
      return load.acknowledged() > before + 20 && Follows(*standby, *owner);
    })) << standby->Output();
    owner->Kill();
    const absl::Time killed = absl::Now();
    target = standby;
    // What the dead one has answered is on its way to the callers for a moment yet.
    absl::SleepFor(absl::Milliseconds(50));
    const uint64_t by_the_dead = load.acknowledged();
    ASSERT_TRUE(Await([&] { return load.acknowledged() > by_the_dead; })) << standby->Output();
    seconds.push_back(absl::ToDoubleSeconds(load.last_acknowledged() - killed));
    owner = standby;
    standby = owner == &second ? &again : &second;
    ASSERT_OK(standby->Start());
  }
  load.Stop();
  EXPECT_EQ(load.AskAgain(where, 1000), "");
  EXPECT_THAT(load.wrong(), IsEmpty());
  EXPECT_THAT(oracle.in_doubt(), IsEmpty());
  LogReader reader;
  ASSERT_OK(reader.ReadOn(*owner));
  EXPECT_THAT(oracle.Check(reader.records()), IsEmpty());

  // The same history on both, and the names of the people on either.
  ASSERT_TRUE(Await([&] {
    const auto a = owner->Cell(), b = standby->Cell();
    return a.ok() && b.ok() && a->hash_hex() == b->hash_hex();
  }));
  for (const Service* replica : {owner, standby}) {
    ASSERT_OK_AND_ASSIGN(const common::v1::VerifyLogReply verified, replica->Verify());
    EXPECT_TRUE(verified.intact()) << verified.finding();
    EXPECT_EQ(load.ReadNames(replica->channel(), 100), "");
  }
  std::sort(seconds.begin(), seconds.end());
  const double median = seconds[seconds.size() / 2];
  std::printf("%d takeovers, without service for %s s: median %.2f s; %zu commands acknowledged\n",
              kTakeovers, absl::StrJoin(seconds, ", ").c_str(), median,
              oracle.acknowledged().size());
  EXPECT_LT(median, absl::ToDoubleSeconds(kWithoutServiceMax));
}

}  // namespace
}  // namespace pdp::crash
