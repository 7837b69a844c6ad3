// The oracle finds what it is there to find.

#include "tests/crash/oracle.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pdp::crash {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

common::v1::Outcome At(uint64_t seq) {
  common::v1::Outcome outcome;
  outcome.mutable_position()->set_epoch(1);
  outcome.mutable_position()->set_seq(seq);
  return outcome;
}

common::v1::RecordInfo Record(const std::string& id_hex, uint64_t seq) {
  common::v1::RecordInfo record;
  record.set_command_id_hex(id_hex);
  record.mutable_position()->set_epoch(1);
  record.mutable_position()->set_seq(seq);
  return record;
}

// "a" is acknowledged at 1, "b" in doubt.
class OracleTest : public ::testing::Test {
 protected:
  OracleTest() {
    oracle_.Sent("a");
    oracle_.Acknowledged("a", At(1));
    oracle_.Sent("b");
  }
  Oracle oracle_;
};

TEST_F(OracleTest, WhatIsInDoubtMayBeThereOrNot) {
  EXPECT_THAT(oracle_.acknowledged(), ElementsAre("a"));
  EXPECT_THAT(oracle_.in_doubt(), ElementsAre("b"));
  EXPECT_THAT(oracle_.Check({Record("61", 1), Record("", 2)}), IsEmpty());
  EXPECT_THAT(oracle_.Check({Record("61", 1), Record("62", 2)}), IsEmpty());
}

TEST_F(OracleTest, FindsALossATwinAMoveAStrangerAndAnotherAnswer) {
  EXPECT_THAT(oracle_.Check({Record("62", 1)}), ElementsAre(HasSubstr("is LOST")));
  EXPECT_THAT(oracle_.Check({Record("61", 1), Record("62", 2), Record("62", 3)}),
              ElementsAre(HasSubstr("62 is twice: seq 2 and 3")));
  EXPECT_THAT(oracle_.Check({Record("61", 4)}), ElementsAre(HasSubstr("and is at 1/4")));
  EXPECT_THAT(oracle_.Check({Record("61", 1), Record("77", 2)}),
              ElementsAre(HasSubstr("1 commands are there that nobody sent")));
  oracle_.Acknowledged("a", At(2));
  EXPECT_THAT(oracle_.Check({Record("61", 1)}), ElementsAre(HasSubstr("and later told 1/2")));
}

TEST_F(OracleTest, FindsARefusedCommandThatIsThereUnlessItWasSentAgain) {
  oracle_.Sent("c");
  oracle_.Refused("c");
  EXPECT_THAT(oracle_.Check({Record("61", 1), Record("63", 2)}),
              ElementsAre(HasSubstr("63 was out and is at 1/2")));
  oracle_.Sent("c");
  EXPECT_THAT(oracle_.Check({Record("61", 1), Record("63", 2)}), IsEmpty());
}

TEST_F(OracleTest, ARefusalSaysNothingOfAnEarlierAttemptInDoubt) {
  oracle_.Sent("b");
  oracle_.Refused("b");
  EXPECT_THAT(oracle_.in_doubt(), ElementsAre("b"));
  EXPECT_THAT(oracle_.Check({Record("61", 1), Record("62", 2)}), IsEmpty());
}

TEST_F(OracleTest, WhatANewEpochSaysOfADoubtHoldsForEver) {
  oracle_.Sent("c");
  oracle_.Resolve({Record("61", 1), Record("62", 2)});
  EXPECT_EQ(oracle_.resolved().took_effect, 1u);
  EXPECT_EQ(oracle_.resolved().did_not, 1u);
  EXPECT_THAT(oracle_.in_doubt(), IsEmpty());
  EXPECT_THAT(oracle_.Check({Record("61", 1), Record("62", 2)}), IsEmpty());
  EXPECT_THAT(oracle_.Check({Record("61", 1)}), ElementsAre(HasSubstr("62 was found at 1/2")));
  EXPECT_THAT(oracle_.Check({Record("61", 1), Record("62", 2), Record("63", 3)}),
              ElementsAre(HasSubstr("63 was out and is at 1/3")));
  oracle_.Acknowledged("b", At(5));
  EXPECT_THAT(oracle_.Check({Record("61", 1), Record("62", 2)}),
              ElementsAre(HasSubstr("62 was found at 1/2 and later told 1/5")));
}

}  // namespace
}  // namespace pdp::crash
