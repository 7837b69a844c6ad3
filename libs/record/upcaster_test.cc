#include "libs/record/upcaster.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "pdp/testing/v1/bank.pb.h"

namespace pdp::record {
namespace {

using ::pdp::testing::v1::Event;
using ::testing::HasSubstr;

Event Deposited(int64_t amount) {
  Event event;
  event.mutable_deposited()->set_pence(amount);
  return event;
}

// Version 1 counted pounds, version 2 pence, version 3 tenths of a penny.
Upcaster Bank() {
  Upcaster upcaster;
  const auto times = [](int64_t factor) {
    return [factor](google::protobuf::Message& message) {
      auto& deposited = *static_cast<Event&>(message).mutable_deposited();
      deposited.set_pence(deposited.pence() * factor);
    };
  };
  upcaster.Add("Deposited", 1, times(100));
  upcaster.Add("Deposited", 2, times(10));
  return upcaster;
}

int64_t Lifted(uint32_t schema, int64_t amount) {
  Event event = Deposited(amount);
  EXPECT_OK(Bank().LiftToCurrent("Deposited", schema, &event));
  return event.deposited().pence();
}

TEST(UpcasterTest, AnEventIsLiftedThroughEveryVersionBetweenItsOwnAndTodays) {
  EXPECT_EQ(Lifted(1, 7), 7'000);
  EXPECT_EQ(Lifted(2, 7), 70);
  EXPECT_EQ(Lifted(3, 7), 7);
}

TEST(UpcasterTest, WhatWasWrittenBeforeVersionsWereIsTheFirst) { EXPECT_EQ(Lifted(0, 7), 7'000); }

TEST(UpcasterTest, ATypeWithoutLiftsIsLeftAsItIs) {
  const Upcaster upcaster = Bank();
  EXPECT_EQ(upcaster.Current("Deposited"), 3u);
  EXPECT_EQ(upcaster.Current("Withdrawn"), 1u);
  Event event;
  event.mutable_withdrawn()->set_pence(7);
  EXPECT_OK(upcaster.LiftToCurrent("Withdrawn", 1, &event));
  EXPECT_EQ(event.withdrawn().pence(), 7);
}

TEST(UpcasterTest, AnEventOfANewerProgramIsNotGuessedAt) {
  Event event = Deposited(7);
  const absl::Status status = Bank().LiftToCurrent("Deposited", 4, &event);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("wrote Deposited as version 4; this one knows it up to 3"));
  EXPECT_EQ(event.deposited().pence(), 7);
}

TEST(UpcasterDeathTest, ALeftOutVersionIsABug) {
  Upcaster upcaster = Bank();
  EXPECT_DEATH(upcaster.Add("Deposited", 4, [](google::protobuf::Message&) {}), "in order");
}

}  // namespace
}  // namespace pdp::record
