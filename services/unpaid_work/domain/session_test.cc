// Projects, sessions, supervisors, seats: UPW-34, 40, 41, 43 to 49, 51 to 56, 77; W11, W12.

// Longer than the house rule because seats are tested with the sessions of one fixture.

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/unpaid_work/domain/overbook.h"
#include "services/unpaid_work/domain/story.h"

namespace pdp::unpaid_work {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(OverbookTest, W11_TheTableOfTheSpecification) {
  const std::vector<std::pair<int, std::vector<int>>> table = {
      {4, {2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0}},  {6, {3, 3, 2, 1, 1, 1, 0, 0, 0, 0, 0, 0}},
      {8, {5, 4, 3, 2, 2, 1, 1, 0, 0, 0, 0, 0}},  {10, {5, 5, 4, 3, 2, 2, 1, 1, 0, 0, 0, 0}},
      {12, {5, 5, 5, 4, 3, 2, 2, 1, 0, 0, 0, 0}},
  };
  for (const auto& [capacity, row] : table) {
    for (int t = 8; t <= 19; ++t) {
      EXPECT_EQ(OverbookSeats(capacity, t, 5, 20), row[static_cast<size_t>(t) - 8])
          << "C=" << capacity << " t=" << t;
    }
  }
}

// The same probability by binomial coefficients instead of by growing the distribution.
bool TailAtMostOneTwentieth(int capacity, int overbook, int t) {
  using Wide = unsigned __int128;
  const int n = capacity + overbook;
  const auto power = [](Wide base, int exponent) {
    Wide result = 1;
    for (int i = 0; i < exponent; ++i) result *= base;
    return result;
  };
  Wide tail = 0;
  for (int k = capacity + 1; k <= n; ++k) {
    Wide ways = 1;
    for (int i = 1; i <= k; ++i) {
      ways = ways * static_cast<unsigned>(n - k + i) / static_cast<unsigned>(i);
    }
    tail += ways * power(static_cast<Wide>(t), k) * power(static_cast<Wide>(20 - t), n - k);
  }
  return tail * 20 <= power(20, n);
}

TEST(OverbookTest, W11_AgreesWithAnIndependentExactCalculation) {
  // 20^22 * 20 fits 128 bits.
  for (int capacity = 1; capacity <= 17; ++capacity) {
    for (int t = 1; t <= 20; ++t) {
      int expected = 0;
      while (expected < 5 && TailAtMostOneTwentieth(capacity, expected + 1, t)) ++expected;
      EXPECT_EQ(OverbookSeats(capacity, t, 5, 20), expected) << capacity << " " << t;
    }
  }
}

TEST(OverbookTest, W11_TurnOut) {
  EXPECT_EQ(TurnoutTwentieths(0, 0), 12);
  EXPECT_EQ(TurnoutTwentieths(9, 12), 13);
  EXPECT_EQ(TurnoutTwentieths(2, 9), 8);
}

TEST(OverbookTest, GroupsBeyond128BitsStillHaveAnExactAnswer) {
  // More seats never allow fewer extra ones at the same turn-out.
  EXPECT_GE(OverbookSeats(40, 12, 5, 20), OverbookSeats(20, 12, 5, 20));
}

class ProjectTest : public ::testing::Test {
 protected:
  std::string Command(const std::string& role, const std::string& name, const std::string& more) {
    return story.Reason(role, absl::StrCat(name, " { project_id: 'N56-001' ", more, " }"));
  }
  // Nominated with those changes to a good project, evaluated and approved.
  void Approved(const std::string& change) {
    ASSERT_EQ(Command("CO", "nominate_project",
                      absl::StrCat("terms { ", Story::Terms(), change, " }")),
              "");
    ASSERT_EQ(Command("CO", "evaluate_project", ""), "");
    ASSERT_EQ(Command("MG", "approve_project", ""), "");
  }
  // The terms as now held, updated.
  std::string Update(const std::string& field) {
    v1::Command command;
    auto* update = command.mutable_update_project();
    update->set_project_id("N56-001");
    *update->mutable_terms() = story.world.Find(ProjectId("N56-001"))->project().terms();
    v1::ProjectTerms change;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(field, &change)) << field;
    update->mutable_terms()->MergeFrom(change);
    if (field.empty()) update->mutable_terms()->clear_availability();
    return story.world.As("co", {"CO"}).When(command).reason();
  }
  Story story;
};

