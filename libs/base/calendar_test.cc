#include "libs/base/calendar.h"

#include "gtest/gtest.h"

namespace pdp {
namespace {

Date D(const char* text) { return *ParseDate(text); }

TEST(CalendarTest, ParseDateTakesOnlyExistingDaysInIsoForm) {
  EXPECT_EQ(FormatDate(D("2024-02-29")), "2024-02-29");
  for (const char* bad : {"", "2025-02-29", "2025-13-01", "2025-1-01", "2025-01-01T", "25-01-01",
                          "2025-00-10", "2025-01-00", "+025-01-01", "2025/01/01"}) {
    EXPECT_EQ(ParseDate(bad), std::nullopt) << bad;
  }
}

TEST(CalendarTest, PeriodLastDayIsUnpaidWorkW1AndProgrammesE7) {
  EXPECT_EQ(PeriodLastDay(D("2024-03-10"), 12), D("2025-03-09"));
  EXPECT_EQ(PeriodLastDay(D("2024-02-29"), 12), D("2025-02-28"));
  EXPECT_EQ(PeriodLastDay(D("2023-03-01"), 12), D("2024-02-29"));
  EXPECT_EQ(PeriodLastDay(D("2024-08-31"), 6), D("2025-02-28"));
  EXPECT_EQ(PeriodLastDay(D("2019-12-31"), 12), D("2020-12-30"));
  EXPECT_EQ(PeriodLastDay(D("2026-03-10"), 12), D("2027-03-09"));
}

TEST(CalendarTest, AddMonthsClampsToTheMonthEndAsInProgrammesE7) {
  EXPECT_EQ(AddMonths(D("2026-08-31"), 6), D("2027-02-28"));
  EXPECT_EQ(AddMonths(D("2024-02-29"), 12), D("2025-02-28"));
  EXPECT_EQ(AddMonths(D("2026-03-31"), -1), D("2026-02-28"));
}

TEST(CalendarTest, AddWorkingDaysIsUnpaidWorkW14) {
  EXPECT_EQ(AddWorkingDays(D("2024-12-19"), 5), D("2024-12-30"));
  EXPECT_EQ(AddWorkingDays(D("2024-12-19"), 7), D("2025-01-02"));
  EXPECT_EQ(AddWorkingDays(D("2028-12-20"), 10), std::nullopt);
  EXPECT_EQ(AddWorkingDays(D("2018-12-20"), 1), std::nullopt);
}

TEST(CalendarTest, AgeIsReferralW4) {
  EXPECT_EQ(AgeOn(D("2008-02-29"), D("2026-02-28")), 17);
  EXPECT_EQ(AgeOn(D("2008-02-29"), D("2026-03-01")), 18);
  EXPECT_EQ(AgeOn(D("2000-06-15"), D("2025-06-14")), 24);
  EXPECT_EQ(AgeOn(D("2000-06-15"), D("2025-06-15")), 25);
}

TEST(CalendarTest, LocalDatesFollowSummerTime) {
  // Referral W-4: 00:00 on 2026-03-31 in London is 23:00Z on the 30th; in winter it is 00:00Z.
  EXPECT_EQ(StartOfLocalDate(D("2026-03-31")), absl::FromCivil(absl::CivilHour(2026, 3, 30, 23),
                                                               absl::UTCTimeZone()));
  EXPECT_EQ(StartOfLocalDate(D("2025-10-28")), absl::FromCivil(absl::CivilHour(2025, 10, 28, 0),
                                                               absl::UTCTimeZone()));
  EXPECT_EQ(LocalDate(absl::FromCivil(absl::CivilHour(2026, 3, 30, 23), absl::UTCTimeZone())),
            D("2026-03-31"));
}

TEST(CalendarTest, WeeksStartOnMonday) {
  EXPECT_EQ(IsoWeekday(D("2026-11-23")), 1);
  EXPECT_EQ(IsoWeekday(D("2026-11-29")), 7);
  EXPECT_EQ(WeekStart(D("2026-11-29")), D("2026-11-23"));
}

}  // namespace
}  // namespace pdp
