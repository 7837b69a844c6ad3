// The requirement, its window and its group: UPW-01 to 09, 76, 77, 80; worked examples W1, W2.

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/unpaid_work/domain/policy.h"
#include "services/unpaid_work/domain/story.h"

namespace pdp::unpaid_work {
namespace {

using ::testing::HasSubstr;

class RequirementTest : public ::testing::Test {
 protected:
  std::string Register(const std::string& id, int64_t hours, const std::string& more = "",
                       const std::string& order_date = "2024-01-08") {
    return story.Do("SYS", Story::RegisterText(id, hours, order_date, more)).reason();
  }
  std::string Vary(const std::string& id, int64_t hours, const std::string& more = "") {
    return story.Reason("SYS", absl::StrCat("vary_requirement { crn: 'T000001' requirement_id: '",
                                            id, "' new_hours: ", hours, " court_ref: 'C1' ", more,
                                            " }"));
  }
  Story story;
};

TEST_F(RequirementTest, W1_PeriodsEndOnTheDayBeforeTheSameNumber) {
  const auto period = [](const char* date, int months) {
    return FormatDate(PeriodLastDay(*ParseDate(date), months));
  };
  EXPECT_EQ(period("2024-03-10", 12), "2025-03-09");
  EXPECT_EQ(period("2024-02-29", 12), "2025-02-28");
  EXPECT_EQ(period("2023-03-01", 12), "2024-02-29");
  EXPECT_EQ(period("2024-08-31", 6), "2025-02-28");
  EXPECT_EQ(period("2019-12-31", 12), "2020-12-30");
  // The window of a requirement is that period (UPW-06).
  EXPECT_EQ(Register("R1", 40, "", "2023-03-01"), "");
  EXPECT_EQ(story.Requirement("R1").last_day(), "2024-02-29");
}

TEST_F(RequirementTest, W2_BoundsAreInclusiveAndDependOnTheOrigin) {
  EXPECT_EQ(Register("R1", 39), "HOURS_BELOW_MINIMUM");
  EXPECT_EQ(Register("R1", 301), "HOURS_ABOVE_MAXIMUM");
  EXPECT_EQ(Register("R1", 40), "");
  EXPECT_EQ(Register("R2", 300), "");
  EXPECT_EQ(Register("R3", 19, "origin: BREACH"), "HOURS_BELOW_MINIMUM");
  EXPECT_EQ(Register("R3", 20, "origin: BREACH"), "");
}

TEST_F(RequirementTest, W2_AnOccasionCountsConcurrentHoursOnce) {
  EXPECT_EQ(Register("R1", 180, "occasion_id: 'O1'"), "");
  EXPECT_EQ(Register("R2", 121, "occasion_id: 'O1'"), "OCCASION_TOTAL_EXCEEDED");
  EXPECT_EQ(Register("R2", 120, "occasion_id: 'O1'"), "");
  EXPECT_EQ(Register("R3", 180, "occasion_id: 'O2'"), "");
  EXPECT_EQ(Register("R4", 121, "occasion_id: 'O2' concurrent_with: 'R3'"), "");
}

TEST_F(RequirementTest, TheRowsCodesComeInThePrintedOrder) {
  ASSERT_EQ(Register("R1", 40, "occasion_id: 'O1'"), "");
  const auto reason = [&](const std::string& order_type, const std::string& id, int64_t hours,
                          const std::string& date, const std::string& more) {
    return story.Reason(
        "SYS", absl::StrCat("register_requirement { crn: 'T000001' requirement_id: '", id,
                            "' referral_id: 'r' order_id: 'o' order_type: '", order_type,
                            "' order_date: '", date, "' origin: ORIGINAL hours: ", hours, " ",
                            more, " }"));
  };
  // Everything is wrong; each mistake taken away shows the next code.
  const std::string concurrent = "concurrent_with: 'R1' occasion_id: 'O9'";
  EXPECT_EQ(reason("999", "R1", 301, "2025-01-01", concurrent), "UNKNOWN_CODE");
  EXPECT_EQ(reason("237", "R1", 301, "2025-01-01", concurrent), "ORDER_TYPE_NOT_ELIGIBLE");
  EXPECT_EQ(reason("201", "R1", 301, "2025-01-01", concurrent), "REQUIREMENT_EXISTS");
  EXPECT_EQ(reason("201", "R2", 301, "2025-01-01", concurrent), "ORDER_DATE_IN_FUTURE");
  EXPECT_EQ(reason("201", "R2", 39, "2024-01-08", concurrent), "HOURS_BELOW_MINIMUM");
  EXPECT_EQ(reason("201", "R2", 301, "2024-01-08", concurrent), "HOURS_ABOVE_MAXIMUM");
  EXPECT_EQ(reason("201", "R2", 300, "2024-01-08", concurrent), "CONCURRENCY_DIFFERENT_OCCASION");
  story.Credit("a", v1::WORKED, 60, "2024-02-01");
  EXPECT_EQ(reason("201", "R2", 300, "2024-01-08", "concurrent_with: 'R1' occasion_id: 'O1'"),
            "CONCURRENCY_AFTER_CREDIT");
  EXPECT_EQ(reason("201", "R2", 261, "2024-01-08", "occasion_id: 'O1'"),
            "OCCASION_TOTAL_EXCEEDED");
  EXPECT_EQ(reason("201", "R2", 260, "2024-01-08", "occasion_id: 'O1'"), "");
}

TEST_F(RequirementTest, UPW02_ACourtThatConfirmsIsServed) {
  EXPECT_EQ(Register("R1", 320, "court_confirmed: true court_ref: 'C7'"), "");
  EXPECT_TRUE(story.Requirement("R1").out_of_bounds());
  EXPECT_EQ(Register("R2", 40, "court_confirmed: true"), "VALIDATION_FAILED");
  EXPECT_EQ(Register("R2", 40, "court_confirmed: true court_ref: 'C8'"), "");
  EXPECT_FALSE(story.Requirement("R2").out_of_bounds());
}

TEST_F(RequirementTest, UPW04_MoreThan300HoursInAllAreFlaggedNotRefused) {
  EXPECT_EQ(Register("R1", 200), "");
  const auto result = story.Do("SYS", Story::RegisterText("R2", 101, "2024-02-05"));
  EXPECT_THAT(result.event_names(), HasSubstr("TotalityFlagged"));
  Story second;
  second.Register("R1", 200, "2024-01-08");
  EXPECT_THAT(second.Do("SYS", Story::RegisterText("R2", 100, "2024-02-05")).event_names(),
              ::testing::Not(HasSubstr("TotalityFlagged")));
}

TEST_F(RequirementTest, UPW05_MostHoursLeadTiesTheSmallestIdUntilTheFirstDischarge) {
  EXPECT_EQ(Register("R2", 80, "occasion_id: 'O1'"), "");
  EXPECT_EQ(Register("R1", 80, "occasion_id: 'O1' concurrent_with: 'R2'"), "");
  EXPECT_EQ(story.Case().groups(0).lead(), "R1");
  EXPECT_EQ(Register("R3", 120, "occasion_id: 'O1' concurrent_with: 'R1'"), "");
  EXPECT_EQ(story.Case().groups(0).lead(), "R3");
  EXPECT_FALSE(story.Case().groups(0).fixed());
  story.Credit("a", v1::WORKED, 60, "2024-02-01");
  EXPECT_TRUE(story.Case().groups(0).fixed());
  EXPECT_EQ(Vary("R1", 121), "CONCURRENCY_LEAD_EXCEEDED");
  EXPECT_EQ(Vary("R1", 120), "");
}

TEST_F(RequirementTest, UPW09_VariationMovesBetweenCourtAndOwed) {
  ASSERT_EQ(Register("R1", 100), "");
  story.Credit("a", v1::WORKED, 3001, "2024-02-01");
  EXPECT_EQ(Vary("R1", 39), "HOURS_BELOW_MINIMUM");
  EXPECT_EQ(Vary("R1", 301), "HOURS_ABOVE_MAXIMUM");
  // 3001 minutes are discharged: 50 hours are too few, 51 are enough.
  EXPECT_EQ(Vary("R1", 50), "HOURS_BELOW_DISCHARGED");
  EXPECT_EQ(Vary("R1", 51), "");
  EXPECT_EQ(story.Balance("R1", v1::COURT), -3060);
  EXPECT_EQ(story.Balance("R1", v1::OWED), 59);
  EXPECT_EQ(Vary("R1", 120), "");
  EXPECT_EQ(story.Balance("R1", v1::OWED), 120 * 60 - 3001);
  EXPECT_EQ(story.Case().groups(0).ete_cap(), 1440);
  ASSERT_EQ(Register("R2", 40, "occasion_id: 'R1'"), "");
  EXPECT_EQ(Vary("R1", 261), "OCCASION_TOTAL_EXCEEDED");
  story.Must("RO", "terminate_requirement { crn: 'T000001' requirement_id: 'R1' reason: REVOKED "
                   "on: '2024-03-01' }");
  EXPECT_EQ(Vary("R1", 120), "REQUIREMENT_NOT_LIVE");
}

TEST_F(RequirementTest, UPW07_OnlyALaterLastDayReplacesIt) {
  ASSERT_EQ(Register("R1", 40), "");
  const auto extend = [&](const char* day) {
    return story.Reason("RO", absl::StrCat("extend_window { crn: 'T000001' requirement_id: 'R1' "
                                           "court_ref: 'C1' new_last_day: '", day, "' }"));
  };
  EXPECT_EQ(extend("2025-01-07"), "WINDOW_NOT_LATER");
  EXPECT_EQ(extend("2025-04-07"), "");
  EXPECT_EQ(story.Requirement("R1").last_day(), "2025-04-07");
  story.Must("SYS", "terminate_requirement { crn: 'T000001' requirement_id: 'R1' reason: EXPIRED "
                    "on: '2024-03-01' }");
  EXPECT_EQ(extend("2025-05-07"), "REQUIREMENT_NOT_LIVE");
  EXPECT_EQ(story.Reason("SYS", "terminate_requirement { crn: 'T000001' requirement_id: 'R1' "
                                "reason: DIED on: '2024-03-02' }"),
            "REQUIREMENT_NOT_LIVE");
}

TEST_F(RequirementTest, UPW08_AnExpiredWindowStaysLiveAndGoesBackToCourt) {
  ASSERT_EQ(Register("R1", 40), "");
  const std::string fire = "fire_timer { what: WINDOW_PASSED of: 'T000001' ref: 'R1' }";
  story.world.At("2025-01-07T12:00:00Z");
  EXPECT_EQ(story.Do("SYS", fire).event_names(), "");
  story.world.At("2025-01-08T00:00:00Z");
  EXPECT_EQ(story.Do("SYS", fire).event_names(), "WindowExpired");
  EXPECT_EQ(story.Requirement("R1").status(), v1::REQUIREMENT_LIVE);
  // Once.
  EXPECT_EQ(story.Do("SYS", fire).event_names(), "");
}

TEST_F(RequirementTest, SuspensionHasItsOwnCodes) {
  ASSERT_EQ(Register("R1", 40), "");
  const std::string suspend =
      "suspend_case { crn: 'T000001' reason: CUSTODY from: '2024-04-15' }";
  EXPECT_EQ(story.Reason("RO", "resume_case { crn: 'T000001' }"), "NOT_SUSPENDED");
  EXPECT_EQ(story.Reason("RO", suspend), "");
  EXPECT_EQ(story.Reason("RO", suspend), "ALREADY_SUSPENDED");
  EXPECT_EQ(story.Reason("RO", "resume_case { crn: 'T000001' }"), "");
}

TEST_F(RequirementTest, AssignOrganisationNeedsScopeAndAChange) {
  ASSERT_EQ(Register("R1", 40), "");
  const auto assign = [&](const char* org, const char* referral = "ref-R1") {
    return story.Reason("SYS", absl::StrCat("assign_organisation { crn: 'T000001' referral_id: '",
                                            referral, "' org: '", org, "' cause: 'ACCEPTED' }"));
  };
  EXPECT_EQ(assign("P01", "nobody"), "NOT_FOUND");
  EXPECT_EQ(assign("S01"), "ORGANISATION_OUT_OF_SCOPE");
  story.Scope("S01");
  story.Scope("P01");
  EXPECT_EQ(assign("P01"), "NOTHING_TO_CHANGE");
  EXPECT_EQ(assign("S01"), "");
  EXPECT_EQ(story.Case().org(), "S01");
  EXPECT_EQ(assign(""), "");
  EXPECT_EQ(story.Case().org(), "");
}

TEST_F(RequirementTest, ACaseClosesWhenNothingIsLiveAndReopensWithANewRequirement) {
  ASSERT_EQ(Register("R1", 40), "");
  EXPECT_EQ(story.Reason("CO", "close_case { crn: 'T000001' }"), "REQUIREMENT_STILL_LIVE");
  story.Credit("a", v1::WORKED, 2400, "2024-02-01");
  EXPECT_EQ(story.Case().status(), v1::CASE_COMPLETED);
  EXPECT_EQ(story.Reason("CO", "close_case { crn: 'T000001' }"), "");
  EXPECT_EQ(story.Requirement("R1").status(), v1::REQUIREMENT_CLOSED);
  EXPECT_EQ(story.Reason("RO", "resume_case { crn: 'T000001' }"), "CASE_CLOSED");
  EXPECT_EQ(Register("R2", 40), "");
  EXPECT_EQ(story.Case().status(), v1::CASE_REGISTERED);
}

TEST_F(RequirementTest, UPW76_OneAreaOwnsTheCaseOfAPerson) {
  story.world.In("NAT");
  const auto reserve = [&](const char* area) {
    return story.Do("SYS", absl::StrCat("reserve_case { crn: 'T000001' area: '", area, "' }"));
  };
  EXPECT_EQ(reserve("NAT").reason(), "VALIDATION_FAILED");
  EXPECT_EQ(reserve("N56").event_names(), "CaseSlotSet");
  EXPECT_EQ(reserve("N56").event_names(), "");
  EXPECT_EQ(reserve("N07").reason(), "OUT_OF_AREA");
  v1::Event moving;
  moving.mutable_case_slot_set()->set_crn("T000001");
  moving.mutable_case_slot_set()->set_area("N56");
  moving.mutable_case_slot_set()->set_in_transit(true);
  story.world.Given(CaseSlotId("T000001"), moving);
  EXPECT_EQ(reserve("N56").reason(), "CASE_IN_TRANSIT");
}

TEST_F(RequirementTest, GeneralRefusalsComeFirstInTheirOrder) {
  const std::string vary = "vary_requirement { crn: 'T000001' requirement_id: 'R1' }";
  EXPECT_EQ(story.Reason("SU", vary), "NOT_FOUND");
  ASSERT_EQ(Register("R1", 40), "");
  EXPECT_EQ(story.Reason("SU", vary), "NOT_AUTHORISED");
  story.world.Expecting(99).OccurredAt(story.world.now() + absl::Hours(1));
  EXPECT_EQ(story.Reason("CO", vary), "VERSION_CONFLICT");
  story.world.OccurredAt(story.world.now() + absl::Hours(1));
  EXPECT_EQ(story.Reason("CO", vary), "OCCURRED_AT_OUT_OF_RANGE");
  const auto result = story.Do("CO", vary);
  EXPECT_EQ(result.reason(), "VALIDATION_FAILED");
  // Every bad field at once.
  EXPECT_EQ(result.rejected().violations.size(), 2u);
}

TEST_F(RequirementTest, UPW80_AnIntakeExceptionIsKeptUntilAPersonResolvesIt) {
  const std::string raise = "raise_intake_exception { referral_id: 'r1' crn: 'T000001' code: "
                            "'HOURS_BELOW_MINIMUM' }";
  const std::string resolve = "resolve_intake_exception { referral_id: 'r1' resolution: 'sent "
                              "back' }";
  EXPECT_EQ(story.Reason("CO", resolve), "NOT_FOUND");
  EXPECT_EQ(story.Do("SYS", raise).event_names(), "IntakeExceptionRaised");
  EXPECT_EQ(story.Do("SYS", raise).event_names(), "");
  EXPECT_EQ(story.Reason("CO", resolve), "");
  EXPECT_EQ(story.Reason("CO", resolve), "STATE_FORBIDS_COMMAND");
}

TEST_F(RequirementTest, W14_TheFirstOfferIsDueSevenWorkingDaysAfterRegistration) {
  story.world.At("2024-12-19T09:00:00Z");
  ASSERT_EQ(Register("R1", 40), "");
  EXPECT_EQ(story.Case().first_offer_due(), "2025-01-02");
  const std::string fire = "fire_timer { what: FIRST_OFFER_DUE_PASSED of: 'T000001' }";
  story.world.At("2025-01-02T23:00:00Z");
  EXPECT_EQ(story.Do("SYS", fire).event_names(), "");
  story.world.At("2025-01-03T00:00:00Z");
  EXPECT_EQ(story.Do("SYS", fire).event_names(), "FirstOfferBreached");
  EXPECT_EQ(story.Do("SYS", fire).event_names(), "");
}

TEST(PolicyTest, TheLatestRowInForceCounts) {
  EXPECT_EQ(Policy(*ParseDate("2024-03-31")).Int("upw.ete.percent"), 20);
  EXPECT_EQ(Policy(*ParseDate("2024-04-01")).Int("upw.ete.percent"), 30);
  // Shipped without a date: not in force on any day.
  EXPECT_EQ(Policy(*ParseDate("2028-12-31")).IntOrNone("upw.window.months"), 12);
  EXPECT_FALSE(Policy(*ParseDate("2000-01-01")).Find("upw.hours.max").has_value());
}

TEST(PolicyTest, W15_TheWarningWindowIsThePeriodFromItsDay) {
  EXPECT_EQ(FormatDate(PeriodLastDay(*ParseDate("2024-02-29"), 12)), "2025-02-28");
  EXPECT_EQ(Policy(*ParseDate("2024-02-29")).Int("enf.warning_window_months"), 12);
}

}  // namespace
}  // namespace pdp::unpaid_work
