#include "libs/criteria/verdict.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"

// The rules are those of the specification's worked example E6; the library knows none of them.
namespace pdp::criteria {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Criteria Of(const std::vector<std::pair<const char*, const char*>>& rules) {
  Criteria criteria;
  for (const auto& [id, rule] : rules) {
    common::v1::Criterion* criterion = criteria.Add();
    criterion->set_id(id);
    criterion->set_rule(rule);
  }
  return criteria;
}

Context Person(int64_t age, std::optional<int64_t> ogrs3_bp) {
  Context context;
  context.decided_on = *ParseDate("2026-09-10");
  context.facts["age"] = age;
  if (ogrs3_bp) context.facts["ogrs3_bp"] = *ogrs3_bp;
  return context;
}

const Criteria& AgeAndScore() {
  static const Criteria* const criteria =
      new Criteria(Of({{"R1", "age >= 18"}, {"O1", "ogrs3_bp >= 5000"}, {"A1", "sara = LOW"}}));
  return *criteria;
}

Verdict Of(const Context& context, const std::vector<std::string>& overridden = {}) {
  return Judge(EvaluateCriteria(AgeAndScore(), context, overridden));
}

TEST(VerdictTest, E6ThresholdsOverridesAndWhatIsNotKnown) {
  EXPECT_EQ(Of(Person(30, 5000)), Verdict::kEligible);
  EXPECT_EQ(Of(Person(30, 4999)), Verdict::kNotEligible);
  EXPECT_EQ(Of(Person(30, 4999), {"O1"}), Verdict::kEligible);
  EXPECT_EQ(Of(Person(30, {})), Verdict::kInsufficientInformation);
  // An override takes the criterion out altogether (PRG-6: false or unknown of the others).
  EXPECT_EQ(Of(Person(30, {}), {"O1"}), Verdict::kEligible);
  EXPECT_EQ(Of(Person(17, {})), Verdict::kNotEligible);
}

TEST(VerdictTest, OnlyOverridableCriteriaCanBeOverridden) {
  EXPECT_EQ(Of(Person(17, 5000), {"R1"}), Verdict::kNotEligible);
}

TEST(VerdictTest, AdvisoryCriteriaNeverChangeIt) {
  Context context = Person(30, 5000);
  for (const char* sara : {"LOW", "HIGH"}) {
    context.facts["sara"] = std::string(sara);
    EXPECT_EQ(Of(context), Verdict::kEligible);
  }
}

TEST(VerdictTest, TheOrderIsRetainedFalseUnknownLate) {
  const auto item = [](Truth result, bool in_time) {
    Item built_in;
    built_in.criterion_class = Class::kBuiltIn;
    built_in.evaluation.result = result;
    built_in.in_time = in_time;
    return built_in;
  };
  const Item late = item(kFalse, true), no = item(kFalse, false), open = item(kUnknown, false);
  EXPECT_EQ(Judge({}), Verdict::kEligible);
  EXPECT_EQ(Judge({late}), Verdict::kInfeasible);
  EXPECT_EQ(Judge({late, open}), Verdict::kInsufficientInformation);
  EXPECT_EQ(Judge({late, open, no}), Verdict::kNotEligible);
  EXPECT_EQ(Judge({late, open, no}, /*retained=*/true), Verdict::kRetainedByNps);
}

TEST(VerdictTest, TheCodesAreThoseOfTheContract) {
  std::vector<std::string> codes;
  for (const Verdict verdict :
       {Verdict::kEligible, Verdict::kInsufficientInformation, Verdict::kInfeasible,
        Verdict::kNotEligible, Verdict::kRetainedByNps}) {
    codes.emplace_back(VerdictCode(verdict));
  }
  EXPECT_THAT(codes, ElementsAre("ELIGIBLE", "INSUFFICIENT_INFORMATION", "INFEASIBLE",
                                 "NOT_ELIGIBLE", "RETAINED_BY_NPS"));
}

TEST(VerdictTest, TheTraceKeepsEveryCriterion) {
  const std::vector<Item> items = EvaluateCriteria(AgeAndScore(), Person(30, 4999), {{"O1"}});
  ASSERT_EQ(items.size(), 3u);
  const common::v1::TraceItem row = ToTrace("X/1", items[1]);
  EXPECT_EQ(row.version_ref(), "X/1");
  EXPECT_EQ(row.item(), "O1");
  EXPECT_EQ(row.criterion_class(), "O");
  EXPECT_EQ(row.result(), kFalse);
  EXPECT_THAT(row.inputs(), ElementsAre("ogrs3_bp=4999"));
  EXPECT_EQ(row.rule(), "ogrs3_bp >= 5000");
  EXPECT_TRUE(row.overridden());
}

TEST(VerdictTest, EveryBadCriterionIsNamed) {
  EXPECT_OK(CheckCriteria(AgeAndScore()));
  const absl::Status status = CheckCriteria(
      Of({{"R1", "age >= 18"}, {"R1", "age >= 21"}, {"X1", "age >= 18"}, {"O1", "faith = X"}}));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("R1: used twice; X1: an id begins with R, O or A; O1: unknown fact faith"));
}

}  // namespace
}  // namespace pdp::criteria