TEST_F(ProjectTest, TheLifeCycleIsKept) {
  EXPECT_EQ(Command("CO", "open_project", ""), "NOT_FOUND");
  Approved("");
  EXPECT_EQ(Command("CO", "evaluate_project", ""), "STATE_FORBIDS_COMMAND");
  EXPECT_EQ(Command("CO", "decline_project", "reason: 'late'"), "STATE_FORBIDS_COMMAND");
  EXPECT_EQ(Command("CO", "open_project", ""), "ORGANISATION_OUT_OF_SCOPE");
  story.Scope();
  EXPECT_EQ(Command("SU", "open_project", ""), "NOT_AUTHORISED");
  EXPECT_EQ(Command("CO", "open_project", ""), "");
  EXPECT_EQ(Command("CO", "suspend_project", "reason: 'flood'"), "");
  EXPECT_EQ(Command("CO", "open_project", ""), "");
  EXPECT_EQ(Command("CO", "close_project", ""), "VALIDATION_FAILED");
  EXPECT_EQ(Command("CO", "close_project", "reason: 'done'"), "");
  EXPECT_EQ(Command("CO", "open_project", ""), "STATE_FORBIDS_COMMAND");
}

TEST_F(ProjectTest, UPW40_WhatOpenNeedsComesInThePrintedOrder) {
  Approved("");
  const auto broken = [&](const std::string& field) {
    EXPECT_EQ(Update(field), "") << field;
    return Command("CO", "open_project", "");
  };
  // One mistake more each time: the code printed first wins.
  EXPECT_EQ(broken(""), "AVAILABILITY_EMPTY");
  EXPECT_EQ(broken("commercial: true"), "BENEFICIARY_NOT_ELIGIBLE");
  EXPECT_EQ(broken("min_group: 11"), "GROUP_BOUNDS_INVALID");
  EXPECT_EQ(broken("risk_assessment_valid_until: '2024-04-14'"), "RISK_ASSESSMENT_EXPIRED");
  // The last valid day is valid.
  EXPECT_EQ(broken("risk_assessment_valid_until: '2024-04-15'"), "GROUP_BOUNDS_INVALID");
}

class SessionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    story.Scope();
    story.Project("N56-001");
  }
  std::string Plan(const std::string& date, int start, int end, int slot = 1) {
    return story.Reason("CO", absl::StrCat("plan_session { project_id: 'N56-001' date: '", date,
                                           "' slot: ", slot, " start: ", start, " end: ", end,
                                           " }"));
  }
  std::string Assign(const std::string& session, const std::string& staff) {
    return story.Reason("CO", absl::StrCat("assign_supervisor { session_id: '", session,
                                           "' staff_id: '", staff, "' }"));
  }
  Story story;
};

TEST_F(SessionTest, PlanSessionRefusesInThePrintedOrder) {
  v1::Event suspended;
  suspended.mutable_project_suspended();
  v1::Event opened;
  opened.mutable_project_opened();
  story.world.Given(ProjectId("N56-001"), suspended);
  EXPECT_EQ(Plan("2027-01-04", 1200, 1500), "PROJECT_NOT_OPEN");
  story.world.Given(ProjectId("N56-001"), opened);
  EXPECT_EQ(Plan("2027-01-04", 1200, 1500), "OUTSIDE_AVAILABILITY");
  EXPECT_EQ(Plan("2027-01-04", 540, 960), "RISK_ASSESSMENT_EXPIRED");
  EXPECT_EQ(Plan("2026-12-31", 540, 960), "");
  EXPECT_EQ(Plan("2026-12-31", 540, 960), "STATE_FORBIDS_COMMAND");
  EXPECT_EQ(Plan("2024-04-14", 540, 960), "VALIDATION_FAILED");
  story.Project("N56-NIGHT", "GROUP",
                "availability { weekday: 1 start: 1200 end: 1440 frequency: WEEKLY from: "
                "'2024-01-01' }");
  EXPECT_EQ(story.Reason("CO", "plan_session { project_id: 'N56-NIGHT' date: '2024-04-22' slot: 1 "
                               "start: 1380 end: 1500 }"),
            "SESSION_CROSSES_MIDNIGHT");
}

