#include "libs/decider/policy.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pdp::decider {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kSet[] = R"(
  name: "pdp-2019" version: "pdp-2019.1"
  rows { key: "pay.days" value: "30" effective_from: "2019-01-01" basis: "SUB-1" source: "law" }
  rows { key: "pay.days" value: "20" effective_from: "2025-02-24" basis: "SUB-1" source: "law" }
  rows { key: "pay.days" value: "10" basis: "SUB-1" source: "law" reason: "draft" }
  rows { key: "modes" value: "A,B" effective_from: "2020-06-01" basis: "SUB-2" source: "ours" }
  rows { key: "round_down" value: "true" effective_from: "2019-01-01" basis: "S-3" source: "ours" }
)";

class PolicyTest : public ::testing::Test {
 protected:
  Policy On(const std::string& date) { return Policy(set_, *ParseDate(date)); }
  common::v1::PolicySet set_ = ParsePolicySet(kSet);
};

TEST_F(PolicyTest, TheRowInForceIsTheLatestNotAfterTheDate) {
  EXPECT_EQ(On("2019-01-01").Int("pay.days"), 30);
  EXPECT_EQ(On("2025-02-23").Int("pay.days"), 30);
  EXPECT_EQ(On("2025-02-24").Int("pay.days"), 20);
  EXPECT_EQ(On("2099-01-01").Int("pay.days"), 20) << "a row without a date is never in force";
  EXPECT_EQ(On("2018-12-31").Find("pay.days"), std::nullopt);
}

TEST_F(PolicyTest, ListsAndFlags) {
  EXPECT_THAT(On("2020-06-01").List("modes"), ElementsAre("A", "B"));
  EXPECT_EQ(On("2020-05-31").Find("modes"), std::nullopt);
  EXPECT_TRUE(On("2020-06-01").Flag("round_down"));
}

TEST_F(PolicyTest, ADateBeforeEveryRowIsNotCovered) {
  EXPECT_FALSE(On("2018-12-31").Covers());
  EXPECT_TRUE(On("2019-01-01").Covers());
}

TEST_F(PolicyTest, FaultsOfASetAreNamed) {
  EXPECT_THAT(PolicyFaults(set_), IsEmpty());
  common::v1::PolicyRow* row = set_.add_rows();
  row->set_key("modes");
  row->set_effective_from("2020-06-01");
  EXPECT_THAT(PolicyFaults(set_),
              ElementsAre("modes from 2020-06-01: no value", "modes from 2020-06-01: no basis",
                          "modes from 2020-06-01: source is none of seed, law, practice, ours",
                          "modes from 2020-06-01: twice"));
  set_.mutable_rows()->RemoveLast();
  set_.add_rows()->set_effective_from("soon");
  EXPECT_EQ(PolicyFaults(set_).back(), " from soon: effective_from is no date");
}

}  // namespace
}  // namespace pdp::decider
