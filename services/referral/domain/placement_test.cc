#include "gmock/gmock.h"
#include "services/referral/domain/commands.h"
#include "services/referral/domain/story.h"

// Placement beside the draw, returns, discards, orphaned slots, enforcement: REF-26, REF-32,
// REF-35, REF-64, REF-65; interfaces, A6, A7, D4.
namespace pdp::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kNote20[] = "a note of more than twenty characters";

class PlacementTest : public ::testing::Test {
 protected:
  // ORG-A and ORG-B are contracted for TSP in PDU1; ORG-C for BBR only; ORG-D is suspended.
  void SetUp() override {
    story_.Route();
    Contract("ORG-A", "TSP", "");
    Contract("ORG-B", "TSP", "");
    Contract("ORG-C", "BBR", "");
    Contract("ORG-D", "TSP", "suspended: true");
  }
  void Contract(const std::string& org, const std::string& service, const std::string& more) {
    EXPECT_EQ(story_.Area("SYS", absl::StrCat("record_contract { contract { contract_id: 'SC-", org,
                                              "' org: '", org, "' services: '", service,
                                              "' pdus: 'PDU1' from: '2025-01-01' to: '2025-12-31' ",
                                              more, " } }"))
                  .reason(),
              "");
  }
  Story::World::Result Do(const char* role, const std::string& command, const std::string& fields,
                          const std::string& org = "") {
    return story_.Area(role, absl::StrCat(command, " { referral_id: '", story_.id, "' ", fields,
                                          " }"), org);
  }
  Story::World::Result Direct(const std::string& org, const std::string& code = "CONTINUITY",
                              const std::string& note = kNote20, const char* role = "AM") {
    return Do(role, "direct_allocate",
              absl::StrCat("org: '", org, "' code: '", code, "' note: '", note, "'"));
  }
  Story::World::Result Return(const std::string& code, const std::string& note = "") {
    return Do("PV", "return_referral", absl::StrCat("code: '", code, "' note: '", note, "'"),
              "ORG-A");
  }
  void AcceptedByA() {
    ASSERT_EQ(story_.Offer(1, "ORG-A").reason(), "");
    ASSERT_EQ(story_.Accept(1, "ORG-A").reason(), "");
  }
  void InDelivery() {
    AcceptedByA();
    ASSERT_EQ(story_.Fact("STARTED", "2025-09-01", "ORG-A", "e1").reason(), "");
  }
  Story story_;
};

TEST_F(PlacementTest, ARescindedOfferGoesToTheNextRoundWithoutExcludingAnybody) {
  EXPECT_EQ(Do("AM", "rescind_offer", "").reason(), "STATE_FORBIDS_COMMAND");
  ASSERT_EQ(story_.Offer(1, "ORG-A").reason(), "");
  EXPECT_EQ(Do("PV", "rescind_offer", "", "ORG-A").reason(), "NOT_FOUND");
  EXPECT_EQ(Do("RO", "rescind_offer", "").reason(), "NOT_AUTHORISED");
  EXPECT_EQ(Do("AM", "rescind_offer", "").event_names(), "OfferRescinded, SlaClockMet");
  EXPECT_EQ(story_.state(), "ROUTED");
  EXPECT_EQ(story_.referral().rounds(0).result(), v1::Round::RESCINDED);
  EXPECT_EQ(story_.Accept(1, "ORG-A").reason(), "STATE_FORBIDS_COMMAND");
  EXPECT_EQ(story_.Offer(1, "ORG-A").reason(), "ROUND_MISMATCH") << "rounds never restart";
  EXPECT_EQ(story_.Offer(2, "ORG-A").reason(), "") << "rescinding excludes nobody";
}