TEST_F(SessionTest, FortnightlyAvailabilityCountsFromItsFirstWeek) {
  story.Must("CO", "nominate_project { project_id: 'N56-F' terms { name: 'F' kind: GROUP "
                   "type_code: 'PL' org: 'P01' min_group: 1 max_group: 10 min_age: 18 "
                   "risk_assessment_valid_until: '2026-12-31' community_benefit: true availability "
                   "{ weekday: 4 start: 540 end: 960 frequency: FORTNIGHTLY from: '2024-04-25' "
                   "until: '2024-05-23' } } }");
  story.Must("CO", "evaluate_project { project_id: 'N56-F' }");
  story.Must("CO", "approve_project { project_id: 'N56-F' }");
  story.Must("CO", "open_project { project_id: 'N56-F' }");
  const auto plan = [&](const char* date) {
    return story.Reason("CO", absl::StrCat("plan_session { project_id: 'N56-F' date: '", date,
                                           "' slot: 1 start: 540 end: 960 }"));
  };
  EXPECT_EQ(plan("2024-04-18"), "OUTSIDE_AVAILABILITY");
  EXPECT_EQ(plan("2024-04-25"), "");
  EXPECT_EQ(plan("2024-05-02"), "OUTSIDE_AVAILABILITY");
  EXPECT_EQ(plan("2024-05-09"), "");
  // Exclusive.
  EXPECT_EQ(plan("2024-05-23"), "OUTSIDE_AVAILABILITY");
}

TEST_F(SessionTest, UPW44_SupervisorsSetTheSeatsAndTurnOutTheOverbooking) {
  const auto planned = story.Do("CO", "plan_session { project_id: 'N56-001' date: '2024-05-01' "
                                      "slot: 1 start: 540 end: 960 capacity: 16 }");
  const std::string session = planned.reply().plan_session().session_id();
  // Before assignment group.max; nothing known of the project: t = 12, O = 2.
  EXPECT_EQ(planned.reply().plan_session().capacity(), 10);
  EXPECT_EQ(planned.reply().plan_session().overbook(), 2);
  for (const char* staff : {"S1", "S2"}) {
    story.Must("CO", absl::StrCat("register_supervisor { staff_id: '", staff, "' org: 'P01' }"));
    ASSERT_EQ(Assign(session, staff), "");
  }
  EXPECT_EQ(story.Session(session).capacity(), 16);
  story.Must("CO", absl::StrCat("unassign_supervisor { session_id: '", session,
                                "' staff_id: 'S2' }"));
  EXPECT_EQ(story.Session(session).capacity(), 10);
  v1::Event counted;
  auto* day = counted.mutable_project_turnout_counted()->mutable_day();
  day->set_date("2024-04-10");
  day->set_attended(2);
  day->set_closed(9);
  story.world.Given(ProjectId("N56-001"), counted);
  // t = 8: five more for ten seats.
  const auto next = story.Do("CO", "plan_session { project_id: 'N56-001' date: '2024-05-02' slot: "
                                   "1 start: 540 end: 960 }");
  EXPECT_EQ(next.reply().plan_session().overbook(), 5);
}

TEST_F(SessionTest, UPW52_ASupervisorRefusesInThePrintedOrder) {
  ASSERT_EQ(Plan("2024-05-01", 540, 720), "");
  ASSERT_EQ(Plan("2024-05-01", 749, 900, 2), "");
  ASSERT_EQ(Plan("2024-05-01", 750, 960, 3), "");
  story.Must("CO", "register_supervisor { staff_id: 'S1' org: 'P01' sex: 'M' }");
  ASSERT_EQ(Assign("N56-001.20240501.1", "S1"), "");
  story.Must("CO", "record_staff_absence { staff_id: 'S1' absence { from: '2024-05-01' to: "
                   "'2024-05-01' } }");
  // 29 minutes are too few, 30 are enough.
  EXPECT_EQ(Assign("N56-001.20240501.2", "S1"), "SUPERVISOR_CLASH");
  EXPECT_EQ(Assign("N56-001.20240501.3", "S1"), "SUPERVISOR_ABSENT");

  story.Project("N56-SAW", "GROUP", "competences: 'CHAINSAW'");
  const std::string saw = story.Plan("N56-SAW", "2024-05-02");
  story.Person("T000001");
  story.Must("CO", "answer_section { crn: 'T000001' section: 'RISK' answers { key: 'STAFF' values: "
                   "'NOT_MALE' } }");
  ASSERT_FALSE(story.Book(saw).empty());
  EXPECT_EQ(Assign(saw, "S1"), "SUPERVISOR_NOT_COMPETENT");
  const auto competent = [&](const char* until) {
    story.Must("CO", absl::StrCat("record_competence { staff_id: 'S1' competence { code: "
                                  "'CHAINSAW' valid_until: '", until, "' } }"));
  };
  competent("2024-05-01");
  EXPECT_EQ(Assign(saw, "S1"), "SUPERVISOR_NOT_COMPETENT");
  competent("2024-05-02");
  EXPECT_EQ(Assign(saw, "S1"), "SUPERVISOR_SEX_RESTRICTED");
  story.Must("CO", "register_supervisor { staff_id: 'S2' org: 'P01' sex: 'F' }");
  story.Must("CO", "record_competence { staff_id: 'S2' competence { code: 'CHAINSAW' valid_until: "
                   "'2024-06-01' } }");
  EXPECT_EQ(Assign(saw, "S2"), "");
}

