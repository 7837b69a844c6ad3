#include "services/referral/domain/sla.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/random.h"

namespace pdp::referral {
namespace {

constexpr int kCutoff = 17 * 60;

Date D(absl::string_view text) { return *ParseDate(text); }
absl::Time At(absl::string_view text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return time;
}

// REF-81.
TEST(SlaTest, W2DayZeroAndDueDate) {
  struct Case {
    const char* start;
    int n;
    const char* day0;
    const char* due_on;
  };
  for (const Case& c : {
           Case{"2025-04-16T09:00:00Z", 2, "2025-04-16", "2025-04-22"},
           Case{"2025-04-16T15:59:59Z", 2, "2025-04-16", "2025-04-22"},
           Case{"2025-04-16T16:00:00Z", 2, "2025-04-17", "2025-04-23"},
           Case{"2024-12-20T10:00:00Z", 10, "2024-12-20", "2025-01-08"},
           Case{"2027-12-23T12:00:00Z", 5, "2027-12-23", "2028-01-04"},
           Case{"2026-03-28T12:00:00Z", 10, "2026-03-30", "2026-04-15"},
       }) {
    SCOPED_TRACE(c.start);
    const std::optional<Date> day0 = DayZero(At(c.start), kCutoff);
    ASSERT_TRUE(day0);
    EXPECT_EQ(*day0, D(c.day0));
    EXPECT_EQ(DueAfter(*day0, c.n, {})->due_on, D(c.due_on));
  }
}

TEST(SlaTest, W3PausesMoveTheDueDate) {
  const Date start = *DayZero(At("2025-06-02T09:00:00Z"), kCutoff);
  EXPECT_EQ(DueAfter(start, 10, {{D("2025-06-09"), D("2025-06-16")}})->due_on, D("2025-06-23"));
  EXPECT_EQ(DueAfter(start, 10, {{D("2025-06-10"), D("2025-06-10")}})->due_on, D("2025-06-16"));
  const Due open = *DueAfter(start, 10, {{D("2025-06-09"), std::nullopt}});
  EXPECT_EQ(open.due_on, std::nullopt);
  EXPECT_EQ(open.remaining_days, 6);
  const Date august = *DayZero(At("2025-08-18T09:00:00Z"), kCutoff);
  EXPECT_EQ(DueAfter(august, 7, {{D("2025-08-22"), D("2025-08-26")}})->due_on, D("2025-08-29"));
}

// REF-80.
TEST(SlaTest, AComputationThatLeavesTheCalendarIsRefused) {
  EXPECT_EQ(DueAfter(D("2028-12-28"), 5, {}), std::nullopt);
  EXPECT_EQ(DayZero(At("2018-12-31T12:00:00Z"), kCutoff), std::nullopt);
}

// Counts day by day, with no early exit: the definition of REF-82 itself.
std::optional<Date> SlowDue(Date day0, int n, const std::vector<Pause>& pauses) {
  int counted = 0;
  for (Date d = day0 + 1; d < day0 + 400; ++d) {
    if (!IsWorkingDay(d)) continue;
    bool paused = false;
    for (const Pause& p : pauses) paused |= p.from <= d && (!p.to || d < *p.to);
    if (!paused && ++counted == n) return d;
  }
  return std::nullopt;
}

TEST(SlaTest, DueDatesAgreeWithTheDefinitionForRandomPauses) {
  const uint64_t seed = 82;
  SplitMix64 random(seed);
  for (int round = 0; round < 2000; ++round) {
    const Date day0 = D("2024-01-01") + static_cast<int>(random.Below(700));
    const int n = 1 + static_cast<int>(random.Below(12));
    std::vector<Pause> pauses;
    Date at = day0;
    for (uint64_t i = random.Below(4); i > 0; --i) {
      const Date from = at + static_cast<int>(random.Below(10));
      const Date to = from + static_cast<int>(random.Below(10));
      pauses.push_back({from, to});
      at = to;
    }
    if (random.Below(4) == 0) pauses.push_back({at + static_cast<int>(random.Below(10)), {}});
    const std::optional<Due> due = DueAfter(day0, n, pauses);
    ASSERT_TRUE(due);
    EXPECT_EQ(due->due_on, SlowDue(day0, n, pauses)) << "seed " << seed << " round " << round;
    EXPECT_EQ(due->due_on.has_value(), due->remaining_days == 0);
  }
}

}  // namespace
}  // namespace pdp::referral
