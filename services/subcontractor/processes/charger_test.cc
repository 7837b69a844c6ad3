// Charger: SUB-53, 90, 91; interfaces, D13 and E.

#include "services/subcontractor/processes/charger.h"

#include <algorithm>

#include "gmock/gmock.h"
#include "libs/base/status_matchers.h"
#include "pdp/programmes/v1/public_events.pb.h"
#include "pdp/referral/v1/public_events.pb.h"
#include "pdp/unpaid_work/v1/public_events.pb.h"
#include "services/subcontractor/processes/desk.h"
#include "services/subcontractor/processes/sources.h"

namespace pdp::subcontractor {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using Programmes = programmes::v1::PublicEvent;
using Referral = referral::v1::PublicEvent;

// Two rules pay an attendance; one each a session by the hour, a start and a completion.
constexpr char kPrices[] =
    "prices { rule_id: 'att' service: 'TSP' model: UNIT kind: ATTENDANCE codes: 'ATTC' "
    "price_micro: 145500000 vat_class: VAT_STANDARD } "
    "prices { rule_id: 'extra' service: 'TSP' model: UNIT kind: ATTENDANCE codes: 'ATTC' "
    "price_micro: 1000000 vat_class: VAT_EXEMPT } "
    "prices { rule_id: 'ses' service: 'TSP' model: HOURLY kind: GROUP_SESSION price_micro: "
    "23750000 vat_class: VAT_EXEMPT } "
    "prices { rule_id: 'start' service: 'TSP' model: UNIT kind: START price_micro: 10000000 "
    "vat_class: VAT_EXEMPT } "
    "prices { rule_id: 'cmp' service: 'TSP' model: UNIT kind: COMPLETION price_micro: 250000000 "
    "vat_class: VAT_EXEMPT }";

class ChargerTest : public ::testing::Test {
 protected:
  void SetUp() override { desk_.story().Contract(kPrices); }

  static std::string Fact(const std::string& id, const std::string& kind,
                          const std::string& more = "") {
    return absl::StrCat("fact { fact_id: '", id, "' kind: ", kind,
                        " service: 'TSP' delivery_org: 'S01' area: 'N56' pdu: 'N56ESSEX' "
                        "service_date: '2025-08-10' quantity_centi: 100 ",
                        more, " }");
  }
  static std::string Attended(const std::string& id, const std::string& more = "") {
    return Fact(id, "ATTENDANCE", absl::StrCat("minutes: 95 code: 'ATTC' ", more));
  }
  // An event of programmes with this case and fact.
  absl::Status Programme(const std::string& event, const std::string& fact,
                         const std::string& id = "") {
    return desk_.GiveText<Programmes>(charger_, "programmes.v1",
                                      absl::StrCat(event, " { ", fact, " }"), id);
  }
  int64_t Cost() {
    const v1::State* state = desk_.story().world.Find(LedgerId("SC-1"));
    if (state == nullptr) return 0;
    for (const auto& balance : state->ledger().balances()) {
      if (balance.account() == v1::SUB_COST) return balance.amount_pence();
    }
    return 0;
  }
  int Count(const std::string& event) const {
    return static_cast<int>(std::count(desk_.events.begin(), desk_.events.end(), event));
  }
  const v1::ChargeTaskState* Task(const std::string& fact_id) {
    const v1::State* state = desk_.story().world.Find(ChargeTaskId(fact_id));
    return state == nullptr ? nullptr : &state->charge_task();
  }

