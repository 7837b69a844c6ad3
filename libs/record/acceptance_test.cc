#include "libs/record/acceptance.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "libs/record/codec.h"

namespace pdp::record {
namespace {

log::v1::Record Base(uint64_t epoch, uint64_t seq, const Digest& prev) {
  log::v1::Record record;
  record.set_area("N56");
  record.set_epoch(epoch);
  record.set_seq(seq);
  record.set_prev_hash(std::string(prev.view()));
  return record;
}
log::v1::Record Start(uint64_t epoch, uint64_t seq, const Digest& prev, const std::string& owner) {
  log::v1::Record record = Base(epoch, seq, prev);
  record.mutable_epoch_started()->set_owner_id(owner);
  record.mutable_epoch_started()->set_endpoint(owner + ":1");
  return record;
}
log::v1::Record Commit(uint64_t epoch, uint64_t seq, const Digest& prev, const std::string& what) {
  log::v1::Record record = Base(epoch, seq, prev);
  record.mutable_commit()->set_command_type(what);
  return record;
}
log::v1::Record Barrier(uint64_t epoch, uint64_t seq, const Digest& prev) {
  log::v1::Record record = Base(epoch, seq, prev);
  record.mutable_barrier();
  return record;
}

class AcceptanceTest : public ::testing::Test {
 protected:
  Verdict Offer(const log::v1::Record& record) { return reader_.Offer(Encode(record), record); }
  const Digest& H() const { return reader_.state().hash; }
  uint64_t S() const { return reader_.state().seq.value(); }
  // Epoch 1 with commits 1..count.
  void Lead(uint64_t count) {
    ASSERT_EQ(Offer(Start(1, 0, Digest(), "a")), Verdict::kAccepted);
    for (uint64_t i = 1; i <= count; ++i) {
      sent_.push_back(Commit(1, i, H(), "c" + std::to_string(i)));
      ASSERT_EQ(Offer(sent_.back()), Verdict::kAccepted);
    }
  }
  Acceptance reader_{ReaderState{}};
  std::vector<log::v1::Record> sent_;
};

TEST_F(AcceptanceTest, TheFirstEpochStartsFromTheZeroHashAndDoesNotMoveTheSeq) {
  const log::v1::Record start = Start(1, 0, Digest(), "a");
  EXPECT_EQ(Offer(start), Verdict::kAccepted);
  EXPECT_EQ(reader_.state().epoch, Epoch(1));
  EXPECT_EQ(S(), 0u);
  EXPECT_EQ(H(), Sha256(Encode(start)));
  EXPECT_EQ(reader_.state().owner_id, "a");
  EXPECT_EQ(reader_.state().endpoint, "a:1");
}

TEST_F(AcceptanceTest, CommitsBarriersAndHandoffsFollowTheChain) {
  Lead(2);
  EXPECT_EQ(Offer(Barrier(1, 3, H())), Verdict::kAccepted);
  log::v1::Record handoff = Base(1, 4, H());
  handoff.mutable_handoff()->set_to("b");
  EXPECT_EQ(Offer(handoff), Verdict::kAccepted);
  EXPECT_EQ(S(), 4u);
  EXPECT_EQ(reader_.counts().accepted, 5u);
}

TEST_F(AcceptanceTest, NothingIsAcceptedBeforeTheFirstEpoch) {
  EXPECT_EQ(Offer(Commit(1, 1, Digest(), "x")), Verdict::kGap);
  EXPECT_EQ(S(), 0u);
}

TEST_F(AcceptanceTest, TheSecondClaimOfAnEpochIsStale) {
  Lead(1);
  const Digest before = H();
  EXPECT_EQ(Offer(Start(2, 1, before, "b")), Verdict::kAccepted);
  const Digest after = H();
  EXPECT_EQ(Offer(Start(2, 1, before, "c")), Verdict::kStaleEpoch);
  EXPECT_EQ(reader_.state().owner_id, "b");
  EXPECT_EQ(H(), after);
}

TEST_F(AcceptanceTest, AZombieIsFencedByTheNewEpoch) {
  Lead(3);
  const Digest old = H();
  ASSERT_EQ(Offer(Start(2, 3, old, "b")), Verdict::kAccepted);
  EXPECT_EQ(Offer(Commit(1, 4, old, "zombie")), Verdict::kStaleEpoch);
  EXPECT_EQ(Offer(Commit(2, 4, H(), "new")), Verdict::kAccepted);
  EXPECT_EQ(S(), 4u);
  EXPECT_EQ(reader_.counts().stale_epoch, 1u);
}

TEST_F(AcceptanceTest, RecordsOfTheOldOwnerMayGetInBetweenReadingAndClaim) {
  Lead(3);
  // The claimant had read up to 2 only.
  EXPECT_EQ(Offer(Start(2, 2, Digest::FromBytes(sent_[2].prev_hash()), "b")), Verdict::kAccepted);
  EXPECT_EQ(S(), 3u);
  EXPECT_EQ(Offer(Commit(2, 4, H(), "next")), Verdict::kAccepted);
}

TEST_F(AcceptanceTest, AClaimThatHasReadMoreThanWeHoldIsAFork) {
  Lead(3);
  EXPECT_EQ(Offer(Start(2, 4, H(), "b")), Verdict::kFork);
  EXPECT_EQ(reader_.state().epoch, Epoch(1));
}

TEST_F(AcceptanceTest, AClaimOnAnotherHistoryOfTheSameLengthIsAFork) {
  Lead(3);
  EXPECT_EQ(Offer(Start(2, 3, Sha256("other"), "b")), Verdict::kFork);
}

TEST_F(AcceptanceTest, AMissingRecordDropsAllThatFollowInTheEpoch) {
  Lead(1);
  const log::v1::Record lost = Commit(1, 2, H(), "lost");
  const log::v1::Record third = Commit(1, 3, Sha256(Encode(lost)), "third");
  EXPECT_EQ(Offer(third), Verdict::kGap);
  EXPECT_EQ(Offer(Commit(1, 4, Sha256(Encode(third)), "fourth")), Verdict::kGap);
  EXPECT_EQ(S(), 1u);
  EXPECT_EQ(Offer(Start(2, 1, H(), "a2")), Verdict::kAccepted);
  EXPECT_EQ(reader_.counts().gap, 2u);
}

TEST_F(AcceptanceTest, ACommitOfAnEpochThatNeverGotInIsAGap) {
  Lead(1);
  EXPECT_EQ(Offer(Commit(2, 2, H(), "too early")), Verdict::kGap);
}

TEST_F(AcceptanceTest, TheSameBytesAgainAreADuplicate) {
  Lead(5);
  for (const log::v1::Record& record : sent_) EXPECT_EQ(Offer(record), Verdict::kDuplicate);
  EXPECT_EQ(S(), 5u);
  EXPECT_EQ(reader_.counts().duplicate, 5u);
}

TEST_F(AcceptanceTest, OtherBytesUnderAKnownSeqAreAFork) {
  Lead(5);
  log::v1::Record other = sent_[2];
  other.mutable_commit()->set_command_type("forged");
  EXPECT_EQ(Offer(other), Verdict::kFork);
  EXPECT_EQ(S(), 5u);
}

TEST_F(AcceptanceTest, ABrokenChainIsAFork) {
  Lead(2);
  EXPECT_EQ(Offer(Commit(1, 3, Sha256("not what came before"), "c3")), Verdict::kFork);
  EXPECT_EQ(reader_.counts().fork, 1u);
}

TEST_F(AcceptanceTest, WhatIsNoLongerRememberedIsAssumedToBeADuplicate) {
  Lead(4100);
  log::v1::Record old = sent_[0];
  old.mutable_commit()->set_command_type("forged, but 4100 records ago");
  EXPECT_EQ(Offer(old), Verdict::kDuplicate);
  log::v1::Record oldest_remembered = sent_[4];  // seq 5 of 4100: 4096 remembered
  EXPECT_EQ(Offer(oldest_remembered), Verdict::kDuplicate);
  oldest_remembered.mutable_commit()->set_command_type("forged");
  EXPECT_EQ(Offer(oldest_remembered), Verdict::kFork);
}

TEST_F(AcceptanceTest, AResumedReaderGoesOnWhereItsStateSays) {
  Lead(3);
  Acceptance resumed(reader_.state());
  EXPECT_EQ(resumed.Offer(Encode(sent_[2]), sent_[2]), Verdict::kDuplicate);
  const log::v1::Record fourth = Commit(1, 4, H(), "c4");
  EXPECT_EQ(resumed.Offer(Encode(fourth), fourth), Verdict::kAccepted);
  EXPECT_EQ(Offer(fourth), Verdict::kAccepted);
  EXPECT_EQ(resumed.state().hash, H());
}

TEST_F(AcceptanceTest, NothingMayBeOfferedAfterAFork) {
  Lead(1);
  ASSERT_EQ(Offer(Commit(1, 2, Sha256("x"), "c")), Verdict::kFork);
  EXPECT_DEATH(Offer(Commit(1, 2, H(), "c")), "after a fork");
}

}  // namespace
}  // namespace pdp::record
