#include "services/programmes/domain/membership.h"
#include "services/programmes/domain/story.h"

namespace pdp::programmes {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string Remove(const std::string& id, const char* reason = "HEALTH") {
  return absl::StrCat("remove_member { group_id: 'g1' enrolment_id: '", id, "' reason_code: '",
                      reason, "' }");
}

TEST(AllocateMembersTest, TellsTheGroupAndTheEnrolmentWhoHoldsAndWhoDelivers) {
  Story s;
  s.Premises();
  s.Group();
  s.Schedule();
  const auto result = s.Do("SCH", Story::Allocate("g1", s.People(1, 0)));
  ASSERT_EQ(result.reason(), "");
  EXPECT_EQ(result.event_names(), "MemberAllocated, EnrolmentAllocated, PersonSessionsChanged");
  const auto& allocated = result.events[1].event.enrolment_allocated();
  EXPECT_EQ(allocated.referral_id(), "m1");
  EXPECT_EQ(allocated.holder_org(), "P01");
  EXPECT_EQ(allocated.delivery_org(), "P01");
  EXPECT_EQ(allocated.stratum(), "MEDIUM");
  EXPECT_EQ(allocated.on(), "2026-03-02");
  EXPECT_EQ(allocated.planned_finish(), "2026-05-27");
  EXPECT_EQ(s.enrolment("m1/1").status(), v1::ALLOCATED);
}

TEST(AllocateMembersTest, E20_AMemberOfAFullGroupIsToldOfBothInOrder) {
  Story s;
  s.Premises();
  s.Group();
  const auto ids = s.People(10, 0);  // size.si: at most ten
  s.Must("SCH", Story::Allocate("g1", ids));
  const auto again = s.Do("SCH", Story::Allocate("g1", {"m1/1"}));
  EXPECT_EQ(again.reason(), "ALREADY_MEMBER");
  EXPECT_THAT(Story::Codes(again), ::testing::UnorderedElementsAre("ALREADY_MEMBER", "GROUP_FULL"));
}

TEST(AllocateMembersTest, E20_TwoPeopleWithFaultsNobodyIsAddedBothAreListed) {
  Story s;
  s.Premises();
  s.Group("g1", "MEN");
  s.People(1, 2);
  const auto result = s.Do("SCH", Story::Allocate("g1", {"m1/1", "f1/1", "f2/1"}));
  EXPECT_EQ(result.reason(), "SEX_MODE_MISMATCH");
  EXPECT_THAT(result.rejected().violations,
              ElementsAre(decider::Violation{"SEX_MODE_MISMATCH", "f1/1", "", ""},
                          decider::Violation{"SEX_MODE_MISMATCH", "f2/1", "", ""}));
  EXPECT_THAT(s.group().members(), IsEmpty());
  EXPECT_EQ(s.enrolment("m1/1").status(), v1::WAITING);
}

TEST(AllocateMembersTest, PRG49_50_TheGroupsSizeAndSex) {
  Story s;
  s.Premises();
  s.Group("g1", "WOMEN");
  s.People(1, 9);
  EXPECT_EQ(s.Do("SCH", Story::Allocate("g1", {"m1/1"})).reason(), "SEX_MODE_MISMATCH");  // E9
  EXPECT_EQ(s.Do("SCH", Story::Allocate("g1", {"f1/1", "f2/1", "f3/1", "f4/1", "f5/1", "f6/1",
                                               "f7/1", "f8/1", "f9/1"}))
                .reason(),
            "GROUP_FULL");  // size.women: at most eight
}

TEST(AllocateMembersTest, PRG43_AWomansChoiceIsAskedAndKept) {
  Story s;
  s.Premises();
  s.Group();
  s.Enrol({.referral = "a", .woman = true, .choice = ""});
  s.Enrol({.referral = "b", .woman = true, .choice = "WOMEN_ONLY"});
  s.Enrol({.referral = "c", .woman = true, .choice = "ONE_TO_ONE"});
  s.Enrol({.referral = "d", .woman = true, .choice = "WITH_OTHER_WOMEN"});
  EXPECT_EQ(s.Do("SCH", Story::Allocate("g1", {"a/1"})).reason(), "CHOICE_NOT_ASKED");
  EXPECT_EQ(s.Do("SCH", Story::Allocate("g1", {"b/1"})).reason(), "PREFERENCE_NOT_MET");
  EXPECT_EQ(s.Do("SCH", Story::Allocate("g1", {"c/1"})).reason(), "PREFERENCE_NOT_MET");
  s.Must("SCH", Story::Allocate("g1", {"d/1"}));
  // PREFERENCE_NOT_MET is printed before CHOICE_NOT_ASKED.
  EXPECT_EQ(s.Do("SCH", Story::Allocate("g1", {"a/1", "b/1"})).reason(), "PREFERENCE_NOT_MET");
}

TEST(AllocateMembersTest, PRG39_WeeklyUnavailabilityOverASlot) {
  Story s;
  s.Premises();
  s.Group();  // Wednesdays 13:00 to 15:00
  const auto person = [](const char* referral, int from, int to) {
    std::string text = Story::Receive({.referral = referral});
    const std::string window =
        absl::StrCat("sex: 'M' unavailable { weekday: 3 from_min: ", from, " to_min: ", to, " }");
    text.replace(text.find("sex: 'M'"), 8, window);
    return text;
  };
  for (const auto& [referral, from, to] :
       {std::tuple("a", 890, 960), std::tuple("b", 900, 960), std::tuple("c", 600, 780)}) {
    s.Must("SYS", person(referral, from, to));
    s.Must("TM", absl::StrCat("confirm_suitability { enrolment_id: '", referral, "/1' }"));
  }
  EXPECT_EQ(s.Do("SCH", Story::Allocate("g1", {"a/1"})).reason(), "NOT_AVAILABLE");
  s.Must("SCH", Story::Allocate("g1", {"b/1", "c/1"}));  // half-open intervals only touch
}

TEST(AllocateMembersTest, PRG70_TheOrderMustOutlastTheReview) {
  Story s;
  s.Premises();
  s.Group();
  s.Schedule();  // RV1 27 May 2026; an SI has no buffer
  s.Must("SYS", Story::Receive({.referral = "a", .order_end = "2026-05-26"}));
  s.At("2026-03-02T09:00:00Z");
  s.Enrol({.referral = "b", .order_end = "2026-05-27"});
  // Too late to be confirmed now, so the shorter order is made by a newer sentence version.
  s.Enrol({.referral = "c"});
  s.Must("SYS",
         "update_referral_facts { enrolment_id: 'c/1' sentence_version: 2 "
         "requirement { order_end: '2026-05-26' } }");
  EXPECT_EQ(s.Do("SCH", Story::Allocate("g1", {"c/1"})).reason(), "SENTENCE_TOO_SHORT");
  s.Must("SCH", Story::Allocate("g1", {"b/1"}));
}

TEST(AllocateMembersTest, PRG69_UntilTheSecondGroupRowBegins) {
  Story s;
  s.Premises();
  s.Group();
  s.Schedule();  // S2 is on Wednesday 1 April at 13:00, summer time
  s.People(2, 0);
  s.At("2026-04-01T11:59:00Z");
  s.Must("SCH", Story::Allocate("g1", {"m1/1"}));
  s.At("2026-04-01T12:00:00Z");
  EXPECT_EQ(s.Do("SCH", Story::Allocate("g1", {"m2/1"})).reason(), "JOIN_WINDOW_CLOSED");
}

TEST(AllocateMembersTest, PRG44_AWomanJoinsOnlyTrainedRosters) {
  Story s;
  s.Premises();
  s.Staff("F9", false);
  s.Must("SCH", Story::OpenGroup("g1",
                                 "version_ref: 'EM-GEN/1' sex_mode: MIXED earliest_start: "
                                 "'2026-03-18' slots { iso_weekday: 3 start_min: 780 }"));
  s.Must("SCH",
         "assign_staff { group_id: 'g1' staff { staff_id: 'F1' order: 1 } "
         "staff { staff_id: 'F9' order: 2 } }");
  s.Schedule();
  s.People(1, 1);
  const auto result = s.Do("SCH", Story::Allocate("g1", {"f1/1"}));
  EXPECT_EQ(result.reason(), "CAPABILITY_MISSING");
  EXPECT_EQ(result.rejected().violations[0].subject, "F9");
  s.Must("SCH", Story::Allocate("g1", {"m1/1"}));
}

TEST(AllocateMembersTest, PRG39_AppointmentsOfOtherServicesCount) {
  Story s;
  s.Premises();
  s.Group();
  s.Schedule();
  s.People(2, 0);
  // S1: Wednesday 25 March, 13:00 to 15:00 at S1. Thirty minutes of travel between sites.
  const auto work = [](const char* crn, int start) {
    return absl::StrCat("record_appointment { crn: '", crn, "' appointment { appointment_id: 'w-",
                        crn, "' date: '2026-03-25' start_min: ", start,
                        " minutes: 60 site_id: 'W' source: 'unpaid_work' } }");
  };
  s.Must("SYS", work("Tm1", 691));  // ends 12:31
  s.Must("SYS", work("Tm2", 690));  // ends 12:30
  const auto result = s.Do("SCH", Story::Allocate("g1", {"m1/1"}));
  EXPECT_EQ(result.reason(), "PERSON_DOUBLE_BOOKED");
  EXPECT_EQ(result.rejected().violations[0].detail, "g1/S1 and w-Tm1");
  s.Must("SCH", Story::Allocate("g1", {"m2/1"}));
  s.Must("SYS", "release_appointment { crn: 'Tm1' appointment_id: 'w-Tm1' }");
  s.Must("SCH", Story::Allocate("g1", {"m1/1"}));
}

TEST(AllocateMembersTest, PRG51_NeverInOneGroupWhileItLasts) {
  Story s;
  s.Premises();
  s.Group();
  s.People(3, 0);
  const auto bad = s.Do("TM",
                        "record_non_association { enrolment_id: 'm1/1' other_crn: 'Tm1' "
                        "until: 'x' }");
  EXPECT_EQ(bad.rejected().violations.size(), 2u);
  s.Must("TM",
         "record_non_association { enrolment_id: 'm1/1' other_crn: 'Tm2' "
         "until: '2026-03-02' }");
  EXPECT_EQ(s.Do("SCH", Story::Allocate("g1", {"m1/1", "m2/1"})).reason(), "NON_ASSOCIATION");
  s.Must("SCH", Story::Allocate("g1", {"m2/1", "m3/1"}));
  const auto refused = s.Do("SCH", Story::Allocate("g1", {"m1/1"}));
  EXPECT_EQ(refused.reason(), "NON_ASSOCIATION");
  EXPECT_EQ(refused.rejected().violations[0].detail, "m2/1");
  s.At("2026-03-03T09:00:00Z");  // the day after its last
  s.Must("SCH", Story::Allocate("g1", {"m1/1"}));
}

TEST(AllocateMembersTest, PM6_FromTheDayOfTheEndNobodyIsAllocatedAnyMore) {
  Story s;
  s.Premises();
  s.Group();
  s.People(2, 0);
  s.Must("SYS",
         "record_delivery_org { delivery_org { org: 'P01' contracts { contract_id: 'C1' services: "
         "'SI_EM' from: '2021-06-26' to: '2026-03-02' } } }");
  s.Must("SCH", Story::Allocate("g1", {"m1/1"}));
  s.At("2026-03-03T09:00:00Z");
  EXPECT_EQ(s.Do("SCH", Story::Allocate("g1", {"m2/1"})).reason(), "DELIVERY_ORG_NOT_ACTIVE");
  // A second contract that lasts; suspended it is worth nothing, and one of another service never.
  const auto second = [](const char* service, bool suspended) {
    return absl::StrCat("record_delivery_org { delivery_org { org: 'P01' contracts { contract_id: "
                        "'C1' services: 'SI_EM' to: '2026-03-02' } contracts { contract_id: 'C2' "
                        "services: '", service, "' from: '2021-06-26' suspended: ",
                        suspended ? "true" : "false", " } } }");
  };
  s.Must("SYS", second("SI_EM", true));
  EXPECT_EQ(s.Do("SCH", Story::Allocate("g1", {"m2/1"})).reason(), "DELIVERY_ORG_NOT_ACTIVE");
  s.Must("SYS", second("BBR", false));
  EXPECT_EQ(s.Do("SCH", Story::Allocate("g1", {"m2/1"})).reason(), "DELIVERY_ORG_NOT_ACTIVE");
  s.Must("SYS", second("SI_EM", false));
  s.Must("SCH", Story::Allocate("g1", {"m2/1"}));
}

TEST(AllocateMembersTest, CommonRefusals) {
  Story s;
  EXPECT_EQ(s.Do("SCH", Story::Allocate("g1", {"m1/1"})).reason(), "NOT_FOUND");
  s.Premises();
  s.Group();
  EXPECT_EQ(s.Do("SCH", Story::Allocate("g1", {"m1/1"})).reason(), "NOT_FOUND");
  s.People(1, 0);
  EXPECT_EQ(s.Do("FAC", Story::Allocate("g1", {"m1/1"})).reason(), "NOT_AUTHORISED");
  EXPECT_EQ(s.Do("SCH", Story::Allocate("g1", {"m1/1"}), "P02").reason(), "NOT_YOUR_ORGANISATION");
  EXPECT_EQ(s.Do("SCH", Story::Allocate("g1", {})).reason(), "VALIDATION_FAILED");
  s.Must("SYS", Story::Receive({.referral = "new"}));
  EXPECT_EQ(s.Do("SCH", Story::Allocate("g1", {"new/1"})).reason(), "STATE_FORBIDS_COMMAND");
}

TEST(AllocateMembersTest, AnOrganisationGroupsItsOwnPeopleThePrimeAnybodys) {
  Story s;
  s.Premises();
  s.Group();
  s.People(1, 0);
  const std::string other = s.Enrol({.referral = "m2", .org = "P02"});
  EXPECT_EQ(s.Do("SCH", Story::Allocate("g1", {"m1/1", other}), "P01").reason(),
            "NOT_YOUR_ORGANISATION");
  EXPECT_THAT(s.group().members(), IsEmpty());
  const auto result = s.Do("SCH", Story::Allocate("g1", {"m1/1", other}));
  ASSERT_EQ(result.reason(), "");
  EXPECT_EQ(s.group().members_size(), 2);
}

TEST(WomenRuleTest, E9_FromFormingToABreachAndItsEnd) {
  Story s("2026-05-18T09:00:00Z");
  s.Premises();
  // Mondays: PG1 1 June, S1 8 June, S2 15 June.
  s.Group("g1", "MIXED", "EM-GEN/1", "slots { iso_weekday: 1 start_min: 600 }", "2026-06-01");
  s.People(4, 3);
  s.Must("SCH", Story::Allocate("g1", {"m1/1", "m2/1", "m3/1", "m4/1", "f1/1"}));
  s.Schedule();
  const auto alone = s.Do("PM", "confirm_group { group_id: 'g1' }");
  EXPECT_EQ(alone.reason(), "GROUP_NOT_CONFIRMABLE");
  EXPECT_THAT(Story::Codes(alone), ElementsAre("LONE_WOMAN"));
  s.Must("SCH", Story::Allocate("g1", {"f2/1"}));
  s.Confirm();
  s.At("2026-06-11T10:00:00Z");  // Thursday
  const auto left = s.Do("TM", Remove("f2/1"));
  ASSERT_EQ(left.reason(), "");
  EXPECT_EQ(left.event_names(),
            "MemberRemoved, PersonSessionsChanged, CompositionBreached, EnrolmentReleased");
  const auto breach =
      Story::Of(left, &v1::Event::has_composition_breached, &v1::Event::composition_breached)[0];
  EXPECT_EQ(breach.resolve_by(), "2026-06-14");  // Sunday, the day before the next session
  // A man does not help, another woman does.
  s.Enrol({.referral = "m9"});
  EXPECT_EQ(s.Do("SCH", Story::Allocate("g1", {"m9/1"})).reason(), "LONE_WOMAN");
  const auto joined = s.Do("SCH", Story::Allocate("g1", {"f3/1"}));
  ASSERT_EQ(joined.reason(), "");
  EXPECT_EQ(
      Story::Of(joined, &v1::Event::has_composition_resolved, &v1::Event::composition_resolved)[0]
          .how(),
      "ANOTHER_WOMAN");
  EXPECT_THAT(s.group().breaches(), IsEmpty());
}

TEST(WomenRuleTest, E9_TheLastWomanLeavesTheGroup) {
  Story s;
  s.Confirmed(4, 2);
  s.Must("TM", Remove("f1/1"));
  EXPECT_EQ(s.group().breaches_size(), 1);
  const auto left = s.Do("TM", Remove("f2/1", "WOMAN_CHOICE"));
  EXPECT_EQ(
      Story::Of(left, &v1::Event::has_composition_resolved, &v1::Event::composition_resolved)[0]
          .how(),
      "NO_WOMAN");
}

TEST(WomenRuleTest, PRG52_FiveWorkingDaysWhenTheNextSessionIsFar) {
  Story s;
  s.Confirmed(4, 2);             // S1 is on 25 March
  s.At("2026-03-05T10:00:00Z");  // Thursday; five working days on is Thursday 12 March
  const auto left = s.Do("TM", Remove("f1/1"));
  EXPECT_EQ(
      Story::Of(left, &v1::Event::has_composition_breached, &v1::Event::composition_breached)[0]
          .resolve_by(),
      "2026-03-12");
}

TEST(WomenRuleTest, E9_AConfirmedGroupOfMenTakesTwoWomenTogetherOnly) {
  Story s;
  s.Confirmed(5, 0);
  s.People(0, 2);
  EXPECT_EQ(s.Do("SCH", Story::Allocate("g1", {"f1/1"})).reason(), "LONE_WOMAN");
  s.Must("SCH", Story::Allocate("g1", {"f1/1", "f2/1"}));
}

TEST(WomenRuleTest, ASuspendedWomanIsNoCompany) {
  Story s;
  s.Confirmed(4, 2);
  const auto result =
      s.Do("SYS", "suspend_enrolment { enrolment_id: 'f1/1' reason_code: 'IN_CUSTODY' }");
  ASSERT_EQ(result.reason(), "");
  EXPECT_EQ(s.group().breaches_size(), 1);
  s.Must("RO", "resume_enrolment { enrolment_id: 'f1/1' }");
  EXPECT_EQ(s.group().breaches_size(), 0);
}

TEST(RemoveMemberTest, PRG102_BackToWaitingBeforeTheStartPausedAfterIt) {
  Story s;
  s.Confirmed(4, 0);
  const auto released = s.Do("SCH", Remove("m1/1", "NO_SUITABLE_GROUP"));
  EXPECT_EQ(released.event_names(), "MemberRemoved, PersonSessionsChanged, EnrolmentReleased");
  EXPECT_EQ(s.enrolment("m1/1").status(), v1::WAITING);
  s.At("2026-03-25T15:00:00Z");
  s.Must("FAC", Story::Register("g1/S1", Story::Entry("m2/1", "ATTC", 120)));
  const auto paused = s.Do("SCH", Remove("m2/1"));
  const auto event =
      Story::Of(paused, &v1::Event::has_enrolment_paused, &v1::Event::enrolment_paused)[0];
  EXPECT_EQ(event.credit_until(), "2026-06-17");  // 84 days on
  EXPECT_EQ(s.enrolment("m2/1").status(), v1::PAUSED);
}

TEST(RemoveMemberTest, Refusals) {
  Story s;
  s.Confirmed(4, 0);
  s.Enrol({.referral = "x"});
  EXPECT_EQ(s.Do("SCH", Remove("none/1")).reason(), "NOT_FOUND");
  EXPECT_EQ(s.Do("FAC", Remove("m1/1")).reason(), "NOT_AUTHORISED");
  EXPECT_EQ(s.Do("SCH", Remove("x/1")).reason(), "STATE_FORBIDS_COMMAND");
  EXPECT_EQ(s.Do("SCH", Remove("m1/1", "WHIM")).reason(), "REASON_INVALID");
}

// A TSP group of four men whose sessions were all credited for m1 up to and with PS2.
struct TspUpToPs2 : Story {
  TspUpToPs2() : Story("2026-01-05T09:00:00Z") {
    Premises();
    // Tuesdays and Fridays: PG1 Tue 13 Jan.
    Group("g1", "MEN", "TSP/1",
          "slots { iso_weekday: 2 start_min: 600 } slots { iso_weekday: 5 start_min: 600 }",
          "2026-01-13");
    Must("SCH", Allocate("g1", People(4, 0, "TSP/1", "TSP")));
    Schedule();
    Confirm();
    for (const char* row : {"PG1", "SC1", "SC2", "SC3", "SC4", "SC5", "SC-O", "PS1", "PS2"}) {
      const v1::Session& planned = session("g1", row);
      At(absl::StrCat(planned.date(), "T18:00:00Z"));
      if (planned.placeholder()) {
        // An own session of an hour with F1, late in the day of the placeholder.
        At(absl::StrCat(planned.date(), "T08:00:00Z"));
        Must("SCH",
             absl::StrCat("schedule_individual { enrolment_id: 'm1/1' row: '", row, "' date: '",
                          planned.date(), "' start_min: 960 minutes: 60 staff: 'F1' }"));
        At(absl::StrCat(planned.date(), "T18:00:00Z"));
        Must("FAC", Register(absl::StrCat("m1/1/", row, "/1"), Entry("m1/1", "ATTC", 60)));
      } else {
        Must("FAC", Register(absl::StrCat("g1/", row), Entry("m1/1", "ATTC", 150)));
      }
    }
  }
};

TEST(RejoinTest, E15_WithinEightyFourDaysAtTheFirstRowOfTheOpenModule) {
  TspUpToPs2 s;
  const std::string left = s.session("g1", "PS2").date();
  s.Must("SCH", Remove("m1/1"));
  EXPECT_EQ(s.enrolment("m1/1").credit_until(), FormatDate(*ParseDate(left) + 84));
  s.At(absl::StrCat(FormatDate(*ParseDate(left) + 84), "T09:00:00Z"));
  s.Group("g2", "MEN", "TSP/1", "slots { iso_weekday: 2 start_min: 900 }", "2026-05-19");
  const auto rejoined = s.Do("SCH", Story::Allocate("g2", {"m1/1"}));
  ASSERT_EQ(rejoined.reason(), "") << Story::Violations(rejoined);
  const auto carried =
      Story::Of(rejoined, &v1::Event::has_credit_transferred, &v1::Event::credit_transferred)[0];
  EXPECT_EQ(carried.join_row(), "PS1");
  EXPECT_EQ(s.enrolment("m1/1").status(), v1::ON_PROGRAMME);
  for (const char* row : {"PG1", "SC1", "SC2", "SC3", "SC4", "SC5", "SC-O"}) {
    EXPECT_EQ(s.credit("m1/1", row), v1::TRANSFERRED) << row;
  }
  EXPECT_EQ(s.credit("m1/1", "PS1"), v1::PENDING);
  EXPECT_EQ(s.credit("m1/1", "PS2"), v1::PENDING);
}

TEST(RejoinTest, E15_OnTheEightyFifthDayAllCreditIsGone) {
  TspUpToPs2 s;
  const Date left = *ParseDate(s.session("g1", "PS2").date());
  s.Must("SCH", Remove("m1/1"));
  s.At(absl::StrCat(FormatDate(left + 84), "T12:00:00Z"));
  EXPECT_THAT(s.Do("SYS", "lapse_credit { enrolment_id: 'm1/1' }").events, IsEmpty());
  s.At(absl::StrCat(FormatDate(left + 85), "T12:00:00Z"));
  s.Must("SYS", "lapse_credit { enrolment_id: 'm1/1' }");
  EXPECT_EQ(s.enrolment("m1/1").status(), v1::WAITING);
  for (const v1::LedgerRow& row : s.enrolment("m1/1").ledger()) {
    EXPECT_EQ(row.credit(), v1::PENDING) << row.row();
  }
  EXPECT_EQ(s.enrolment("m1/1").received_on(), "2026-01-05");  // the clock's beginning is kept
}

TEST(RejoinTest, PRG104_TheNextAreaOpensWithTheCreditOfCompleteModules) {
  TspUpToPs2 s;
  const std::string on = s.session("g1", "PS2").date();
  const auto out = s.Do("SYS", "transfer_out { enrolment_id: 'm1/1' to_area: 'N07' }");
  ASSERT_EQ(out.reason(), "");
  const auto exported = Story::Of(out, &v1::Event::has_enrolment_transferred_out,
                                  &v1::Event::enrolment_transferred_out)[0];
  EXPECT_EQ(exported.ledger().left_on(), on);
  EXPECT_EQ(s.enrolment("m1/1").status(), v1::TRANSFERRED_OUT);
  EXPECT_EQ(s.group().members_size(), 3);
  Story target;
  target.In("N07");
  v1::Command receive = Story::Parse(
      Story::Receive({.referral = "m1", .version = "TSP/1", .route = "TSP", .round = 2}));
  receive.mutable_receive_referral()->set_opened_on(FormatDate(*ParseDate(on) + 84));
  *receive.mutable_receive_referral()->mutable_transferred() = exported.ledger();
  EXPECT_EQ(target.As("sys", {"SYS"}).When(receive).reason(), "");
  EXPECT_EQ(target.credit("m1/2", "SC5"), v1::TRANSFERRED);
  EXPECT_EQ(target.credit("m1/2", "PS1"), v1::PENDING);
  EXPECT_EQ(target.enrolment("m1/2").received_on(), "2026-01-05");
  // A day later nothing is left of it.
  Story late;
  late.In("N07");
  receive.mutable_receive_referral()->set_opened_on(FormatDate(*ParseDate(on) + 85));
  EXPECT_EQ(late.As("sys", {"SYS"}).When(receive).reason(), "");
  EXPECT_EQ(late.credit("m1/2", "SC5"), v1::PENDING);
}

}  // namespace
}  // namespace pdp::programmes
