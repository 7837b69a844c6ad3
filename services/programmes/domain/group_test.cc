#include "services/programmes/domain/group.h"

#include "services/programmes/domain/places.h"
#include "services/programmes/domain/story.h"

namespace pdp::programmes {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// "S1 2026-03-25 F1 F2" of every session.
std::vector<std::string> Timetable(const v1::Group& group) {
  std::vector<std::string> out;
  for (const v1::Session& s : group.sessions()) {
    std::string line = absl::StrCat(s.row(), " ", s.date());
    for (const std::string& staff : s.staff()) absl::StrAppend(&line, " ", staff);
    out.push_back(std::move(line));
  }
  return out;
}

TEST(GenerateScheduleTest, E3_ClosuresLeaveAndCover) {
  Story s("2026-02-02T09:00:00Z");
  s.Must("PM", R"(register_site { site_id: "S1" pdu: "PDU1" opens_min: 540 closes_min: 1260 })");
  s.Must("PM", R"(put_room { site_id: "S1" room_id: "R1" capacity: 20 })");
  s.Must("SCH", R"(close_site { site_id: "S1" closure { from: "2026-04-01" to: "2026-04-10" } })");
  for (const char* id : {"F1", "F2", "F4"}) s.Staff(id, true);
  s.Staff("F3", false);
  const auto leave = [&](const char* id, const char* from, const char* to) {
    s.Must("PM", absl::StrCat("record_leave { staff_id: '", id, "' leave { from: '", from,
                              "' to: '", to, "' } }"));
  };
  leave("F2", "2026-04-15", "2026-04-24");
  leave("F1", "2026-05-06", "2026-05-06");
  leave("F4", "2026-05-04", "2026-05-08");
  s.Group("g1", "WOMEN", "EM-W/1");
  const auto planned = s.Do("SCH", "generate_schedule { group_id: 'g1' }");
  ASSERT_EQ(planned.reason(), "");
  EXPECT_THAT(Timetable(s.group()),
              ElementsAre("PG1 2026-03-18 F1", "S1 2026-03-25 F1 F2", "S2 2026-04-15 F1 F4",
                          "S3 2026-04-22 F1 F4", "S4 2026-04-29 F1 F2", "S5 2026-05-13 F1 F2",
                          "S6 2026-05-20 F1 F2", "S-O 2026-05-27 F1", "RV1 2026-06-10 F1"));
  std::vector<std::string> skipped;
  for (const v1::SkippedSlot& skip : planned.reply().schedule().skipped()) {
    skipped.push_back(absl::StrCat(skip.row(), " ", skip.date(), " ", skip.reason()));
  }
  EXPECT_THAT(skipped, ElementsAre("S2 2026-04-01 SITE_CLOSED", "S2 2026-04-08 SITE_CLOSED",
                                   "S5 2026-05-06 NO_STAFF"));
}

TEST(CapabilityTest, E10_ValidThroughTheLastDayAndNotOnTheDayOfRevocation) {
  v1::Facilitator staff;
  v1::Capability* trauma = staff.add_capabilities();
  trauma->set_kind("TRAUMA");
  trauma->set_gained_on("2024-01-01");
  trauma->set_expires_on("2026-06-30");
  EXPECT_TRUE(HasCapability(staff, "TRAUMA", *ParseDate("2026-06-30")));
  EXPECT_FALSE(HasCapability(staff, "TRAUMA", *ParseDate("2026-07-01")));
  EXPECT_FALSE(HasCapability(staff, "TRAUMA", *ParseDate("2023-12-31")));
  v1::Capability* cultural = staff.add_capabilities();
  cultural->set_kind("CULTURAL");
  cultural->set_gained_on("2024-01-01");
  cultural->set_revoked_on("2026-05-01");
  EXPECT_TRUE(HasCapability(staff, "CULTURAL", *ParseDate("2026-04-30")));
  EXPECT_FALSE(HasCapability(staff, "CULTURAL", *ParseDate("2026-05-01")));
}

TEST(CulturalTest, E10_TrainingOrADeclaredSharedIdentity) {
  Story s;
  s.Premises();
  s.Group();
  std::string person = Story::Receive({.referral = "b"});
  person.replace(person.find("sex: 'M'"), 8,
                 "sex: 'M' minority_ethnic: 'YES' identity_codes: 'B1'");
  s.Must("SYS", person);
  s.Must("TM", "confirm_suitability { enrolment_id: 'b/1' }");
  s.Schedule();
  EXPECT_EQ(s.Do("SCH", Story::Allocate("g1", {"b/1"})).reason(), "CAPABILITY_MISSING");
  const auto declare = [&](const char* code) {
    return s.As("F1", {"FAC"})
        .When(Story::Parse(absl::StrCat("declare_staff_identity { staff_id: 'F1' identity_codes: '",
                                        code, "' consent_id: 'c1' }")))
        .reason();
  };
  EXPECT_EQ(declare("B2"), "");
  EXPECT_EQ(s.Do("SCH", Story::Allocate("g1", {"b/1"})).reason(), "CAPABILITY_MISSING");
  EXPECT_EQ(declare("B1"), "");
  s.As("F1", {"FAC"}).When(Story::Parse("withdraw_staff_identity { staff_id: 'F1' }"));
  EXPECT_EQ(s.Do("SCH", Story::Allocate("g1", {"b/1"})).reason(), "CAPABILITY_MISSING");
  EXPECT_EQ(declare("B1"), "");
  s.Must("SCH", Story::Allocate("g1", {"b/1"}));
  // A trained colleague does as well; who declines to say is not asked for (PRG-47).
  s.Capability("F2", "CULTURAL");
  std::string other = Story::Receive({.referral = "d"});
  other.replace(other.find("sex: 'M'"), 8, "sex: 'M' minority_ethnic: 'DECLINED'");
  s.Must("SYS", other);
  s.Must("TM", "confirm_suitability { enrolment_id: 'd/1' }");
  s.Must("SCH", Story::Allocate("g1", {"d/1"}));
}

TEST(CulturalTest, PRG35_TheFirstCombinationThatServesEverybody) {
  Story s;
  s.Premises();
  s.Group();
  s.Capability("F3", "CULTURAL");
  std::string person = Story::Receive({.referral = "b"});
  person.replace(person.find("sex: 'M'"), 8, "sex: 'M' minority_ethnic: 'YES'");
  s.Must("SYS", person);
  s.Must("TM", "confirm_suitability { enrolment_id: 'b/1' }");
  s.Must("SCH", Story::Allocate("g1", {"b/1"}));
  s.Schedule();
  EXPECT_THAT(s.session("g1", "S1").staff(), ElementsAre("F1", "F3"));
  EXPECT_THAT(s.session("g1", "PG1").staff(), ElementsAre("F3"));
}

TEST(StaffIdentityTest, RefusalsInOrder) {
  Story s;
  s.Premises();
  const auto declare = [&](const char* actor, const std::string& more) {
    return s.As(actor, {"FAC"})
        .When(Story::Parse(absl::StrCat("declare_staff_identity { staff_id: 'F1' ", more, " }")))
        .reason();
  };
  EXPECT_EQ(s.Do("PM", "declare_staff_identity { staff_id: 'F1' }").reason(), "NOT_AUTHORISED");
  EXPECT_EQ(s.Do("FAC", "declare_staff_identity { staff_id: 'none' }").reason(), "NOT_FOUND");
  EXPECT_EQ(declare("F1", ""), "VALIDATION_FAILED");
  EXPECT_EQ(declare("F2", "gender: 'F'"), "CONSENT_REQUIRED");
  EXPECT_EQ(declare("F2", "gender: 'F' consent_id: 'c'"), "NOT_SELF");
  EXPECT_EQ(s.Do("FAC", "withdraw_staff_identity { staff_id: 'F1' }").reason(), "NOT_SELF");
  EXPECT_EQ(Programmes::SubjectOf(FacilitatorId("F1")), "staff/F1");
  EXPECT_EQ(Programmes::SubjectOf(EnrolmentId("r/1")), "");
}

TEST(ClashTest, E11_StaffTravelAndRoomTurnaround) {
  v1::Booking booking;  // 10:00 to 12:30
  booking.set_date("2026-03-25");
  booking.set_start_min(600);
  booking.set_minutes(150);
  const Date day = *ParseDate("2026-03-25");
  EXPECT_FALSE(Clashes(booking, day, 750, 60, 0));   // same site 12:30
  EXPECT_TRUE(Clashes(booking, day, 779, 60, 30));   // another site 12:59
  EXPECT_FALSE(Clashes(booking, day, 780, 60, 30));  // 13:00
  EXPECT_TRUE(Clashes(booking, day, 764, 60, 15));   // room 12:44
  EXPECT_FALSE(Clashes(booking, day, 765, 60, 15));  // 12:45
  EXPECT_FALSE(Clashes(booking, day + 1, 600, 150, 30));
}

TEST(OpenGroupTest, RefusalsInOrder) {
  Story s;
  s.Premises();
  const std::string slot = "slots { iso_weekday: 3 start_min: 780 } earliest_start: '2026-03-18' ";
  const auto open = [&](const std::string& more) {
    return s.Do("SCH", Story::OpenGroup("g1", more + slot));
  };
  EXPECT_EQ(s.Do("FAC", Story::OpenGroup("g1")).reason(), "NOT_AUTHORISED");
  EXPECT_EQ(s.Do("SCH", "open_group { }").rejected().violations.size(), 7u);
  EXPECT_EQ(open("version_ref: 'BCM/1' sex_mode: MIXED ").reason(), "VERSION_NOT_CURRENT");
  EXPECT_EQ(
      open("version_ref: 'EM-GEN/1' sex_mode: MIXED size { min: 3 viable: 6 max: 11 } ").reason(),
      "SIZE_OUT_OF_POLICY");
  EXPECT_EQ(
      open("version_ref: 'EM-GEN/1' sex_mode: MIXED size { min: 2 viable: 6 max: 10 } ").reason(),
      "SIZE_OUT_OF_POLICY");
  EXPECT_EQ(
      open("version_ref: 'EM-GEN/1' sex_mode: MIXED size { min: 4 viable: 5 max: 8 } ").reason(),
      "");
  const auto taken = s.Do("SCH",
                          "open_group { group_id: 'g2' code: 'g1' delivery_org: 'P01' "
                          "site_id: 'S1' version_ref: 'EM-GEN/1' sex_mode: MEN " +
                              slot + "}");
  EXPECT_EQ(taken.reason(), "GROUP_CODE_TAKEN");
}

TEST(OpenGroupTest, PRG49_TheSmallestOfEachForWomen) {
  Story s;
  s.Premises();
  s.Group("g1", "WOMEN");
  EXPECT_EQ(s.group().size().min(), 2);
  EXPECT_EQ(s.group().size().viable(), 4);
  EXPECT_EQ(s.group().size().max(), 8);
}

TEST(AssignStaffTest, RefusalsInOrder) {
  Story s;
  s.Premises();
  s.Must("PM", "register_facilitator { staff_id: 'X1' org: 'P02' }");
  s.Must("SCH", Story::OpenGroup("g1",
                                 "version_ref: 'EM-GEN/1' sex_mode: MIXED earliest_start: "
                                 "'2026-03-18' slots { iso_weekday: 3 start_min: 780 }"));
  const auto assign = [&](const char* id) {
    return s.Do("SCH",
                absl::StrCat("assign_staff { group_id: 'g1' staff { staff_id: '", id, "' } }"));
  };
  EXPECT_EQ(assign("none").reason(), "NOT_FOUND");
  const auto both = assign("X1");
  EXPECT_EQ(both.reason(), "CAPABILITY_MISSING");
  EXPECT_THAT(Story::Codes(both), ElementsAre("CAPABILITY_MISSING", "FACILITATOR_ORG_MISMATCH"));
  s.Capability("X1", "PROG:EM-GEN");
  EXPECT_EQ(assign("X1").reason(), "FACILITATOR_ORG_MISMATCH");
  EXPECT_EQ(assign("F1").reason(), "");
}

TEST(ConfirmGroupTest, PRG71_ReportsAllFailuresTogether) {
  Story s;
  s.Premises();
  s.Group();
  s.People(1, 1);
  s.Must("SCH", Story::Allocate("g1", {"m1/1", "f1/1"}));
  EXPECT_EQ(s.Do("PM", "confirm_group { group_id: 'g1' }").reason(), "STATE_FORBIDS_COMMAND");
  s.Schedule();
  s.Must("SYS",
         "update_referral_facts { enrolment_id: 'm1/1' sentence_version: 2 "
         "requirement { order_end: '2026-05-26' } }");
  EXPECT_EQ(s.Do("SCH", "confirm_group { group_id: 'g1' }").reason(), "NOT_AUTHORISED");
  const auto refused = s.Do("PM", "confirm_group { group_id: 'g1' }");
  EXPECT_EQ(refused.reason(), "GROUP_NOT_CONFIRMABLE");
  EXPECT_THAT(Story::Codes(refused),
              ElementsAre("BELOW_MINIMUM", "LONE_WOMAN", "SENTENCE_TOO_SHORT"));
}

TEST(RescheduleTest, RefusalsInOrderAndE20) {
  Story s;
  s.Confirmed(4, 0);
  const auto move = [&](const char* row, const char* date, int start, const char* more = "") {
    return s.Do("SCH", absl::StrCat("reschedule_session { group_id: 'g1' row: '", row, "' date: '",
                                    date, "' start_min: ", start, " ", more, "}"));
  };
  EXPECT_EQ(move("XX", "2026-03-26", 780).reason(), "NOT_FOUND");
  EXPECT_EQ(move("S1", "26 March", 780).reason(), "VALIDATION_FAILED");
  EXPECT_EQ(move("S1", "2026-03-01", 780).reason(), "IN_THE_PAST");
  EXPECT_EQ(move("S1", "2026-03-18", 900).reason(), "ORDER_VIOLATION");  // the day of PG1
  EXPECT_EQ(move("S1", "2026-04-01", 780, "cascade_none: true ").reason(), "ORDER_VIOLATION");
  EXPECT_EQ(move("RV1", "2026-05-26", 780).reason(), "GAP_VIOLATION");  // two weeks after S8
  EXPECT_EQ(move("S1", "2029-01-03", 780).reason(), "CALENDAR_NOT_COVERED");
  EXPECT_EQ(move("S1", "2026-04-03", 780).reason(), "BLOCKED_DAY");     // Good Friday
  EXPECT_EQ(move("S1", "2026-03-26", 419).reason(), "OUTSIDE_HOURS");   // before 07:00
  EXPECT_EQ(move("S1", "2026-03-26", 480).reason(), "OUTSIDE_HOURS");   // before the site opens
  EXPECT_EQ(move("S1", "2026-03-26", 1141).reason(), "OUTSIDE_HOURS");  // ends after 21:00
  s.At("2026-03-25T15:00:00Z");
  s.Must("FAC", Story::Register("g1/S1", Story::Entry("m1/1", "ATTC", 120)));
  // E20: locked before past; PRG-67: any recorded outcome locks.
  EXPECT_EQ(move("S1", "2026-03-01", 780).reason(), "SESSION_LOCKED");
  EXPECT_EQ(
      s.Do("FAC", "cancel_session { group_id: 'g1' row: 'S1' cause_code: 'WEATHER' }").reason(),
      "SESSION_LOCKED");
}

TEST(RescheduleTest, PRG68_NoticeIsRealMinutesOverTheChangeOfTheClock) {
  Story s;
  s.Confirmed(4, 0);
  s.At("2026-03-28T12:00:00Z");  // Saturday; the clocks go forward on Sunday
  const auto moved = s.Do(
      "SCH", "reschedule_session { group_id: 'g1' row: 'S2' date: '2026-03-31' start_min: 780 }");
  ASSERT_EQ(moved.reason(), "");
  // 31 March 13:00 in London is 12:00 UTC: three days of 24 hours.
  EXPECT_EQ(moved.events[0].event.session_moved().notice_min(), 3 * 24 * 60);
  EXPECT_EQ(s.Find(CalendarId("Tm1"))->calendar().appointments_size(), 8);
}

TEST(CancelSessionTest, PRG65_KeepsTheIdAndSaysWhoseFault) {
  Story s;
  s.Confirmed(4, 0);
  EXPECT_EQ(s.Do("FAC", "cancel_session { group_id: 'g1' row: 'S1' cause_code: 'WHIM' }").reason(),
            "REASON_INVALID");
  const auto result =
      s.Do("FAC", "cancel_session { group_id: 'g1' row: 'S8' cause_code: 'WEATHER' }");
  ASSERT_EQ(result.reason(), "");
  EXPECT_TRUE(result.events[0].event.session_cancelled().service_fault());
  EXPECT_EQ(result.events[0].event.session_cancelled().date(), "2026-05-13");
  EXPECT_EQ(s.session("g1", "S8").date(), "2026-05-20");
  EXPECT_EQ(s.session("g1", "S8").session_id(), "g1/S8");
  EXPECT_EQ(s.session("g1", "RV1").date(), "2026-06-03");  // two weeks behind it
}

TEST(CancelGroupTest, EverybodyWaitsAgainAndEveryHourIsFree) {
  Story s;
  s.Confirmed(4, 0);
  EXPECT_EQ(s.Do("SCH", "cancel_group { group_id: 'g1' }").reason(), "NOT_AUTHORISED");
  EXPECT_EQ(s.Do("PM", "cancel_group { group_id: 'g1' cause_code: 'WHIM' }").reason(),
            "REASON_INVALID");
  s.Must("PM", "cancel_group { group_id: 'g1' cause_code: 'LOW_NUMBERS' }");
  EXPECT_EQ(s.group().status(), v1::CANCELLED);
  EXPECT_THAT(s.group().members(), IsEmpty());
  EXPECT_EQ(s.enrolment("m1/1").status(), v1::WAITING);
  EXPECT_THAT(s.Find(FacilitatorId("F1"))->facilitator().bookings(), IsEmpty());
  EXPECT_THAT(s.Find(SiteId("S1"))->site().rooms(0).bookings(), IsEmpty());
  EXPECT_THAT(s.Find(CalendarId("Tm1"))->calendar().appointments(), IsEmpty());
  EXPECT_EQ(s.Do("PM", "cancel_group { group_id: 'g1' cause_code: 'LOW_NUMBERS' }").reason(),
            "STATE_FORBIDS_COMMAND");
  EXPECT_EQ(s.Do("SCH", Story::Allocate("g1", {"m1/1"})).reason(), "STATE_FORBIDS_COMMAND");
}

TEST(CloseGroupTest, OnlyWhenEveryGroupSessionWasHeld) {
  Story s;
  const auto ids = s.Confirmed(4, 0);
  EXPECT_EQ(s.Do("PM", "close_group { group_id: 'g1' }").reason(), "STATE_FORBIDS_COMMAND");
  for (int row = 1; row <= 8; ++row) {
    const std::string code = absl::StrCat("S", row);
    s.At(absl::StrCat(s.session("g1", code).date(), "T18:00:00Z"));
    std::string entries;
    for (const std::string& id : ids) entries += Story::Entry(id, "ATTC", 120);
    s.Must("FAC", Story::Register(absl::StrCat("g1/", code), entries, true));
    if (row < 8) {
      const auto early = s.Do("PM", "close_group { group_id: 'g1' }");
      EXPECT_EQ(early.reason(), "SESSIONS_OUTSTANDING");
      EXPECT_EQ(early.rejected().violations.size(), 8u - row);
    }
  }
  s.Must("PM", "close_group { group_id: 'g1' }");
  EXPECT_EQ(s.group().status(), v1::CLOSED);
  EXPECT_EQ(s.Do("PM", "cancel_group { group_id: 'g1' cause_code: 'WEATHER' }").reason(),
            "STATE_FORBIDS_COMMAND");
}

TEST(ResourcesTest, RefusalsOfStaffAndPremises) {
  Story s;
  EXPECT_EQ(s.Do("SCH", "register_facilitator { staff_id: 'F1' org: 'P01' }").reason(),
            "NOT_AUTHORISED");
  EXPECT_EQ(s.Do("PM", "register_facilitator { }").reason(), "VALIDATION_FAILED");
  EXPECT_EQ(s.Do("PM", "record_capability { staff_id: 'F1' }").reason(), "NOT_FOUND");
  EXPECT_EQ(s.Do("PM", "record_leave { staff_id: 'F1' }").reason(), "NOT_FOUND");
  EXPECT_EQ(s.Do("SCH", "put_room { site_id: 'S1' }").reason(), "NOT_FOUND");
  EXPECT_EQ(s.Do("SCH", "close_site { site_id: 'S1' }").reason(), "NOT_FOUND");
  EXPECT_EQ(s.Do("SCH", "register_site { }").rejected().violations.size(), 3u);
  s.Premises();
  EXPECT_EQ(s.Do("PM", "register_facilitator { staff_id: 'F1' org: 'P02' }").reason(),
            "STATE_FORBIDS_COMMAND");
  EXPECT_THAT(s.Do("PM", "register_facilitator { staff_id: 'F1' org: 'P01' }").events, IsEmpty());
  EXPECT_EQ(s.Do("PM",
                 "record_capability { staff_id: 'F1' capability { kind: 'LDC' gained_on: "
                 "'2026-02-01' expires_on: '2026-01-31' } }")
                .reason(),
            "DATES_INVALID");
  EXPECT_EQ(s.Do("PM",
                 "record_leave { staff_id: 'F1' leave { from: '2026-02-02' to: '2026-02-01' "
                 "} }")
                .reason(),
            "DATES_INVALID");
  EXPECT_EQ(s.Do("SCH", "close_site { site_id: 'S1' closure { from: 'x' to: 'y' } }").reason(),
            "DATES_INVALID");
}

}  // namespace
}  // namespace pdp::programmes
