// What the events of other services mean to a referral: interfaces, B2 to B4; REF-99.

#include "google/protobuf/text_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/decider/decider.h"
#include "pdp/referral/v1/public_events.pb.h"
#include "services/referral/processes/court_requirements.h"
#include "services/referral/processes/delivery_facts.h"
#include "services/referral/processes/organisations.h"

namespace pdp::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// "ARRANGED R1 2025-09-01 ORG-A CODE"; "-" for what is empty.
template <typename PublicEvent>
std::vector<std::string> Facts(const std::string& text) {
  PublicEvent event;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &event)) << text;
  std::vector<std::string> facts;
  const auto or_dash = [](const std::string& field) { return field.empty() ? "-" : field; };
  for (const v1::RecordDeliveryFact& fact : FactsOf(event)) {
    facts.push_back(v1::RecordDeliveryFact_Kind_Name(fact.kind()) + " " + fact.referral_id() + " " +
                    or_dash(fact.on()) + " " + or_dash(fact.org()) + " " + or_dash(fact.code()));
  }
  return facts;
}
const auto Programmes = Facts<programmes::v1::PublicEvent>;
const auto UnpaidWork = Facts<unpaid_work::v1::PublicEvent>;

// REF-99.
TEST(FactsOfProgrammes, FollowTheTable) {
  EXPECT_THAT(Programmes("enrolment_allocated { referral_id: 'R1' on: '2025-09-01' }"),
              ElementsAre("ARRANGED R1 2025-09-01 - -"));
  EXPECT_THAT(
      Programmes("individual_session_planned { referral_id: 'R1' on: '2025-09-01' first: true }"),
      ElementsAre("ARRANGED R1 2025-09-01 - -"));
  EXPECT_THAT(Programmes("individual_session_planned { referral_id: 'R1' }"), IsEmpty());
  EXPECT_THAT(
      Programmes("programme_started { referral_id: 'R1' date: '2025-09-02' holder_org: 'A' }"),
      ElementsAre("STARTED R1 2025-09-02 A -"));
  EXPECT_THAT(Programmes("programme_completed { referral_id: 'R1' completed_on: '2025-12-02' "
                         "holder_org: 'A' }"),
              ElementsAre("COMPLETED R1 2025-12-02 A -"));
  EXPECT_THAT(Programmes("report_issued { referral_id: 'R1' date: '2025-12-04' holder_org: 'A' }"),
              ElementsAre("REPORTED R1 2025-12-04 A -"));
  EXPECT_THAT(Programmes("completion_revoked { referral_id: 'R1' date: '2025-12-03' }"),
              ElementsAre("REOPENED R1 2025-12-03 - -"));
}

TEST(FactsOfProgrammes, AnEndIsAStopUnlessAReferralEventCausedItOrItComesAsAReturn) {
  const std::string end = "referral_id: 'R1' on: '2025-10-01' holder_org: 'A' ";
  EXPECT_THAT(Programmes("enrolment_ended { " + end + "reason_code: 'STOPPED_ATTENDING' }"),
              ElementsAre("STOPPED R1 2025-10-01 A STOPPED_ATTENDING"));
  EXPECT_THAT(Programmes("enrolment_ended { " + end +
                         "reason_code: 'RETURNED' cause: 'referral/N56/4/0' }"),
              IsEmpty());
  for (const char* code : {"NOT_SUITABLE", "INFEASIBLE"}) {
    const std::string reason = std::string("reason_code: '") + code + "' ";
    EXPECT_THAT(Programmes("enrolment_ended { " + end + reason + "}"), IsEmpty());
    EXPECT_THAT(Programmes("enrolment_ended { " + end + reason + "started: true }").size(), 1u);
  }
}

TEST(FactsOfUnpaidWork, TheFirstBookingArrangesEachLiveRequirementOfTheGroup) {
  EXPECT_THAT(UnpaidWork("appointment_booked { referral_ids: ['R1', 'R2'] on: '2025-09-01' date: "
                         "'2025-09-08' first: true holder_org: 'A' }"),
              ElementsAre("ARRANGED R1 2025-09-01 - -", "ARRANGED R2 2025-09-01 - -"));
  EXPECT_THAT(UnpaidWork("appointment_booked { referral_ids: 'R1' on: '2025-09-01' }"), IsEmpty());
}

TEST(FactsOfUnpaidWork, TheFirstAttendedOutcomeStartsAlsoWhenItIsACorrection) {
  for (const char* event : {"outcome_recorded", "outcome_corrected"}) {
    const std::string open = std::string(event) + " { referral_ids: ['R1', 'R2'] date: "
                                                  "'2025-09-08' ";
    EXPECT_THAT(UnpaidWork(open + "attended: true first_attended: true }"),
                ElementsAre("STARTED R1 2025-09-08 - -", "STARTED R2 2025-09-08 - -"));
    EXPECT_THAT(UnpaidWork(open + "attended: true }"), IsEmpty()) << "a later one";
    EXPECT_THAT(UnpaidWork(open + "}"), IsEmpty()) << "not attended";
  }
  EXPECT_THAT(UnpaidWork("outcome_defaulted { referral_ids: 'R1' date: '2025-09-08' }"), IsEmpty());
}

