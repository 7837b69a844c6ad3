// What only a link that fails on command can show: the unknown outcome, and the way back from it.

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/log/memory_log.h"
#include "libs/record/codec.h"

namespace pdp::log {
namespace {

using ::pdp::testing::StatusIs;

const Area kN56 = *Area::FromCode("N56");

std::string Barrier(const TailPosition& at, uint64_t epoch) {
  v1::Record record;
  record.set_area("N56");
  record.set_epoch(epoch);
  record.set_seq(at.seq.value() + 1);
  record.set_prev_hash(std::string(at.hash.view()));
  record.mutable_barrier();
  return record::Encode(record);
}

class MemoryFaultsTest : public ::testing::Test {
 protected:
  TailPosition EndAfterClaim() {
    EXPECT_OK(log_.Claim(kN56, "a", "a:1", {}));
    return *log_.End(kN56);
  }
  std::shared_ptr<MemoryStore> store_ = std::make_shared<MemoryStore>();
  MemoryLog log_{store_};
  MemoryLog other_{store_};
};

TEST_F(MemoryFaultsTest, WhileUnreachableEverythingIsUnavailableAndNothingIsSkipped) {
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Tail> tail, log_.OpenTail(kN56, {}));
  const TailPosition end = EndAfterClaim();
  log_.SetReachable(false);
  EXPECT_THAT(tail->Poll(10, absl::ZeroDuration()), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(log_.End(kN56), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(log_.Claim(kN56, "b", "b:1", {}), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_OK(log_.Append(kN56, Barrier(end, 1)));
  EXPECT_EQ(store_->Count(kN56), 1u);
  log_.SetReachable(true);
  ASSERT_OK_AND_ASSIGN(const TailBatch batch, tail->Poll(10, absl::ZeroDuration()));
  EXPECT_EQ(batch.records.size(), 2u);
}

TEST_F(MemoryFaultsTest, AnAppendInFlightMayArriveAfterANewEpochAndIsThenDropped) {
  const TailPosition end = EndAfterClaim();
  log_.HoldAppends(true);
  ASSERT_OK(log_.Append(kN56, Barrier(end, 1)));
  ASSERT_OK(other_.Claim(kN56, "b", "b:1", end));
  log_.HoldAppends(false);
  log_.ReleaseHeld();
  ASSERT_OK_AND_ASSIGN(const TailPosition now, other_.End(kN56));
  EXPECT_EQ(now.epoch, Epoch(2));
  EXPECT_EQ(now.seq, Seq(0));
  EXPECT_EQ(store_->Count(kN56), 3u);
}

TEST_F(MemoryFaultsTest, AnAppendInFlightMayArriveJustBeforeTheNewEpochAndIsThenKept) {
  const TailPosition end = EndAfterClaim();
  log_.HoldAppends(true);
  ASSERT_OK(log_.Append(kN56, Barrier(end, 1)));
  log_.HoldAppends(false);
  log_.ReleaseHeld();
  ASSERT_OK(other_.Claim(kN56, "b", "b:1", end));
  ASSERT_OK_AND_ASSIGN(const TailPosition now, other_.End(kN56));
  EXPECT_EQ(now.seq, Seq(1));
}

TEST_F(MemoryFaultsTest, ALostAppendBreaksTheAreaUntilTheNextClaim) {
  const TailPosition end = EndAfterClaim();
  log_.FailAppends(1);
  EXPECT_OK(log_.Append(kN56, Barrier(end, 1)));
  EXPECT_THAT(log_.Append(kN56, Barrier(end, 1)), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(log_.Health(kN56), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_OK(log_.Append(Area::Nat(), "another area is not concerned"));
  EXPECT_OK(log_.Health(Area::Nat()));
  ASSERT_OK_AND_ASSIGN(const Epoch epoch, log_.Claim(kN56, "a2", "a:1", end));
  EXPECT_EQ(epoch, Epoch(2));
  EXPECT_OK(log_.Health(kN56));
  ASSERT_OK_AND_ASSIGN(const TailPosition now, log_.End(kN56));
  EXPECT_OK(log_.Append(kN56, Barrier(now, 2)));
}

TEST_F(MemoryFaultsTest, ADoubledAppendIsSeenOnce) {
  const TailPosition end = EndAfterClaim();
  log_.DoubleAppends(1);
  ASSERT_OK(log_.Append(kN56, Barrier(end, 1)));
  EXPECT_EQ(store_->Count(kN56), 3u);
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Tail> tail, log_.OpenTail(kN56, {}));
  ASSERT_OK_AND_ASSIGN(const TailBatch batch, tail->Poll(10, absl::ZeroDuration()));
  EXPECT_EQ(batch.records.size(), 2u);
  EXPECT_EQ(batch.dropped.at("duplicate"), 1u);
}

TEST_F(MemoryFaultsTest, TooManyAppendsInFlightAreRefused) {
  const TailPosition end = EndAfterClaim();
  log_.SetInFlightMax(1);
  log_.HoldAppends(true);
  EXPECT_OK(log_.Append(kN56, Barrier(end, 1)));
  EXPECT_THAT(log_.Append(kN56, Barrier(end, 1)), StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST_F(MemoryFaultsTest, ALogThatLosesWhatWasReadIsTruncated) {
  const TailPosition end = EndAfterClaim();
  ASSERT_OK(log_.Append(kN56, Barrier(end, 1)));
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Tail> tail, log_.OpenTail(kN56, {}));
  ASSERT_OK(tail->Poll(10, absl::ZeroDuration()));
  store_->Truncate(kN56, 1);
  EXPECT_THAT(tail->Poll(10, absl::ZeroDuration()),
              StatusIs(absl::StatusCode::kDataLoss, "Truncated"));
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Tail> resumed, log_.OpenTail(kN56, tail->position()));
  EXPECT_THAT(resumed->Poll(10, absl::ZeroDuration()),
              StatusIs(absl::StatusCode::kDataLoss, "Truncated"));
}

}  // namespace
}  // namespace pdp::log
