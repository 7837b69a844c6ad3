// What happens to a person, an order, a case elsewhere, and what programmes tells referral of it.

#include "services/programmes/testing/service_fixture.h"

namespace pdp::programmes {
namespace {

class ProcessTest : public ServiceTest {
 protected:
  void Arrive(const std::string& n) {
    Accept("R" + n, "T00000" + n);
    ASSERT_TRUE(Reaches("R" + n + "/1", v1::AWAITING_SUITABILITY));
  }
  std::string CauseOfEnd(const std::string& enrolment) {
    for (const common::v1::CloudEvent& event : PublicEvents()) {
      const v1::PublicEvent data = DataOf(event);
      if (data.has_enrolment_ended() && data.enrolment_ended().enrolment_id() == enrolment) {
        return data.enrolment_ended().cause();
      }
    }
    return "none";
  }
};

TEST_F(ProcessTest, EndsOfOrderAndRequirementEndTheCasesTheyCarry) {
  for (const char* n : {"1", "2", "3", "4"}) ASSERT_NO_FATAL_FAILURE(Arrive(n));
  ref::PublicEvent expired;
  expired.mutable_requirement_ended()->set_crn("T000001");
  expired.mutable_requirement_ended()->set_requirement_key("T000001/1/2");
  expired.mutable_requirement_ended()->set_cause("EXPIRED");
  expired.mutable_requirement_ended()->set_on(Day(-2));
  const auto event = PublishInNat("sentence/T000001/1", expired);
  ref::PublicEvent other = expired;
  other.mutable_requirement_ended()->set_crn("T000002");
  other.mutable_requirement_ended()->set_requirement_key("T000002/1/9");
  PublishInNat("sentence/T000002/1", other);
  ref::PublicEvent completed;
  completed.mutable_sentence_ended()->set_crn("T000002");
  completed.mutable_sentence_ended()->set_sentence_key("T000002/1");
  completed.mutable_sentence_ended()->set_cause("COMPLETED");
  PublishInNat("sentence/T000002/1", completed);
  ref::PublicEvent quashed;
  quashed.mutable_sentence_ended()->set_crn("T000003");
  quashed.mutable_sentence_ended()->set_sentence_key("T000003/1");
  quashed.mutable_sentence_ended()->set_cause("QUASHED");
  quashed.mutable_sentence_ended()->set_on(Day(-2));
  PublishInNat("sentence/T000003/1", quashed);
  ref::PublicEvent dead;
  dead.mutable_death_recorded()->set_crn("T000004");
  dead.mutable_death_recorded()->set_person_version(4);
  PublishInNat("person/T000004", dead);
  ASSERT_TRUE(Reaches("R4/1", v1::ENDED)) << "the last of the partition: all before it were read";
  EXPECT_EQ(Enrolment("R4/1").end_reason(), "DIED");
  ASSERT_TRUE(Reaches("R1/1", v1::ENDED));
  EXPECT_EQ(Enrolment("R1/1").end_reason(), "ORDER_EXPIRED");
  EXPECT_EQ(CauseOfEnd("R1/1"), event.id());
  ASSERT_TRUE(Reaches("R3/1", v1::ENDED));
  EXPECT_EQ(Enrolment("R3/1").end_reason(), "ORDER_REVOKED");
  EXPECT_EQ(Enrolment("R2/1").status(), v1::AWAITING_SUITABILITY)
      << "another requirement, and what was completed ends nothing";
  EXPECT_TRUE(referral_.executed().empty());
}

TEST_F(ProcessTest, CustodySuspendsAndReturningIsForAPersonToDecide) {
  ASSERT_NO_FATAL_FAILURE(Arrive("1"));
  ref::PublicEvent moved;
  moved.mutable_location_changed()->set_crn("T000001");
  moved.mutable_location_changed()->set_person_version(4);
  moved.mutable_location_changed()->set_location("CUSTODY");
  moved.mutable_location_changed()->set_from(Day(-10));
  PublishInNat("person/T000001", moved);
  ASSERT_TRUE(Reaches("R1/1", v1::SUSPENDED));
  EXPECT_EQ(Enrolment("R1/1").suspended_on(), Day(-10));
  // PRG-22, 23: the waiting clock stands still from then on.
  v1::GetEnrolmentRequest get;
  get.set_enrolment_id("R1/1");
  v1::GetEnrolmentReply found;
  ASSERT_TRUE(Ask(&v1::ProgrammesService::Stub::GetEnrolment, kOfficer, get, &found).ok());
  EXPECT_EQ(found.elapsed_days(), 130);
  EXPECT_EQ(found.counted_days(), 120);
  moved.mutable_location_changed()->set_location("COMMUNITY");
  moved.mutable_location_changed()->set_from(Day(-1));
  PublishInNat("person/T000001", moved);
  ASSERT_TRUE(Eventually([&] { return TaskList("RETURNED_TO_COMMUNITY").size() == 1; }));
  EXPECT_EQ(TaskList("RETURNED_TO_COMMUNITY")[0].subject(), "R1/1");
  EXPECT_EQ(Enrolment("R1/1").status(), v1::SUSPENDED) << "nothing resumes by itself";
}

TEST_F(ProcessTest, WhatWasOverBeforeTheCaseWasKnownIsNotLost) {
  KnowReferral("R1", "T000001", "person { dead: true }");
  PublishAccepted("R1");
  KnowReferral("R2", "T000002", "requirement { status: REQUIREMENT_TERMINATED }");
  PublishAccepted("R2");
  KnowReferral("R3", "T000003", "sentence { status: SENTENCE_ENDED ended_cause: 'REVOKED' }");
  PublishAccepted("R3");
  KnowReferral("R4", "T000004", "person { location { kind: 'CUSTODY' } }");
  PublishAccepted("R4");
  ASSERT_TRUE(Reaches("R1/1", v1::ENDED));
  EXPECT_EQ(Enrolment("R1/1").end_reason(), "DIED");
  ASSERT_TRUE(Reaches("R2/1", v1::ENDED));
  EXPECT_EQ(Enrolment("R2/1").end_reason(), "REQUIREMENT_REMOVED");
  ASSERT_TRUE(Reaches("R3/1", v1::ENDED));
  EXPECT_EQ(Enrolment("R3/1").end_reason(), "ORDER_REVOKED");
  ASSERT_TRUE(Reaches("R4/1", v1::SUSPENDED));
}

TEST_F(ProcessTest, AVariedOrderMovesItsEndAndACaseThatMovesIsTransferredOut) {
  ASSERT_NO_FATAL_FAILURE(Arrive("1"));
  ASSERT_NO_FATAL_FAILURE(Arrive("2"));
  ref::GetReferralReply reply = referral_.Get("R1");
  reply.set_sentence_version(2);
  reply.mutable_sentence()->set_end_on(Day(300));
  referral_.Put(reply);
  ref::PublicEvent changed;
  changed.mutable_sentence_end_changed()->set_crn("T000001");
  changed.mutable_sentence_end_changed()->set_sentence_key("T000001/1");
  changed.mutable_sentence_end_changed()->set_sentence_version(2);
  PublishInNat("sentence/T000001/1", changed);
  ASSERT_TRUE(Eventually([&] { return Enrolment("R1/1").sentence_version() == 2; }));
  EXPECT_EQ(Enrolment("R1/1").requirement().order_end(), Day(300));

  ref::PublicEvent moved;
  moved.mutable_referral_handed_off()->set_referral_id("R2");
  moved.mutable_referral_handed_off()->set_from_area("N56");
  moved.mutable_referral_handed_off()->set_to_area("N07");
  referral_feed_.Publish("N56", "referral/R2", Evening(Day(-1)), moved);
  ASSERT_TRUE(Reaches("R2/1", v1::TRANSFERRED_OUT));
}

TEST_F(ProcessTest, WhoMayNotSeeAPersonFindsNothingOfThem) {
  ASSERT_NO_FATAL_FAILURE(Arrive("1"));
  ASSERT_NO_FATAL_FAILURE(Arrive("2"));
  const auto count = [&](const As& as) {
    v1::ListEnrolmentsReply reply;
    EXPECT_TRUE(Ask(&v1::ProgrammesService::Stub::ListEnrolments, as,
                    v1::ListEnrolmentsRequest(), &reply).ok());
    return reply.enrolments_size();
  };
  ASSERT_TRUE(Eventually([&] { return count(kScheduler) == 2; }));
  ref::PublicEvent restricted;
  restricted.mutable_access_restricted()->set_crn("T000001");
  restricted.mutable_access_restricted()->set_person_version(4);
  restricted.mutable_access_restricted()->mutable_lists()->add_excluded()->set_user_id("u9");
  PublishInNat("person/T000001", restricted);
  // REF-90: of a provider nobody who is not cleared; the platform and the area's own go on.
  ASSERT_TRUE(Eventually([&] { return count(kScheduler) == 1; }));
  EXPECT_EQ(count(kOfficer), 2);
  v1::GetEnrolmentRequest get;
  get.set_enrolment_id("R1/1");
  v1::GetEnrolmentReply found;
  EXPECT_EQ(ReasonOf(Ask(&v1::ProgrammesService::Stub::GetEnrolment, kScheduler, get, &found)),
            "NOT_FOUND");
  EXPECT_EQ(Execute(kFacilitator, "confirm_suitability { enrolment_id: 'R1/1' }"), "NOT_FOUND");
  ref::PublicEvent cleared = restricted;
  auto* lists = cleared.mutable_access_cleared();
  lists->set_crn("T000001");
  lists->set_person_version(5);
  lists->mutable_lists()->add_excluded()->set_user_id("u9");
  lists->mutable_lists()->add_cleared()->set_user_id("test");
  lists->mutable_lists()->mutable_cleared(0)->set_org("S01");
  PublishInNat("person/T000001", cleared);
  ASSERT_TRUE(Eventually([&] { return count(kScheduler) == 2; }));
  EXPECT_EQ(Execute(kFacilitator, "confirm_suitability { enrolment_id: 'R1/1' }"), "");
}

// PRG-88, PM-7: the first failure is a decision of the officer's, one after a warning a referral.
TEST_F(ProcessTest, AStepIsATaskOrAReportAndIsTakenBackWithItsFailure) {
  const std::vector<std::string> people = {"R1/1", "R2/1", "R3/1"};
  for (const char* n : {"1", "2", "3"}) ASSERT_NO_FATAL_FAILURE(Arrive(n));
  ASSERT_NO_FATAL_FAILURE(ScheduleGroup(people));
  const v1::Group group = Group("G1");
  const v1::Session &s1 = group.sessions(1), &s2 = group.sessions(2);
  // Sent home at the door: a failure at once (PRG-86, 87).
  const auto sent_home = [&](const v1::Session& session) {
    return Execute(kFacilitator,
                   absl::StrCat("record_attendance { session_id: '", session.session_id(),
                                "' entries { enrolment_id: 'R1/1' code: 'ATSH' minutes_present: 5 "
                                "} }"),
                   Evening(session.date()));
  };
  ASSERT_EQ(sent_home(s1), "");
  ASSERT_TRUE(Eventually([&] { return TaskList("WARN_OR_REFER").size() == 1; }));
  EXPECT_EQ(TaskList("WARN_OR_REFER")[0].referral_id(), "R1");
  ASSERT_EQ(Execute(kOfficer,
                    absl::StrCat("record_warning { order_id: 'T000001/1' warning { warning_id: "
                                 "'W1' given_on: '", s1.date(), "' failure_id: 'T000001/1/",
                                 s1.date(), "' source: 'programmes' } }"),
                    Evening(s1.date())), "");
  ASSERT_EQ(sent_home(s2), "");
  ASSERT_TRUE(Eventually([&] { return referral_.executed().size() == 1; }));
  const ref::ReportEnforcementReferral report =
      referral_.executed()[0].command().report_enforcement_referral();
  EXPECT_EQ(report.referral_id(), "R1");
  EXPECT_EQ(report.service(), "programmes");
  EXPECT_EQ(report.kind(), "BREACH");
  EXPECT_EQ(report.order_id(), "T000001/1");
  EXPECT_EQ(report.enforcement_id(),
            absl::StrCat("T000001/1/", s2.date(), "/REFERRAL_MANDATORY"));
  EXPECT_EQ(report.legal_basis(), "SA2020-Sch10");
  EXPECT_EQ(report.failure_ids_size(), 2);
  ASSERT_EQ(report.evidence_size(), 2);
  EXPECT_EQ(report.evidence(1), absl::StrCat(s2.date(), " ATSH G1/S2"));
  // The warning is told to the other delivery services, as this one's own.
  bool told = false;
  for (const common::v1::CloudEvent& event : PublicEvents()) {
    const v1::PublicEvent data = DataOf(event);
    if (!data.has_warning_recorded()) continue;
    EXPECT_FALSE(told);
    told = true;
    EXPECT_EQ(data.warning_recorded().order_id(), "T000001/1");
    EXPECT_EQ(data.warning_recorded().source(), "programmes");
  }
  EXPECT_TRUE(told);
  // Steps are nobody else's events.
  for (const common::v1::CloudEvent& event : PublicEvents()) {
    EXPECT_EQ(event.type().find("Step"), std::string::npos) << event.type();
  }
  ASSERT_EQ(Execute(kFacilitator,
                    "correct_attendance { enrolment_id: 'R1/1' session_id: 'G1/S2' code: 'ATTC' "
                    "minutes_present: 120 reason: 'another man of that name' evidence_ref: 'E1' }"),
            "");
  ASSERT_TRUE(Eventually([&] { return referral_.executed().size() == 2; }));
  EXPECT_EQ(referral_.executed()[1].command().withdraw_enforcement_referral().enforcement_id(),
            report.enforcement_id());
  ASSERT_EQ(Execute(kFacilitator,
                    "correct_attendance { enrolment_id: 'R1/1' session_id: 'G1/S1' code: 'ATTC' "
                    "minutes_present: 120 reason: 'another man of that name' evidence_ref: 'E1' }"),
            "");
  ASSERT_TRUE(Eventually([&] { return TaskList("WARN_OR_REFER").empty(); }));
}

// Interfaces, B1 and D10 (REF-102): nothing of the person can be read any more, and referral is
// told, as often as it asks.
TEST_F(ProcessTest, AnErasedPersonIsPurgedAndItIsConfirmed) {
  for (const char* n : {"1", "2"}) ASSERT_NO_FATAL_FAILURE(Arrive(n));
  ASSERT_TRUE(Enrolment("R1/1").has_responsivity());
  ref::PublicEvent erased;
  erased.mutable_person_erased()->set_crn("T000009");
  erased.mutable_person_erased()->add_aliases("T000001");
  const auto confirmed = [&] {
    size_t found = 0;
    for (const common::v1::CloudEvent& event : PublicEvents()) {
      const v1::PublicEvent data = DataOf(event);
      if (!data.has_erasure_confirmed()) continue;
      EXPECT_EQ(data.erasure_confirmed().crn(), "T000009");
      EXPECT_EQ(data.erasure_confirmed().area(), "N56");
      EXPECT_EQ(data.erasure_confirmed().gaps_size(), 0);
      ++found;
    }
    return found;
  };
  PublishInNat("person/T000009", erased);
  ASSERT_TRUE(Eventually([&] { return confirmed() == 1; }));
  v1::GetEnrolmentRequest request;
  request.set_enrolment_id("R1/1");
  v1::GetEnrolmentReply reply;
  Ask(&v1::ProgrammesService::Stub::GetEnrolment, kSystem, request, &reply);
  EXPECT_TRUE(reply.erased()) << "an alias goes with its root";
  EXPECT_FALSE(reply.enrolment().has_responsivity());
  EXPECT_EQ(reply.enrolment().referral_id(), "R1") << "codes stay";
  EXPECT_TRUE(Enrolment("R2/1").has_responsivity()) << "of others everything";
  PublishInNat("person/T000009", erased);
  ASSERT_TRUE(Eventually([&] { return confirmed() == 2; })) << "asked again";
}

}  // namespace
}  // namespace pdp::programmes
