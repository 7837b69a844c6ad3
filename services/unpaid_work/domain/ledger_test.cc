// The double-entry ledger: UPW-05, 11 to 14, 16, 19, 20; worked examples W3 to W6; properties.

#include <algorithm>
#include <map>
#include <random>

#include "gtest/gtest.h"
#include "services/unpaid_work/domain/story.h"

namespace pdp::unpaid_work {
namespace {

int64_t SurplusOf(const v1::Case& c) {
  int64_t minutes = 0;
  for (const v1::Surplus& surplus : c.surplus()) minutes += surplus.minutes();
  return minutes;
}

// UPW-11: every book sums to zero, and no OWED is negative.
void ExpectSound(const v1::Case& c) {
  for (const v1::Requirement& requirement : c.requirements()) {
    int64_t sum = 0;
    for (const v1::Balance& balance : requirement.balances()) sum += balance.minutes();
    EXPECT_EQ(sum, 0) << requirement.requirement_id();
    EXPECT_GE(BalanceOf(requirement, v1::OWED), 0) << requirement.requirement_id();
  }
}

class LedgerTest : public ::testing::Test {
 protected:
  void Allot(const std::string& group, int64_t minutes) {
    story.Must("RO", "record_ete_needs { crn: 'T000001' level: ETE_SOME }");
    story.Must("RO", absl::StrCat("set_ete_allotment { crn: 'T000001' group: '", group,
                                  "' minutes: ", minutes, " }"));
  }
  Story story{"2024-06-03T09:00:00Z"};
};

TEST_F(LedgerTest, W3_WorkEteTravelAndAdjustmentStandInTheirAccounts) {
  story.Register("R1", 100, "2019-11-04");
  EXPECT_EQ(story.Case().groups(0).ete_cap(), 1200);
  Allot("R1", 1200);
  story.Credit("a1", v1::WORKED, 420 - 30, "2019-11-11");
  story.Credit("a2", v1::ETE_USED, 300, "2019-11-12");
  story.Credit("a1", v1::TRAVEL, 55, "2019-11-11");
  story.Must("CO", "make_adjustment { crn: 'T000001' group: 'R1' direction: DECREASE minutes: 120 "
                   "reason: 'TTX' on: '2019-11-13' }");
  EXPECT_EQ(story.Balance("R1", v1::COURT), -6000);
  EXPECT_EQ(story.Balance("R1", v1::OWED), 5135);
  EXPECT_EQ(story.Balance("R1", v1::WORKED), 390);
  EXPECT_EQ(story.Balance("R1", v1::ETE_USED), 300);
  EXPECT_EQ(story.Balance("R1", v1::TRAVEL), 55);
  EXPECT_EQ(story.Balance("R1", v1::ADJUST), 120);
  // The allotment has 900 left: the rest is kept, not lost and not refused (UPW-12).
  story.Credit("a3", v1::ETE_USED, 1000, "2019-11-14");
  EXPECT_EQ(story.Balance("R1", v1::ETE_USED), 1200);
  EXPECT_EQ(story.Balance("R1", v1::OWED), 4235);
  ASSERT_EQ(story.Case().surplus_size(), 1);
  EXPECT_EQ(story.Case().surplus(0).minutes(), 100);
  EXPECT_EQ(story.Case().surplus(0).account(), v1::ETE_USED);
  ExpectSound(story.Case());
}

TEST_F(LedgerTest, W4_AConcurrentRequirementFollowsItsLead) {
  story.Register("A", 120, "2024-01-08", "occasion_id: 'O1'");
  story.Register("B", 80, "2024-01-08", "occasion_id: 'O1' concurrent_with: 'A'");
  EXPECT_EQ(story.Case().groups(0).ete_cap(), 1440);
  story.Credit("first", v1::WORKED, 420, "2024-02-01");
  EXPECT_EQ(story.Balance("A", v1::OWED), 6780);
  EXPECT_EQ(story.Balance("A", v1::WORKED), 420);
  EXPECT_EQ(story.Balance("B", v1::OWED), 4380);
  EXPECT_EQ(story.Balance("B", v1::CONCURRENT), 420);
  EXPECT_EQ(PersonOwed(story.Case()), 6780);
  story.Credit("second", v1::WORKED, 4400, "2024-02-02");
  EXPECT_EQ(story.Balance("A", v1::OWED), 2380);
  EXPECT_EQ(story.Balance("B", v1::OWED), 0);
  EXPECT_EQ(story.Requirement("B").status(), v1::REQUIREMENT_HOURS_DONE);
  story.Correct("first", v1::WORKED, 0, "2024-02-01");
  EXPECT_EQ(story.Balance("A", v1::OWED), 2800);
  EXPECT_EQ(story.Balance("A", v1::WORKED), 4400);
  EXPECT_EQ(story.Balance("B", v1::OWED), 400);
  EXPECT_EQ(story.Requirement("B").status(), v1::REQUIREMENT_LIVE);
  ExpectSound(story.Case());
}

TEST_F(LedgerTest, W5_SurplusIsDrawnWhenACorrectionOpensRoom) {
  story.world.At("2019-01-15T09:00:00Z");
  story.Register("R1", 40, "2019-01-14");
  for (int day = 1; day <= 6; ++day) {
    story.Credit(absl::StrCat("d", day), v1::WORKED, 420, absl::StrCat("2019-02-0", day));
  }
  EXPECT_EQ(story.Balance("R1", v1::OWED), 0);
  EXPECT_EQ(story.Requirement("R1").done_on(), "2019-02-06");
  EXPECT_EQ(story.Case().status(), v1::CASE_COMPLETED);
  ASSERT_EQ(story.Case().surplus_size(), 1);
  EXPECT_EQ(story.Case().surplus(0).minutes(), 120);
  EXPECT_EQ(story.Case().surplus(0).work_date(), "2019-02-06");
  story.Correct("d2", v1::WORKED, 0, "2019-02-02");
  EXPECT_EQ(story.Balance("R1", v1::OWED), 300);
  EXPECT_EQ(story.Case().surplus_size(), 0);
  EXPECT_EQ(story.Requirement("R1").status(), v1::REQUIREMENT_LIVE);
  EXPECT_NE(story.Case().status(), v1::CASE_COMPLETED);
  story.Correct("d2", v1::WORKED, 180, "2019-02-02");
  EXPECT_EQ(story.Balance("R1", v1::OWED), 120);
  ExpectSound(story.Case());
}

TEST_F(LedgerTest, W6_CreditsFillTheGroupWhoseWindowEndsFirst) {
  story.Register("X", 40, "2024-05-01");
  story.Register("Y", 60, "2024-01-15");
  EXPECT_EQ(story.Requirement("X").last_day(), "2025-04-30");
  EXPECT_EQ(story.Requirement("Y").last_day(), "2025-01-14");
  story.Credit("a", v1::WORKED, 3300, "2024-05-20");
  story.Credit("b", v1::WORKED, 420, "2024-05-21");
  EXPECT_EQ(story.Balance("Y", v1::OWED), 0);
  EXPECT_EQ(story.Balance("Y", v1::WORKED), 3600);
  EXPECT_EQ(story.Balance("X", v1::OWED), 2280);
  EXPECT_EQ(story.Balance("X", v1::WORKED), 120);
}

TEST_F(LedgerTest, WorkBeforeAnOrderWasMadeDoesNotServeIt) {
  story.Register("R1", 40, "2024-01-08");
  story.Credit("a", v1::WORKED, 2520, "2024-02-01");
  ASSERT_EQ(SurplusOf(story.Case()), 120);
  // Made after that work: the surplus stays kept.
  story.Register("R2", 40, "2024-05-01");
  EXPECT_EQ(story.Balance("R2", v1::OWED), 2400);
  EXPECT_EQ(SurplusOf(story.Case()), 120);
}

TEST_F(LedgerTest, HoursDoneCarriesAFactAndReopeningCancelsIt) {
  story.Register("R1", 40, "2024-01-08");
  story.Credit("a", v1::WORKED, 2300, "2024-02-01");
  v1::RequirementHoursDone done;
  v1::RequirementReopened reopened;
  const auto watch = [&](const std::string& id, int64_t minutes, const std::string& cause) {
    decider::Unit<UnpaidWork> unit(story.world, story.world.facts());
    Ledger ledger(unit, "T000001", story.world.facts(), cause);
    ledger.ReverseAppointment(id, false);
    ledger.Credit({.minutes = minutes, .appointment_id = id, .work_date = "2024-02-02"});
    ledger.Finish();
    for (const auto& emitted : unit.emitted()) {
      if (emitted.event.has_requirement_hours_done()) {
        done = emitted.event.requirement_hours_done();
      }
      if (emitted.event.has_requirement_reopened()) {
        reopened = emitted.event.requirement_reopened();
      }
      story.world.Given(emitted.aggregate, emitted.event);
    }
  };
  watch("b", 100, "out/b/1");
  EXPECT_EQ(done.fact().fact_id(), "unpaid_work/done/R1/1");
  EXPECT_EQ(done.fact().kind(), common::v1::DeliveryFact::HOURS_DONE);
  EXPECT_EQ(done.fact().delivery_org(), "P01");
  EXPECT_EQ(done.fact().service_date(), "2024-02-02");
  EXPECT_EQ(done.fact().quantity_centi(), 100);
  EXPECT_TRUE(done.in_window());
  watch("b", 40, "out/b/2");
  EXPECT_EQ(reopened.fact().fact_id(), "unpaid_work/done/R1/1/x");
  EXPECT_EQ(reopened.fact().supersedes(), "unpaid_work/done/R1/1");
  EXPECT_TRUE(reopened.fact().cancelled());
  EXPECT_EQ(reopened.fact().quantity_centi(), 0);
  watch("b", 100, "out/b/3");
  EXPECT_EQ(done.fact().fact_id(), "unpaid_work/done/R1/2");
}

TEST_F(LedgerTest, UPW19_WorkAfterTheLastDayIsDoneOutOfWindow) {
  story.world.At("2025-03-03T09:00:00Z");
  story.Register("R1", 40, "2024-01-08");
  decider::Unit<UnpaidWork> unit(story.world, story.world.facts());
  Ledger ledger(unit, "T000001", story.world.facts(), "out/a/1");
  ledger.Credit({.minutes = 2400, .appointment_id = "a", .work_date = "2025-01-08"});
  ledger.Finish();
  bool seen = false;
  for (const auto& emitted : unit.emitted()) {
    if (!emitted.event.has_requirement_hours_done()) continue;
    seen = true;
    EXPECT_FALSE(emitted.event.requirement_hours_done().in_window());
  }
  EXPECT_TRUE(seen);
}

TEST_F(LedgerTest, UPW20_WhenALeadEndsTheFollowerLeadsAndKeepsWhatWasServed) {
  story.Register("A", 120, "2024-01-08", "occasion_id: 'O1'");
  story.Register("B", 80, "2024-01-08", "occasion_id: 'O1' concurrent_with: 'A'");
  story.Credit("first", v1::WORKED, 420, "2024-02-01");
  story.Must("RO", "terminate_requirement { crn: 'T000001' requirement_id: 'A' reason: REVOKED "
                   "on: '2024-03-01' }");
  EXPECT_EQ(story.Balance("A", v1::OWED), 0);
  EXPECT_EQ(story.Balance("A", v1::CANCELLED), 6780);
  EXPECT_EQ(story.Case().groups(0).lead(), "B");
  EXPECT_EQ(story.Balance("B", v1::CONCURRENT), 420);
  EXPECT_EQ(story.Balance("B", v1::OWED), 4380);
  // What is worked from now on is B's own.
  story.Credit("second", v1::WORKED, 300, "2024-03-04");
  EXPECT_EQ(story.Balance("B", v1::WORKED), 300);
  EXPECT_EQ(story.Balance("B", v1::CONCURRENT), 420);
  // The earlier work is corrected: in A's book, and B follows.
  story.Correct("first", v1::WORKED, 200, "2024-02-01");
  EXPECT_EQ(story.Balance("A", v1::WORKED), 200);
  EXPECT_EQ(story.Balance("A", v1::CANCELLED), 7000);
  EXPECT_EQ(story.Balance("B", v1::CONCURRENT), 200);
  EXPECT_EQ(story.Balance("B", v1::OWED), 4300);
  ExpectSound(story.Case());
}

// ---- properties, over random histories

struct Attendance {
  std::string id;
  int64_t minutes = 0;
  v1::Account account = v1::WORKED;
};

class LedgerProperty : public ::testing::TestWithParam<uint32_t> {};

TEST_P(LedgerProperty, BooksBalanceAndWorkIsNeverLost) {
  SCOPED_TRACE(absl::StrCat("seed ", GetParam()));
  std::mt19937 random(GetParam());
  const auto pick = [&random](int n) { return static_cast<int>(random() % n); };
  Story story("2024-06-03T09:00:00Z");
  story.Register("A", 40 + pick(60), "2024-01-08", "occasion_id: 'O1'");
  story.Register("B", 40, "2024-01-08", "occasion_id: 'O1' concurrent_with: 'A'");
  story.Register("C", 40, "2024-02-05");
  story.Must("RO", "record_ete_needs { crn: 'T000001' level: ETE_SOME }");
  story.Must("RO", "set_ete_allotment { crn: 'T000001' group: 'A' minutes: 300 }");
  std::map<std::string, int64_t> worked;
  for (int step = 0; step < 40; ++step) {
    const std::string id = absl::StrCat("a", pick(20));
    const int64_t minutes = pick(6) == 0 ? 0 : 60 + pick(400);
    const v1::Account account = pick(4) == 0 ? v1::ETE_USED : v1::WORKED;
    if (worked.count(id) == 0) {
      story.Credit(id, account, minutes, absl::StrCat("2024-03-", 10 + pick(20)));
    } else {
      story.Correct(id, account, minutes, absl::StrCat("2024-03-", 10 + pick(20)));
    }
    worked[id] = minutes;
    if (step == 20) {
      story.Must("SYS", "vary_requirement { crn: 'T000001' requirement_id: 'C' new_hours: 60 "
                        "court_ref: 'X' }");
    }
    ExpectSound(story.Case());
    // Sum of WORKED of book O = WORKED + ETE of book H + surplus (UPW-15).
    int64_t offered = 0, credited = SurplusOf(story.Case());
    for (const auto& [unused, net] : worked) offered += net;
    for (const char* requirement : {"A", "C"}) {
      credited += story.Balance(requirement, v1::WORKED) +
                  story.Balance(requirement, v1::ETE_USED);
    }
    EXPECT_EQ(offered, credited);
    // UPW-11: the follower's balance.
    const int64_t served = -story.Balance("A", v1::COURT) - story.Balance("A", v1::OWED);
    EXPECT_EQ(story.Balance("B", v1::CONCURRENT), std::min<int64_t>(2400, served));
  }
}

TEST_P(LedgerProperty, WithOneGroupOwedDoesNotDependOnTheOrderOfFacts) {
  SCOPED_TRACE(absl::StrCat("seed ", GetParam()));
  std::mt19937 random(GetParam());
  std::vector<Attendance> facts;
  for (int i = 0; i < 10; ++i) {
    facts.push_back({absl::StrCat("a", i), 100 + static_cast<int64_t>(random() % 400),
                     random() % 3 == 0 ? v1::ETE_USED : v1::WORKED});
  }
  int64_t expected = -1;
  for (int round = 0; round < 4; ++round) {
    std::shuffle(facts.begin(), facts.end(), random);
    Story story("2024-06-03T09:00:00Z");
    story.Register("R1", 40, "2024-01-08");
    story.Must("RO", "record_ete_needs { crn: 'T000001' level: ETE_SOME }");
    story.Must("RO", "set_ete_allotment { crn: 'T000001' group: 'R1' minutes: 400 }");
    for (const Attendance& fact : facts) {
      story.Credit(fact.id, fact.account, fact.minutes, "2024-03-10");
    }
    // A wrong figure, then the right one again.
    story.Correct(facts[0].id, v1::WORKED, 7, "2024-03-10");
    story.Correct(facts[0].id, facts[0].account, facts[0].minutes, "2024-03-10");
    int64_t work = 0, ete = 0;
    for (const Attendance& fact : facts) {
      (fact.account == v1::WORKED ? work : ete) += fact.minutes;
    }
    const int64_t by_hand = std::max<int64_t>(0, 2400 - work - std::min<int64_t>(ete, 400));
    EXPECT_EQ(story.Balance("R1", v1::OWED), by_hand);
    if (expected >= 0) EXPECT_EQ(story.Balance("R1", v1::OWED), expected);
    expected = story.Balance("R1", v1::OWED);
  }
}

TEST_P(LedgerProperty, ACorrectionThereAndBackRestoresEveryBalance) {
  SCOPED_TRACE(absl::StrCat("seed ", GetParam()));
  std::mt19937 random(GetParam());
  Story story("2024-06-03T09:00:00Z");
  story.Register("A", 40, "2024-01-08");
  for (int i = 0; i < 8; ++i) {
    story.Credit(absl::StrCat("a", i), v1::WORKED, 300 + static_cast<int64_t>(random() % 100),
                 absl::StrCat("2024-03-1", i));
  }
  const auto balances = [&story] {
    std::map<int, int64_t> all;
    for (const auto& balance : story.Requirement("A").balances()) {
      if (balance.minutes() != 0) all[balance.account()] = balance.minutes();
    }
    all[-1] = SurplusOf(story.Case());
    return all;
  };
  const int64_t minutes = 300;
  story.Correct("a3", v1::WORKED, minutes, "2024-03-13");
  const auto fixed = balances();
  story.Correct("a3", v1::WORKED, 0, "2024-03-13");
  story.Correct("a3", v1::WORKED, minutes, "2024-03-13");
  EXPECT_EQ(balances(), fixed);
}

INSTANTIATE_TEST_SUITE_P(Seeds, LedgerProperty, ::testing::Range(1u, 9u));

}  // namespace
}  // namespace pdp::unpaid_work