TEST_F(SessionTest, UPW45_LockRosterRefusesInThePrintedOrder) {
  story.Project("N56-TWO", "GROUP", "min_group: 2");
  const std::string session = story.Plan("N56-TWO", "2024-04-18");
  const std::string lock = absl::StrCat("lock_roster { session_id: '", session, "' }");
  // Three days ahead: too early.
  EXPECT_EQ(story.Reason("CO", lock), "STATE_FORBIDS_COMMAND");
  story.world.At("2024-04-16T09:00:00Z");
  EXPECT_EQ(story.Reason("CO", lock), "SUPERVISOR_REQUIRED");
  story.Must("CO", "register_supervisor { staff_id: 'S1' org: 'P01' }");
  ASSERT_EQ(Assign(session, "S1"), "");
  EXPECT_EQ(story.Reason("CO", lock), "BELOW_MINIMUM_GROUP");
  for (const char* crn : {"T000001", "T000002", "T000003", "T000004"}) story.Person(crn);
  ASSERT_TRUE(story.Do("CO", Story::BookText(session, {"T000001", "T000002"})).accepted());
  // One of them tells how she identifies only now.
  story.Must("RO", "record_composition_choice { crn: 'T000001' composition_class: CLASS_F "
                   "women_option: WOMEN_ONLY }");
  EXPECT_EQ(story.Reason("CO", lock), "COMPOSITION_WOMEN_ONLY");
  story.Must("RO", "record_composition_choice { crn: 'T000001' composition_class: CLASS_F }");
  EXPECT_EQ(story.Reason("CO", lock), "COMPOSITION_LONE_WOMAN");
  story.Must("RO", "record_consent { crn: 'T000001' scope: SCOPE_ANY until: '2024-12-31' }");
  EXPECT_EQ(story.Reason("CO", lock), "");
  // Locked: seats change for a repair or the day's plan only.
  EXPECT_EQ(story.Do("CO", Story::BookText(session, {"T000003"})).reason(), "SESSION_CLOSED");
  EXPECT_EQ(story.Do("CO", Story::BookText(session, {"T000003"}, "reason: 'REPAIR'")).reason(),
            "");
  EXPECT_EQ(story.Do("CO", Story::BookText(session, {"T000004"}, "reason: 'DAY_PLAN'")).reason(),
            "");
}

TEST_F(SessionTest, ACancelledSessionFreesItsPeopleAndStaff) {
  story.Person("T000001");
  const std::string session = story.Plan("N56-001", "2024-05-01");
  const std::string id = story.Book(session);
  story.Must("CO", "register_supervisor { staff_id: 'S1' org: 'P01' }");
  ASSERT_EQ(Assign(session, "S1"), "");
  story.Must("CO", absl::StrCat("cancel_session { session_id: '", session, "' reason: 'rain' }"));
  EXPECT_EQ(story.Appointment(id).status(), v1::APPOINTMENT_WITHDRAWN);
  EXPECT_EQ(story.Appointment(id).offer().withdrawn(), 420);
  EXPECT_EQ(story.world.Find(SupervisorId("S1"))->supervisor().assignments_size(), 0);
  EXPECT_EQ(story.Do("CO", Story::BookText(session, {"T000001"})).reason(), "SESSION_CLOSED");
}

class SeatTest : public SessionTest {
 protected:
  std::string Book(const std::string& session, const std::vector<std::string>& crns,
                   const std::string& more = "") {
    return story.Do("CO", Story::BookText(session, crns, more)).reason();
  }
};

TEST_F(SeatTest, UPW34_TheGatesComeInTheirOrderOverAllPeople) {
  const std::string session = story.Plan("N56-001", "2024-05-01");
  story.Register("R1", 40, "2024-01-08", "", "T000001");
  story.Register("R2", 40, "2024-01-08", "", "T000002");
  EXPECT_EQ(Book(session, {"T000001", "T000002"}), "COMMUNICATION_NEEDS_UNKNOWN");
  story.Needs("T000001");
  story.Sections("T000001");
  const auto both = story.Do("CO", Story::BookText(session, {"T000001", "T000002"}));
  EXPECT_EQ(both.reason(), "COMMUNICATION_NEEDS_UNKNOWN");
  ASSERT_EQ(both.rejected().violations.size(), 1u);
  EXPECT_EQ(both.rejected().violations[0].subject, "T000002");
  story.Needs("T000002");
  EXPECT_EQ(Book(session, {"T000001", "T000002"}), "ASSESSMENT_INCOMPLETE");
  EXPECT_EQ(Book(session, {"T000001"}), "ETE_NEEDS_NOT_ASSESSED");
  story.Must("RO", "record_ete_needs { crn: 'T000001' level: ETE_NONE }");
  EXPECT_EQ(Book(session, {"T000001"}), "INDUCTION_REQUIRED");
  // An induction needs the first gate only.
  story.Project("N56-IND", "INDUCTION");
  EXPECT_EQ(Book(story.Plan("N56-IND", "2024-05-01"), {"T000002"}), "");
}

