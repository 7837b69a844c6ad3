#include <iostream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/log.h"
#include "libs/base/planted.h"
#include "libs/sim/campaign.h"
#include "tests/simulation/service_play.h"

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
      RunCampaign({.repertoire = {{{&BankPlay()}}}, .seeds = kSeeds, .seeds_per_process = 10,
                   .failures_max = 1});
  ASSERT_FALSE(report.failures.empty())
      << GetParam().name << " was found by none of " << kSeeds << " seeds";
  const CampaignReport::Failure& found = report.failures.front();
  std::cout << GetParam().name << ": found by seed " << found.seed << ": " << found.problem << "\n";
}

TEST(WithoutABugTest, TheCopiesOfTheLibrariesKeepEveryPromise) {
  EXPECT_THAT(RunCampaign({.repertoire = Everything(), .seeds = 60}).failures,
              ::testing::IsEmpty());
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
                      Bug{Planted::kClearState, "ClearState"},
                      Bug{Planted::kWallClockLease, "WallClockLease"},
                      Bug{Planted::kServeAtOnce, "ServeAtOnce"},
                      Bug{Planted::kStaleTimer, "StaleTimer"},
                      Bug{Planted::kDropFailedEvent, "DropFailedEvent"}),
    [](const auto& info) { return info.param.name; });

// The judge of the services knows no model: what it sees of the same bugs.
class PlantedBugsInServicesTest : public PlantedBugsTest {};

TEST_P(PlantedBugsInServicesTest, IsFound) {
  PlantedBug() = GetParam().bug;
  Repertoire services;
  for (const ServicePlay* play : ServicePlays()) services.items.push_back({play});
  const CampaignReport report = RunCampaign(
      {.repertoire = services, .seeds = kSeeds, .seeds_per_process = 10, .failures_max = 1});
  ASSERT_FALSE(report.failures.empty())
      << GetParam().name << " was found by none of " << kSeeds << " seeds";
  const CampaignReport::Failure& found = report.failures.front();
  std::cout << GetParam().name << ": found by seed " << found.seed << ": " << found.problem << "\n";
}

INSTANTIATE_TEST_SUITE_P(
    All, PlantedBugsInServicesTest,
    ::testing::Values(Bug{Planted::kForgetIdempotency, "ForgetIdempotency"},
                      Bug{Planted::kLoseInboxMark, "LoseInboxMark"},
                      Bug{Planted::kTimerFiresTwice, "TimerFiresTwice"},
                      Bug{Planted::kStaleOverlay, "StaleOverlay"},
                      Bug{Planted::kApplyOutOfOrder, "ApplyOutOfOrder"},
                      Bug{Planted::kHalfCommit, "HalfCommit"},
                      Bug{Planted::kClearState, "ClearState"},
                      Bug{Planted::kFreshIdEachTry, "FreshIdEachTry"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace pdp::sim

int main(int argc, char** argv) {
  pdp::SetMinSeverity(static_cast<pdp::Severity>(3));
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