  Desk desk_;
  Charger charger_{FactSources()};
};

TEST_F(ChargerTest, EachKindOfDeliveryBecomesOneChargeUnderEachMatchingRule) {
  ASSERT_OK(Programme("attendance_recorded", Attended("programmes/att/s1/e1/1")));
  EXPECT_EQ(Cost(), 14'550 + 100);
  EXPECT_EQ(Count("ChargeAccrued"), 2);
  ASSERT_OK(Programme("session_held", Fact("programmes/ses/s1", "GROUP_SESSION", "minutes: 95")));
  EXPECT_EQ(Cost(), 14'650 + 3'760) << "W13: 23.75 an hour for 95 minutes";
  ASSERT_OK(Programme("programme_completed", Fact("programmes/cmp/e1/1", "COMPLETION")));
  EXPECT_EQ(Cost(), 18'410 + 25'000);
  ASSERT_OK(desk_.GiveText<Referral>(
      charger_, "referral.v1",
      absl::StrCat("delivery_started { ", Fact("referral/start/R1/1", "START"), " }")));
  EXPECT_EQ(Cost(), 43'410 + 1'000);
}

// Interfaces, E: WORK by the worked minutes, WORK_SESSION and HOURS_DONE once each, the latter
// cancelled by a reopening.
TEST_F(ChargerTest, UnpaidWorkIsChargedByItsOwnFacts) {
  desk_ = Desk();
  desk_.story().Contract(
      "prices { rule_id: 'work' service: 'UPW' model: HOURLY kind: WORK codes: ['ATTC', 'AFTC'] "
      "price_micro: 12000000 vat_class: VAT_EXEMPT } "
      "prices { rule_id: 'run' service: 'UPW' model: UNIT kind: WORK_SESSION price_micro: 90000000 "
      "vat_class: VAT_EXEMPT } "
      "prices { rule_id: 'done' service: 'UPW' model: UNIT kind: HOURS_DONE price_micro: 200000000 "
      "vat_class: VAT_EXEMPT }",
      "UPW");
  const auto upw = [&](const std::string& event, std::string fact) {
    fact = absl::StrReplaceAll(fact, {{"'TSP'", "'UPW'"}});
    return desk_.GiveText<unpaid_work::v1::PublicEvent>(
        charger_, "unpaid_work.v1", absl::StrCat(event, " { ", fact, " }"));
  };
  // 7 hours at 12 pounds; corrected to 6 hours 30; an absence by default pays nothing.
  ASSERT_OK(upw("outcome_recorded", Fact("out/a1/1", "WORK", "minutes: 420 code: 'ATTC'")));
  EXPECT_EQ(Cost(), 8'400);
  ASSERT_OK(upw("outcome_corrected",
                Fact("out/a1/2", "WORK", "minutes: 390 code: 'ATTC' supersedes: 'out/a1/1'")));
  EXPECT_EQ(Cost(), 7'800);
  ASSERT_OK(upw("outcome_defaulted", Fact("out/a2/1", "WORK", "code: 'UACP'")));
  EXPECT_EQ(Cost(), 7'800);
  ASSERT_OK(upw("session_run", Fact("run/s1", "WORK_SESSION", "minutes: 420")));
  EXPECT_EQ(Cost(), 16'800);
  ASSERT_OK(upw("requirement_hours_done", Fact("done/Z000001/1/2/1", "HOURS_DONE")));
  EXPECT_EQ(Cost(), 36'800);
  ASSERT_OK(upw("requirement_reopened",
                Fact("done/Z000001/1/2/1/x", "HOURS_DONE",
                     "supersedes: 'done/Z000001/1/2/1' cancelled: true")));
  EXPECT_EQ(Cost(), 16'800);
  EXPECT_THAT(desk_.refusals, IsEmpty());
}

TEST_F(ChargerTest, WhatComesTwiceIsChargedOnce) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_OK(Programme("attendance_recorded", Attended("att/1"), "programmes/N56/7/0"));
  }
  // Under another event id too, as when a mark was lost and the id has been forgotten.
  ASSERT_OK(Programme("attendance_recorded", Attended("att/1"), "programmes/N56/9/0"));
  EXPECT_EQ(Count("ChargeAccrued"), 2) << "one a rule";
  EXPECT_EQ(Cost(), 14'650);
}

TEST_F(ChargerTest, EveryOrderOfARecordAndItsCorrectionsEndsTheSame) {
  std::string second = Attended("att/2", "supersedes: 'att/1'");
  second.replace(second.find("ATTC"), 4, "UAAB");
  std::vector<std::string> facts = {
      absl::StrCat("attendance_recorded { ", Attended("att/1"), " }"),
      absl::StrCat("attendance_corrected { ", second, " }"),
      absl::StrCat("attendance_corrected { ", Attended("att/3", "supersedes: 'att/2'"), " }")};
  std::sort(facts.begin(), facts.end());
  do {
    desk_ = Desk();
    desk_.story().Contract(kPrices);
    for (const std::string& fact : facts) {
      ASSERT_OK(desk_.GiveText<Programmes>(charger_, "programmes.v1", fact));
    }
    EXPECT_EQ(Cost(), 14'650);
    EXPECT_THAT(desk_.refusals, IsEmpty());
  } while (std::next_permutation(facts.begin(), facts.end()));
}

TEST_F(ChargerTest, ARevokedCompletionIsReversedAndOneRevokedBeforeItCameIsNeverCharged) {
  ASSERT_OK(Programme("programme_completed", Fact("cmp/e1/1", "COMPLETION")));
  EXPECT_EQ(Cost(), 25'000);
  const std::string cancel =
      Fact("cmp/e1/1/x", "COMPLETION", "supersedes: 'cmp/e1/1' cancelled: true");
  ASSERT_OK(Programme("completion_revoked", cancel));
  EXPECT_EQ(Cost(), 0);
  EXPECT_EQ(Count("ChargeReversed"), 1);
  ASSERT_OK(Programme("completion_revoked",
                      Fact("cmp/e2/1/x", "COMPLETION", "supersedes: 'cmp/e2/1' cancelled: true")));
  ASSERT_OK(Programme("programme_completed", Fact("cmp/e2/1", "COMPLETION")));
  EXPECT_EQ(Cost(), 0);
  EXPECT_EQ(Count("ChargeAccrued"), 1);
}

TEST_F(ChargerTest, ThePrimesOwnDeliveryIsNeitherChargedNorATask) {
  std::string own = Attended("att/p");
  own.replace(own.find("'S01'"), 5, "'P01'");
  ASSERT_OK(Programme("attendance_recorded", own));
  EXPECT_THAT(desk_.events, IsEmpty());
  EXPECT_THAT(desk_.executed, ElementsAre("charge/N56"));
}

TEST_F(ChargerTest, AFactWithoutAPriceBecomesOneTaskOfTheParties) {
  std::string unpriced = Attended("att/9");
  unpriced.replace(unpriced.find("'TSP'"), 5, "'BBR'");
  ASSERT_OK(Programme("attendance_recorded", unpriced));
  ASSERT_NE(Task("att/9"), nullptr);
  EXPECT_TRUE(Task("att/9")->open());
  EXPECT_EQ(Task("att/9")->code(), "NO_PRICE_RULE");
  EXPECT_EQ(Task("att/9")->fact().service(), "BBR");
  ASSERT_OK(Programme("attendance_recorded", unpriced));
  EXPECT_EQ(Count("ChargeTaskRaised"), 1);
  EXPECT_EQ(Cost(), 0);
  // A correction that is not paid for any more takes the task away.
  ASSERT_OK(Programme("attendance_corrected", Attended("att/10", "supersedes: 'att/9'")));
  EXPECT_FALSE(Task("att/9")->open());
  EXPECT_EQ(Cost(), 14'650);
}

TEST_F(ChargerTest, ASessionForAReferralOfSomebodyElseIsAlsoAnAlert) {
  ASSERT_OK(Programme("attendance_recorded", Attended("att/1", "referral_id: 'R001'")));
  EXPECT_THAT(desk_.events, Contains("AllocationBypassed"));
  EXPECT_EQ(Cost(), 14'650) << "the alert holds back no pay";
}

TEST_F(ChargerTest, ASessionForAReferralHeldByTheProviderIsNone) {
  desk_.story().OpenPool({.shares = {{"S01", 1'000'000}}, .prime = "S01"});
  ASSERT_TRUE(desk_.story().Apportion("R001", 1).accepted());
  ASSERT_TRUE(desk_.story().Settle("R001/1", "outcome: ACCEPTED").accepted());
  ASSERT_OK(Programme("attendance_recorded", Attended("att/1", "referral_id: 'R001'")));
  EXPECT_THAT(desk_.events, Not(Contains("AllocationBypassed")));
}

TEST_F(ChargerTest, AFactIsChargedInTheCellOfItsArea) {
  desk_.Host("N07");
  std::string other = Attended("att/7");
  other.replace(other.find("'N56'"), 5, "'N07'");
  ASSERT_OK(Programme("attendance_recorded", other));
  EXPECT_THAT(desk_.executed, ElementsAre("charge/N07"));
  EXPECT_EQ(Cost(), 0);
  EXPECT_THAT(desk_.refusals, IsEmpty()) << "nobody of N07 is contracted: own delivery";
}

TEST_F(ChargerTest, ACellThatIsNotThereIsTriedAgain) {
  std::string other = Attended("att/7");
  other.replace(other.find("'N56'"), 5, "'N52'");
  EXPECT_EQ(Programme("attendance_recorded", other).code(), absl::StatusCode::kUnavailable);
}

TEST_F(ChargerTest, AnEventWithoutAFactIsNobodysCharge) {
  ASSERT_OK(Programme("attendance_recorded", "route: 'TSP'"));
  ASSERT_OK(Programme("enrolment_ended", "referral_id: 'R1'"));
  EXPECT_THAT(desk_.executed, IsEmpty());
}

TEST_F(ChargerTest, EveryServiceThatPublishesFactsIsReadInTheOwnPartition) {
  std::vector<std::string> services;
  for (const auto& subscription : charger_.subscriptions()) {
    EXPECT_EQ(subscription.partitions, projection::Partitions::kOwn);
    services.push_back(subscription.service);
  }
  for (const char* service : {"programmes", "referral", "unpaid_work"}) {
    EXPECT_THAT(services, Contains(service));
  }
}

}  // namespace
}  // namespace pdp::subcontractor
