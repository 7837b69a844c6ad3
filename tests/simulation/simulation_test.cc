#include <cstdlib>
#include <iostream>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/log.h"
#include "libs/sim/campaign.h"
#include "libs/sim/simulation.h"
#include "tests/simulation/service_play.h"

namespace pdp::sim {
namespace {

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  uint64_t number = otherwise;
  if (text != nullptr && !absl::SimpleAtoi(text, &number)) ADD_FAILURE() << name << "=" << text;
  return number;
}

// Rare branches that the seeds must have been through, or they prove little.
constexpr const char* kMarks[] = {
    "a_draw_came_later",
    "answer_rides_on_a_barrier",
    "answer_rides_on_a_commit",
    "answered_from_a_stored_row",
    "append_refused_for_a_round",
    "asked_another_process_of_its_own_service",
    "claim_aborted",
    "claim_undecided_in_time",
    "client_followed_the_owner",
    "client_heard_nothing",
    "commits_in_flight_not_read_back",
    "crash_in_a_step",
    "died_of_a_log_that_cannot_be_written",
    "dropped_duplicate",
    "dropped_gap",
    "dropped_stale_epoch",
    "epoch_lost_with_commits_in_flight",
    "expired_in_the_queue",
    "feed_repeated",
    "flight_given_up_in_own_new_epoch",
    "joined_in_flight",
    "key_destroyed_before_the_record",
    "keys_not_synced",
    "peer_answer_lost_after_its_effect",
    "peer_asked_again_after_its_effect",
    "peer_refused",
    "peer_unreachable",
    "process_destroyed_keys",
    "process_dropped_a_repeat",
    "process_followed_the_owner",
    "process_parked_an_event",
    "process_waited_for_its_views",
    "queue_full",
    "referral_answers_from_a_replica_that_lags",
    "state_evicted",
    "state_written_without_its_person",
    "stopped_by_its_disk",
    "stopped_truncated",
    "timer_fired",
    "timer_fired_after_a_failover",
    "timer_waits_for_a_commit_in_flight",
    "views_fell_back",
    "views_stayed_behind",
    "waited_for_the_lease_before",
    "waiter_expired",
    "written_and_never_heard_of",
};

TEST(SimulationTest, EverySeedKeepsEveryPromise) {
  const uint64_t count = FromEnvironment("PDP_SIM_SEEDS", 2'000);
  const CampaignReport report =
      RunCampaign({.repertoire = Everything(), .from = FromEnvironment("PDP_SIM_FROM", 1),
            .seeds = count, .failures_max = 5});
  std::cout << report.Summary();
  bool explained = false;
  for (const CampaignReport::Failure& failure : report.failures) {
    std::string story;
    if (!explained && !failure.aborted) {
      story = absl::StrCat("\n", Shrink(Everything(), failure.seed, 60));
    }
    explained = explained || !story.empty();
    ADD_FAILURE() << "seed " << failure.seed << ": " << failure.problem << story;
  }
  if (!report.failures.empty()) return;
  EXPECT_EQ(report.seeds, count);
  EXPECT_GT(report.counts.crashes, 0u);
  EXPECT_GT(report.counts.failovers, 0u);
  if (count < 2'000) return;
  for (const char* mark : kMarks) {
    const auto hit = report.marks.find(mark);
    EXPECT_TRUE(hit != report.marks.end() && hit->second > 0) << mark << " was never reached";
  }
  for (const ServicePlay* play : ServicePlays()) {
    const auto& tally = report.plays.at(play->name());
    EXPECT_GT(tally.at("accepted"), tally.at("seeds") * 10) << play->name();
    for (const std::string& event : play->main_events()) {
      EXPECT_TRUE(tally.contains("event " + event)) << play->name() << " had no " << event;
    }
    for (const std::string& deed : play->main_deeds()) {
      EXPECT_TRUE(tally.contains(deed)) << play->name() << " had no " << deed;
    }
  }
}

TEST(SimulationTest, EveryScriptedCommandOfAStoryIsOneThatTheServiceAccepts) {
  for (const ServicePlay* play : ServicePlays()) {
    for (uint64_t seed = 1; seed <= 12; ++seed) {
      EXPECT_THAT(play->RefusedInDraft(seed), ::testing::IsEmpty()) << play->name() << " " << seed;
    }
  }
}

TEST(SimulationTest, OneSeedPlayedTwiceLeavesTheSameTraceByteForByte) {
  for (const Repertoire::Item& item : Everything().items) {
    const Repertoire one{.items = {item}};
    for (uint64_t seed = 1; seed <= 5; ++seed) {
      const Report first = Simulate(one, seed, /*keep_trace=*/true);
      const Report second = Simulate(one, seed, /*keep_trace=*/true);
      EXPECT_FALSE(first.trace.empty());
      EXPECT_EQ(first.trace, second.trace) << item.play->name() << " seed " << seed;
    }
  }
}

TEST(SimulationTest, TwoSeedsAreTwoStories) {
  EXPECT_NE(Simulate(Everything(), 1).trace_hash, Simulate(Everything(), 2).trace_hash);
}

}  // namespace
}  // namespace pdp::sim

int main(int argc, char** argv) {
  pdp::SetMinSeverity(static_cast<pdp::Severity>(3));
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
