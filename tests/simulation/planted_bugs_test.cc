#include <cstdlib>
#include <iostream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/log.h"
#include "libs/base/planted.h"
#include "libs/sim/campaign.h"

// Every bug that was put in on purpose is found by the seeds that simulation_test plays.

namespace pdp::sim {
namespace {

constexpr uint64_t kSeeds = 2'000;

struct Bug {
  Planted bug;
  const char* name;
};

class PlantedBugsTest : public ::testing::TestWithParam<Bug> {
 protected:
  ~PlantedBugsTest() override { PlantedBug() = Planted::kNone; }
};

TEST_P(PlantedBugsTest, IsFound) {
  PlantedBug() = GetParam().bug;
  const CampaignReport report =
      Play({.seeds = kSeeds, .seeds_per_process = 10, .failures_max = 1});
  ASSERT_FALSE(report.failures.empty())
      << GetParam().name << " was found by none of " << kSeeds << " seeds";
  const CampaignReport::Failure& found = report.failures.front();
  std::cout << GetParam().name << ": found by seed " << found.seed << ": " << found.problem << "\n";
}

TEST(WithoutABugTest, TheCopiesOfTheLibrariesKeepEveryPromise) {
  EXPECT_THAT(Play({.seeds = 40}).failures, ::testing::IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    All, PlantedBugsTest,
    ::testing::Values(Bug{Planted::kSkipFence, "SkipFence"},
                      Bug{Planted::kAckBeforeReadBack, "AckBeforeReadBack"},
                      Bug{Planted::kAcceptGap, "AcceptGap"},
                      Bug{Planted::kForgetIdempotency, "ForgetIdempotency"},
                      Bug{Planted::kLoseInboxMark, "LoseInboxMark"},
                      Bug{Planted::kForgetRider, "ForgetRider"},
                      Bug{Planted::kUnsyncedLog, "UnsyncedLog"},
                      Bug{Planted::kUnsyncedKeys, "UnsyncedKeys"},
                      Bug{Planted::kAnyClaimIsOwn, "AnyClaimIsOwn"},
                      Bug{Planted::kTimerFiresTwice, "TimerFiresTwice"},
                      Bug{Planted::kStaleOverlay, "StaleOverlay"},
                      Bug{Planted::kApplyOutOfOrder, "ApplyOutOfOrder"},
                      Bug{Planted::kHalfCommit, "HalfCommit"},
                      Bug{Planted::kPositionAhead, "PositionAhead"},
                      Bug{Planted::kLoseAnswers, "LoseAnswers"},
                      Bug{Planted::kTimerArmedOnce, "TimerArmedOnce"},
                      Bug{Planted::kClearState, "ClearState"}),
    [](const auto& info) { return info.param.name; });

// Found by more than a thousand seeds or by more than the 2,000: for a machine with time to spare.
class RarePlantedBugsTest : public PlantedBugsTest {};

TEST_P(RarePlantedBugsTest, IsFoundByManySeeds) {
  if (std::getenv("PDP_SIM_RARE") == nullptr) GTEST_SKIP() << "set PDP_SIM_RARE to search for it";
  PlantedBug() = GetParam().bug;
  const CampaignReport report = Play({.seeds = 10 * kSeeds, .failures_max = 1});
  ASSERT_FALSE(report.failures.empty());
  std::cout << GetParam().name << ": found by seed " << report.failures.front().seed << ": "
            << report.failures.front().problem << "\n";
}

INSTANTIATE_TEST_SUITE_P(All, RarePlantedBugsTest,
                         ::testing::Values(Bug{Planted::kWallClockLease, "WallClockLease"},
                                           Bug{Planted::kServeAtOnce, "ServeAtOnce"},
                                           Bug{Planted::kStaleTimer, "StaleTimer"},
                                           Bug{Planted::kDropFailedEvent, "DropFailedEvent"}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace pdp::sim

int main(int argc, char** argv) {
  pdp::SetMinSeverity(static_cast<pdp::Severity>(3));
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
