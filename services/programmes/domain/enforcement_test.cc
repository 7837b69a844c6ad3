#include "services/programmes/domain/enforcement.h"

#include "services/programmes/domain/story.h"

namespace pdp::programmes {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// An order whose failures were all confirmed on their dates.
v1::Order OrderWith(const char* kind, std::initializer_list<const char*> failures) {
  v1::Order order;
  order.set_order_id("T1/1");
  order.set_kind(kind);
  for (const char* date : failures) {
    v1::Failure* failure = order.add_failures();
    failure->set_failure_id(absl::StrCat("T1/1/", date));
    failure->set_date(date);
    failure->set_status(v1::CONFIRMED_FAILURE);
    failure->set_confirmed_on(date);
  }
  return order;
}

std::vector<std::string> Steps(const v1::Order& order) {
  std::vector<std::string> steps;
  for (const v1::Step& step : StepsOf(order)) steps.push_back(step.step());
  return steps;
}

TEST(StepsTest, E13_AWarningMakesTheNextFailureOfTwelveMonthsMandatory) {
  v1::Order order =
      OrderWith("COMMUNITY", {"2026-03-02", "2026-03-16", "2027-03-09", "2027-03-10"});
  v1::Warning* warning = order.add_warnings();
  warning->set_given_on("2026-03-10");
  warning->set_failure_id("T1/1/2026-03-02");
  EXPECT_THAT(Steps(order), ElementsAre("WARN_OR_REFER", "REFERRAL_MANDATORY", "REFERRAL_MANDATORY",
                                        "WARN_OR_REFER"));
  order.mutable_failures(0)->set_status(v1::RESCINDED);
  EXPECT_EQ(Steps(order)[0], "WARN_OR_REFER");  // of 16 March now
}

TEST(StepsTest, PRG88_AWarningNeverCountsAgainstTheFailureItAnswers) {
  v1::Order order = OrderWith("SUSPENDED", {"2026-03-10"});
  v1::Warning* warning = order.add_warnings();
  warning->set_given_on("2026-03-10");
  warning->set_failure_id("T1/1/2026-03-10");
  EXPECT_THAT(Steps(order), ElementsAre("WARN_OR_REFER"));
  warning->clear_failure_id();
  EXPECT_THAT(Steps(order), ElementsAre("REFERRAL_MANDATORY"));  // w <= d
}

TEST(StepsTest, E13_LicenceCountsFailuresOfTwelveMonths) {
  EXPECT_THAT(Steps(OrderWith("LICENCE", {"2026-01-05", "2026-06-01", "2027-01-04", "2027-01-05"})),
              ElementsAre("WARNING", "FINAL_WARNING", "RECALL_REFERRAL", "RECALL_REFERRAL"));
}

TEST(StepsTest, PRG88_TheLegalBasisIsThatOfTheDate) {
  const auto steps = StepsOf(OrderWith("COMMUNITY", {"2020-11-30", "2020-12-01"}));
  EXPECT_EQ(steps[0].legal_basis(), "CJA2003-Sch8");
  EXPECT_EQ(steps[1].legal_basis(), "SA2020-Sch10");
}

// m1 and three others in a confirmed group; S1 is on Wednesday 25 March, S2 on 1 April.
struct EnforcementTest : ::testing::Test, Story {
  EnforcementTest() { Confirmed(4, 0); }
  Result Record(const std::string& row, const std::string& code, int minutes = 0) {
    return Do("FAC", Register(absl::StrCat("g1/", row), Entry("m1/1", code, minutes)));
  }
};

TEST_F(EnforcementTest, PRG86_87_AnAbsenceIsProvisionalAWilfulFailureIsNot) {
  At("2026-03-25T15:00:00Z");
  const auto absent = Record("S1", "UAAB");
  ASSERT_EQ(absent.reason(), "");
  const v1::Failure& failure = order("Tm1/1").failures(0);
  EXPECT_EQ(failure.failure_id(), "Tm1/1/2026-03-25");
  EXPECT_EQ(failure.status(), v1::PROVISIONAL);
  EXPECT_EQ(failure.provisional_until(), "2026-04-01");  // fifth working day
  EXPECT_THAT(order("Tm1/1").steps(), IsEmpty());
  At("2026-04-01T15:00:00Z");
  const auto hostile = Record("S2", "ATSH", 60);
  EXPECT_EQ(order("Tm1/1").failures(1).status(), v1::CONFIRMED_FAILURE);
  const auto due = Story::Of(hostile, &v1::Event::has_step_due, &v1::Event::step_due)[0];
  EXPECT_EQ(due.step().step(), "WARN_OR_REFER");
  // Fifth working day after 1 April over Easter (3 and 6 April): 2, 7, 8, 9, 10.
  EXPECT_EQ(due.step().decide_by(), "2026-04-10");
  EXPECT_EQ(due.referral_id(), "m1");
}

TEST_F(EnforcementTest, PRG87_TheTimerConfirmsTheDayAfterTheWindow) {
  At("2026-03-25T15:00:00Z");
  const auto absent = Record("S1", "UAAB");
  const auto raised = std::find_if(absent.events.begin(), absent.events.end(),
                                   [](const auto& e) { return e.event.has_failure_raised(); });
  const auto timers =
      Programmes::Timers(OrderId("Tm1/1"), *Find(OrderId("Tm1/1")), raised->event, EventFacts{});
  ASSERT_EQ(timers.size(), 1u);
  EXPECT_EQ(timers[0].due_at, StartOfLocalDate(*ParseDate("2026-04-02")));
  At("2026-04-01T22:00:00Z");  // 23:00 in London
  EXPECT_THAT(As("sys", {"SYS"}).When(timers[0].command).events, IsEmpty());
  At("2026-04-01T23:00:00Z");
  const auto confirmed = As("sys", {"SYS"}).When(timers[0].command);
  EXPECT_EQ(confirmed.event_names(), "FailureConfirmed, StepDue");
  EXPECT_THAT(As("sys", {"SYS"}).When(timers[0].command).events, IsEmpty());
}

TEST(EvidenceWindowTest, E13_WorkingDaysOverHolidays) {
  // From the day of a session to the last day of its window.
  EXPECT_EQ(FormatDate(*AddWorkingDays(*ParseDate("2026-12-22"), 5)), "2026-12-31");
  EXPECT_EQ(FormatDate(*AddWorkingDays(*ParseDate("2026-05-21"), 5)), "2026-05-29");
}

TEST_F(EnforcementTest, E13_ExcusedAndNotAgainIsOneFailureAndTheSameStep) {
  At("2026-03-25T15:00:00Z");
  Record("S1", "AFTC", 60);
  const v1::Order before = order("Tm1/1");
  ASSERT_EQ(before.steps_size(), 1);
  const auto excused = Do("FAC", Correct("m1/1", "g1/S1", "AAME", 0));
  EXPECT_THAT(excused.event_names(), ::testing::HasSubstr("FailureRescinded, StepWithdrawn"));
  EXPECT_THAT(order("Tm1/1").steps(), IsEmpty());
  const auto again = Do("FAC", Correct("m1/1", "g1/S1", "AFTC", 60));
  EXPECT_THAT(again.event_names(), ::testing::HasSubstr("FailureRaised, StepDue"));
  EXPECT_EQ(order("Tm1/1").SerializeAsString(), before.SerializeAsString());
}

TEST_F(EnforcementTest, E13_WarningsOfOtherServicesCountUntilWithdrawn) {
  Must("SYS",
       "record_warning { order_id: 'Tm1/1' warning { warning_id: 'w1' "
       "given_on: '2026-03-10' source: 'unpaid_work' } }");
  At("2026-03-25T15:00:00Z");
  Record("S1", "AFTC", 60);
  EXPECT_EQ(order("Tm1/1").steps(0).step(), "REFERRAL_MANDATORY");
  const auto withdrawn = Do("SYS", "withdraw_warning { order_id: 'Tm1/1' warning_id: 'w1' }");
  EXPECT_EQ(withdrawn.event_names(), "WarningWithdrawn, StepWithdrawn, StepDue");
  EXPECT_EQ(withdrawn.events[0].event.warning_withdrawn().source(), "unpaid_work");
  EXPECT_EQ(withdrawn.events[1].event.step_withdrawn().enforcement_id(),
            "Tm1/1/2026-03-25/REFERRAL_MANDATORY");
  EXPECT_EQ(order("Tm1/1").steps(0).step(), "WARN_OR_REFER");
  // Redelivery of either changes nothing.
  EXPECT_THAT(Do("SYS", "withdraw_warning { order_id: 'Tm1/1' warning_id: 'w1' }").events,
              IsEmpty());
}

TEST_F(EnforcementTest, WarningRefusals) {
  EXPECT_EQ(Do("FAC", "record_warning { order_id: 'x' }").reason(), "NOT_AUTHORISED");
  const auto bad = Do("RO", "record_warning { }");
  EXPECT_EQ(bad.reason(), "VALIDATION_FAILED");
  EXPECT_EQ(bad.rejected().violations.size(), 4u);
  EXPECT_EQ(Do("RO", "withdraw_warning { order_id: 'x' warning_id: 'y' }").reason(), "NOT_FOUND");
}

}  // namespace
}  // namespace pdp::programmes
