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

class OracleTest : public ::testing::Test {
 protected:
  OracleTest() {
    oracle_.Sent("a");
    oracle_.Acknowledged("a", At(1));
    oracle_.Sent("b");
  }
  Oracle oracle_;
};

TEST_F(OracleTest, WhatIsNotKnownMayBeThereOrNot) {
  EXPECT_THAT(oracle_.acknowledged(), ElementsAre("a"));
  EXPECT_THAT(oracle_.unknown(), ElementsAre("b"));
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
  EXPECT_THAT(oracle_.Check({Record("61", 1)}), ElementsAre(HasSubstr("and later 1/2")));
}

}  // namespace
}  // namespace pdp::crash
