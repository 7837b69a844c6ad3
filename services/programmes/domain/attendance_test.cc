#include "services/programmes/domain/obligations.h"
#include "services/programmes/domain/schedule.h"
#include "services/programmes/domain/story.h"

namespace pdp::programmes {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// g1: m1 to m4 (and women when said), confirmed. S1 25 March, S2 1 April, both 13:00 in London.
struct AttendanceTest : ::testing::Test, Story {
  void Begin(int m, int f) {
    Confirmed(m, f);
    At("2026-03-25T15:00:00Z");
  }
  Result S1(const std::string& entries, bool close = false, const std::string& more = "") {
    return Do("FAC", Register("g1/S1", entries, close, more));
  }
};

TEST_F(AttendanceTest, TheFirstAttendedSessionStartsTheProgramme) {
  Begin(4, 0);
  const auto result = S1(Entry("m1/1", "ATTC", 120));
  EXPECT_EQ(result.event_names(), "AttendanceRecorded, ProgrammeStarted");
  const auto& recorded = result.events[0].event.attendance_recorded();
  EXPECT_TRUE(recorded.attended());
  EXPECT_TRUE(recorded.complied());
  EXPECT_EQ(recorded.holder_org(), "P01");
  const auto& started = result.events[1].event.programme_started();
  EXPECT_EQ(started.date(), "2026-03-25");
  EXPECT_EQ(started.holder_org(), "P01");
  EXPECT_EQ(enrolment("m1/1").status(), v1::ON_PROGRAMME);
  EXPECT_EQ(credit("m1/1", "S1"), v1::CREDITED);
}

TEST_F(AttendanceTest, IF_E_TheFactOfAnAttendanceAndOfItsCorrection) {
  Begin(4, 0);
  const auto result = S1(Entry("m1/1", "ATTC", 118));
  const auto& fact = result.events[0].event.attendance_recorded().fact();
  EXPECT_EQ(fact.fact_id(), "programmes/att/g1/S1/m1/1/1");
  EXPECT_EQ(fact.kind(), common::v1::DeliveryFact::ATTENDANCE);
  EXPECT_EQ(fact.service(), "SI_EM");
  EXPECT_EQ(fact.delivery_org(), "P01");
  EXPECT_EQ(fact.area(), "N56");
  EXPECT_EQ(fact.pdu(), "PDU1");
  EXPECT_EQ(fact.referral_id(), "m1");
  EXPECT_EQ(fact.service_date(), "2026-03-25");
  EXPECT_EQ(fact.quantity_centi(), 100);
  EXPECT_EQ(fact.minutes(), 118);
  EXPECT_EQ(fact.code(), "ATTC");
  EXPECT_EQ(fact.supersedes(), "");
  const auto corrected = Do("FAC", Correct("m1/1", "g1/S1", "ATTC", 110));
  const auto& second = corrected.events[0].event.attendance_corrected().fact();
  EXPECT_EQ(second.fact_id(), "programmes/att/g1/S1/m1/1/2");
  EXPECT_EQ(second.supersedes(), "programmes/att/g1/S1/m1/1/1");
  EXPECT_EQ(second.minutes(), 110);
}

TEST_F(AttendanceTest, IF_E_TheFactOfAHeldSession) {
  Begin(4, 0);
  const auto held = S1(Entry("m1/1", "ATTC", 120) + Entry("m2/1", "ATTC", 120) +
                           Entry("m3/1", "AAME", 0) + Entry("m4/1", "UAAB", 0),
                       true);
  ASSERT_EQ(held.reason(), "");
  const auto event = Of(held, &v1::Event::has_session_held, &v1::Event::session_held)[0];
  EXPECT_EQ(event.fact().fact_id(), "programmes/ses/g1/S1");
  EXPECT_EQ(event.fact().kind(), common::v1::DeliveryFact::GROUP_SESSION);
  EXPECT_EQ(event.fact().minutes(), 120);
  EXPECT_EQ(event.fact().quantity_centi(), 100);
  EXPECT_EQ(event.attended(), 2);
  EXPECT_EQ(event.absent(), 2);
  EXPECT_EQ(group().status(), v1::RUNNING);
  EXPECT_EQ(session("g1", "S1").status(), v1::HELD);
}

TEST_F(AttendanceTest, E12_CreditNeedsThreeQuartersOfTheMinutes) {
  Begin(4, 0);
  S1(Entry("m1/1", "ATTC", 90) + Entry("m2/1", "ATTC", 89));  // of 120
  EXPECT_EQ(credit("m1/1", "S1"), v1::CREDITED);
  EXPECT_EQ(credit("m2/1", "S1"), v1::MISSED);
  EXPECT_EQ(enrolment("m2/1").status(), v1::ON_PROGRAMME);  // ATTC stays complied
  ASSERT_EQ(enrolment("m2/1").obligations_size(), 1);
  EXPECT_EQ(enrolment("m2/1").obligations(0).row(), "S1");
}

TEST_F(AttendanceTest, E12_OfTheLongerAndTheShorterSessions) {
  Premises();
  Group("t1", "MEN", "TSP/1", "slots { iso_weekday: 3 start_min: 600 }", "2026-03-18");
  Must("SCH", Allocate("t1", People(4, 0, "TSP/1", "TSP")));
  Schedule("t1");
  Confirm("t1");
  const std::string sc1 = session("t1", "SC1").date();
  At(absl::StrCat(sc1, "T15:00:00Z"));
  Must("FAC", Register("t1/SC1", Entry("m1/1", "ATTC", 112) + Entry("m2/1", "ATTC", 111)));
  EXPECT_EQ(credit("m1/1", "SC1"), v1::CREDITED);  // of 150
  EXPECT_EQ(credit("m2/1", "SC1"), v1::MISSED);
  for (const char* id : {"m1/1", "m2/1"}) {
    Must("SCH",
         absl::StrCat("schedule_individual { enrolment_id: '", id, "' row: 'PG1' date: '", sc1,
                      "' start_min: ", id[1] == '1' ? 1000 : 1100, " minutes: 60 staff: 'F1' }"));
  }
  At(absl::StrCat(sc1, "T20:00:00Z"));
  Must("FAC", Register("m1/1/PG1/1", Entry("m1/1", "ATTC", 45)));
  Must("FAC", Register("m2/1/PG1/1", Entry("m2/1", "ATTC", 44)));
  EXPECT_EQ(credit("m1/1", "PG1"), v1::CREDITED);  // of 60
  EXPECT_EQ(credit("m2/1", "PG1"), v1::MISSED);
}

TEST_F(AttendanceTest, RefusalsInTheOrderOfTheSpecification) {
  Begin(4, 0);
  EXPECT_EQ(Do("FAC", Register("g1/XX", "")).reason(), "NOT_FOUND");
  EXPECT_EQ(Do("SCH", Register("g1/S1", "")).reason(), "NOT_AUTHORISED");
  EXPECT_EQ(Do("FAC", Register("g1/S1", "")).reason(), "");
  EXPECT_EQ(As("x", {"FAC"}, "P02").When(Parse(Register("g1/S1", ""))).reason(),
            "NOT_YOUR_ORGANISATION");
  Enrol({.referral = "x"});
  // PRG-81: S2 has not begun; x is no member; both are told, the first by the order.
  const auto early =
      Do("FAC", Register("g1/S2", Entry("x/1", "ATTC", 120) + Entry("m1/1", "ATTC", 0)));
  EXPECT_EQ(early.reason(), "SESSION_NOT_STARTED");
  EXPECT_THAT(Codes(early), ElementsAre("SESSION_NOT_STARTED", "NOT_EXPECTED", "OUTCOME_INVALID"));
  EXPECT_EQ(S1(Entry("x/1", "ATTC", 120)).reason(), "NOT_EXPECTED");
  EXPECT_EQ(S1(Entry("m1/1", "XXXX", 120)).reason(), "OUTCOME_INVALID");
  EXPECT_EQ(S1(Entry("m1/1", "ATTC", 121)).reason(), "OUTCOME_INVALID");
  EXPECT_EQ(S1(Entry("m1/1", "UAAB", 1)).reason(), "OUTCOME_INVALID");
  S1(Entry("m1/1", "ATTC", 120));
  EXPECT_EQ(S1(Entry("m1/1", "UAAB", 0)).reason(), "ALREADY_RECORDED");
  EXPECT_THAT(S1(Entry("m1/1", "ATTC", 120)).events, IsEmpty());  // an identical repeat
  const auto open = S1(Entry("m2/1", "ATTC", 120), true);
  EXPECT_EQ(open.reason(), "REGISTER_INCOMPLETE");
  EXPECT_EQ(open.rejected().violations.size(), 2u);  // m3 and m4
  Must("SYS", "end_enrolment { enrolment_id: 'm3/1' reason_code: 'MOVED_AWAY' on: '2026-03-26' }");
  EXPECT_EQ(S1(Entry("m3/1", "ATTC", 120)).reason(), "ENROLMENT_CLOSED");
  // Who can have no outcome any more holds no register open.
  EXPECT_EQ(S1(Entry("m2/1", "ATTC", 120) + Entry("m4/1", "ATTC", 120), true).reason(), "");
}

TEST_F(AttendanceTest, PRG81_FromTheMinuteTheSessionBegins) {
  Begin(4, 0);
  At("2026-03-25T12:59:59Z");  // winter time until 29 March
  EXPECT_EQ(S1(Entry("m1/1", "ATTC", 120)).reason(), "SESSION_NOT_STARTED");
  At("2026-03-25T13:00:00Z");
  EXPECT_EQ(S1(Entry("m1/1", "ATTC", 120)).reason(), "");
}

TEST_F(AttendanceTest, E12_AnAbsenceAfterAShortNoticeIsNotTheirs) {
  Confirmed(4, 0);
  // S1 goes to Thursday 26 March 13:00; 2880 minutes before is the 24th at 13:00.
  At("2026-03-24T13:01:00Z");
  Must("SCH", "reschedule_session { group_id: 'g1' row: 'S1' date: '2026-03-26' start_min: 780 }");
  At("2026-03-26T14:00:00Z");
  EXPECT_EQ(S1(Entry("m1/1", "UAAB", 0)).reason(), "NOTICE_TOO_SHORT");
  Story enough;
  enough.Confirmed(4, 0);
  enough.At("2026-03-24T13:00:00Z");
  enough.Must("SCH",
              "reschedule_session { group_id: 'g1' row: 'S1' date: '2026-03-26' start_min: 780 }");
  enough.At("2026-03-26T14:00:00Z");
  EXPECT_EQ(enough.Do("FAC", Register("g1/S1", Entry("m1/1", "UAAB", 0))).reason(), "");
}

TEST_F(AttendanceTest, E9_PRG53_OneWomanPresentNeedsAnAction) {
  Begin(6, 2);
  std::string entries;
  for (int i = 1; i <= 6; ++i) entries += Entry(absl::StrCat("m", i, "/1"), "ATTC", 120);
  entries += Entry("f1/1", "ATTC", 120) + Entry("f2/1", "AAME", 0);
  EXPECT_EQ(S1(entries, true).reason(), "LONE_WOMAN_ACTION_REQUIRED");
  EXPECT_EQ(S1(entries, true, "lone_woman_action: 'IGNORED' ").reason(),
            "LONE_WOMAN_ACTION_REQUIRED");
  EXPECT_EQ(S1(entries, true, "lone_woman_action: 'STAYED_BY_OWN_CHOICE' ").reason(), "");
}

TEST_F(AttendanceTest, CorrectionRefusalsInOrder) {
  Begin(4, 0);
  EXPECT_EQ(Do("FAC", Correct("m1/1", "g1/S1", "ATTC", 120)).reason(), "NOTHING_TO_CORRECT");
  S1(Entry("m1/1", "UAAB", 0) + Entry("m2/1", "ATTC", 120));
  EXPECT_EQ(Do("FAC", Correct("m1/1", "g1/S1", "UAAB", 0)).reason(), "NOTHING_TO_CORRECT");
  EXPECT_EQ(Do("SCH", Correct("m1/1", "g1/S1", "AAME", 0)).reason(), "NOT_AUTHORISED");
  EXPECT_EQ(Do("FAC", Correct("m1/1", "g1/S1", "ATTC", 0)).reason(), "VALIDATION_FAILED");
  // PRG-83: evidence only when a failing outcome becomes an excused absence.
  EXPECT_EQ(Do("FAC", Correct("m1/1", "g1/S1", "AAME", 0, "")).reason(), "EVIDENCE_REQUIRED");
  EXPECT_EQ(Do("FAC", Correct("m1/1", "g1/S1", "ATTC", 120, "")).reason(), "");
  Must("SYS", "end_enrolment { enrolment_id: 'm2/1' reason_code: 'DIED' }");
  EXPECT_EQ(Do("FAC", Correct("m2/1", "g1/S1", "UAAB", 0)).reason(), "ENROLMENT_CLOSED");
}

TEST_F(AttendanceTest, PRG83_AMissedSessionCorrectedVoidsWhatFollowedFromIt) {
  Begin(4, 0);
  S1(Entry("m1/1", "UAAB", 0));
  ASSERT_EQ(enrolment("m1/1").obligations_size(), 1);
  const auto corrected = Do("FAC", Correct("m1/1", "g1/S1", "ATTC", 120));
  EXPECT_EQ(corrected.event_names(),
            "AttendanceCorrected, ProgrammeStarted, CatchUpVoided, FailureRescinded");
  EXPECT_FALSE(enrolment("m1/1").obligations(0).open());
  EXPECT_EQ(credit("m1/1", "S1"), v1::CREDITED);
}

TEST_F(AttendanceTest, PRG93_AnIndividualSessionSatisfiesAndItsCorrectionOwesAgain) {
  Begin(4, 0);
  S1(Entry("m1/1", "UAAB", 0));
  // PRG-93: max(30, 40 % of 120) = 48 minutes.
  const auto plan = [](int minutes) {
    return absl::StrCat(
        "schedule_individual { enrolment_id: 'm1/1' row: 'S1' date: '2026-03-30' "
        "start_min: 600 minutes: ",
        minutes, " staff: 'F1' }");
  };
  EXPECT_EQ(Do("FAC", plan(47)).reason(), "VALIDATION_FAILED");
  Must("FAC", plan(48));
  At("2026-03-30T15:00:00Z");
  const auto caught = Do("FAC", Register("m1/1/S1/1", Entry("m1/1", "ATTC", 48)));
  EXPECT_THAT(caught.event_names(), HasSubstr("CatchUpSatisfied"));
  EXPECT_EQ(credit("m1/1", "S1"), v1::CREDITED);
  const auto undone = Do("FAC", Correct("m1/1", "m1/1/S1/1", "AAME", 0));
  EXPECT_THAT(undone.event_names(), HasSubstr("CatchUpRequired"));
  EXPECT_EQ(credit("m1/1", "S1"), v1::MISSED);
  EXPECT_EQ(enrolment("m1/1").obligations(1).due_by(), enrolment("m1/1").obligations(0).due_by());
}

TEST(IndividualMinutesTest, E12_TwoFifthsAndNeverUnderThirty) {
  v1::CatalogueRow row;
  row.set_kind(v1::GROUP);
  for (const auto& [minutes, least] : {std::pair(150, 60), {120, 48}, {60, 30}}) {
    row.set_minutes(minutes);
    EXPECT_EQ(IndividualMinutes(row), least) << minutes;
  }
}

TEST(CatchUpLimitTest, E12_AFifthOfTheCoreRows) {
  for (const auto& [version, limit] : {std::pair("TSP/1", 3),
                                       {"BBR/1", 6},
                                       {"BCM/1", 5},
                                       {"DA-GEN/1", 2},
                                       {"EM-GEN/1", 1},
                                       {"EM-W/1", 1},
                                       {"COG-GEN/1", 1},
                                       {"COG-W/1", 1},
                                       {"DA-W/1", 1}}) {
    EXPECT_EQ(CatchUpLimit(*FindVersion(version)), limit) << version;
  }
}

TEST_F(AttendanceTest, PRG94_OnceWhenMoreStandThanTheLimit) {
  Begin(4, 0);
  S1(Entry("m1/1", "UAAB", 0));
  At("2026-04-01T15:00:00Z");
  const auto second = Do("FAC", Register("g1/S2", Entry("m1/1", "AAME", 0)));
  const auto review = Of(second, &v1::Event::has_attendance_review_required,
                         &v1::Event::attendance_review_required);
  ASSERT_EQ(review.size(), 1u);
  EXPECT_EQ(review[0].opened(), 2);
  EXPECT_EQ(review[0].limit(), 1);
  At("2026-04-08T15:00:00Z");
  const auto third = Do("FAC", Register("g1/S3", Entry("m1/1", "AAME", 0)));
  EXPECT_THAT(third.event_names(), ::testing::Not(HasSubstr("AttendanceReviewRequired")));
  // What the service caused does not count.
  Story other;
  other.Confirmed(4, 0);
  other.At("2026-04-08T15:00:00Z");
  for (const char* row : {"S1", "S2", "S3"}) {
    EXPECT_THAT(
        other.Do("FAC", Register(absl::StrCat("g1/", row), Entry("m1/1", "AASD", 0))).event_names(),
        ::testing::Not(HasSubstr("AttendanceReviewRequired")));
  }
}

TEST(DueDateTest, E14_OnTheScheduleOfE1) {
  const std::vector<v1::Slot> slots = [] {
    v1::Slot monday, thursday;
    monday.set_iso_weekday(1);
    monday.set_start_min(570);
    thursday.set_iso_weekday(4);
    thursday.set_start_min(660);
    return std::vector<v1::Slot>{monday, thursday};
  }();
  const v1::ProgrammeVersion& version = *FindVersion("BCM/1");
  const Plan plan =
      std::get<Plan>(PlanRows(version, slots, "g", *ParseDate("2026-04-23"),
                              [](Date, int, const v1::CatalogueRow&) { return Place{}; }));
  const auto due = [&](const char* row, const char* session, bool service_fault) {
    return FormatDate(
        DueOn(*ParseDate(session), BarrierOf(version, plan.sessions, row), service_fault));
  };
  EXPECT_EQ(due("MM2", "2026-06-01", false), "2026-06-15");
  EXPECT_EQ(due("MM5", "2026-06-11", false), "2026-06-21");
  EXPECT_EQ(due("MM-O", "2026-06-18", false), "2026-06-21");
  EXPECT_EQ(due("PA-O", "2026-07-30", true), "2026-08-02");
  EXPECT_EQ(due("BT3", "2026-08-10", false), "2026-08-24");
  EXPECT_EQ(due("BT3", "2026-08-10", true), "2026-09-20");
  // catch.floor_days: at least two days, even over the barrier.
  EXPECT_EQ(FormatDate(DueOn(*ParseDate("2026-07-30"), ParseDate("2026-07-31"), false)),
            "2026-08-01");
}

TEST_F(AttendanceTest, PRG92_DueDatesFollowTheSchedule) {
  Begin(4, 0);
  At("2026-05-13T15:00:00Z");
  Must("FAC", Register("g1/S8", Entry("m1/1", "UAAB", 0)));  // RV1 27 May: due 26 May
  EXPECT_EQ(enrolment("m1/1").obligations(0).due_by(), "2026-05-26");
  const auto moved = Do(
      "SCH", "reschedule_session { group_id: 'g1' row: 'RV1' date: '2026-06-03' start_min: 780 }");
  EXPECT_THAT(moved.event_names(), HasSubstr("CatchUpDueMoved"));
  EXPECT_EQ(enrolment("m1/1").obligations(0).due_by(), "2026-05-27");  // fourteen days
}

TEST_F(AttendanceTest, PRG95_TheDayAfterTheDueDateItExpiresOnce) {
  Begin(4, 0);
  S1(Entry("m1/1", "UAAB", 0));  // due 8 April
  const std::string expire = "expire_catch_up { enrolment_id: 'm1/1' obligation_id: 'S1/1' }";
  At("2026-04-08T12:00:00Z");
  EXPECT_THAT(Do("SYS", expire).events, IsEmpty());
  At("2026-04-09T12:00:00Z");
  EXPECT_EQ(Do("SYS", expire).event_names(), "CatchUpExpired");
  EXPECT_THAT(Do("SYS", expire).events, IsEmpty());
  EXPECT_EQ(credit("m1/1", "S1"), v1::MISSED);
}

TEST_F(AttendanceTest, IndividualSessionsSayWhichIsTheFirst) {
  Begin(4, 0);
  At("2026-03-18T08:00:00Z");
  const auto plan = [](const char* date) {
    return absl::StrCat("schedule_individual { enrolment_id: 'm1/1' row: 'PG1' date: '", date,
                        "' start_min: 600 minutes: 60 staff: 'F1' }");
  };
  const auto first = Do("FAC", plan("2026-03-19"));
  const auto planned = Of(first, &v1::Event::has_individual_session_planned,
                          &v1::Event::individual_session_planned)[0];
  EXPECT_TRUE(planned.first());
  EXPECT_EQ(planned.holder_org(), "P01");
  EXPECT_EQ(planned.on(), "2026-03-18");
  EXPECT_EQ(planned.session().session_id(), "m1/1/PG1/1");
  const auto cancelled = Do("FAC",
                            "cancel_individual { enrolment_id: 'm1/1' session_id: "
                            "'m1/1/PG1/1' cause_code: 'STAFF_ABSENCE' }");
  EXPECT_EQ(cancelled.event_names(),
            "IndividualSessionCancelled, StaffBooked, PersonSessionsChanged");
  EXPECT_TRUE(cancelled.events[0].event.individual_session_cancelled().service_fault());
  const auto second = Do("FAC", plan("2026-03-19"));  // the same hour is free again
  EXPECT_FALSE(Of(second, &v1::Event::has_individual_session_planned,
                  &v1::Event::individual_session_planned)[0]
                   .first());
  EXPECT_EQ(enrolment("m1/1").individual(1).session_id(), "m1/1/PG1/2");
}

TEST_F(AttendanceTest, PRG45_TheWomanWhoAsksHasAFemaleFacilitator) {
  Premises();
  Must("SYS", Receive({.referral = "w", .woman = true}));
  Must("TM", "confirm_suitability { enrolment_id: 'w/1' }");
  Must("FAC",
       "record_delivery_choice { enrolment_id: 'w/1' choice: 'NO_PREFERENCE' "
       "female_facilitator: 'REQUESTED' }");
  Enrol({.referral = "v", .woman = true});
  Group();
  Must("SCH", Allocate("g1", {"w/1", "v/1"}));
  const char* plan =
      "schedule_individual { enrolment_id: 'w/1' row: 'PG1' date: '2026-03-19' start_min: 600 "
      "minutes: 60 staff: 'F1' }";
  EXPECT_EQ(Do("FAC", plan).reason(), "FEMALE_FACILITATOR_REQUIRED");
  As("F1", {"FAC"})
      .When(Parse("declare_staff_identity { staff_id: 'F1' gender: 'F' "
                  "consent_id: 'c1' }"));
  EXPECT_EQ(Do("FAC", plan).reason(), "");
}

TEST_F(AttendanceTest, IndividualRefusalsInOrder) {
  Begin(4, 0);
  Staff("F9", false);
  At("2026-03-18T08:00:00Z");
  const auto plan = [&](const std::string& more) {
    return Do("FAC", absl::StrCat("schedule_individual { enrolment_id: 'm1/1' date: '2026-03-19' "
                                  "minutes: 60 ",
                                  more, " }"));
  };
  EXPECT_EQ(plan("row: 'XX' start_min: 600").rejected().violations.size(), 2u);  // row and staff
  EXPECT_EQ(plan("row: 'S1' start_min: 600 staff: 'F1'").reason(), "CATCH_UP_NOT_MATCHING");
  Must("PM", "record_leave { staff_id: 'F2' leave { from: '2026-03-19' to: '2026-03-19' } }");
  Must("FAC",
       "schedule_individual { enrolment_id: 'm2/1' row: 'PG1' date: '2026-03-19' "
       "start_min: 600 minutes: 60 staff: 'F1' }");
  EXPECT_EQ(plan("row: 'PG1' start_min: 600 staff: 'F2'").reason(), "STAFF_ON_LEAVE");
  EXPECT_EQ(plan("row: 'PG1' start_min: 659 staff: 'F1'").reason(), "STAFF_DOUBLE_BOOKED");
  Must("SYS",
       "record_appointment { crn: 'Tm1' appointment { appointment_id: 'w' date: "
       "'2026-03-19' start_min: 800 minutes: 60 source: 'unpaid_work' } }");
  EXPECT_EQ(plan("row: 'PG1' start_min: 889 staff: 'F1'").reason(), "PERSON_DOUBLE_BOOKED");
  EXPECT_EQ(plan("row: 'PG1' start_min: 890 staff: 'F1'").reason(), "");
  EXPECT_EQ(Do("FAC", "cancel_individual { enrolment_id: 'm1/1' session_id: 'x' }").reason(),
            "NOT_FOUND");
  EXPECT_EQ(Do("FAC",
               "cancel_individual { enrolment_id: 'm1/1' session_id: 'm1/1/PG1/1' "
               "cause_code: 'WHIM' }")
                .reason(),
            "REASON_INVALID");
}

}  // namespace
}  // namespace pdp::programmes