// REF-64.
TEST_F(PlacementTest, DirectAllocationRefusalsComeInOrder) {
  EXPECT_EQ(Direct("ORG-A", "CONTINUITY", kNote20, "RO").reason(), "NOT_AUTHORISED");
  const auto invalid = Direct("", "BECAUSE", "");
  EXPECT_EQ(invalid.reason(), "VALIDATION_FAILED");
  EXPECT_EQ(invalid.rejected().violations.size(), 2u);
  for (const char* org : {"ORG-X", "ORG-C", "ORG-D"}) {
    EXPECT_EQ(Direct(org, "OTHER", "").reason(), "ORGANISATION_NOT_CONTRACTED") << org;
  }
  EXPECT_EQ(Direct("ORG-B", "OTHER", "nineteen characters").reason(), "NOTE_REQUIRED");
  ASSERT_EQ(story_.Offer(1, "ORG-A").reason(), "");
  EXPECT_EQ(Direct("ORG-X", "OTHER", "").reason(), "STATE_FORBIDS_COMMAND");
}

// D4: the queued round 1 keeps its number and is settled DIRECTED; the direct one is round 2.
TEST_F(PlacementTest, ADirectAllocationIsARoundOfItsOwnBehindTheQueuedOne) {
  const auto directed = Direct("ORG-B");
  EXPECT_EQ(directed.event_names(),
            "ReferralDirected, ReferralAccepted, SlaClockMet, SlaClockStarted");
  const v1::ReferralDirected& event = directed.events[0].event.referral_directed();
  EXPECT_EQ(event.round(), 2);
  EXPECT_EQ(event.open_round(), 1);
  EXPECT_EQ(event.apportionment_id(), story_.id + "/2");
  EXPECT_EQ(event.stratum(), story_.referral().difficulty().stratum());
  EXPECT_EQ(story_.referral().holder_org(), "ORG-B");
  EXPECT_EQ(story_.state(), "ACCEPTED");
  EXPECT_EQ(story_.referral().rounds(0).result(), v1::Round::ACCEPTED);
}

TEST_F(PlacementTest, WithoutAPlacementTheDirectAllocationIsTheNextRound) {
  ASSERT_EQ(Do("SYS", "record_no_placement",
               absl::StrCat("round: 1 apportionment_id: '", story_.id, "/1'"))
                .reason(),
            "");
  const auto directed = Direct("ORG-B", "NO_CANDIDATE");
  ASSERT_EQ(directed.reason(), "");
  EXPECT_EQ(directed.events[0].event.referral_directed().round(), 2);
  EXPECT_EQ(directed.events[0].event.referral_directed().open_round(), 0) << "failed, not queued";
}

TEST_F(PlacementTest, ADirectedReferralRemembersWhoIsExcluded) {
  ASSERT_EQ(story_.Offer(1, "ORG-A").reason(), "");
  ASSERT_EQ(Do("PV", "decline_offer", "round: 1 code: 'UNSAFE'", "ORG-A").reason(), "");
  const auto directed = Direct("ORG-B");
  EXPECT_THAT(directed.events[0].event.referral_directed().excluded_orgs(), ElementsAre("ORG-A"));
}

TEST_F(PlacementTest, TheCopyOfAContractFollowsItsEvents) {
  Contract("ORG-B", "TSP", "suspended: true");
  EXPECT_EQ(Direct("ORG-B").reason(), "ORGANISATION_NOT_CONTRACTED");
  Contract("ORG-B", "TSP", "");
  story_.At("2026-01-02T10:00:00Z");
  EXPECT_EQ(Direct("ORG-B").reason(), "ORGANISATION_NOT_CONTRACTED") << "it ended with 2025";
  const auto bad = story_.Area("SYS", "record_contract { contract { org: 'ORG-B' from: 'x' } }");
  EXPECT_EQ(bad.rejected().violations.size(), 3u) << "contract_id, from, to at once";
}