TEST_F(SeatTest, UPW43_AllSeatsOrNone) {
  const std::string session = story.Plan("N56-001", "2024-05-01", 540, 960, "capacity: 1");
  for (const char* crn : {"T000001", "T000002", "T000003"}) story.Person(crn);
  const int room = story.Session(session).capacity() + story.Session(session).overbook();
  ASSERT_EQ(room, 1);
  EXPECT_EQ(Book(session, {"T000001", "T000002"}), "SESSION_FULL");
  EXPECT_TRUE(story.Session(session).seats().empty());
  EXPECT_EQ(Book(session, {"T000001"}), "");
  EXPECT_EQ(Book(session, {"T000002"}), "SESSION_FULL");
  // Seat numbers rise and are not reused.
  story.Must("CO", absl::StrCat("release_seat { crn: 'T000001' appointment_id: '", session,
                                ".1' reason: 'ill' by: BY_PERSON }"));
  ASSERT_EQ(Book(session, {"T000002"}), "");
  EXPECT_EQ(story.Session(session).seats(0).seat_no(), 2u);
}

TEST_F(SeatTest, GeneralRefusalsOfABooking) {
  story.Person("T000001");
  const std::string session = story.Plan("N56-001", "2024-05-01");
  EXPECT_EQ(Book("N56-001.20240502.1", {"T000001"}), "NOT_FOUND");
  EXPECT_EQ(Book(session, {"T000001", "T000009"}), "NOT_FOUND");
  EXPECT_EQ(Book(session, {"T000001", "T000001"}), "VALIDATION_FAILED");
  story.Must("RO", "suspend_case { crn: 'T000001' reason: MEDICAL from: '2024-04-15' }");
  EXPECT_EQ(Book(session, {"T000001"}), "CASE_SUSPENDED");
  story.Must("RO", "resume_case { crn: 'T000001' }");
  story.world.At("2024-05-01T09:00:00Z");
  EXPECT_EQ(Book(session, {"T000001"}), "SESSION_CLOSED");
}

TEST_F(SeatTest, SuspensionReleasesFutureSeats) {
  story.Person("T000001");
  const std::string id = story.Book(story.Plan("N56-001", "2024-05-01"));
  story.Must("RO", "suspend_case { crn: 'T000001' reason: CUSTODY from: '2024-04-15' }");
  EXPECT_EQ(story.Appointment(id).status(), v1::APPOINTMENT_WITHDRAWN);
  EXPECT_TRUE(story.Session("N56-001.20240501.1").seats().empty());
}

TEST_F(SeatTest, WhatTheBookRefusesComesInThePrintedOrder) {
  story.Person("T000001");
  const std::string friday = story.Plan("N56-001", "2024-05-03");
  // The window ended on 2025-01-07.
  const std::string after = story.Plan("N56-001", "2025-01-08");
  EXPECT_EQ(Book(after, {"T000001"}), "WINDOW_CLOSED");
  ASSERT_EQ(Book(friday, {"T000001"}), "");
  // Overlap before the day's load before the week's.
  const std::string overlap = story.Plan("N56-001", "2024-05-03", 959, 1140, "", 2);
  EXPECT_EQ(Book(overlap, {"T000001"}), "DOUBLE_BOOKED");
  const std::string touching = story.Plan("N56-001", "2024-05-03", 960, 1021, "", 3);
  EXPECT_EQ(Book(touching, {"T000001"}), "DAILY_MAXIMUM_EXCEEDED");
  const std::string hour = story.Plan("N56-001", "2024-05-03", 960, 1020, "", 4);
  EXPECT_EQ(Book(hour, {"T000001"}), "");
}

