#include "services/programmes/domain/suitability.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/programmes/domain/catalogue.h"

namespace pdp::programmes {
namespace {

using criteria::Verdict;
using ::testing::ElementsAre;

Date D(const char* text) { return *ParseDate(text); }

class SuitabilityTest : public ::testing::Test {
 protected:
  SuitabilityTest() {
    person_.decided_on = D("2026-09-10");
    person_.open_ended = true;
    Set("age", int64_t{35});
    Set("sex", "M");
    Set("learning_difficulty", "NO");
    Set("order_kind", "COMMUNITY");
    Set("ogrs3_bp", int64_t{5000});
    Items(5, 0);
  }
  void Set(const char* name, criteria::FactValue value) { person_.facts[name] = {value, {}}; }
  void Set(const char* name, const char* code) { Set(name, std::string(code)); }
  void Forget(const char* name) { person_.facts.erase(name); }
  // The seven items: known ones that sum to `sum`, and `missing` unknown ones.
  void Items(int sum, int missing) {
    const char* names[] = {"item_2_6",  "item_7_2",  "item_11_4", "item_11_6",
                           "item_11_7", "item_11_9", "item_12_1"};
    for (int i = 0; i < 7; ++i) {
      if (i >= 7 - missing) {
        Forget(names[i]);
        continue;
      }
      const int part = std::min(2, sum);
      Set(names[i], int64_t{part});
      sum -= part;
    }
    ASSERT_EQ(sum, 0);
  }
  Verdict For(const char* version) { return AssessVersion(*FindVersion(version), person_).verdict; }

  SuitabilityCase person_;
};

TEST_F(SuitabilityTest, E6_Tsp) {
  EXPECT_EQ(For("TSP/1"), Verdict::kEligible);
  Set("ogrs3_bp", int64_t{4999});
  EXPECT_EQ(For("TSP/1"), Verdict::kNotEligible);
  person_.overridden = {"O1"};
  EXPECT_EQ(For("TSP/1"), Verdict::kEligible);
  person_.overridden = {"R1"};  // nothing but an OVERRIDABLE one may be
  EXPECT_EQ(For("TSP/1"), Verdict::kNotEligible);
  person_.overridden.clear();
  Set("ogrs3_bp", int64_t{5000});
  Items(4, 1);
  const Suitability lacking = AssessVersion(*FindVersion("TSP/1"), person_);
  EXPECT_EQ(lacking.verdict, Verdict::kInsufficientInformation);
  EXPECT_THAT(lacking.missing, ElementsAre("item_12_1"));
  Items(5, 2);
  EXPECT_EQ(For("TSP/1"), Verdict::kEligible);
  Items(0, 2);
  EXPECT_EQ(For("TSP/1"), Verdict::kNotEligible);
}

TEST_F(SuitabilityTest, E6_AnAssessmentOf366DaysAgoIsUnknown) {
  person_.facts["ogrs3_bp"] = {int64_t{5000}, person_.decided_on - 365};
  EXPECT_EQ(For("TSP/1"), Verdict::kEligible);
  person_.facts["ogrs3_bp"] = {int64_t{5000}, person_.decided_on - 366};
  EXPECT_EQ(For("TSP/1"), Verdict::kInsufficientInformation);
  // Known to be too young beats not knowing.
  Set("age", int64_t{17});
  EXPECT_EQ(For("TSP/1"), Verdict::kNotEligible);
}

TEST_F(SuitabilityTest, E6_BbrNeedsEighteenMonths) {
  Set("domestic_abuse_index", "YES");
  Set("sara", "MEDIUM");
  Set("reads_simple", "YES");
  Set("partner_sex", "F");
  Set("order_kind", "SUSPENDED");
  person_.open_ended = false;
  person_.order_end = D("2028-03-10");
  EXPECT_EQ(For("BBR/1"), Verdict::kEligible);
  person_.order_end = D("2028-03-09");
  EXPECT_EQ(For("BBR/1"), Verdict::kNotEligible);
  person_.order_end = D("2028-03-10");
  Set("partner_sex", "M");
  EXPECT_EQ(For("BBR/1"), Verdict::kNotEligible);
  Forget("partner_sex");
  EXPECT_EQ(For("BBR/1"), Verdict::kInsufficientInformation);
}

TEST_F(SuitabilityTest, E6_AWomanWithDomesticAbuseAndHighSara) {
  Set("sex", "F");
  Set("woman", "YES");
  Set("domestic_abuse_index", "YES");
  Set("sara", "HIGH");
  Set("substance_stable", "YES");
  Set("acute_mh", "NO");
  EXPECT_EQ(For("BBR/1"), Verdict::kNotEligible);
  const Suitability women = AssessVersion(*FindVersion("DA-W/1"), person_);
  EXPECT_EQ(women.verdict, Verdict::kEligible);
  for (const criteria::Item& item : women.trace) {
    if (item.id == "A1") EXPECT_EQ(item.evaluation.result, criteria::kFalse);
  }
}

TEST_F(SuitabilityTest, E6_CognitiveOnlyWhenTspIsRuledOut) {
  Set("substance_stable", "YES");
  Set("acute_mh", "NO");
  EXPECT_EQ(For("COG-GEN/1"), Verdict::kNotEligible);  // TSP is possible
  Set("ogrs3_bp", int64_t{4999});
  EXPECT_EQ(For("COG-GEN/1"), Verdict::kEligible);  // NOT_ELIGIBLE for TSP
  Set("ogrs3_bp", int64_t{5000});
  person_.open_ended = false;
  // TSP must start 28 days and 16 weeks before the end; COG eight weeks before it.
  person_.order_end = person_.decided_on + 28 + 7 * 16 - 1;
  EXPECT_EQ(For("TSP/1"), Verdict::kInfeasible);
  EXPECT_EQ(For("COG-GEN/1"), Verdict::kEligible);
  person_.order_end = person_.decided_on + 28 + 7 * 16;
  EXPECT_EQ(For("TSP/1"), Verdict::kEligible);
  person_.open_ended = true;
  person_.order_end.reset();
  Forget("learning_difficulty");
  EXPECT_EQ(For("TSP/1"), Verdict::kInsufficientInformation);
  EXPECT_EQ(For("COG-GEN/1"), Verdict::kInsufficientInformation);
}

TEST_F(SuitabilityTest, E7_TheLatestStartAndAGroupThatEndsInTime) {
  person_.open_ended = false;
  person_.order_end = D("2027-03-31");
  person_.decided_on = D("2026-11-11");
  EXPECT_EQ(For("TSP/1"), Verdict::kEligible);
  person_.decided_on = D("2026-11-12");
  EXPECT_EQ(For("TSP/1"), Verdict::kInfeasible);
  person_.group_in_time = true;
  EXPECT_EQ(For("TSP/1"), Verdict::kEligible);
}

TEST_F(SuitabilityTest, PRG2_RetainedBeforeEverythingElse) {
  person_.retained = true;
  Set("age", int64_t{17});
  EXPECT_EQ(For("TSP/1"), Verdict::kRetainedByNps);
}

TEST(MonthsTest, E7_MonthArithmetic) {
  EXPECT_EQ(FormatDate(AddMonths(D("2026-08-31"), 6)), "2027-02-28");
  EXPECT_EQ(FormatDate(AddMonths(D("2024-02-29"), 12)), "2025-02-28");
  EXPECT_EQ(FormatDate(PeriodLastDay(D("2024-02-29"), 12)), "2025-02-28");
  EXPECT_EQ(FormatDate(PeriodLastDay(D("2026-03-10"), 12)), "2027-03-09");
}

}  // namespace
}  // namespace pdp::programmes