// REF-65.
TEST_F(PlacementTest, BeforeStartAReturnTakesEffectAtOnce) {
  AcceptedByA();
  EXPECT_EQ(Return("OTHER", "too short").reason(), "NOTE_REQUIRED");
  const auto returned = Return("STAFF_LOSS");
  EXPECT_EQ(returned.event_names(), "ReferralReturned, SlaClockCancelled");
  EXPECT_FALSE(returned.events[0].event.referral_returned().started());
  EXPECT_EQ(story_.state(), "ROUTED");
  EXPECT_EQ(Do("AM", "approve_return", "").reason(), "NO_RETURN_PENDING");
}

// REF-65.
TEST_F(PlacementTest, InDeliveryTheAreaManagerDecidesAboutAReturn) {
  InDelivery();
  const auto requested = Return("STAFF_LOSS", "two facilitators left");
  EXPECT_EQ(requested.event_names(), "ReturnRequested");
  EXPECT_EQ(story_.state(), "IN_DELIVERY") << "nothing moves before the decision";
  EXPECT_EQ(Return("STAFF_LOSS").reason(), "STATE_FORBIDS_COMMAND");
  EXPECT_EQ(Do("RO", "approve_return", "").reason(), "NOT_AUTHORISED");
  EXPECT_EQ(Do("AM", "refuse_return", "note: 'cover is arranged'").event_names(), "ReturnRefused");
  EXPECT_EQ(Do("AM", "refuse_return", "").reason(), "NO_RETURN_PENDING");
  ASSERT_EQ(Return("STAFF_LOSS", "the cover left too").reason(), "");
  const auto approved = Do("AM", "approve_return", "");
  ASSERT_EQ(approved.reason(), "");
  const v1::ReferralReturned& event = approved.events[0].event.referral_returned();
  EXPECT_TRUE(event.started());
  EXPECT_EQ(event.code(), "STAFF_LOSS");
  EXPECT_EQ(event.note(), "the cover left too");
  EXPECT_EQ(story_.state(), "ROUTED");
  EXPECT_EQ(story_.referral().holder_org(), "");
}

// Interfaces, D11 and E: the new holder starts anew, the first start stays true.
TEST_F(PlacementTest, AfterAReturnInDeliveryTheNextHolderStartsAgain) {
  InDelivery();
  ASSERT_EQ(Return("STAFF_LOSS").reason(), "");
  ASSERT_EQ(Do("AM", "approve_return", "").reason(), "");
  EXPECT_EQ(story_.Offer(2, "ORG-A").reason(), "ORGANISATION_EXCLUDED");
  ASSERT_EQ(story_.Offer(2, "ORG-B").reason(), "");
  ASSERT_EQ(story_.Accept(2, "ORG-B").reason(), "");
  const auto started = story_.Fact("STARTED", "2025-09-01", "ORG-B", "e2");
  ASSERT_EQ(started.event_names(), "DeliveryStarted");
  EXPECT_EQ(started.events[0].event.delivery_started().fact().fact_id(),
            "referral/start/" + story_.id + "/2");
  EXPECT_EQ(story_.state(), "IN_DELIVERY");
}

TEST_F(PlacementTest, WithdrawnBetweenTwoHoldersTheOpenRoundIsSettledAndTheClassIsEndedEarly) {
  InDelivery();
  ASSERT_EQ(Return("STAFF_LOSS").reason(), "");
  ASSERT_EQ(Do("AM", "approve_return", "").reason(), "");
  ASSERT_EQ(story_.Offer(2, "ORG-B").reason(), "");
  const auto withdrawn = Do("RO", "withdraw_referral", "code: 'MOV'");
  ASSERT_EQ(withdrawn.reason(), "");
  EXPECT_EQ(withdrawn.events[0].event.referral_withdrawn().open_round(), 2);
  EXPECT_EQ(withdrawn.events[0].event.referral_withdrawn().phase(), "PRE_ACCEPTANCE");
  EXPECT_EQ(story_.referral().ended().delivery_class(), "ENDED_EARLY");
  EXPECT_TRUE(story_.referral().ended().report_due());
}

