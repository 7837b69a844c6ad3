// Outcomes, offers, failures, evidence, adjustments, travel: UPW-15 to 17, 37, 38, 59, 61 to 66;
// worked examples W5, W8, W10, W13, W14, W19.

// Longer than the house rule because failures and evidence follow the outcomes of one fixture.

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/unpaid_work/domain/story.h"

namespace pdp::unpaid_work {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kCrn[] = "T000001";

class WorkTest : public ::testing::Test {
 protected:
  void SetUp() override {
    story.Scope();
    story.Project("N56-001");
    story.Person(kCrn);
  }
  // Booked for that day, and the clock put to its evening.
  std::string BookedAndOver(const std::string& date, int start = 540, int end = 960) {
    const std::string id = story.Book(story.Plan("N56-001", date, start, end));
    story.world.At(absl::StrCat(date, "T20:00:00Z"));
    return id;
  }
  int OpenFailures() {
    int open = 0;
    for (const v1::Failure& failure : story.Case().failures()) {
      if (failure.status() != v1::FAILURE_VOID) ++open;
    }
    return open;
  }
  v1::Offer Offer(const std::string& id) { return story.Appointment(id).offer(); }
  Story story;
};

// Σ fates = offered, for every appointment (UPW-15).
void ExpectClosed(const v1::Offer& offer) {
  EXPECT_EQ(offer.offered(), offer.open() + offer.worked() + offer.penalty() +
                                 offer.lost_person() + offer.lost_service() +
                                 offer.lost_excused() + offer.lost_pending() + offer.withdrawn());
}

TEST_F(WorkTest, W8_AnOfferClosesIntoItsFates) {
  const std::string late = BookedAndOver("2024-04-22");
  ASSERT_TRUE(story.Outcome(Story::Item(late, "ATTC", 540, 930, 30)).accepted());
  EXPECT_EQ(Offer(late).worked(), 360);
  EXPECT_EQ(Offer(late).penalty(), 30);
  EXPECT_EQ(Offer(late).lost_person(), 30);
  const std::string home = BookedAndOver("2024-04-23");
  ASSERT_TRUE(story.Outcome(Story::Item(home, "ATSS", 540, 740)).accepted());
  EXPECT_EQ(Offer(home).worked(), 200);
  EXPECT_EQ(Offer(home).lost_service(), 220);
  ExpectClosed(Offer(late));
  ExpectClosed(Offer(home));
  EXPECT_EQ(story.Balance("R-T000001", v1::WORKED), 560);
}

TEST_F(WorkTest, W8_WorkBeyondTheOfferGrowsIt) {
  story.Credit("earlier", v1::WORKED, 6000 - 300, "2024-02-01");
  const std::string id = BookedAndOver("2024-04-22");
  EXPECT_EQ(Offer(id).offered(), 300);
  ASSERT_TRUE(story.Outcome(Story::Item(id, "ATTC", 540, 960)).accepted());
  EXPECT_EQ(Offer(id).offered(), 420);
  EXPECT_EQ(Offer(id).worked(), 420);
  ExpectClosed(Offer(id));
  ASSERT_EQ(story.Case().surplus_size(), 1);
  EXPECT_EQ(story.Case().surplus(0).minutes(), 120);
}

TEST_F(WorkTest, AbsentMinutesGoWhereTheFaultLies) {
  const auto decide = [&](const char* date, const char* code) {
    const std::string id = BookedAndOver(date);
    EXPECT_TRUE(story.Outcome(Story::Item(id, code)).accepted()) << code;
    ExpectClosed(Offer(id));
    return Offer(id);
  };
  EXPECT_EQ(decide("2024-04-22", "UACP").lost_person(), 420);
  EXPECT_EQ(decide("2024-04-23", "AAME").lost_excused(), 420);
  EXPECT_EQ(decide("2024-04-24", "RSSR").lost_service(), 420);
  EXPECT_EQ(decide("2024-04-25", "APEN").lost_pending(), 420);
}

TEST_F(WorkTest, W5_SixDaysOverCommands) {
  Story week("2019-01-14T09:00:00Z");
  week.Scope();
  week.Project("N56-002");
  week.Register("R1", 40, "2019-01-07");
  week.Ready();
  std::vector<std::string> ids;
  for (int day = 1; day <= 6; ++day) {
    const std::string date = absl::StrCat("2019-02-0", day);
    ids.push_back(week.Book(week.Plan("N56-002", date)));
    week.world.At(absl::StrCat(date, "T20:00:00Z"));
    ASSERT_TRUE(week.Outcome(Story::Item(ids.back(), "ATTC", 540, 960)).accepted()) << day;
  }
  EXPECT_EQ(week.Balance("R1", v1::OWED), 0);
  EXPECT_EQ(week.Requirement("R1").done_on(), "2019-02-06");
  EXPECT_EQ(week.Case().surplus(0).minutes(), 120);
  EXPECT_EQ(week.Case().surplus(0).appointment_id(), ids[5]);
  const auto uacp = week.CorrectTo(Story::Item(ids[1], "UACP"), 1);
  ASSERT_TRUE(uacp.accepted()) << uacp.reason();
  EXPECT_THAT(uacp.event_names(), HasSubstr("RequirementReopened"));
  EXPECT_EQ(week.Balance("R1", v1::OWED), 300);
  EXPECT_EQ(week.Case().surplus_size(), 0);
  EXPECT_EQ(week.Case().status(), v1::CASE_ACTIVE);
  ASSERT_TRUE(week.CorrectTo(Story::Item(ids[1], "ATTC", 540, 720), 2).accepted());
  EXPECT_EQ(week.Balance("R1", v1::OWED), 120);
}

TEST_F(WorkTest, W10_WhatIsOfferedBeyondTheOwedIsTrimmedFromTheEnd) {
  std::vector<std::string> ids;
  for (const char* date : {"2024-05-13", "2024-05-20", "2024-05-27"}) {
    ids.push_back(story.Book(story.Plan("N56-001", date)));
  }
  story.Credit("elsewhere", v1::WORKED, 6000 - 700, "2024-04-10");
  EXPECT_EQ(story.Appointment(ids[0]).end(), 960);
  EXPECT_EQ(story.Appointment(ids[1]).end(), 13 * 60 + 40);
  EXPECT_EQ(story.Appointment(ids[1]).revision(), 2u);
  EXPECT_EQ(story.Appointment(ids[2]).status(), v1::APPOINTMENT_WITHDRAWN);
  EXPECT_EQ(PersonOpen(story.Case()), 700);
  EXPECT_TRUE(story.Session("N56-001.20240527.1").seats().empty());
}

TEST_F(WorkTest, RecordOutcomeRefusesInThePrintedOrder) {
  const std::string id = story.Book(story.Plan("N56-001", "2024-04-22"));
  const auto reason = [&](const std::string& code, const std::string& rest) {
    return story.Reason("SU", absl::StrCat("record_outcome { item { crn: 'T000001' "
                                           "appointment_id: '", id, "' code: '", code, "' ", rest,
                                           " } }"));
  };
  EXPECT_EQ(reason("XXXX", ""), "UNKNOWN_CODE");
  EXPECT_EQ(reason("ATCH", ""), "UNKNOWN_CODE");
  EXPECT_EQ(reason("ATTC", ""), "OUTCOME_IN_FUTURE");
  EXPECT_EQ(reason("UACP", "quality: 'GD'"), "OUTCOME_IN_FUTURE");
  story.world.At("2024-04-22T20:00:00Z");
  EXPECT_EQ(reason("ATTC", "actual_start: 500 actual_end: 400 penalty: 900"),
            "ATTENDANCE_DATA_MISSING");
  EXPECT_EQ(reason("UACP", "actual_start: 500 actual_end: 400 penalty: 900"),
            "ATTENDANCE_DATA_NOT_ALLOWED");
  const std::string graded = "quality: 'GD' behaviour: 'SA' ";
  EXPECT_EQ(reason("ATTC", graded + "actual_start: 539 actual_end: 400 penalty: 900"),
            "ACTUAL_OUTSIDE_SESSION");
  EXPECT_EQ(reason("ATTC", graded + "actual_start: 900 actual_end: 961 penalty: 900"),
            "ACTUAL_OUTSIDE_SESSION");
  EXPECT_EQ(reason("ATTC", graded + "actual_start: 600 actual_end: 600 penalty: 900"),
            "END_NOT_AFTER_START");
  EXPECT_EQ(reason("ATTC", graded + "actual_start: 600 actual_end: 660 penalty: 61"),
            "PENALTY_EXCEEDS_WORK");
  EXPECT_EQ(reason("ATTC", graded + "actual_start: 600 actual_end: 660 penalty: 60"), "");
  EXPECT_EQ(reason("ATTC", graded + "actual_start: 600 actual_end: 660 penalty: 60"),
            "APPOINTMENT_NOT_OPEN");
}

TEST_F(WorkTest, BeforeTheStartOnlyExcusesAndServiceCodes) {
  const std::string id = story.Book(story.Plan("N56-001", "2024-04-22"));
  EXPECT_EQ(story.Outcome(Story::Item(id, "APEN")).reason(), "OUTCOME_IN_FUTURE");
  EXPECT_TRUE(story.Outcome(Story::Item(id, "RSSR")).accepted());
  EXPECT_EQ(story.Appointment(id).status(), v1::APPOINTMENT_RESCHEDULED);
}

TEST_F(WorkTest, FactsAreNamedByAppointmentAndRevision) {
  const std::string id = BookedAndOver("2024-04-22");
  const auto recorded = story.Outcome(Story::Item(id, "ATTC", 540, 960));
  ASSERT_TRUE(recorded.accepted());
  const auto& first = recorded.events[0].event.outcome_recorded();
  EXPECT_EQ(first.fact().fact_id(), "unpaid_work/out/N56-001.20240422.1.1/1");
  EXPECT_EQ(first.fact().kind(), common::v1::DeliveryFact::WORK);
  EXPECT_EQ(first.fact().delivery_org(), "P01");
  EXPECT_EQ(first.fact().area(), "N56");
  EXPECT_EQ(first.fact().pdu(), "N56ESSEX");
  EXPECT_EQ(first.fact().referral_id(), "ref-R-T000001");
  EXPECT_EQ(first.fact().service_date(), "2024-04-22");
  EXPECT_EQ(first.fact().quantity_centi(), 100);
  EXPECT_EQ(first.fact().minutes(), 420);
  EXPECT_EQ(first.fact().code(), "ATTC");
  EXPECT_TRUE(first.first_attended());
  ASSERT_EQ(first.referral_ids_size(), 1);
  const auto corrected = story.CorrectTo(Story::Item(id, "UACP"), 1);
  ASSERT_TRUE(corrected.accepted());
  const auto& second = corrected.events[0].event.outcome_corrected();
  EXPECT_EQ(second.fact().fact_id(), "unpaid_work/out/N56-001.20240422.1.1/2");
  EXPECT_EQ(second.fact().supersedes(), "unpaid_work/out/N56-001.20240422.1.1/1");
  EXPECT_EQ(second.fact().minutes(), 0);
  EXPECT_FALSE(second.fact().cancelled());
}

TEST_F(WorkTest, CorrectionsNameTheRevisionTheyReplace) {
  const std::string id = BookedAndOver("2024-04-22");
  EXPECT_EQ(story.CorrectTo(Story::Item(id, "UACP"), 0).reason(), "OUTCOME_REV_CONFLICT");
  ASSERT_TRUE(story.Outcome(Story::Item(id, "ATTC", 540, 960)).accepted());
  EXPECT_EQ(story.CorrectTo(Story::Item(id, "ATTC", 540, 960), 2).reason(),
            "OUTCOME_REV_CONFLICT");
  EXPECT_EQ(story.CorrectTo(Story::Item(id, "ATTC", 540, 960), 1).reason(),
            "CORRECTION_NO_CHANGE");
  EXPECT_EQ(story.CorrectTo(Story::Item(id, "ATTC", 530, 960), 1).reason(),
            "ACTUAL_OUTSIDE_SESSION");
  EXPECT_EQ(story.CorrectTo(Story::Item(id, "ATTC", 540, 900), 1).reason(), "");
  EXPECT_EQ(story.Balance("R-T000001", v1::WORKED), 360);
}

TEST_F(WorkTest, UPW65_AFailingItemDoesNotStopTheOthers) {
  story.Person("T000002");
  const std::string session = story.Plan("N56-001", "2024-04-22");
  const auto booked = story.Do("CO", Story::BookText(session, {kCrn, "T000002"}));
  ASSERT_TRUE(booked.accepted());
  story.world.At("2024-04-22T20:00:00Z");
  const auto result = story.Do(
      "SU", absl::StrCat("record_session_outcomes { session_id: '", session, "' items ",
                         Story::Item(session + ".1", "ATTC", 500, 960), " items ",
                         Story::Item(session + ".2", "ATTC", 540, 960, 0, "T000002"), " }"));
  ASSERT_TRUE(result.accepted());
  const auto& results = result.reply().record_session_outcomes().results();
  EXPECT_EQ(results[0].reason(), "ACTUAL_OUTSIDE_SESSION");
  EXPECT_EQ(results[1].reason(), "");
  EXPECT_EQ(story.Balance("R-T000002", v1::WORKED, "T000002"), 420);
  EXPECT_EQ(story.Balance("R-T000001", v1::WORKED), 0);
}

TEST_F(WorkTest, UPW77_ASupervisorSeesTheSessionsOfTheirOwnOrganisation) {
  const std::string id = BookedAndOver("2024-04-22");
  const std::string record =
      absl::StrCat("record_outcome { item ", Story::Item(id, "ATTC", 540, 960), " }");
  EXPECT_EQ(story.Do("SU", record, "S09").reason(), "NOT_FOUND");
  EXPECT_EQ(story.Do("SU", record, "P01").reason(), "");
}

TEST_F(WorkTest, ALockedSessionHasRunWhenAllOutcomesAreIn) {
  story.Person("T000002");
  story.Must("CO", "register_supervisor { staff_id: 'S1' org: 'P01' }");
  const std::string session = story.Plan("N56-001", "2024-04-17");
  ASSERT_TRUE(story.Do("CO", Story::BookText(session, {kCrn, "T000002"})).accepted());
  story.Must("CO", absl::StrCat("assign_supervisor { session_id: '", session,
                                "' staff_id: 'S1' }"));
  story.Must("CO", absl::StrCat("lock_roster { session_id: '", session, "' }"));
  story.world.At("2024-04-17T20:00:00Z");
  EXPECT_THAT(story.Outcome(Story::Item(session + ".1", "ATTC", 540, 960)).event_names(),
              Not(HasSubstr("SessionRun")));
  const auto last = story.Outcome(Story::Item(session + ".2", "UACP", 0, 0, 0, "T000002"));
  ASSERT_THAT(last.event_names(), HasSubstr("SessionRun"));
  for (const auto& emitted : last.events) {
    if (!emitted.event.has_session_run()) continue;
    const auto& fact = emitted.event.session_run().fact();
    EXPECT_EQ(fact.fact_id(), "unpaid_work/run/N56-001.20240417.1");
    EXPECT_EQ(fact.kind(), common::v1::DeliveryFact::WORK_SESSION);
    EXPECT_EQ(fact.minutes(), 420);
    EXPECT_EQ(emitted.event.session_run().attended(), 1);
  }
  EXPECT_EQ(story.Session(session).status(), v1::SESSION_RUN);
  // A correction later does not make it run again.
  EXPECT_THAT(story.CorrectTo(Story::Item(session + ".2", "AAME", 0, 0, 0, "T000002"), 1)
                  .event_names(),
              Not(HasSubstr("SessionRun")));
}

class EnforceTest : public WorkTest {
 protected:
  // Issued and answered as said (empty: not), then absent on 2024-05-03 09:00.
  std::string Absent(const std::string& issued, const std::string& acknowledged_on, int at) {
    id = story.Book(story.Plan("N56-001", "2024-05-03"));
    if (!issued.empty()) {
      story.world.At(absl::StrCat(issued, "T08:00:00Z"));
      const auto result = story.Instruct(id);
      EXPECT_TRUE(result.accepted()) << result.reason();
      instruction = result.reply().issue_instruction().instruction_id();
    }
    story.world.At("2024-05-03T20:00:00Z");
    if (!acknowledged_on.empty()) Acknowledge(acknowledged_on, at);
    EXPECT_TRUE(story.Outcome(Story::Item(id, "UACP")).accepted());
    return story.Appointment(id).outcome().not_enforceable_reason();
  }
  void Acknowledge(const std::string& on, int at) {
    story.Must("CO", absl::StrCat("acknowledge_instruction { crn: 'T000001' instruction_id: '",
                                  instruction, "' method: SIGNED on: '", on, "' at: ", at, " }"));
  }
  std::string id, instruction;
};

TEST_F(EnforceTest, W13_CoveredInTimeMakesAFailure) {
  EXPECT_EQ(Absent("2024-05-01", "2024-05-03", 540), "");
  EXPECT_EQ(OpenFailures(), 1);
  const v1::Failure& failure = story.Case().failures(0);
  EXPECT_EQ(failure.date(), "2024-05-03");
  EXPECT_EQ(failure.order_id(), "order-R-T000001");
  // Five working days over the early May bank holiday.
  EXPECT_EQ(failure.decision_due(), "2024-05-13");
}
TEST_F(EnforceTest, W13_IssuedADayLater) {
  EXPECT_EQ(Absent("2024-05-02", "2024-05-03", 540), "INSTRUCTION_LATE");
  EXPECT_EQ(OpenFailures(), 0);
}
TEST_F(EnforceTest, W13_AcknowledgedAMinuteLate) {
  EXPECT_EQ(Absent("2024-05-01", "2024-05-03", 541), "INSTRUCTION_NOT_ACKNOWLEDGED");
  EXPECT_EQ(OpenFailures(), 0);
}
TEST_F(EnforceTest, W13_NothingIssued) {
  EXPECT_EQ(Absent("", "", 0), "INSTRUCTION_NOT_ISSUED");
  EXPECT_EQ(OpenFailures(), 0);
}
TEST_F(EnforceTest, W13_MovedAfterwards) {
  id = story.Book(story.Plan("N56-001", "2024-05-03"));
  story.world.At("2024-05-01T08:00:00Z");
  instruction = story.Instruct(id).reply().issue_instruction().instruction_id();
  Acknowledge("2024-05-01", 500);
  const std::string other = story.Plan("N56-001", "2024-05-04");
  story.Must("CO", absl::StrCat("move_appointment { crn: 'T000001' appointment_id: '", id,
                                "' to_session_id: '", other, "' }"));
  story.world.At("2024-05-04T20:00:00Z");
  ASSERT_TRUE(story.Outcome(Story::Item(id, "UACP")).accepted());
  EXPECT_EQ(story.Appointment(id).outcome().not_enforceable_reason(), "INSTRUCTION_NOT_ISSUED");
  EXPECT_EQ(OpenFailures(), 0);
}

TEST_F(EnforceTest, UPW38_AnAcknowledgementKeyedLaterCountsFromWhenItWasMade) {
  EXPECT_EQ(Absent("2024-05-01", "", 0), "INSTRUCTION_NOT_ACKNOWLEDGED");
  EXPECT_EQ(OpenFailures(), 0);
  story.world.At("2024-05-07T10:00:00Z");
  Acknowledge("2024-05-03", 540);
  EXPECT_EQ(OpenFailures(), 1);
  EXPECT_TRUE(story.Appointment(id).outcome().enforceable());
  EXPECT_EQ(story.Case().failures(0).noted_on(), "2024-05-07");
}

TEST_F(EnforceTest, UPW38_AnAcknowledgementMadeAfterTheStartNeverDoes) {
  Absent("2024-05-01", "", 0);
  story.world.At("2024-05-07T10:00:00Z");
  Acknowledge("2024-05-03", 541);
  EXPECT_EQ(OpenFailures(), 0);
}

TEST_F(EnforceTest, UPW66_SeveralOnOneDateAreOneFailureThatLivesWhileAnyDoes) {
  const std::string morning = story.Book(story.Plan("N56-001", "2024-05-03", 540, 720));
  const std::string afternoon =
      story.Book(story.Plan("N56-001", "2024-05-03", 780, 960, "", 2));
  for (const std::string& each : {morning, afternoon}) {
    const auto issued = story.Instruct(each);
    ASSERT_TRUE(issued.accepted());
    instruction = issued.reply().issue_instruction().instruction_id();
    Acknowledge("2024-04-15", 599);
  }
  story.world.At("2024-05-03T20:00:00Z");
  ASSERT_TRUE(story.Outcome(Story::Item(morning, "UACP")).accepted());
  ASSERT_TRUE(story.Outcome(Story::Item(afternoon, "ATSH", 780, 840)).accepted());
  ASSERT_EQ(story.Case().failures_size(), 1);
  EXPECT_EQ(story.Case().failures(0).appointment_ids_size(), 2);
  ASSERT_TRUE(story.CorrectTo(Story::Item(morning, "AAME"), 1).accepted());
  EXPECT_EQ(OpenFailures(), 1);
  ASSERT_TRUE(story.CorrectTo(Story::Item(afternoon, "ATTC", 780, 840), 1).accepted());
  EXPECT_EQ(OpenFailures(), 0);
  // There and back restores the count (UPW-14, 70).
  ASSERT_TRUE(story.CorrectTo(Story::Item(morning, "UACP"), 2).accepted());
  EXPECT_EQ(OpenFailures(), 1);
  EXPECT_EQ(story.Case().failures(0).status(), v1::FAILURE_OPEN);
}

TEST_F(EnforceTest, UPW66_AGroupsAbsenceFailsEveryLiveOrderOfIt) {
  story.Register("R-A", 40, "2024-01-01", "occasion_id: 'O1'", "T000003");
  story.Register("R-B", 40, "2024-01-01", "occasion_id: 'O1' concurrent_with: 'R-A'", "T000003");
  story.Ready("T000003");
  const std::string session = story.Plan("N56-001", "2024-05-03");
  const std::string absent = story.Book(session, "T000003");
  const auto issued = story.Do(
      "CO", absl::StrCat("issue_instruction { crn: 'T000003' appointment_ids: '", absent,
                         "' language: 'en' formats: 'STANDARD' sections: 'WHEN' sections: 'WHERE' "
                         "sections: 'BRING' sections: 'CONTACT' sections: 'ABSENCE' sections: "
                         "'CONSEQUENCES' channel: 'LETTER' }"));
  ASSERT_TRUE(issued.accepted());
  story.Must("CO", absl::StrCat("acknowledge_instruction { crn: 'T000003' instruction_id: '",
                                issued.reply().issue_instruction().instruction_id(),
                                "' method: DIGITAL on: '2024-04-15' at: 599 }"));
  story.world.At("2024-05-03T20:00:00Z");
  ASSERT_TRUE(story.Outcome(Story::Item(absent, "UACP", 0, 0, 0, "T000003")).accepted());
  ASSERT_EQ(story.Case("T000003").failures_size(), 2);
  EXPECT_EQ(story.Case("T000003").failures(0).failure_id(), "order-R-A.2024-05-03");
  EXPECT_EQ(story.Case("T000003").failures(1).failure_id(), "order-R-B.2024-05-03");
}

class EvidenceTest : public EnforceTest {
 protected:
  // Absent with evidence pending on Thursday 2024-12-19, told and answered in time.
  void SetUp() override {
    EnforceTest::SetUp();
    story.world.At("2024-12-09T09:00:00Z");
    id = story.Book(story.Plan("N56-001", "2024-12-19"));
    instruction = story.Instruct(id).reply().issue_instruction().instruction_id();
    Acknowledge("2024-12-09", 539);
    story.world.At("2024-12-19T20:00:00Z");
  }
  std::string Submit() {
    return story.Reason("SP", absl::StrCat("submit_evidence { crn: 'T000001' appointment_id: '",
                                           id, "' kind: 'MEDICAL' document_ref: 'doc-1' }"));
  }
  std::string DecideIt(const std::string& role, const std::string& rest) {
    return story.Reason(role, absl::StrCat("decide_evidence { crn: 'T000001' appointment_id: '",
                                           id, "' ", rest, " }"));
  }
  Story::Result Fire() {
    return story.Do("SYS", absl::StrCat("fire_timer { what: EVIDENCE_DUE_PASSED of: 'T000001' "
                                        "ref: '", id, "' }"));
  }
};

TEST_F(EvidenceTest, W14_WithoutEvidenceTheAbsenceDefaultsTheDayAfter) {
  EXPECT_EQ(Submit(), "EVIDENCE_NOT_DUE");
  EXPECT_EQ(DecideIt("RO", "accept_code: 'AAME'"), "EVIDENCE_NOT_DUE");
  ASSERT_TRUE(story.Outcome(Story::Item(id, "APEN")).accepted());
  EXPECT_EQ(story.Appointment(id).evidence_due(), "2024-12-30");
  EXPECT_EQ(OpenFailures(), 0);
  story.world.At("2024-12-30T23:00:00Z");
  EXPECT_EQ(Fire().event_names(), "");
  // The clock may run late: the failure is noted on the day after all the same.
  story.world.At("2025-01-03T00:05:00Z");
  EXPECT_THAT(Fire().event_names(), HasSubstr("OutcomeDefaulted"));
  EXPECT_EQ(Fire().event_names(), "");
  EXPECT_EQ(story.Appointment(id).outcome().code(), "UACP");
  ASSERT_EQ(OpenFailures(), 1);
  EXPECT_EQ(story.Case().failures(0).noted_on(), "2024-12-31");
  EXPECT_EQ(story.Case().failures(0).date(), "2024-12-19");
  EXPECT_EQ(Offer(id).lost_person(), 420);
  EXPECT_EQ(Submit(), "EVIDENCE_LATE");
  EXPECT_EQ(DecideIt("RO", "accept_code: 'AAME' override_late: true"), "EVIDENCE_LATE");
  EXPECT_EQ(DecideIt("MG", "accept_code: 'AAME' override_late: true"), "");
  EXPECT_EQ(OpenFailures(), 0);
  EXPECT_EQ(Offer(id).lost_excused(), 420);
}

TEST_F(EvidenceTest, WhatCameInTimeWaitsForItsDecision) {
  ASSERT_TRUE(story.Outcome(Story::Item(id, "APEN")).accepted());
  story.world.At("2024-12-30T10:00:00Z");
  EXPECT_EQ(Submit(), "");
  story.world.At("2025-01-06T10:00:00Z");
  EXPECT_EQ(Fire().event_names(), "");
  EXPECT_EQ(DecideIt("RO", "accept_code: 'UACP'"), "UNKNOWN_CODE");
  EXPECT_EQ(DecideIt("RO", ""), "");
  EXPECT_EQ(story.Appointment(id).evidence(), v1::EVIDENCE_REJECTED);
  ASSERT_EQ(OpenFailures(), 1);
  // On the decision day.
  EXPECT_EQ(story.Case().failures(0).noted_on(), "2025-01-06");
  EXPECT_EQ(DecideIt("RO", ""), "EVIDENCE_NOT_DUE");
}

TEST_F(EvidenceTest, LateEvidenceBeforeTheTimerIsLateToo) {
  ASSERT_TRUE(story.Outcome(Story::Item(id, "APEN")).accepted());
  story.world.At("2024-12-31T00:00:00Z");
  EXPECT_EQ(Submit(), "EVIDENCE_LATE");
  EXPECT_EQ(DecideIt("RO", "accept_code: 'AAME'"), "EVIDENCE_LATE");
  EXPECT_EQ(DecideIt("MG", "accept_code: 'AAME' override_late: true"), "");
}

TEST_F(WorkTest, NotesHaveTheirOwnRevisionAndStaySensitive) {
  const std::string id = BookedAndOver("2024-04-22");
  const auto note = [&](int rev, const std::string& text, bool sensitive) {
    return story.Reason("SU", absl::StrCat("write_note { crn: 'T000001' appointment_id: '", id,
                                           "' note_rev: ", rev, " text: '", text,
                                           "' sensitive: ", sensitive ? "true" : "false", " }"));
  };
  EXPECT_EQ(note(1, std::string(4001, 'x'), false), "NOTE_REV_CONFLICT");
  EXPECT_EQ(note(0, std::string(4001, 'x'), false), "NOTE_TOO_LONG");
  EXPECT_EQ(note(0, std::string(4000, 'x'), true), "");
  EXPECT_EQ(note(1, "now plain", false), "SENSITIVE_FLAG_ONE_WAY");
  EXPECT_EQ(note(1, "still sensitive", true), "");
  // A note never conflicts with an outcome.
  EXPECT_TRUE(story.Outcome(Story::Item(id, "UACP")).accepted());
  EXPECT_EQ(note(2, "after the outcome", true), "");
}

TEST_F(WorkTest, UPW16_AdjustmentsRefuseInThePrintedOrder) {
  const auto adjust = [&](const std::string& role, const std::string& direction, int minutes,
                          const std::string& reason, const std::string& on) {
    return story.Reason(role, absl::StrCat("make_adjustment { crn: 'T000001' group: 'R-T000001' "
                                           "direction: ", direction, " minutes: ", minutes,
                                           " reason: '", reason, "' on: '", on, "' }"));
  };
  story.Credit("a", v1::WORKED, 5900, "2024-02-01");
  EXPECT_EQ(adjust("CO", "DECREASE", 100, "OT", "2024-04-01"), "NOT_AUTHORISED");
  EXPECT_EQ(adjust("CO", "DECREASE", 0, "TTX", "2024-04-01"), "VALIDATION_FAILED");
  EXPECT_EQ(adjust("CO", "DECREASE", 181, "TTX", "2024-04-16"), "ADJUSTMENT_IN_FUTURE");
  EXPECT_EQ(adjust("CO", "DECREASE", 181, "TTX", "2024-01-07"), "ADJUSTMENT_BEFORE_ORDER");
  EXPECT_EQ(adjust("CO", "DECREASE", 181, "TTX", "2024-04-01"), "ADJUSTMENT_ABOVE_REASON_MAX");
  EXPECT_EQ(adjust("CO", "DECREASE", 101, "TTX", "2024-04-01"), "ADJUSTMENT_EXCEEDS_REMAINING");
  EXPECT_EQ(adjust("CO", "DECREASE", 100, "TTX", "2024-04-01"), "");
  EXPECT_EQ(story.Balance("R-T000001", v1::OWED), 0);
  const std::string reverse = "reverse_adjustment { crn: 'T000001' adjustment_id: "
                              "'T000001/adjustment/1' }";
  EXPECT_EQ(story.Reason("CO", reverse), "");
  EXPECT_EQ(story.Balance("R-T000001", v1::OWED), 100);
  EXPECT_EQ(story.Reason("CO", reverse), "ALREADY_REVERSED");
  Story fresh;
  fresh.Register("R1", 40, "2024-01-08");
  EXPECT_EQ(fresh.Reason("MG", "make_adjustment { crn: 'T000001' group: 'R1' direction: INCREASE "
                               "minutes: 1 reason: 'OT' on: '2024-04-01' }"),
            "ADJUSTMENT_ABOVE_ORDER");
}

TEST_F(WorkTest, W19_TravelBeyondTheFreeHourIsCreditedUpToTheDay) {
  const std::string id = BookedAndOver("2024-04-22");
  const auto travel = [&](const std::string& appointment, int out, int back) {
    return story.Do("CO", absl::StrCat("credit_travel { crn: 'T000001' appointment_id: '",
                                       appointment, "' out: ", out, " back: ", back, " }"));
  };
  EXPECT_EQ(travel(id, 95, 80).reason(), "NOT_ATTENDED");
  ASSERT_TRUE(story.Outcome(Story::Item(id, "ATTC", 540, 960)).accepted());
  EXPECT_EQ(travel(id, 60, 60).reason(), "TRAVEL_NOTHING_DUE");
  EXPECT_EQ(travel(id, 95, 80).reply().credit_travel().credited_minutes(), 55);
  EXPECT_EQ(travel(id, 95, 80).reason(), "TRAVEL_ALREADY_CREDITED");
  EXPECT_EQ(story.Balance("R-T000001", v1::TRAVEL), 55);
  const std::string far = BookedAndOver("2024-04-23");
  ASSERT_TRUE(story.Outcome(Story::Item(far, "ATTC", 540, 960)).accepted());
  EXPECT_EQ(travel(far, 190, 200).reply().credit_travel().credited_minutes(), 180);
  // Gone with the attendance it was for.
  ASSERT_TRUE(story.CorrectTo(Story::Item(far, "UACP"), 1).accepted());
  EXPECT_EQ(story.Balance("R-T000001", v1::TRAVEL), 55);
  story.Project("N56-IND", "INDUCTION");
  const std::string induction = story.Book(story.Plan("N56-IND", "2024-04-24"));
  story.world.At("2024-04-24T20:00:00Z");
  ASSERT_TRUE(story.Outcome(Story::Item(induction, "ATTC", 540, 960)).accepted());
  EXPECT_EQ(travel(induction, 95, 80).reason(), "KIND_NOT_TRAVEL_ELIGIBLE");
}

TEST_F(WorkTest, UPW64_AnOutcomeIsOverdueTheWorkingDayAfter) {
  // Friday: due on Monday.
  const std::string id = BookedAndOver("2024-04-26");
  const std::string fire = absl::StrCat("fire_timer { what: OUTCOME_DUE_PASSED of: 'T000001' "
                                        "ref: '", id, "' }");
  story.world.At("2024-04-29T22:00:00Z");
  EXPECT_EQ(story.Do("SYS", fire).event_names(), "");
  story.world.At("2024-04-30T00:00:00Z");
  EXPECT_EQ(story.Do("SYS", fire).event_names(), "OutcomeOverdue");
  ASSERT_TRUE(story.Outcome(Story::Item(id, "UACP")).accepted());
  EXPECT_EQ(story.Do("SYS", fire).event_names(), "");
}

TEST_F(WorkTest, TimersFollowTheirClocks) {
  const std::string session = story.Plan("N56-001", "2024-04-26");
  const auto booked = story.Do("CO", Story::BookText(session, {kCrn}));
  ASSERT_TRUE(booked.accepted());
  int set = 0;
  for (const auto& emitted : booked.events) {
    const auto changes = UnpaidWork::Timers(emitted.aggregate, *story.world.Find(emitted.aggregate),
                                            emitted.event, {});
    for (const auto& change : changes) {
      if (change.command.fire_timer().what() != v1::FireTimer::OUTCOME_DUE_PASSED) continue;
      ++set;
      // 00:00 local on 30 April is 23:00 UTC the day before.
      EXPECT_EQ(*change.due_at, absl::FromCivil(absl::CivilSecond(2024, 4, 29, 23, 0, 0),
                                                absl::UTCTimeZone()));
    }
  }
  EXPECT_EQ(set, 1);
}

}  // namespace
}  // namespace pdp::unpaid_work
