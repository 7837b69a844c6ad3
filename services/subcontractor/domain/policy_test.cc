// The shipped policy set (interfaces, C11).

#include "services/subcontractor/domain/policy.h"

#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/subcontractor/domain/draw.h"

namespace pdp::subcontractor {
namespace {

using ::testing::IsEmpty;

Date On(const char* date) { return *ParseDate(date); }

TEST(PolicySetTest, TheShippedSetIsSound) {
  EXPECT_THAT(decider::PolicyFaults(ShippedPolicySet()), IsEmpty());
  EXPECT_EQ(ShippedPolicySet().version(), "pdp-2019.1");
}

TEST(PolicySetTest, EveryRowIsInForceSomeTimeAndReadsAsWhatTheRulesReadIt) {
  const decider::Policy first = PolicyOn(On("2019-01-01"));
  for (const char* key : {"contract.kpi_min", "contract.kpi_min_above_pence",
                          "sub.short_sheet_below_pence", "sub.proposal_days", "pay.days_max",
                          "stmt.accept_wd", "report.small"}) {
    EXPECT_GT(first.Int(key), 0) << key;
  }
  EXPECT_TRUE(first.Flag("vat.round_down"));
  EXPECT_EQ(DefaultBeta(On("2019-01-01")).num, 1);
  EXPECT_EQ(DefaultBeta(On("2019-01-01")).den, 2);
}

// Specification, section 10 and the rules that name a default.
TEST(PolicySetTest, TheNumbersAreThoseOfTheSpecification) {
  const decider::Policy policy = PolicyOn(On("2025-09-01"));
  EXPECT_EQ(policy.Int("contract.kpi_min"), 3);
  EXPECT_EQ(policy.Int("contract.kpi_min_above_pence"), 500'000'000);
  EXPECT_EQ(policy.Int("sub.short_sheet_below_pence"), 2'500'000);
  EXPECT_EQ(policy.Int("sub.proposal_days"), 30);
  EXPECT_EQ(policy.Int("pay.days_max"), 30);
  EXPECT_EQ(policy.Int("stmt.accept_wd"), 10);
  EXPECT_EQ(policy.Int("report.small"), 5);
}

// Value Added Tax Act 1994, s. 2: 17.5 % until 3 January 2011, 20 % since.
TEST(PolicySetTest, VatRatesAreEffectiveDated) {
  EXPECT_EQ(VatRateBp(v1::VAT_STANDARD, On("2011-01-03")), 1'750);
  EXPECT_EQ(VatRateBp(v1::VAT_STANDARD, On("2011-01-04")), 2'000);
  EXPECT_EQ(VatRateBp(v1::VAT_STANDARD, On("2009-12-31")), std::nullopt);
  for (const auto vat_class : {v1::VAT_EXEMPT, v1::VAT_OUTSIDE}) {
    EXPECT_EQ(VatRateBp(vat_class, On("2025-09-01")), 0);
  }
  EXPECT_EQ(VatRateBp(v1::VAT_CLASS_UNSPECIFIED, On("2025-09-01")), std::nullopt);
}

TEST(PolicySetTest, WrittenFormatsAndMaturitySupportAreTheSoftTokens) {
  const Date on = On("2025-09-01");
  for (const char* soft : {"WRITTEN:cy:BRAILLE", "WRITTEN", "MATURITY_SUPPORT"}) {
    EXPECT_FALSE(IsHardToken(soft, on)) << soft;
  }
  for (const char* hard : {"INTERPRETER:pl", "FEMALE_FACILITATOR", "STEP_FREE", "WRITTENX"}) {
    EXPECT_TRUE(IsHardToken(hard, on)) << hard;
  }
}

}  // namespace
}  // namespace pdp::subcontractor