// REF-32.
TEST(DiscardTest, AFormDraftIsDiscardedAndACourtsIsNot) {
  Story story;
  story.RegisterPersonAndSentence();
  ASSERT_EQ(story.OpenProgramme().reason(), "");
  ASSERT_EQ(story.Save("contact { address: 'x' }").reason(), "");
  const auto discard = [&](const char* role) {
    return story.Area(role, absl::StrCat("discard_draft { referral_id: '", story.id, "' }"));
  };
  EXPECT_EQ(discard("AM").reason(), "NOT_AUTHORISED");
  EXPECT_EQ(discard("AA").event_names(), "DraftDiscarded");
  EXPECT_EQ(story.state(), "DISCARDED");
  EXPECT_TRUE(story.referral().sections().empty()) << "what was written is gone";
  EXPECT_EQ(discard("RO").reason(), "STATE_FORBIDS_COMMAND");

  v1::Command court = Story::Parse(
      "open_referral { crn: 'Z000001' line: 'UPW' origin: 'REQUIREMENT' sentence_key: 'Z000001/1' "
      "requirement_key: 'Z000001/1/2' }");
  *court.mutable_open_referral()->mutable_facts() = story.Facts();
  const auto opened = story.Area("SYS", court);
  ASSERT_EQ(opened.reason(), "");
  story.id = opened.reply().open_referral().referral_id();
  EXPECT_EQ(discard("RO").reason(), "REQUIREMENT_DRAFT_CANNOT_BE_DISCARDED");
}

TEST(DiscardTest, FromTheInstantOfExpiryThereIsNothingToDiscard) {
  Story story("2025-09-01T09:00:00Z");
  story.RegisterPersonAndSentence();
  ASSERT_EQ(story.OpenProgramme().reason(), "");
  // 2025-09-01 + 31 days, 00:00 local (BST until 26 October).
  story.At("2025-10-01T23:00:00Z");
  EXPECT_EQ(story.Area("RO", absl::StrCat("discard_draft { referral_id: '", story.id, "' }"))
                .reason(),
            "DRAFT_EXPIRED");
}

// REF-35.
TEST(SlotOrphanTest, AReservationIsAskedAboutAfterFifteenMinutesAndNotBefore) {
  Story story("2025-09-01T09:00:00Z");
  story.RegisterPersonAndSentence();
  ASSERT_EQ(story.OpenProgramme().reason(), "");
  const auto reserved = story.ReserveSlot("COGNITIVE|Z000001/1");
  ASSERT_EQ(reserved.event_names(), "SlotReserved");
  decider::EventFacts facts;
  facts.recorded_at = story.nat.now();
  const auto timers = ReferralDomain::Timers(PersonId(Story::kCrn), v1::State(),
                                             reserved.events[0].event, facts);
  ASSERT_EQ(timers.size(), 1u);
  EXPECT_EQ(*timers[0].due_at, story.nat.now() + absl::Minutes(15));
  story.At("2025-09-01T09:14:59Z");
  EXPECT_EQ(story.nat.As("system", {"SYS"}).When(timers[0].command).reason(), "TIMER_NOT_DUE");
  story.At("2025-09-01T09:15:00Z");
  const auto due = story.nat.As("system", {"SYS"}).When(timers[0].command);
  ASSERT_EQ(due.event_names(), "SlotCheckDue");
  EXPECT_EQ(due.events[0].event.slot_check_due().referral_id(), story.id);
  // Asked once; a released slot is asked about no more.
  const auto after =
      ReferralDomain::Timers(PersonId(Story::kCrn), v1::State(), due.events[0].event, facts);
  ASSERT_EQ(after.size(), 1u);
  EXPECT_EQ(after[0].timer_id, timers[0].timer_id);
  EXPECT_FALSE(after[0].due_at.has_value());
  ASSERT_EQ(story.Nat("SYS", absl::StrCat("release_slot { crn: 'Z000001' key: "
                                          "'COGNITIVE|Z000001/1' referral_id: '",
                                          story.id, "' }"))
                .event_names(),
            "SlotReleased");
  EXPECT_EQ(story.nat.As("system", {"SYS"}).When(timers[0].command).reason(), "TIMER_NOT_DUE");
}