TEST_F(SeatTest, UPW56_AWeekHolds1680MinutesNot1681) {
  story.Person("T000001");
  // Monday to Wednesday 480 each, Thursday 239: 1679.
  for (const char* date : {"2024-04-29", "2024-04-30", "2024-05-01"}) {
    ASSERT_EQ(Book(story.Plan("N56-001", date, 540, 1020), {"T000001"}), "");
  }
  ASSERT_EQ(Book(story.Plan("N56-001", "2024-05-02", 540, 779), {"T000001"}), "");
  EXPECT_EQ(Book(story.Plan("N56-001", "2024-05-03", 540, 542), {"T000001"}),
            "WEEKLY_MAXIMUM_EXCEEDED");
  EXPECT_EQ(Book(story.Plan("N56-001", "2024-05-03", 540, 541, "", 2), {"T000001"}), "");
}

TEST_F(SeatTest, UPW55_NeverMoreIsOfferedThanIsOwed) {
  story.Person("T000001", "CLASS_M", "", 40);
  story.Credit("a", v1::WORKED, 2400 - 500, "2024-02-01");
  ASSERT_EQ(Book(story.Plan("N56-001", "2024-05-01"), {"T000001"}), "");
  const std::string second = story.Plan("N56-001", "2024-05-02");
  ASSERT_EQ(Book(second, {"T000001"}), "");
  EXPECT_EQ(story.Appointment(second + ".1").end(), 540 + 80);
  EXPECT_EQ(Book(story.Plan("N56-001", "2024-05-03"), {"T000001"}), "NOTHING_LEFT_TO_OFFER");
}

TEST_F(SeatTest, UPW55_EteBookingsStayInsideTheAllotment) {
  story.Person("T000001");
  story.Project("N56-ETE", "ETE");
  story.Must("CO", "set_ete_allotment { crn: 'T000001' group: 'R-T000001' minutes: 500 }");
  ASSERT_EQ(Book(story.Plan("N56-ETE", "2024-05-01"), {"T000001"}), "");
  EXPECT_EQ(Book(story.Plan("N56-ETE", "2024-05-02", 540, 621), {"T000001"}),
            "ETE_ALLOTMENT_EXCEEDED");
  EXPECT_EQ(Book(story.Plan("N56-ETE", "2024-05-03", 540, 620), {"T000001"}), "");
}

TEST_F(SeatTest, UPW53_TheMaskNamesEveryCode) {
  story.Person("T000001");
  story.Must("SYS", "take_over_person_facts { crn: 'T000001' person { person_version: 9 "
                    "date_of_birth: '2008-05-02' home_easting: 500000 home_northing: 200000 "
                    "tokens: 'STEP_FREE' } composition_class: CLASS_M }");
  const auto answer = [&](const std::string& section, const std::string& rest) {
    story.Must("RO", absl::StrCat("answer_section { crn: 'T000001' section: '", section, "' ",
                                  rest, " }"));
  };
  answer("HEALTH", "answers { key: 'BAR' values: 'LIFTING' }");
  answer("RISK", "answers { key: 'ACCESS_BAR' values: 'CHILDREN' } answers { key: "
                 "'EXCLUSION_ZONE' values: '536004,200000,5' } answers { key: 'PLACEMENT_BAR' "
                 "values: 'GROUP' }");
  answer("MATURITY", "answers { key: 'LEVEL' values: 'LOW' }");
  answer("CULTURE", "answers { key: 'OBSERVANCE_DAY' values: '3' }");
  story.Must("RO", "set_availability { crn: 'T000001' availability { week_bits: 3 } }");
  story.Must("SYS", "assign_organisation { crn: 'T000001' referral_id: 'ref-R-T000001' org: '' }");
  // 36,001 metres at 400 a minute are more than 90 minutes.
  story.Project("N56-BAD", "GROUP",
                "women_only: true task_tags: 'LIFTING' access_tags: 'CHILDREN'",
                "easting: 536001 northing: 200000");
  const std::string session = story.Plan("N56-BAD", "2024-05-01");
  v1::Event suspended;
  suspended.mutable_project_suspended();
  story.world.Given(ProjectId("N56-BAD"), suspended);
  const auto result = story.Do("CO", Story::BookText(session, {"T000001"}));
  EXPECT_EQ(result.reason(), "NOT_ELIGIBLE");
  std::vector<std::string> codes;
  for (const auto& violation : result.rejected().violations) codes.push_back(violation.field);
  EXPECT_THAT(codes, ElementsAre("PROJECT_NOT_OPEN", "AGE", "AVAILABILITY", "HEALTH_TAG",
                                 "ACCESS_TAG", "EXCLUSION_ZONE", "PLACEMENT_KIND", "WOMEN_OPTION",
                                 "SUPPORT_NEED", "FACILITY_NEED", "TRAVEL_TOO_FAR",
                                 "RELIGIOUS_OBSERVANCE", "ORGANISATION_SCOPE"));
}

