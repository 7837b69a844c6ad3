// Pools, eligibility, settlement, overrides and seeds by command: SUB-40 to 53.

#include "absl/strings/escaping.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/subcontractor/domain/story.h"

namespace pdp::subcontractor {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

std::string Seed32(char fill) { return std::string(32, fill); }

v1::Command CommitSeed(const std::string& date, const std::string& seed) {
  v1::Command command;
  command.mutable_commit_seed()->set_service("TSP");
  command.mutable_commit_seed()->set_date(date);
  command.mutable_commit_seed()->set_seed(seed);
  return command;
}

class PoolTest : public ::testing::Test {
 protected:
  void Open(const Story::PoolOptions& options = {}) {
    ASSERT_TRUE(story.OpenPool(options).accepted());
  }
  Story::Result Capacity(const std::string& org, const std::string& from, int max_open,
                         int max_new_week) {
    story.Org(org, "DELIVERY");
    const auto result = story.world.When(Parse(
        absl::StrCat("declare_capacity { service: 'TSP' org: '", org, "' from: '", from,
                     "' max_open: ", max_open, " max_new_week: ", max_new_week, " }")));
    story.System();
    return result;
  }
  // Codes that an organisation failed in the allocation of R001/1.
  std::vector<std::string> Codes(const std::string& org, const std::string& id = "R001/1") {
    for (const auto& row : Allocation(id).exclusions()) {
      if (row.org() == org) return {row.codes().begin(), row.codes().end()};
    }
    return {};
  }
  const v1::Allocation& Allocation(const std::string& id) {
    return story.world.Find(AllocationId(id))->allocation().allocation();
  }
  Story::Result Override(const std::string& org, const std::string& more = "", int round = 1) {
    story.System();
    return story.world.When(Parse(absl::StrCat(
        "record_override { referral_id: 'R001' round: ", round, " org: '", org,
        "' service: 'TSP' pdu: 'N56ESSEX' stratum: 'LOW' instrument: 'DIFF-1' code: 'LANGUAGE' ",
        more, " }")));
  }
  Story story;
};

TEST_F(PoolTest, SharesMustSumToAMillionAndBeSignedByAll) {
  EXPECT_EQ(story.OpenPool({.shares = {{"P01", 500000}, {"S01", 499999}}}).reason(),
            "SHARES_NOT_UNITY");
  Open();
  story.Authority();
  EXPECT_EQ(story.world
                .When(Parse("agree_shares { service: 'TSP' effective_from: '2025-09-01' "
                            "shares { org: 'P01' share_ppm: 1000000 } signed_by: ['P01', 'S01'] }"))
                .reason(),
            "NOT_ALL_SIGNED");
}

TEST_F(PoolTest, AnotherOrganisationMayNotOpenOrChangeThePool) {
  Open();
  story.Org("S01", "ADMIN");
  EXPECT_EQ(story.world.When(Parse("set_pool_mode { service: 'TSP' mode: BALANCED }")).reason(),
            "NOT_AUTHORISED");
}

TEST_F(PoolTest, OnlyThePlatformApportions) {
  Open();
  story.Authority();
  EXPECT_EQ(story.world.When(Parse("apportion { referral_id: 'R001' round: 1 }")).reason(),
            "NOT_AUTHORISED");
}

TEST_F(PoolTest, ARepeatedRoundReturnsTheFirstAnswerWithoutEvent) {
  Open();
  const auto first = story.Apportion("R001", 1);
  const auto again = story.Apportion("R001", 1, "excluded_orgs: 'P01'");
  ASSERT_TRUE(again.accepted());
  EXPECT_TRUE(again.events.empty());
  EXPECT_EQ(again.reply().apportion().org(), first.reply().apportion().org());
}

TEST_F(PoolTest, TheDifficultyOfTheFirstRoundIsFrozen) {
  Open();
  ASSERT_TRUE(story.Apportion("R001", 1).accepted());
  ASSERT_TRUE(story.Settle("R001/1", "outcome: RESCINDED").accepted());
  EXPECT_EQ(story.Apportion("R001", 2, "", "HIGH").reason(), "DIFFICULTY_FROZEN");
  EXPECT_TRUE(story.Apportion("R001", 2).accepted());
}

TEST_F(PoolTest, ARoundWaitsForTheSettlementOfTheOneBefore) {
  Open();
  ASSERT_TRUE(story.Apportion("R001", 1).accepted());
  EXPECT_EQ(story.Apportion("R001", 2).reason(), "ROUND_OPEN");
  ASSERT_TRUE(story.Settle("R001/1", "outcome: ACCEPTED").accepted());
  EXPECT_EQ(story.Apportion("R001", 2).reason(), "ROUND_OPEN");
  ASSERT_TRUE(story.Settle("R001/1", "outcome: RETURNED code: 'STAFF_LOSS'").accepted());
  EXPECT_TRUE(story.Apportion("R001", 2).accepted());
}

TEST_F(PoolTest, NoPoolIsAFailureWithItsCode) {
  const auto result = story.Apportion("R001", 1);
  ASSERT_TRUE(result.accepted());
  EXPECT_EQ(result.reply().apportion().status(), v1::APPORTION_FAILED);
  EXPECT_EQ(result.events[0].event.apportionment_failed().code(), "NO_POOL");
}

TEST_F(PoolTest, EveryFailedTestIsRecordedPerProvider) {
  Open({.member = "geography: 'N56NORFOLK' capabilities: 'FEMALE_FACILITATOR'"});
  story.System();
  ASSERT_TRUE(story.world.When(Parse("suspend_member { service: 'TSP' org: 'S01' cause: 'X' }"))
                  .accepted());
  ASSERT_TRUE(Capacity("S02", "2025-09-01", 0, 0).accepted());
  const auto result = story.Apportion(
      "R001", 1, "tokens: 'INTERPRETER:pl' tokens: 'WRITTEN:en:EASY_READ' tokens: "
                 "'FEMALE_FACILITATOR' excluded_orgs: 'S01'");
  ASSERT_TRUE(result.accepted());
  EXPECT_EQ(result.reply().apportion().status(), v1::APPORTION_FAILED);
  EXPECT_THAT(Codes("P01"), ElementsAre("E_GEOGRAPHY", "E_TOKEN{INTERPRETER:pl}"));
  EXPECT_THAT(Codes("S01"), ElementsAre("E_GEOGRAPHY", "E_TOKEN{INTERPRETER:pl}", "E_SUSPENDED",
                                        "E_EXCLUDED"));
  EXPECT_THAT(Codes("S02"),
              ElementsAre("E_GEOGRAPHY", "E_TOKEN{INTERPRETER:pl}", "E_CAPACITY"));
}

TEST_F(PoolTest, InactiveZeroShareAndForeignServiceAreNotEligible) {
  Open({.shares = {{"P01", 1'000'000}, {"S01", 0}}});
  story.System();
  ASSERT_TRUE(story.world
                  .When(Parse("join_pool { service: 'TSP' member { org: 'S02' services: 'BBR' "
                              "geography: 'N56ESSEX' from: '2026-01-01' } }"))
                  .accepted());
  ASSERT_TRUE(story.Apportion("R001", 1).accepted());
  EXPECT_THAT(Codes("S01"), ElementsAre("E_ZERO_SHARE"));
  EXPECT_THAT(Codes("S02"), ElementsAre("E_INACTIVE", "E_ZERO_SHARE", "E_SERVICE"));
}

TEST_F(PoolTest, AnyOfTheThreeMakesAWomenSafeProvision) {
  Open({.member = "geography: 'N56ESSEX' capabilities: 'ONE_TO_ONE'"});
  EXPECT_EQ(story.Draw("tokens: 'WOMEN_SAFE_ANY'"), "P01");
  EXPECT_EQ(story.Draw("tokens: 'WOMEN_ONLY_GROUP'"), "");
}

TEST_F(PoolTest, ADeclaredConflictKeepsTheProviderOutOfLaterRounds) {
  Open();
  ASSERT_TRUE(story.Apportion("R001", 1).accepted());
  ASSERT_TRUE(
      story.Settle("R001/1", "outcome: DECLINED code: 'CONFLICT_OF_INTEREST'").accepted());
  ASSERT_TRUE(story.Apportion("R001", 2).accepted());
  EXPECT_THAT(Codes("P01", "R001/2"), ElementsAre("E_CONFLICT"));
}

TEST_F(PoolTest, AFullProviderGainsNoDeficit) {
  Open();
  ASSERT_TRUE(Capacity("P01", "2025-09-01", 1, 10).accepted());
  EXPECT_EQ(story.Draw(), "P01");
  EXPECT_EQ(story.Draw(), "S01");
  EXPECT_THAT(Codes("P01", "R002/1"), ElementsAre("E_CAPACITY"));
  EXPECT_EQ(story.Deficit("P01"), -500'000'000);
  // The delivery ends: a place is free again.
  ASSERT_TRUE(story.Settle("R001/1", "outcome: ACCEPTED").accepted());
  EXPECT_NE(story.Draw(), "P01");
  ASSERT_TRUE(story.world
                  .When(Parse("record_delivery_end { referral_id: 'R001' on: '2025-09-01' }"))
                  .accepted());
  EXPECT_EQ(Allocation("R001/1").open(), false);
  EXPECT_THAT(FindMember(story.pool(), "P01")->open_count(), 0);
}

TEST_F(PoolTest, DrawsOfTheIsoWeekAreCounted) {
  Open({.shares = {{"P01", 999'998}, {"S01", 1}, {"S02", 1}}});
  ASSERT_TRUE(Capacity("P01", "2025-09-01", 100, 1).accepted());
  EXPECT_EQ(story.Draw(), "P01");
  EXPECT_NE(story.Draw(), "P01");
  story.world.At("2025-09-08T08:00:00Z");  // the next Monday
  EXPECT_EQ(story.Draw(), "P01");
}

TEST_F(PoolTest, ADecreaseOfCapacityNeedsTheNextWorkingDay) {
  Open();
  ASSERT_TRUE(Capacity("S01", "2025-09-01", 10, 10).accepted());
  EXPECT_EQ(Capacity("S01", "2025-09-01", 9, 10).reason(), "CAPACITY_NOTICE_TOO_SHORT");
  EXPECT_TRUE(Capacity("S01", "2025-09-02", 9, 10).accepted());
  EXPECT_TRUE(Capacity("S01", "2025-09-01", 11, 10).accepted());
  story.Org("S02", "DELIVERY");
  EXPECT_EQ(story.world
                .When(Parse("declare_capacity { service: 'TSP' org: 'S01' from: '2025-09-05' }"))
                .reason(),
            "NOT_AUTHORISED");
}

TEST_F(PoolTest, ThePrimeIsTheLastResortWhenItFailsOnlyWaivableCodes) {
  Open();
  ASSERT_TRUE(Capacity("P01", "2025-09-01", 0, 0).accepted());
  const auto result = story.Apportion("R001", 1, "excluded_orgs: 'S01' excluded_orgs: 'S02'");
  EXPECT_EQ(result.reply().apportion().org(), "P01");
  EXPECT_TRUE(result.reply().apportion().last_resort());
  EXPECT_EQ(story.Deficit("P01", "LOW:P01"), 0);
  const auto failed = story.Apportion(
      "R002", 1, "excluded_orgs: 'P01' excluded_orgs: 'S01' excluded_orgs: 'S02'");
  EXPECT_EQ(failed.reply().apportion().status(), v1::APPORTION_FAILED);
  EXPECT_EQ(failed.events[1].event.apportionment_failed().code(), "NO_ELIGIBLE_PROVIDER");
}

// ---- settlement

struct SettleCase {
  const char* settle;
  v1::SettleEffect effect;
  bool excused;
};
class SettleTest : public PoolTest, public ::testing::WithParamInterface<SettleCase> {};

TEST_P(SettleTest, FollowsTheMatrixForADrawnRound) {
  Open();
  ASSERT_TRUE(story.Apportion("R001", 1, "tokens: 'MATURITY_SUPPORT'").accepted());
  const auto result = story.Settle("R001/1", GetParam().settle);
  ASSERT_TRUE(result.accepted()) << result.reason();
  EXPECT_EQ(result.reply().settle().effect(), GetParam().effect);
  EXPECT_EQ(result.reply().settle().excused(), GetParam().excused);
  const bool refunded = GetParam().effect == v1::EFFECT_REFUNDED;
  EXPECT_EQ(story.Deficit("P01"), refunded ? 0 : -500'000'000);
  const int open = GetParam().effect == v1::EFFECT_CONFIRMED ? 1 : 0;
  EXPECT_EQ(FindMember(story.pool(), "P01")->open_count(), open);
  // The same outcome again is success without effect.
  const auto again = story.Settle("R001/1", GetParam().settle);
  ASSERT_TRUE(again.accepted());
  EXPECT_TRUE(again.events.empty());
  EXPECT_EQ(again.reply().settle().effect(), v1::EFFECT_NONE);
}

INSTANTIATE_TEST_SUITE_P(
    Sub47And48, SettleTest,
    ::testing::Values(
        SettleCase{"outcome: ACCEPTED", v1::EFFECT_CONFIRMED, false},
        SettleCase{"outcome: DECLINED code: 'CONFLICT_OF_INTEREST'", v1::EFFECT_REFUNDED, true},
        SettleCase{"outcome: DECLINED code: 'UNSAFE'", v1::EFFECT_REFUNDED, true},
        SettleCase{"outcome: DECLINED code: 'NO_CAPACITY_PUBLISHED'", v1::EFFECT_CONSUMED, false},
        // MATURITY_SUPPORT is soft, and outside what P01 agreed to.
        SettleCase{"outcome: DECLINED code: 'NEED_CANNOT_BE_MET'", v1::EFFECT_REFUNDED, true},
        SettleCase{"outcome: DECLINED code: 'OUT_OF_SCOPE'", v1::EFFECT_CONSUMED, false},
        SettleCase{"outcome: DECLINED code: 'TOO_COMPLEX'", v1::EFFECT_CONSUMED, false},
        SettleCase{"outcome: DECLINED code: 'DISTANCE'", v1::EFFECT_CONSUMED, false},
        SettleCase{"outcome: DECLINED code: 'STAFFING'", v1::EFFECT_CONSUMED, false},
        SettleCase{"outcome: DECLINED code: 'OTHER'", v1::EFFECT_CONSUMED, false},
        SettleCase{"outcome: EXPIRED", v1::EFFECT_CONSUMED, false},
        SettleCase{"outcome: EXPIRED platform_fault: true", v1::EFFECT_REFUNDED, true},
        SettleCase{"outcome: RESCINDED", v1::EFFECT_REFUNDED, false},
        SettleCase{"outcome: DIRECTED", v1::EFFECT_REFUNDED, false},
        SettleCase{"outcome: WITHDRAWN_BEFORE_START", v1::EFFECT_REFUNDED, false},
        SettleCase{"outcome: TRANSFERRED", v1::EFFECT_REFUNDED, false},
        SettleCase{"outcome: TRANSFERRED started: true", v1::EFFECT_CONSUMED, false},
        SettleCase{"outcome: RETURNED code: 'PERSON_MOVED'", v1::EFFECT_REFUNDED, true},
        SettleCase{"outcome: RETURNED code: 'UNSAFE'", v1::EFFECT_REFUNDED, true},
        SettleCase{"outcome: RETURNED code: 'CONFLICT_FOUND'", v1::EFFECT_REFUNDED, true},
        SettleCase{"outcome: RETURNED code: 'NEED_CHANGED'", v1::EFFECT_REFUNDED, true},
        SettleCase{"outcome: RETURNED code: 'WRONG_ROUTE'", v1::EFFECT_REFUNDED, true},
        SettleCase{"outcome: RETURNED code: 'WRONG_ROUTE' started: true", v1::EFFECT_CONSUMED,
                   false},
        SettleCase{"outcome: RETURNED code: 'STAFF_LOSS'", v1::EFFECT_CONSUMED, false},
        SettleCase{"outcome: RETURNED code: 'CONTRACT_ENDED'", v1::EFFECT_CONSUMED, false},
        SettleCase{"outcome: RETURNED code: 'OTHER'", v1::EFFECT_CONSUMED, false}));

TEST_F(PoolTest, ZeroCapacityDeclaredBeforeTheDrawExcusesTheDecline) {
  Open();
  ASSERT_TRUE(Capacity("P01", "2025-09-02", 0, 0).accepted());  // from tomorrow on
  story.world.At("2025-09-01T10:00:00Z");
  EXPECT_EQ(story.Draw(), "P01");
  story.world.At("2025-09-02T10:00:00Z");
  const auto declined =
      story.Settle("R001/1", "outcome: DECLINED code: 'NO_CAPACITY_PUBLISHED'");
  EXPECT_EQ(declined.reply().settle().effect(), v1::EFFECT_REFUNDED);
}

TEST_F(PoolTest, AHeldRoundCannotBeDeclinedAndASettledOneNotSettledOtherwise) {
  Open();
  ASSERT_TRUE(story.Apportion("R001", 1).accepted());
  EXPECT_EQ(story.Settle("R009/1", "outcome: ACCEPTED").reason(), "NOT_FOUND");
  ASSERT_TRUE(story.Settle("R001/1", "outcome: ACCEPTED").accepted());
  EXPECT_EQ(story.Settle("R001/1", "outcome: EXPIRED").reason(), "STATE_FORBIDS_COMMAND");
  EXPECT_EQ(story.Settle("R001/1", "outcome: DIRECTED").reply().settle().effect(),
            v1::EFFECT_NONE);
  ASSERT_TRUE(story.Settle("R001/1", "outcome: RETURNED code: 'OTHER'").accepted());
  EXPECT_EQ(story.Settle("R001/1", "outcome: ACCEPTED").reason(), "NOT_DRAWN");
  EXPECT_TRUE(story.Settle("R001/1", "outcome: DIRECTED").accepted());
}

// ---- batches and seeds

TEST_F(PoolTest, AQueuedRoundLeavesTheBatchUndrawn) {
  Open({.batch_minutes = 60});
  ASSERT_TRUE(story.world.When(CommitSeed("2025-09-01", Seed32('a'))).accepted());
  ASSERT_TRUE(story.Apportion("R001", 1).accepted());
  ASSERT_TRUE(story.Apportion("R002", 1).accepted());
  EXPECT_EQ(story.Settle("R001/1", "outcome: ACCEPTED").reason(), "NOT_DRAWN");
  const auto left = story.Settle("R001/1", "outcome: WITHDRAWN_BEFORE_START");
  EXPECT_EQ(left.reply().settle().effect(), v1::EFFECT_REFUNDED);
  EXPECT_TRUE(left.events[0].event.allocation_refunded().reversal().empty());
  ASSERT_TRUE(story.world.When(Parse("draw_batch { service: 'TSP' }")).accepted());
  EXPECT_EQ(story.pool().draws(), 1u);
  EXPECT_EQ(Allocation("R002/1").state(), v1::DRAWN);
}

TEST_F(PoolTest, WithoutTheDaysSeedReferralsWaitAndNoneIsLost) {
  Open({.tie = "TIE_HMAC"});
  EXPECT_EQ(story.Apportion("R001", 1).reply().apportion().status(), v1::QUEUED);
  EXPECT_TRUE(story.world.When(Parse("draw_batch { service: 'TSP' }")).events.empty());
  ASSERT_TRUE(story.world.When(CommitSeed("2025-09-01", Seed32('a'))).accepted());
  ASSERT_TRUE(story.world.When(Parse("draw_batch { service: 'TSP' }")).accepted());
  EXPECT_EQ(Allocation("R001/1").state(), v1::DRAWN);
  EXPECT_EQ(story.Apportion("R002", 1).reply().apportion().status(), v1::APPORTIONED);
}

TEST_F(PoolTest, ASeedIsCommittedOnceADayAndRevealedTheDayAfter) {
  Open({.tie = "TIE_HMAC"});
  ASSERT_TRUE(story.world.When(CommitSeed("2025-09-01", Seed32('a'))).accepted());
  EXPECT_EQ(story.world.When(CommitSeed("2025-09-01", Seed32('b'))).reason(),
            "STATE_FORBIDS_COMMAND");
  const v1::Command reveal = Parse("reveal_seed { service: 'TSP' date: '2025-09-01' }");
  EXPECT_EQ(story.world.When(reveal).reason(), "STATE_FORBIDS_COMMAND");
  story.world.At("2025-09-01T23:30:00Z");  // 00:30 of the 2nd in London
  v1::Command wrong = reveal;
  wrong.mutable_reveal_seed()->set_seed(Seed32('b'));
  EXPECT_EQ(story.world.When(wrong).reason(), "SEED_MISMATCH");
  const auto revealed = story.world.When(reveal);
  ASSERT_TRUE(revealed.accepted());
  EXPECT_EQ(revealed.events[0].event.seed_revealed().seed_hex(),
            absl::BytesToHexString(Seed32('a')));
}

TEST_F(PoolTest, TheSeedIsTheOnlySealedFieldAndItsSubjectIsTheArea) {
  EXPECT_EQ(Subcontractor::SubjectOf(SeedId(*Area::FromCode("N56"), "TSP", "2025-09-01")),
            "seed/N56");
  EXPECT_EQ(Subcontractor::SubjectOf(PoolId(*Area::FromCode("N56"), "TSP")), "");
  const auto* seed = v1::SeedCommitted::descriptor()->FindFieldByName("seed");
  EXPECT_TRUE(seed->options().GetExtension(common::v1::personal));
}

TEST_F(PoolTest, TheFirstArrivalSetsTheTimerOfTheNextBatch) {
  Open({.batch_minutes = 60});
  story.world.At("2025-09-01T09:10:00Z");
  const auto queued = story.Apportion("R001", 1);
  const auto timers = Subcontractor::Timers(
      queued.events[0].aggregate, *story.world.Find(queued.events[0].aggregate),
      queued.events[0].event, EventFacts{.recorded_at = story.world.now()});
  ASSERT_EQ(timers.size(), 1u);
  EXPECT_EQ(absl::FormatTime("%H:%M", *timers[0].due_at, absl::UTCTimeZone()), "10:00");
  EXPECT_EQ(timers[0].command.draw_batch().service(), "TSP");
}

// ---- overrides, leavers, alerts

TEST_F(PoolTest, AnOverrideRefundsTheLiveDrawAndKeepsWhyAndWhatFailed) {
  Open({.member = "geography: 'N56ESSEX'"});
  ASSERT_TRUE(story.Apportion("R001", 1).accepted());
  const auto result = Override("S02", "tokens: 'STEP_FREE' directed_by: 'am-1'", 2);
  ASSERT_TRUE(result.accepted());
  EXPECT_EQ(Allocation("R001/1").state(), v1::REFUNDED);
  const auto& overridden = result.events[3].event.allocation_overridden();
  EXPECT_EQ(overridden.from_org(), "P01");
  EXPECT_EQ(overridden.directed_by(), "am-1");
  EXPECT_THAT(overridden.failed_codes(), ElementsAre("E_TOKEN{STEP_FREE}"));
  EXPECT_TRUE(overridden.ineligible());
  // E is empty, so the bucket is that of the target alone and nobody is owed anything.
  EXPECT_THAT(story.Totals(), ElementsAre(0, 0, 0));
  // Settle(DIRECTED) of the first round comes after it: no effect.
  EXPECT_EQ(story.Settle("R001/1", "outcome: DIRECTED").reply().settle().effect(),
            v1::EFFECT_NONE);
  EXPECT_TRUE(Override("S02", "", 2).events.empty()) << "once per apportionment_id";
}

TEST_F(PoolTest, AnOverrideToSomebodyOutsideThePoolIsRecordedUncharged) {
  Open();
  const auto result = Override("S09");
  ASSERT_TRUE(result.accepted());
  EXPECT_THAT(result.events[0].event.allocation_overridden().failed_codes(),
              ElementsAre("NOT_POOL_MEMBER"));
  EXPECT_TRUE(story.pool().buckets().empty());
}

TEST_F(PoolTest, AJoinerStartsAtZeroAndAShareWaitsForSignatures) {
  Open();
  story.Draws(3);
  ASSERT_TRUE(story.world
                  .When(Parse("join_pool { service: 'TSP' member { org: 'S03' services: 'TSP' "
                              "geography: 'N56ESSEX' from: '2025-01-01' } }"))
                  .accepted());
  EXPECT_EQ(story.Total("S03"), 0);
  ASSERT_TRUE(story.Apportion("R900", 1).accepted());
  EXPECT_THAT(Codes("S03", "R900/1"), ElementsAre("E_ZERO_SHARE"));
}

TEST_F(PoolTest, ARefundAfterALeaveGivesTheLeaversPartToTheRest) {
  Open({.shares = {{"P01", 500000}, {"S01", 250000}, {"S02", 250000}}});
  EXPECT_EQ(story.Draw(), "P01");
  ASSERT_TRUE(story.world
                  .When(Parse("leave_pool { service: 'TSP' org: 'S02' on: '2025-09-01' }"))
                  .accepted());
  ASSERT_TRUE(story.Settle("R001/1", "outcome: RESCINDED").accepted());
  EXPECT_THAT(story.Totals(), ElementsAre(0, 0, 0));
}

TEST_F(PoolTest, AResetNeedsEverySignature) {
  Open();
  story.Draw();
  story.Authority();
  EXPECT_EQ(story.world.When(Parse("reset_deficits { service: 'TSP' signed_by: 'P01' }")).reason(),
            "NOT_ALL_SIGNED");
  EXPECT_TRUE(
      story.world
          .When(Parse("reset_deficits { service: 'TSP' signed_by: ['P01', 'S01', 'S02'] }"))
          .accepted());
  EXPECT_THAT(story.Totals(), ElementsAre(0, 0, 0));
}

TEST_F(PoolTest, AStartByAProviderThatDoesNotHoldTheReferralIsABypass) {
  Open();
  ASSERT_EQ(story.Draw(), "P01");
  ASSERT_TRUE(story.Settle("R001/1", "outcome: ACCEPTED").accepted());
  const auto start = [&](const char* org) {
    story.System();
    return story.world.When(Parse(absl::StrCat(
        "record_delivery_start { referral_id: 'R001' org: '", org,
        "' on: '2025-09-01' service: 'TSP' actor: 'cw-7' }")));
  };
  EXPECT_EQ(start("P01").event_names(), "ReferralDeliveryRecorded");
  const auto bypass = start("S02");
  EXPECT_EQ(bypass.event_names(), "AllocationBypassed, ReferralDeliveryRecorded");
  EXPECT_EQ(bypass.events[0].event.allocation_bypassed().actor(), "cw-7");
}

}  // namespace
}  // namespace pdp::subcontractor
