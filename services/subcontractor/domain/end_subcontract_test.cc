// Suspension and end of subcontracts, and facts that wait for a price: SUB-38, 41, 90, 100.

#include "gmock/gmock.h"
#include "services/subcontractor/domain/commands.h"
#include "services/subcontractor/domain/story.h"

namespace pdp::subcontractor {
namespace {

using ::testing::ElementsAre;

// SC-1 of S01 runs from 2025-07-20 to 2026-12-31, notice 90 days; today is 2025-09-01.
class EndTest : public ::testing::Test {
 protected:
  void SetUp() override { story_.Contract(""); }
  Story::Result Do(const std::string& text) { return story_.world.When(Parse(text)); }
  Story::Result End(const std::string& on, const std::string& reason = "reason: 'other plans'") {
    return Do(absl::StrCat("end_subcontract { subcontract_id: 'SC-1' on: '", on, "' ", reason,
                           " }"));
  }
  Story::Result Suspend() {
    return Do("suspend_subcontract { subcontract_id: 'SC-1' reason: 'insurance lapsed' }");
  }
  Story::Result Resume() {
    return Do("resume_subcontract { subcontract_id: 'SC-1' reason: 'insured again' }");
  }
  // The timer, at an instant.
  Story::Result Fire(const std::string& at) {
    story_.world.At(at);
    story_.System();
    return Do("end_subcontract { subcontract_id: 'SC-1' }");
  }
  Story::Result Accrue(const std::string& id, const std::string& date) {
    story_.System();
    return Do(absl::StrCat("accrue_fact { ", Fact(id, date), " }"));
  }
  static std::string Fact(const std::string& id, const std::string& date) {
    return absl::StrCat("fact { fact_id: '", id,
                        "' kind: ATTENDANCE service: 'TSP' delivery_org: 'S01' area: 'N56' pdu: "
                        "'N56ESSEX' service_date: '", date,
                        "' quantity_centi: 100 code: 'ATTC' }");
  }
  Story::Result Close(const std::string& month) {
    story_.System();
    return Do(absl::StrCat("close_period { subcontract_id: 'SC-1' month: '", month, "' }"));
  }
  const v1::SubcontractState& state() {
    return story_.world.Find(SubcontractId("SC-1"))->subcontract();
  }
  Story story_;
};

TEST_F(EndTest, EitherPartyAndTheAuthoritySuspendAndResumeWithAReason) {
  for (const char* org : {"P01", "S01"}) {
    story_.Org(org, "ADMIN");
    const auto suspended = Suspend();
    ASSERT_TRUE(suspended.accepted()) << suspended.reason();
    EXPECT_EQ(suspended.event_names(), "SubcontractSuspended");
    EXPECT_EQ(suspended.events[0].event.subcontract_suspended().reason(), "insurance lapsed");
    EXPECT_THAT(suspended.events[0].event.subcontract_suspended().services(),
                ElementsAre("BBR", "TSP"));
    EXPECT_TRUE(Suspend().accepted());
    EXPECT_EQ(Suspend().event_names(), "") << "suspended already";
    story_.Authority();
    EXPECT_EQ(Resume().event_names(), "SubcontractResumed");
    EXPECT_EQ(Resume().reason(), "STATE_FORBIDS_COMMAND");
  }
}

TEST_F(EndTest, RefusalsComeInTheOrderOfTheSpecification) {
  EXPECT_EQ(Do("suspend_subcontract { subcontract_id: 'SC-9' }").reason(), "NOT_FOUND");
  story_.Org("S02", "ADMIN");
  EXPECT_EQ(Suspend().reason(), "NOT_FOUND") << "an outsider sees nothing";
  story_.Org("S01", "FINANCE");
  EXPECT_EQ(End("2025-01-01", "").reason(), "FUNCTION_REQUIRED");
  story_.Org("S01", "ADMIN");
  story_.world.Expecting(1);
  EXPECT_EQ(End("2025-01-01", "").reason(), "VERSION_CONFLICT");
  const auto invalid = End("2025-08-31", "");
  EXPECT_EQ(invalid.reason(), "VALIDATION_FAILED");
  EXPECT_EQ(invalid.rejected().violations.size(), 2u) << "reason and date at once";
  EXPECT_EQ(End("2027-01-01").reason(), "VALIDATION_FAILED") << "behind the sheet's own end";
  story_.Authority();
  ASSERT_TRUE(End("2025-09-01").accepted());
  ASSERT_TRUE(Fire("2025-09-02T00:00:00+01:00").accepted());
  story_.Org("S01", "ADMIN");
  EXPECT_EQ(End("2025-09-02").reason(), "VALIDATION_FAILED") << "it ended a day earlier";
  EXPECT_EQ(Suspend().reason(), "STATE_FORBIDS_COMMAND");
}

TEST_F(EndTest, AProposalIsNotSuspendedOrEnded) {
  story_ = Story();
  story_.PrimeContract();
  ASSERT_TRUE(story_.Propose(Story::Sheet("")).accepted());
  EXPECT_EQ(Suspend().reason(), "STATE_FORBIDS_COMMAND");
  EXPECT_EQ(End("2026-01-01").reason(), "STATE_FORBIDS_COMMAND");
}

// 2025-09-01 + 90 days = 2025-11-30.
TEST_F(EndTest, APartyKeepsTheNoticeOfTheSheetAndTheAuthorityNeedsNone) {
  story_.Org("P01", "ADMIN");
  const auto early = End("2025-11-29");
  EXPECT_EQ(early.reason(), "NOTICE_TOO_SHORT");
  EXPECT_EQ(early.rejected().metadata.at("earliest"), "2025-11-30");
  const auto noticed = End("2025-11-30");
  ASSERT_TRUE(noticed.accepted()) << noticed.reason();
  EXPECT_EQ(noticed.events[0].event.subcontract_end_noticed().by_org(), "P01");
  EXPECT_EQ(End("2025-11-30").event_names(), "") << "the same notice again";
  EXPECT_EQ(state().status(), v1::SUBCONTRACT_ACTIVE) << "it delivers until then";
  story_.Authority();
  EXPECT_EQ(End("2025-09-10").event_names(), "SubcontractEndNoticed");
}

TEST_F(EndTest, TheEndComesWhenTheLastDayIsOver) {
  story_.Authority();
  ASSERT_TRUE(End("2025-09-10").accepted());
  EXPECT_EQ(Fire("2025-09-10T22:59:59Z").event_names(), "") << "23:59:59 local";
  const auto ended = Fire("2025-09-10T23:00:00Z");
  EXPECT_EQ(ended.event_names(), "SubcontractEnded, SubcontractListed");
  EXPECT_EQ(ended.events[0].event.subcontract_ended().to(), "2025-09-10");
  EXPECT_EQ(Fire("2025-09-11T10:00:00Z").event_names(), "");
  // What was delivered until then is paid, also when it is heard of later.
  EXPECT_EQ(Accrue("att/1", "2025-09-10").reply().accrue_fact().charges_size(), 1);
  EXPECT_EQ(Accrue("att/2", "2025-09-11").reply().accrue_fact().charges_size(), 0);
}

TEST_F(EndTest, WithoutNoticeItEndsWithItsSheet) {
  EXPECT_EQ(Fire("2026-12-31T12:00:00Z").event_names(), "");
  EXPECT_EQ(Fire("2027-01-01T00:00:00Z").event_names(), "SubcontractEnded, SubcontractListed");
}

TEST_F(EndTest, WhatASuspendedSubcontractDeliveredIsPaid) {
  story_.Authority();
  ASSERT_TRUE(Suspend().accepted());
  EXPECT_EQ(Accrue("att/1", "2025-09-02").reply().accrue_fact().charges_size(), 1);
}

TEST_F(EndTest, TheMonthOfTheEndIsClosedAndLateChargesAreStatedAfterIt) {
  story_.Authority();
  ASSERT_TRUE(End("2025-09-10").accepted());
  Fire("2025-09-11T00:00:00Z");
  ASSERT_EQ(Accrue("att/1", "2025-09-05").reply().accrue_fact().charges_size(), 1);
  story_.world.At("2025-10-01T06:00:00Z");
  EXPECT_EQ(Close("2025-09").event_names(), "PeriodClosed");
  ASSERT_TRUE(Do("draft_statement { subcontract_id: 'SC-1' month: '2025-09' }").accepted());
  story_.world.At("2025-11-01T06:00:00Z");
  EXPECT_EQ(Close("2025-10").event_names(), "") << "nothing to state: the chain stops";
  // A charge of September heard of in November.
  ASSERT_EQ(Accrue("att/2", "2025-09-06").reply().accrue_fact().charges_size(), 1);
  story_.world.At("2025-12-01T06:00:00Z");
  EXPECT_EQ(Close("2025-11").event_names(), "PeriodClosed");
  const auto late = Do("draft_statement { subcontract_id: 'SC-1' month: '2025-11' }");
  ASSERT_TRUE(late.accepted());
  const v1::StatementState& statement =
      story_.world.Find(StatementId("SC-1/2025-11"))->statement();
  ASSERT_EQ(statement.lines_size(), 1);
  EXPECT_EQ(statement.lines(0).month(), "2025-09");
  EXPECT_EQ(statement.net_pence(), 14'550);
}

TEST_F(EndTest, TheTimersFollow) {
  v1::Event noticed;
  noticed.mutable_subcontract_end_noticed()->set_subcontract_id("SC-1");
  noticed.mutable_subcontract_end_noticed()->set_on("2025-09-10");
  const auto end = Subcontractor::Timers(SubcontractId("SC-1"), v1::State(), noticed, {});
  ASSERT_EQ(end.size(), 1u);
  EXPECT_EQ(end[0].timer_id, "end/SC-1");
  EXPECT_EQ(absl::FormatTime(*end[0].due_at, absl::UTCTimeZone()), "2025-09-10T23:00:00+00:00");
  // A charge of an earlier month has the running month closed.
  v1::Event posted;
  posted.mutable_ledger_posted()->set_subcontract_id("SC-1");
  posted.mutable_ledger_posted()->set_month("2025-07");
  EventFacts facts;
  facts.recorded_at = absl::FromUnixSeconds(1'756'720'800);  // 2025-09-01T10:00:00Z
  const auto late = Subcontractor::Timers(LedgerId("SC-1"), v1::State(), posted, facts);
  ASSERT_EQ(late.size(), 1u);
  EXPECT_EQ(late[0].timer_id, "late/SC-1/2025-09");
  EXPECT_EQ(late[0].command.close_period().month(), "2025-09");
  posted.mutable_ledger_posted()->set_month("2025-09");
  EXPECT_TRUE(Subcontractor::Timers(LedgerId("SC-1"), v1::State(), posted, facts).empty());
}

class ChargeTaskTest : public EndTest {
 protected:
  Story::Result Raise(const std::string& fact) {
    story_.System();
    return Do(absl::StrCat("raise_charge_task { ", fact, " code: 'NO_PRICE_RULE' }"));
  }
  Story::Result Retry(const std::string& id) {
    return Do(absl::StrCat("retry_charge { fact_id: '", id, "' }"));
  }
  bool IsOpen(const std::string& id) {
    const v1::State* found = story_.world.Find(ChargeTaskId(id));
    return found != nullptr && found->charge_task().open();
  }
};

TEST_F(ChargeTaskTest, ATaskNamesThePartiesAndIsRaisedOnce) {
  const auto raised = Raise(Fact("att/1", "2025-08-10"));
  ASSERT_TRUE(raised.accepted()) << raised.reason();
  EXPECT_EQ(raised.events[0].event.charge_task_raised().org(), "S01");
  EXPECT_EQ(raised.events[0].event.charge_task_raised().prime_org(), "P01");
  EXPECT_EQ(raised.events[0].event.charge_task_raised().raised_on(), "2025-09-01");
  EXPECT_EQ(Raise(Fact("att/1", "2025-08-10")).event_names(), "");
}

TEST_F(ChargeTaskTest, TheAuthorityHasTheFactChargedOnceThePriceIsThere) {
  ASSERT_TRUE(Raise(Fact("att/1", "2025-08-10")).accepted());
  story_.Org("P01", "FINANCE");
  EXPECT_EQ(Retry("att/1").reason(), "NOT_AUTHORISED");
  story_.Authority();
  EXPECT_EQ(Retry("att/9").reason(), "NOT_FOUND");
  const auto charged = Retry("att/1");
  ASSERT_TRUE(charged.accepted()) << charged.reason();
  EXPECT_EQ(charged.reply().accrue_fact().charges(0).amount_pence(), 14'550);
  EXPECT_FALSE(IsOpen("att/1"));
  EXPECT_EQ(Retry("att/1").reason(), "STATE_FORBIDS_COMMAND");
  EXPECT_EQ(Raise(Fact("att/1", "2025-08-10")).event_names(), "") << "it is charged";
}

TEST_F(ChargeTaskTest, ARetryThatIsRefusedAgainLeavesTheTaskOpen) {
  std::string unpriced = Fact("att/1", "2025-08-10");
  unpriced.replace(unpriced.find("'TSP'"), 5, "'BBR'");
  ASSERT_TRUE(Raise(unpriced).accepted());
  story_.Authority();
  EXPECT_EQ(Retry("att/1").reason(), "NO_PRICE_RULE");
  EXPECT_TRUE(IsOpen("att/1"));
}

TEST_F(ChargeTaskTest, ACancellingFactTakesTheTaskAway) {
  std::string unpriced = Fact("cmp/1", "2025-08-10");
  unpriced.replace(unpriced.find("'TSP'"), 5, "'BBR'");
  ASSERT_TRUE(Raise(unpriced).accepted());
  std::string cancel = Fact("cmp/1/x", "2025-08-10");
  cancel.replace(cancel.find("code:"), 5, "supersedes: 'cmp/1' cancelled: true code:");
  story_.System();
  ASSERT_TRUE(Do(absl::StrCat("reverse_fact { ", cancel, " }")).accepted());
  EXPECT_FALSE(IsOpen("cmp/1"));
}

}  // namespace
}  // namespace pdp::subcontractor