TEST(FactsOfUnpaidWork, HoursDoneReopenedAndTerminatedAreOfOneRequirement) {
  EXPECT_THAT(
      UnpaidWork("requirement_hours_done { referral_id: 'R1' org: 'A' work_date: '2026-01-05' }"),
      ElementsAre("COMPLETED R1 2026-01-05 A -"));
  EXPECT_THAT(UnpaidWork("requirement_reopened { referral_id: 'R1' on: '2026-01-09' }"),
              ElementsAre("REOPENED R1 2026-01-09 - -"));
  const std::string ended = "requirement_terminated { referral_id: 'R1' on: '2026-01-09' org: 'A' ";
  const auto stopped = UnpaidWork(ended + "}");
  ASSERT_EQ(stopped.size(), 1u);
  EXPECT_EQ(stopped[0].substr(0, 23), "STOPPED R1 2026-01-09 A");
  EXPECT_THAT(UnpaidWork(ended + "cause: 'referral/NAT/9/0' }"), IsEmpty());
}

TEST(FactsOfUnpaidWork, WhichServiceIsReadFromTheType) {
  unpaid_work::v1::PublicEvent data;
  data.mutable_requirement_hours_done()->set_referral_id("R1");
  common::v1::CloudEvent event;
  event.set_type("pdp.unpaid_work.v1.RequirementHoursDone");
  event.set_data(data.SerializeAsString());
  ASSERT_EQ(FactsOf(event).size(), 1u);
  EXPECT_EQ(FactsOf(event)[0].kind(), v1::RecordDeliveryFact::COMPLETED);
}

TEST(OrganisationsTest, EachContractEventLeavesTheContractAsItNowIs) {
  const auto contract = [](const std::string& text) {
    subcontractor::v1::PublicEvent event;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &event)) << text;
    return ContractOf(event);
  };
  const std::string scope =
      "org: 'S01' services: ['BBR', 'TSP'] pdus: 'P1' from: '2025-01-01' to: '2025-12-31' ";
  const auto prime =
      contract("prime_contract_activated { contract_id: 'PC-1' " + scope + " }");
  ASSERT_TRUE(prime.has_value());
  EXPECT_EQ(prime->contract_id(), "PC-1");
  EXPECT_THAT(prime->services(), ElementsAre("BBR", "TSP"));
  for (const char* event : {"subcontract_activated", "subcontract_suspended",
                            "subcontract_resumed", "subcontract_ended"}) {
    const auto sub = contract(std::string(event) + " { subcontract_id: 'SC-1' " + scope + " }");
    ASSERT_TRUE(sub.has_value()) << event;
    EXPECT_EQ(sub->contract_id(), "SC-1");
    EXPECT_EQ(sub->to(), "2025-12-31");
    EXPECT_EQ(sub->suspended(), std::string(event) == "subcontract_suspended") << event;
  }
  EXPECT_FALSE(contract("pool_opened { service: 'TSP' }").has_value());
}

// REF-33, REF-35: "reserve_slot C K R", "release_slot C K R" or nothing.
template <typename Envelope>
std::string Slot(const std::string& text, const std::string& state = "",
                 const std::string& origin = "FORM") {
  Envelope data;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &data)) << text;
  common::v1::CloudEvent event;
  event.set_type("pdp.referral.v1." + decider::CaseName(data));
  event.set_data(data.SerializeAsString());
  v1::Referral referral;
  v1::ReferralState parsed = v1::REFERRAL_STATE_UNSPECIFIED;
  v1::ReferralState_Parse(state, &parsed);
  referral.set_state(parsed);
  referral.set_origin(origin);
  referral.set_origin_crn("C");
  const auto command = SlotCommandOf(event, state.empty() ? nullptr : &referral);
  if (!command) return "";
  if (command->has_reserve_slot()) {
    const auto& slot = command->reserve_slot();
    return "reserve_slot " + slot.crn() + " " + slot.key() + " " + slot.referral_id();
  }
  const auto& slot = command->release_slot();
  return "release_slot " + slot.crn() + " " + slot.key() + " " + slot.referral_id();
}
const auto Internal = Slot<v1::InternalEvent>;
const auto Public = Slot<v1::PublicEvent>;

TEST(SlotTest, AnOrphanIsReleasedWhereItsReferralIsStillADraftOfTheForm) {
  const std::string due = "slot_check_due { crn: 'C' key: 'K' referral_id: 'R' }";
  EXPECT_EQ(Internal(due, "DRAFT", "FORM"), "release_slot C K R");
  EXPECT_EQ(Internal(due, "DRAFT", "REQUIREMENT"), "") << "it holds its slot from the opening on";
  for (const char* state : {"SUBMITTED", "ROUTED", "IN_DELIVERY"}) {
    EXPECT_EQ(Internal(due, state, "FORM"), "") << state;
  }
  EXPECT_EQ(Internal(due, "", ""), "") << "another area's";
}

TEST(SlotTest, EndsReleaseAndReopeningsAndSubmissionsAsk) {
  EXPECT_EQ(Internal("draft_discarded { crn: 'C' slot_key: 'K' referral_id: 'R' }", "", ""),
            "release_slot C K R");
  EXPECT_EQ(Internal("draft_discarded { crn: 'C' referral_id: 'R' }", "", ""), "");
  EXPECT_EQ(Public("referral_closed { crn: 'C' slot_key: 'K' referral_id: 'R' }", "", ""),
            "release_slot C K R");
  EXPECT_EQ(Public("delivery_ended { crn: 'C' slot_key: 'K' referral_id: 'R' }", "", ""),
            "release_slot C K R");
  EXPECT_EQ(Public("referral_reopened { crn: 'C' slot_key: 'K' referral_id: 'R' }", "", ""),
            "reserve_slot C K R");
  EXPECT_EQ(Public("referral_submitted { slot_key: 'K' referral_id: 'R' }", "SUBMITTED", "FORM"),
            "reserve_slot C K R");
  EXPECT_EQ(Public("referral_submitted { referral_id: 'R' }", "SUBMITTED", "FORM"), "")
      << "SIGNPOST has no slot";
}

}  // namespace
}  // namespace pdp::referral