class EnforcementTest : public PlacementTest {
 protected:
  Story::World::Result Report(const std::string& id, const std::string& more = "",
                              const char* role = "SYS") {
    return Do(role, "report_enforcement_referral",
              absl::StrCat("service: 'programmes' enforcement_id: '", id,
                           "' kind: 'BREACH' order_id: 'Z000001/1' failure_ids: ['f1', 'f2'] "
                           "decide_by: '2025-09-15' legal_basis: 'Sentencing Code' evidence: "
                           "'absent on 1 and 8 September' ",
                           more));
  }
  Story::World::Result Withdraw(const std::string& id) {
    return Do("SYS", "withdraw_enforcement_referral",
              absl::StrCat("service: 'programmes' enforcement_id: '", id, "' cause: 'VOIDED'"));
  }
};

// REF-26.
TEST_F(EnforcementTest, AReportIsATaskOnceUntilItIsWithdrawn) {
  AcceptedByA();
  const auto reported = Report("E1");
  ASSERT_EQ(reported.event_names(), "EnforcementReported");
  EXPECT_EQ(reported.reply().enforcement().task_id(), "programmes/E1");
  EXPECT_EQ(story_.referral().enforcement(0).decide_by(), "2025-09-15");
  EXPECT_EQ(Report("E1").reason(), "ALREADY_REPORTED");
  EXPECT_EQ(Report("E2").reason(), "") << "another enforcement of the same order";
  EXPECT_EQ(Withdraw("E1").event_names(), "EnforcementWithdrawn");
  EXPECT_EQ(Withdraw("E1").reason(), "NOT_OPEN");
  EXPECT_EQ(story_.referral().enforcement(0).withdrawn_on(), "2025-09-01");
  EXPECT_EQ(Report("E1").reason(), "") << "the step became due again";
  EXPECT_EQ(story_.referral().enforcement(0).withdrawn_on(), "");
  EXPECT_EQ(story_.referral().enforcement_size(), 2);
}

TEST_F(EnforcementTest, RefusalsComeInOrder) {
  EXPECT_EQ(Report("E1").reason(), "STATE_FORBIDS_COMMAND") << "nobody holds it yet";
  EXPECT_EQ(Withdraw("E1").reason(), "STATE_FORBIDS_COMMAND");
  EXPECT_EQ(Report("E1", "", "RO").reason(), "NOT_AUTHORISED");
  AcceptedByA();
  EXPECT_EQ(Withdraw("E9").reason(), "NOT_OPEN");
  const auto invalid = Do("SYS", "report_enforcement_referral",
                          "service: 'gateway' kind: 'FINE' decide_by: 'soon'");
  EXPECT_EQ(invalid.reason(), "VALIDATION_FAILED");
  std::vector<std::string> fields;
  for (const Violation& violation : invalid.rejected().violations) {
    fields.push_back(violation.field);
  }
  EXPECT_THAT(fields, ElementsAre("service", "enforcement_id", "kind", "order_id", "failure_ids",
                                  "decide_by"));
}

TEST_F(EnforcementTest, AConcludedReferralStillTakesAReport) {
  InDelivery();
  ASSERT_EQ(story_.Fact("STOPPED", "2025-09-01", "ORG-A", "e2").reason(), "");
  ASSERT_EQ(story_.Fact("REPORTED", "2025-09-01", "ORG-A", "e3").reason(), "");
  ASSERT_EQ(story_.state(), "CONCLUDED");
  EXPECT_EQ(Report("E1").reason(), "");
}

}  // namespace
}  // namespace pdp::referral
