#include "tests/crash/kill_loop.h"

#include <cstdio>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "tests/crash/load.h"
#include "tests/crash/oracle.h"
#include "tests/crash/service.h"

namespace pdp::crash {
namespace {

using ::testing::IsEmpty;

constexpr int kCallers = 8;
// One kill in so many is followed by a start that is killed, too.
constexpr int kKilledStarts = 5;
constexpr absl::Duration kStartMax = absl::Milliseconds(200);
// The whole log is read again after so many kills; between them, what is new.
constexpr int kReadAgainEvery = 25;
constexpr uint64_t kAskedAgain = 3000, kPeopleRead = 200;

}  // namespace

void RunKillLoop(KillLoop loop) {
  const int kills_wanted =
      static_cast<int>(FromEnvironment("PDP_CRASH_KILLS", static_cast<uint64_t>(loop.kills)));
  const uint64_t seed = FromEnvironment("PDP_CRASH_SEED", std::random_device()());
  SCOPED_TRACE(absl::StrCat("PDP_CRASH_SEED=", seed));
  std::mt19937_64 random(seed);
  const auto draw = [&](absl::Duration min, absl::Duration max) {
    std::uniform_int_distribution<int64_t> us(absl::ToInt64Microseconds(min),
                                              absl::ToInt64Microseconds(max));
    return absl::Microseconds(us(random));
  };

  Folder folder;
  Service service(folder, "victim", loop.flags);
  Oracle oracle;
  Load load(oracle);
  LogReader reader;
  const absl::Time begin = absl::Now();
  int kills = 0, starts_killed = 0;
  ASSERT_OK(service.Start());
  while (kills < kills_wanted) {
    load.Start([&] { return service.channel(); }, kCallers);
    absl::SleepFor(draw(loop.load_min, loop.load_max));
    service.Kill();
    load.Stop();
    ++kills;
    if (kills < kills_wanted && draw(absl::ZeroDuration(), absl::Milliseconds(1)) <
                                    absl::Milliseconds(1) / kKilledStarts) {
      service.Launch();
      absl::SleepFor(draw(absl::ZeroDuration(), kStartMax));
      service.Kill();
      ++kills;
      ++starts_killed;
    }
    SCOPED_TRACE(absl::StrCat("after kill ", kills));
    ASSERT_OK(service.Start());
    ASSERT_OK(kills % kReadAgainEvery == 0 ? reader.ReadAgain(service) : reader.ReadOn(service));
    oracle.Resolve(reader.records());
    ASSERT_THAT(oracle.Check(reader.records()), IsEmpty());
    ASSERT_THAT(load.wrong(), IsEmpty());
  }
  const Oracle::Resolved doubts = oracle.resolved();
  const size_t acknowledged = oracle.acknowledged().size();
  EXPECT_GT(acknowledged, static_cast<size_t>(kills));
  EXPECT_GT(doubts.took_effect + doubts.did_not, 0u) << "no kill came in the middle of anything";

  // Whoever does not know asks again with the same id, and is told; whoever knows is told the same.
  EXPECT_EQ(load.AskAgain([&] { return service.channel(); }, kAskedAgain), "");
  EXPECT_THAT(oracle.in_doubt(), IsEmpty());
  EXPECT_OK(reader.ReadAgain(service));
  EXPECT_THAT(oracle.Check(reader.records()), IsEmpty());
  EXPECT_THAT(load.wrong(), IsEmpty());
  EXPECT_EQ(load.ReadNames(service.channel(), kPeopleRead), "");
  ASSERT_OK_AND_ASSIGN(const common::v1::VerifyLogReply verified, service.Verify());
  EXPECT_TRUE(verified.intact()) << verified.finding();
  EXPECT_EQ(service.Stop(), 0) << service.Output();
  std::printf(
      "%d kills (%d of them while it started), %zu commands acknowledged, %zu in doubt: %zu had "
      "taken effect, %zu had not; seed %llu, %.1f s\n",
      kills, starts_killed, acknowledged, doubts.took_effect + doubts.did_not, doubts.took_effect,
      doubts.did_not, static_cast<unsigned long long>(seed),
      absl::ToDoubleSeconds(absl::Now() - begin));
}

}  // namespace pdp::crash