TEST_F(SeatTest, UPW51_NonAssociationWorksInBothDirections) {
  story.Person("T000001");
  story.Person("T000002");
  story.Must("RO", "answer_section { crn: 'T000002' section: 'RISK' answers { key: "
                   "'NON_ASSOCIATION' values: 'T000001' } }");
  const std::string session = story.Plan("N56-001", "2024-05-01");
  EXPECT_EQ(Book(session, {"T000001", "T000002"}), "NON_ASSOCIATION");
  ASSERT_EQ(Book(session, {"T000002"}), "");
  EXPECT_EQ(Book(session, {"T000001"}), "NON_ASSOCIATION");
}

TEST_F(SeatTest, AMoveKeepsTheAppointmentAndRaisesItsRevision) {
  story.Person("T000001");
  const std::string id = story.Book(story.Plan("N56-001", "2024-05-01"));
  const std::string to = story.Plan("N56-001", "2024-05-02", 600, 900);
  const std::string move = absl::StrCat("move_appointment { crn: 'T000001' appointment_id: '", id,
                                        "' to_session_id: '", to, "' }");
  ASSERT_EQ(story.Reason("CO", move), "");
  EXPECT_EQ(story.Appointment(id).revision(), 2u);
  EXPECT_EQ(story.Appointment(id).date(), "2024-05-02");
  EXPECT_EQ(story.Appointment(id).offer().open(), 300);
  EXPECT_TRUE(story.Session("N56-001.20240501.1").seats().empty());
  EXPECT_EQ(story.Session(to).seats(0).appointment_id(), id);
  EXPECT_EQ(story.Reason("CO", move), "VALIDATION_FAILED");
}

TEST_F(SeatTest, UPW35_TheFirstBookingMeetsTheFirstOfferClock) {
  story.Person("T000001");
  const std::string session = story.Plan("N56-001", "2024-05-01");
  EXPECT_THAT(story.Do("CO", Story::BookText(session, {"T000001"})).event_names(),
              HasSubstr("FirstOfferMet"));
  EXPECT_EQ(story.Case().status(), v1::CASE_ACTIVE);
  const std::string next = story.Plan("N56-001", "2024-05-02");
  EXPECT_THAT(story.Do("CO", Story::BookText(next, {"T000001"})).event_names(),
              Not(HasSubstr("FirstOfferMet")));
}

// ---- W12, the women's rule

class WomenTest : public SeatTest {
 protected:
  // One person a letter: F, M, N, C for a consenting F, W for an F who chose WOMEN_ONLY.
  std::string BookRoster(absl::string_view letters, const std::string& session) {
    std::vector<std::string> crns;
    for (const char letter : letters) {
      const std::string crn = absl::StrCat("T00001", crns.size());
      crns.push_back(crn);
      story.Person(crn, letter == 'M' ? "CLASS_M" : letter == 'N' ? "CLASS_N" : "CLASS_F",
                   letter == 'W' ? "WOMEN_ONLY" : "");
      if (letter == 'C') {
        story.Must("RO", absl::StrCat("record_consent { crn: '", crn,
                                      "' scope: SCOPE_PROJECT scope_id: 'N56-001' until: "
                                      "'2024-05-01' }"));
      }
    }
    return Book(session, crns);
  }
  std::string Roster(absl::string_view letters) {
    return BookRoster(letters, story.Plan("N56-001", "2024-05-01"));
  }
};

TEST_F(WomenTest, W12_ALoneWomanAmongMen) { EXPECT_EQ(Roster("FM"), "COMPOSITION_LONE_WOMAN"); }
TEST_F(WomenTest, W12_TwoWomenAndTwoMen) { EXPECT_EQ(Roster("FFMM"), ""); }
TEST_F(WomenTest, W12_ClassNBreaksAllMale) { EXPECT_EQ(Roster("FNM"), ""); }
TEST_F(WomenTest, W12_AWomanByHerself) { EXPECT_EQ(Roster("F"), ""); }
TEST_F(WomenTest, W12_HerConsentLiftsIt) { EXPECT_EQ(Roster("CM"), ""); }
TEST_F(WomenTest, W12_WomenOnlyMeansWomenOnly) {
  EXPECT_EQ(Roster("WFM"), "COMPOSITION_WOMEN_ONLY");
}
TEST_F(WomenTest, ConsentDoesNotLiftWomenOnly) {
  const std::string session = story.Plan("N56-001", "2024-05-01");
  story.Person("T000020", "CLASS_F", "WOMEN_ONLY");
  story.Must("RO", "record_consent { crn: 'T000020' scope: SCOPE_ANY until: '2024-12-31' }");
  story.Person("T000021");
  EXPECT_EQ(Book(session, {"T000020", "T000021"}), "COMPOSITION_WOMEN_ONLY");
}
TEST_F(WomenTest, AConsentHasALastDay) {
  const std::string session = story.Plan("N56-001", "2024-05-02");
  EXPECT_EQ(BookRoster("CM", session), "COMPOSITION_LONE_WOMAN");
}

