#include "services/programmes/domain/schedule.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/programmes/domain/catalogue.h"

namespace pdp::programmes {
namespace {

using ::testing::ElementsAre;

Date D(const char* text) { return *ParseDate(text); }

v1::Slot At(int weekday, int hour, int minute) {
  v1::Slot slot;
  slot.set_iso_weekday(weekday);
  slot.set_start_min(hour * 60 + minute);
  return slot;
}

Place Anywhere(Date, int, const v1::CatalogueRow&) { return {}; }

// "PG1 2026-04-23" of every session.
std::vector<std::string> Dates(const std::vector<v1::Session>& sessions) {
  std::vector<std::string> out;
  for (const v1::Session& s : sessions) out.push_back(absl::StrCat(s.row(), " ", s.date()));
  return out;
}
std::vector<std::string> Skips(const Plan& plan) {
  std::vector<std::string> out;
  for (const v1::SkippedSlot& s : plan.skipped) {
    out.push_back(absl::StrCat(s.row(), " ", s.date(), " ", s.reason()));
  }
  return out;
}

const std::vector<v1::Slot> kMonThu = {At(1, 9, 30), At(4, 11, 0)};

Plan PlanE1() {
  return std::get<Plan>(PlanRows(*FindVersion("BCM/1"), kMonThu, "g", D("2026-04-23"), Anywhere));
}

TEST(ScheduleTest, E1_BcmFromApril) {
  const Plan plan = PlanE1();
  EXPECT_THAT(Dates(plan.sessions),
              ElementsAre("PG1 2026-04-23", "GS1 2026-05-14", "GS2 2026-05-18", "GS-O 2026-05-21",
                          "MM1 2026-05-28", "MM2 2026-06-01", "MM3 2026-06-04", "MM4 2026-06-08",
                          "MM5 2026-06-11", "MM6 2026-06-15", "MM-O 2026-06-18", "LP1 2026-06-22",
                          "LP2 2026-06-25", "LP3 2026-06-29", "LP4 2026-07-02", "LP-O 2026-07-06",
                          "PA1 2026-07-09", "PA2 2026-07-13", "PA3 2026-07-16", "PA4 2026-07-20",
                          "PA5 2026-07-23", "PA6 2026-07-27", "PA-O 2026-07-30", "BT1 2026-08-03",
                          "BT2 2026-08-06", "BT3 2026-08-10", "RV1 2026-09-21"));
  EXPECT_THAT(Skips(plan), ElementsAre("MM1 2026-05-25 BANK_HOLIDAY"));
  for (const v1::Session& session : plan.sessions) {
    EXPECT_EQ(session.start_min(), IsoWeekday(D(session.date().c_str())) == 1 ? 570 : 660);
  }
}

TEST(ScheduleTest, E2_TspOverChristmas) {
  const Plan plan = std::get<Plan>(PlanRows(*FindVersion("TSP/1"), {At(2, 10, 0), At(5, 13, 30)},
                                            "g", D("2026-11-02"), Anywhere));
  EXPECT_THAT(Dates(plan.sessions),
              ElementsAre("PG1 2026-11-03", "SC1 2026-11-10", "SC2 2026-11-13", "SC3 2026-11-17",
                          "SC4 2026-11-20", "SC5 2026-11-24", "SC-O 2026-11-27", "PS1 2026-12-01",
                          "PS2 2026-12-04", "PS3 2026-12-08", "PS4 2026-12-11", "PS5 2026-12-15",
                          "PS-O 2026-12-18", "PR1 2026-12-22", "PR2 2026-12-29", "PR3 2027-01-05",
                          "PR4 2027-01-08", "PR5 2027-01-12", "PR-O 2027-01-15", "RV1 2027-02-26"));
  EXPECT_THAT(Skips(plan),
              ElementsAre("PR2 2026-12-25 BANK_HOLIDAY", "PR3 2027-01-01 BANK_HOLIDAY"));
}

TEST(ScheduleTest, E4_CancellingASessionMovesWhatFollowsAndKeepsTheIds) {
  const Plan before = PlanE1();
  const Plan moved = std::get<Plan>(MoveRow(*FindVersion("BCM/1"), kMonThu, before.sessions,
                                            {.row = "MM2", .cancelled = true}, Anywhere));
  EXPECT_EQ(moved.sessions.size(), 22u);
  const std::vector<std::string> dates = Dates(moved.sessions);
  EXPECT_EQ(dates[0], "MM2 2026-06-04");
  EXPECT_EQ(dates[1], "MM3 2026-06-08");
  EXPECT_EQ(dates[4], "MM6 2026-06-18");
  EXPECT_EQ(dates[5], "MM-O 2026-06-22");
  EXPECT_EQ(dates[6], "LP1 2026-06-25");
  EXPECT_EQ(dates[10], "LP-O 2026-07-09");
  EXPECT_EQ(dates[11], "PA1 2026-07-13");
  EXPECT_EQ(dates[17], "PA-O 2026-08-03");
  EXPECT_EQ(dates[18], "BT1 2026-08-06");
  EXPECT_EQ(dates[20], "BT3 2026-08-13");
  EXPECT_EQ(dates[21], "RV1 2026-09-24");
  EXPECT_EQ(moved.sessions[0].session_id(), "g/MM2");
}

TEST(ScheduleTest, E5_MovesRippleOnlyAsFarAsTheyMust) {
  const Plan before = PlanE1();
  const auto move = [&](const char* row, const char* date, int start, bool none = false) {
    return MoveRow(*FindVersion("BCM/1"), kMonThu, before.sessions,
                   {.row = row, .date = D(date), .start_min = start, .cascade_none = none},
                   Anywhere);
  };
  EXPECT_THAT(Dates(std::get<Plan>(move("LP2", "2026-06-26", 840)).sessions),
              ElementsAre("LP2 2026-06-26"));
  const Plan following = std::get<Plan>(move("LP2", "2026-06-29", 900));
  EXPECT_EQ(following.sessions.size(), 15u);  // LP2, LP3 and 13 more up to RV1
  EXPECT_EQ(Dates(following.sessions)[1], "LP3 2026-07-02");
  EXPECT_EQ(Dates(following.sessions).back(), "RV1 2026-09-24");
  EXPECT_EQ(std::get<Unplannable>(move("LP2", "2026-06-29", 900, true)).code, "ORDER_VIOLATION");
  EXPECT_THAT(Dates(std::get<Plan>(move("BT3", "2026-08-11", 600)).sessions),
              ElementsAre("BT3 2026-08-11", "RV1 2026-09-24"));
  EXPECT_EQ(std::get<Unplannable>(move("RV1", "2026-09-14", 570)).code, "GAP_VIOLATION");
}

TEST(ScheduleTest, AGroupWithoutSlotsAndOneBeyondTheHorizonCannotBePlanned) {
  EXPECT_EQ(
      std::get<Unplannable>(PlanRows(*FindVersion("TSP/1"), {}, "g", D("2026-11-02"), Anywhere))
          .code,
      "NO_SLOTS");
  const auto closed = [](Date, int, const v1::CatalogueRow&) {
    return Place{.blocked = "SITE_CLOSED", .room = "", .staff = {}};
  };
  EXPECT_EQ(
      std::get<Unplannable>(PlanRows(*FindVersion("TSP/1"), kMonThu, "g", D("2025-01-02"), closed))
          .code,
      "SCHEDULE_HORIZON_EXCEEDED");
}

}  // namespace
}  // namespace pdp::programmes