TEST_F(WomenTest, W12_AnUnknownHostCountsAsAllMale) {
  story.Project("N56-HOST", "INDIVIDUAL", "", "host_all_male: HOST_ALL_MALE_UNKNOWN");
  story.Person("T000001", "CLASS_F");
  const std::string session = story.Plan("N56-HOST", "2024-05-01");
  const auto result = story.Do("CO", Story::BookText(session, {"T000001"}));
  EXPECT_EQ(result.reason(), "NOT_ELIGIBLE");
  ASSERT_EQ(result.rejected().violations.size(), 1u);
  EXPECT_EQ(result.rejected().violations[0].field, "HOST_ALL_MALE");
  story.Must("RO", "record_consent { crn: 'T000001' scope: SCOPE_ANY until: '2024-12-31' }");
  EXPECT_EQ(Book(session, {"T000001"}), "");
}

TEST_F(WomenTest, W12_AReleaseIsAcceptedAndStartsTheRepair) {
  const std::string session = story.Plan("N56-001", "2024-05-01");
  ASSERT_EQ(BookRoster("FFM", session), "");
  const auto released = story.Do(
      "CO", absl::StrCat("release_seat { crn: 'T000010' appointment_id: '", session,
                         ".1' reason: 'ill' by: BY_PERSON }"));
  ASSERT_TRUE(released.accepted());
  EXPECT_THAT(released.event_names(), HasSubstr("CompositionBroken"));
  EXPECT_THAT(story.Session(session).lone(), ElementsAre("T000011"));
  // Repaired by another woman or somebody of class N.
  story.Person("T000030", "CLASS_N");
  EXPECT_THAT(story.Do("CO", Story::BookText(session, {"T000030"}, "reason: 'REPAIR'"))
                  .event_names(),
              HasSubstr("CompositionRepaired"));
}

TEST_F(WomenTest, UPW49_AtRepairTimeHerSeatIsReleasedByTheService) {
  const std::string session = story.Plan("N56-001", "2024-05-01");
  ASSERT_EQ(BookRoster("FFM", session), "");
  story.Must("CO", absl::StrCat("release_seat { crn: 'T000010' appointment_id: '", session,
                                ".1' reason: 'ill' by: BY_PERSON }"));
  const std::string fire = absl::StrCat("fire_timer { what: REPAIR_TIME_PASSED of: '", session,
                                        "' }");
  // 24 hours before 09:00 local.
  story.world.At("2024-04-30T07:59:00Z");
  EXPECT_EQ(story.Do("SYS", fire).event_names(), "");
  story.world.At("2024-04-30T08:00:00Z");
  EXPECT_THAT(story.Do("SYS", fire).event_names(), HasSubstr("AppointmentWithdrawn"));
  const v1::Appointment& hers = story.Appointment(session + ".2", "T000011");
  EXPECT_EQ(hers.status(), v1::APPOINTMENT_WITHDRAWN);
  EXPECT_TRUE(story.Session(session).lone().empty());
  EXPECT_EQ(story.Session(session).seats_size(), 1);
}

TEST_F(WomenTest, UPW47_AWithdrawnConsentActsAtOnce) {
  const std::string session = story.Plan("N56-001", "2024-05-01");
  ASSERT_EQ(BookRoster("CM", session), "");
  const auto withdrawn = story.Do("RO", "withdraw_consent { crn: 'T000010' consent_id: "
                                        "'T000010/consent/1' }");
  EXPECT_THAT(withdrawn.event_names(), HasSubstr("CompositionBroken"));
}

TEST_F(WomenTest, AWomenOnlySessionTakesWomenOnly) {
  story.Project("N56-W", "GROUP", "women_only: true");
  story.Person("T000001", "CLASS_F");
  story.Person("T000002");
  const std::string session = story.Plan("N56-W", "2024-05-01");
  EXPECT_EQ(Book(session, {"T000002"}), "NOT_ELIGIBLE");
  EXPECT_EQ(Book(session, {"T000001"}), "");
}

}  // namespace
}  // namespace pdp::unpaid_work
