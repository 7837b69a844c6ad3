// The contract of libs/log/event_log.h, as tests that every binding passes unchanged.

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/clock.h"
#include "libs/base/status_matchers.h"
#include "libs/record/codec.h"
#include "tests/contract/binding.h"

namespace pdp::log {
namespace {

using ::pdp::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Area kN56 = *Area::FromCode("N56");
const Area kNat = Area::Nat();

absl::Time Deadline() { return Clock::System().Now() + absl::Seconds(30); }

// What a record says, short: "E2@5" an epoch started at seq 5, "6:name" a commit, "7|" a barrier.
std::string Show(const v1::Record& record) {
  switch (record.kind_case()) {
    case v1::Record::kEpochStarted: return absl::StrCat("E", record.epoch(), "@", record.seq());
    case v1::Record::kCommit:
      return absl::StrCat(record.seq(), ":", record.commit().command_type());
    case v1::Record::kBarrier: return absl::StrCat(record.seq(), "|");
    case v1::Record::kHandoff: return absl::StrCat(record.seq(), ">", record.handoff().to());
    case v1::Record::KIND_NOT_SET: break;
  }
  return "?";
}

// A reader of a test: polls until the end or an error, remembers everything.
struct Reader {
  explicit Reader(std::unique_ptr<Tail> t) : tail(std::move(t)) {}

  // Until caught up with at least `count` records read in all.
  absl::Status ReadTo(size_t count) {
    const absl::Time deadline = Deadline();
    while (Clock::System().Now() < deadline) {
      absl::StatusOr<TailBatch> batch = tail->Poll(3, absl::Milliseconds(200));
      if (!batch.ok()) return batch.status();
      for (Accepted& accepted : batch->records) {
        shown.push_back(Show(accepted.record));
        records.push_back(std::move(accepted));
      }
      for (const auto& [why, dropped_count] : batch->dropped) dropped[why] += dropped_count;
      if (batch->caught_up && records.size() >= count) return absl::OkStatus();
    }
    return absl::DeadlineExceededError(absl::StrCat("read ", records.size(), " of ", count));
  }
  // Until `count` records have been passed over for the reason `why`.
  absl::Status ReadDropped(const std::string& why, uint64_t count) {
    const absl::Time deadline = Deadline();
    while (dropped[why] < count && Clock::System().Now() < deadline) {
      const absl::Status status = ReadTo(0);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }
  // Polls until an error, giving back the error.
  absl::Status ReadError() {
    const absl::Time deadline = Deadline();
    while (Clock::System().Now() < deadline) {
      const absl::Status status = ReadTo(0);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  std::unique_ptr<Tail> tail;
  std::vector<Accepted> records;
  std::vector<std::string> shown;
  std::map<std::string, uint64_t> dropped;
};

Reader Open(EventLog& log, Area area, TailPosition after = {}) {
  absl::StatusOr<std::unique_ptr<Tail>> tail = log.OpenTail(area, std::move(after));
  EXPECT_OK(tail);
  return Reader(*std::move(tail));
}

// A writer of a test: keeps the chain as a cell does.
struct Writer {
  static absl::StatusOr<Writer> Lead(EventLog& log, Area area, const std::string& owner,
                                     TailPosition from = {}) {
    absl::StatusOr<Epoch> epoch = log.Claim(area, owner, owner + ":1", from);
    if (!epoch.ok()) return epoch.status();
    absl::StatusOr<TailPosition> end = log.End(area);
    if (!end.ok()) return end.status();
    return Writer{&log, area, *epoch, end->seq, end->hash};
  }
  std::string Next(const std::string& what) {
    v1::Record record;
    record.set_area(std::string(area.code()));
    record.set_epoch(epoch.value());
    seq = seq.Next();
    record.set_seq(seq.value());
    record.set_prev_hash(std::string(hash.view()));
    record.mutable_commit()->set_command_type(what);
    std::string bytes = record::Encode(record);
    hash = Sha256(bytes);
    return bytes;
  }
  void Commit(const std::string& what) { ASSERT_OK(log->Append(area, Next(what))); }

  EventLog* log;
  Area area;
  Epoch epoch;
  Seq seq;
  Digest hash;
};

TEST_P(LogContractTest, AnEmptyLogIsCaughtUpAtOnceAndEndsBeforeTheFirstRecord) {
  Reader reader = Open(*log_, kN56);
  EXPECT_OK(reader.ReadTo(0));
  EXPECT_THAT(reader.shown, IsEmpty());
  ASSERT_OK_AND_ASSIGN(const TailPosition end, log_->End(kN56));
  EXPECT_EQ(end.epoch, Epoch(0));
  EXPECT_EQ(end.seq, Seq(0));
  EXPECT_OK(log_->Health(kN56));
}

TEST_P(LogContractTest, AClaimStartsAnEpochThatEveryReaderSeesWithItsOwner) {
  ASSERT_OK_AND_ASSIGN(const Epoch epoch, log_->Claim(kN56, "a", "host-a:1", {}));
  EXPECT_EQ(epoch, Epoch(1));
  Reader reader = Open(*log_, kN56);
  ASSERT_OK(reader.ReadTo(1));
  EXPECT_THAT(reader.shown, ElementsAre("E1@0"));
  EXPECT_EQ(reader.tail->position().owner_id, "a");
  EXPECT_EQ(reader.tail->position().endpoint, "host-a:1");
}

TEST_P(LogContractTest, PipelinedAppendsAreAcceptedInTheOrderOfTheCalls) {
  ASSERT_OK_AND_ASSIGN(Writer writer, Writer::Lead(*log_, kN56, "a"));
  for (int i = 1; i <= 500; ++i) writer.Commit(absl::StrCat("c", i));
  Reader reader = Open(*log_, kN56);
  ASSERT_OK(reader.ReadTo(501));
  ASSERT_EQ(reader.shown.size(), 501u);
  for (int i = 1; i <= 500; ++i) EXPECT_EQ(reader.shown[i], absl::StrCat(i, ":c", i));
  EXPECT_THAT(reader.dropped, IsEmpty());
  EXPECT_EQ(reader.tail->position().hash, writer.hash);
}

TEST_P(LogContractTest, BytesComeBackAsAppendedWithTheirHash) {
  ASSERT_OK_AND_ASSIGN(Writer writer, Writer::Lead(*log_, kN56, "a"));
  const std::string bytes = writer.Next(std::string(100'000, 'x'));
  ASSERT_OK(log_->Append(kN56, bytes));
  Reader reader = Open(*log_, kN56);
  ASSERT_OK(reader.ReadTo(2));
  EXPECT_EQ(reader.records[1].bytes, bytes);
  EXPECT_EQ(reader.records[1].hash, Sha256(bytes));
}

TEST_P(LogContractTest, ATailThatWaitsIsWokenByARecord) {
  ASSERT_OK_AND_ASSIGN(Writer writer, Writer::Lead(*log_, kN56, "a"));
  Reader reader = Open(*log_, kN56);
  ASSERT_OK(reader.ReadTo(1));
  std::thread appender([&] { writer.Commit("late"); });
  const absl::StatusOr<TailBatch> batch = reader.tail->Poll(10, absl::Seconds(30));
  appender.join();
  ASSERT_OK(batch);
  ASSERT_EQ(batch->records.size(), 1u);
  EXPECT_EQ(Show(batch->records[0].record), "1:late");
}

TEST_P(LogContractTest, WakeEndsAPoll) {
  Reader reader = Open(*log_, kN56);
  ASSERT_OK(reader.ReadTo(0));
  const absl::Time start = Clock::System().Now();
  std::thread waker([&] { reader.tail->Wake(); });
  const absl::StatusOr<TailBatch> batch = reader.tail->Poll(10, absl::Seconds(60));
  waker.join();
  ASSERT_OK(batch);
  EXPECT_THAT(batch->records, IsEmpty());
  EXPECT_LT(Clock::System().Now() - start, absl::Seconds(30));
}

TEST_P(LogContractTest, AreasAreIndependent) {
  ASSERT_OK_AND_ASSIGN(Writer n56, Writer::Lead(*log_, kN56, "a"));
  ASSERT_OK_AND_ASSIGN(Writer nat, Writer::Lead(*log_, kNat, "b"));
  n56.Commit("n56");
  nat.Commit("nat");
  nat.Commit("nat2");
  Reader first = Open(*log_, kN56), second = Open(*log_, kNat);
  ASSERT_OK(first.ReadTo(2));
  ASSERT_OK(second.ReadTo(3));
  EXPECT_THAT(first.shown, ElementsAre("E1@0", "1:n56"));
  EXPECT_THAT(second.shown, ElementsAre("E1@0", "1:nat", "2:nat2"));
}

TEST_P(LogContractTest, AZombieWriterIsDroppedByEveryReader) {
  const std::shared_ptr<EventLog> other = binding_->Connect();
  ASSERT_OK_AND_ASSIGN(Writer old, Writer::Lead(*log_, kN56, "old"));
  old.Commit("kept");
  Reader live = Open(*other, kN56);
  ASSERT_OK(live.ReadTo(2));
  ASSERT_OK_AND_ASSIGN(Writer fresh, Writer::Lead(*other, kN56, "new", live.tail->position()));
  EXPECT_EQ(fresh.epoch, Epoch(2));
  old.Commit("zombie");
  fresh.Commit("new");
  old.Commit("zombie again");
  Reader late = Open(*log_, kN56);
  for (Reader* reader : {&live, &late}) {
    ASSERT_OK(reader->ReadTo(4));
    ASSERT_OK(reader->ReadDropped("stale_epoch", 2));
    EXPECT_THAT(reader->shown, ElementsAre("E1@0", "1:kept", "E2@1", "2:new"));
  }
  EXPECT_EQ(live.tail->position().hash, late.tail->position().hash);
}

TEST_P(LogContractTest, ADuplicateIsDroppedAndCounted) {
  ASSERT_OK_AND_ASSIGN(Writer writer, Writer::Lead(*log_, kN56, "a"));
  const std::string first = writer.Next("first");
  const std::string second = writer.Next("second");
  // At once, and late: behind what came after it.
  for (const std::string& bytes : {first, first, second, first}) {
    ASSERT_OK(log_->Append(kN56, bytes));
  }
  Reader reader = Open(*log_, kN56);
  ASSERT_OK(reader.ReadTo(3));
  ASSERT_OK(reader.ReadDropped("duplicate", 2));
  EXPECT_THAT(reader.shown, ElementsAre("E1@0", "1:first", "2:second"));
  EXPECT_EQ(reader.tail->position().hash, writer.hash);
}

TEST_P(LogContractTest, ARecordBehindAGapIsDroppedAndCounted) {
  ASSERT_OK_AND_ASSIGN(Writer writer, Writer::Lead(*log_, kN56, "a"));
  writer.Commit("first");
  Writer ahead = writer;
  ahead.Next("never sent");
  ahead.Commit("behind a gap");
  writer.Commit("second");
  Reader reader = Open(*log_, kN56);
  ASSERT_OK(reader.ReadTo(3));
  EXPECT_THAT(reader.shown, ElementsAre("E1@0", "1:first", "2:second"));
  EXPECT_EQ(reader.dropped["gap"], 1u);
}

TEST_P(LogContractTest, OtherBytesUnderAnAcceptedSeqStopTheReader) {
  ASSERT_OK_AND_ASSIGN(Writer writer, Writer::Lead(*log_, kN56, "a"));
  Writer twin = writer;
  writer.Commit("one history");
  twin.Commit("another");
  Reader reader = Open(*log_, kN56);
  EXPECT_THAT(reader.ReadError(), StatusIs(absl::StatusCode::kDataLoss, "Forked"));
  EXPECT_THAT(reader.shown, ElementsAre("E1@0", "1:one history"));
  EXPECT_THAT(reader.tail->Poll(1, absl::ZeroDuration()),
              StatusIs(absl::StatusCode::kDataLoss, "Forked"));
}

TEST_P(LogContractTest, ABrokenChainStopsTheReader) {
  ASSERT_OK_AND_ASSIGN(Writer writer, Writer::Lead(*log_, kN56, "a"));
  writer.Commit("good");
  writer.hash = Sha256("not what came before");
  writer.Commit("broken");
  Reader reader = Open(*log_, kN56);
  EXPECT_THAT(reader.ReadError(), StatusIs(absl::StatusCode::kDataLoss, "Forked"));
  EXPECT_THAT(reader.shown, ElementsAre("E1@0", "1:good"));
}

TEST_P(LogContractTest, ACorruptedRecordStopsTheReaderAfterWhatIsGood) {
  ASSERT_OK_AND_ASSIGN(Writer writer, Writer::Lead(*log_, kN56, "a"));
  writer.Commit("good");
  std::string bad = writer.Next("bad");
  bad[bad.size() / 2] ^= 1;
  ASSERT_OK(log_->Append(kN56, bad));
  writer.Commit("behind");
  Reader reader = Open(*log_, kN56);
  EXPECT_THAT(reader.ReadError(), StatusIs(absl::StatusCode::kDataLoss, "corrupted record"));
  EXPECT_THAT(reader.shown, ElementsAre("E1@0", "1:good"));
  EXPECT_THAT(log_->End(kN56), StatusIs(absl::StatusCode::kDataLoss, "corrupted record"));
  EXPECT_THAT(log_->Claim(kN56, "b", "b:1", {}), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_P(LogContractTest, ARecordCutShortStopsTheReaderAfterWhatIsGood) {
  ASSERT_OK_AND_ASSIGN(Writer writer, Writer::Lead(*log_, kN56, "a"));
  writer.Commit("good");
  const std::string whole = writer.Next("torn");
  ASSERT_OK(log_->Append(kN56, whole.substr(0, whole.size() - 1)));
  Reader reader = Open(*log_, kN56);
  EXPECT_THAT(reader.ReadError(), StatusIs(absl::StatusCode::kDataLoss, "corrupted record"));
  EXPECT_THAT(reader.shown, ElementsAre("E1@0", "1:good"));
}

TEST_P(LogContractTest, ARecordOfAnotherAreaStopsTheReader) {
  ASSERT_OK_AND_ASSIGN(Writer writer, Writer::Lead(*log_, kN56, "a"));
  ASSERT_OK(log_->Append(kNat, writer.Next("astray")));
  Reader reader = Open(*log_, kNat);
  EXPECT_THAT(reader.ReadError(), StatusIs(absl::StatusCode::kDataLoss, "Forked"));
}

TEST_P(LogContractTest, OfConcurrentClaimsOneWinsEachEpochAndAllReadersAgree) {
  constexpr int kClaimants = 4;
  std::vector<std::shared_ptr<EventLog>> logs;
  for (int i = 0; i < kClaimants; ++i) logs.push_back(binding_->Connect());
  std::vector<absl::StatusOr<Epoch>> results(kClaimants, absl::UnknownError("not run"));
  std::vector<std::thread> threads;
  for (int i = 0; i < kClaimants; ++i) {
    threads.emplace_back([&, i] {
      results[i] = logs[i]->Claim(kN56, absl::StrCat("owner", i), absl::StrCat("h", i, ":1"), {});
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::map<uint64_t, std::string> winners;
  for (int i = 0; i < kClaimants; ++i) {
    if (results[i].ok()) {
      EXPECT_TRUE(winners.emplace(results[i]->value(), absl::StrCat("owner", i)).second)
          << "two owners of epoch " << *results[i];
    } else {
      EXPECT_THAT(results[i], StatusIs(absl::StatusCode::kAborted));
    }
  }
  EXPECT_FALSE(winners.empty());
  Reader reader = Open(*log_, kN56);
  ASSERT_OK(reader.ReadTo(winners.size()));
  std::map<uint64_t, std::string> seen;
  for (const Accepted& a : reader.records) {
    seen[a.record.epoch()] = a.record.epoch_started().owner_id();
  }
  EXPECT_EQ(seen, winners);
}

TEST_P(LogContractTest, AClaimFromAnOldPositionReadsOnToTheEndFirst) {
  ASSERT_OK_AND_ASSIGN(Writer writer, Writer::Lead(*log_, kN56, "a"));
  Reader reader = Open(*log_, kN56);
  ASSERT_OK(reader.ReadTo(1));
  const TailPosition old = reader.tail->position();
  for (int i = 0; i < 5; ++i) writer.Commit("c");
  ASSERT_OK(reader.ReadTo(6));
  ASSERT_OK_AND_ASSIGN(const Epoch epoch, log_->Claim(kN56, "b", "b:1", old));
  EXPECT_EQ(epoch, Epoch(2));
  ASSERT_OK_AND_ASSIGN(const TailPosition end, log_->End(kN56));
  EXPECT_EQ(end.seq, Seq(5));
  EXPECT_EQ(end.owner_id, "b");
}

TEST_P(LogContractTest, EveryReaderSeesTheSameSequenceAndHash) {
  ASSERT_OK_AND_ASSIGN(Writer writer, Writer::Lead(*log_, kN56, "a"));
  Reader early = Open(*log_, kN56);
  for (int i = 0; i < 50; ++i) writer.Commit(absl::StrCat("c", i));
  ASSERT_OK(early.ReadTo(20));
  for (int i = 50; i < 100; ++i) writer.Commit(absl::StrCat("c", i));
  ASSERT_OK(early.ReadTo(101));
  const std::shared_ptr<EventLog> other = binding_->Connect();
  Reader late = Open(*other, kN56);
  ASSERT_OK(late.ReadTo(101));
  EXPECT_EQ(early.shown, late.shown);
  EXPECT_EQ(early.tail->position().hash, late.tail->position().hash);
  ASSERT_OK_AND_ASSIGN(const TailPosition end, log_->End(kN56));
  EXPECT_EQ(end.hash, early.tail->position().hash);
  EXPECT_EQ(end.seq, Seq(100));
}

// Resuming: at every record, with the hint as stored, without one, and with ones that do not fit.
TEST_P(LogContractTest, AReaderResumesBehindAnyRecordWhateverItsHintIsWorth) {
  ASSERT_OK_AND_ASSIGN(Writer writer, Writer::Lead(*log_, kN56, "a"));
  const std::string doubled = writer.Next("one");
  ASSERT_OK(log_->Append(kN56, doubled));
  ASSERT_OK(log_->Append(kN56, doubled));
  writer.Commit("two");
  Reader settled = Open(*log_, kN56);
  ASSERT_OK(settled.ReadTo(3));
  ASSERT_OK_AND_ASSIGN(Writer second, Writer::Lead(*log_, kN56, "b"));
  second.Commit("three");
  Reader whole = Open(*log_, kN56);
  ASSERT_OK(whole.ReadTo(5));
  ASSERT_THAT(whole.shown, ElementsAre("E1@0", "1:one", "2:two", "E2@2", "3:three"));
  for (size_t i = 0; i < whole.records.size(); ++i) {
    const Accepted& at = whole.records[i];
    for (const int64_t hint : {at.hint, int64_t{-1}, int64_t{1}, at.hint + 1, int64_t{1'000'000}}) {
      TailPosition after{Epoch(at.record.epoch()), Seq(at.record.seq()), at.hash, hint};
      Reader reader = Open(*log_, kN56, after);
      ASSERT_OK(reader.ReadTo(whole.records.size() - 1 - i)) << "record " << i << " hint " << hint;
      EXPECT_THAT(reader.shown, ::testing::ElementsAreArray(whole.shown.begin() + i + 1,
                                                            whole.shown.end()))
          << "record " << i << " hint " << hint;
      EXPECT_EQ(reader.tail->position().hash, whole.tail->position().hash);
      EXPECT_EQ(reader.tail->position().hint, whole.tail->position().hint);
    }
  }
}

TEST_P(LogContractTest, ALogShorterThanACheckpointIsTruncated) {
  ASSERT_OK_AND_ASSIGN(Writer writer, Writer::Lead(*log_, kN56, "a"));
  writer.Commit("one");
  Reader settled = Open(*log_, kN56);
  ASSERT_OK(settled.ReadTo(2));
  for (const int64_t hint : {-1, 2, 50}) {
    Reader reader = Open(*log_, kN56, {Epoch(1), Seq(7), Sha256("seven"), hint});
    EXPECT_THAT(reader.ReadError(), StatusIs(absl::StatusCode::kDataLoss, "Truncated"));
    EXPECT_THAT(reader.shown, IsEmpty());
  }
  EXPECT_THAT(log_->Claim(kN56, "b", "b:1", {Epoch(1), Seq(7), Sha256("seven"), 8}),
              StatusIs(absl::StatusCode::kDataLoss, "Truncated"));
}

TEST_P(LogContractTest, ACheckpointOfAnotherHistoryIsForked) {
  ASSERT_OK_AND_ASSIGN(Writer writer, Writer::Lead(*log_, kN56, "a"));
  for (int i = 0; i < 3; ++i) writer.Commit("c");
  Reader settled = Open(*log_, kN56);
  ASSERT_OK(settled.ReadTo(4));
  for (const int64_t hint : {-1, 3, 50}) {
    Reader reader = Open(*log_, kN56, {Epoch(1), Seq(2), Sha256("another two"), hint});
    EXPECT_THAT(reader.ReadError(), StatusIs(absl::StatusCode::kDataLoss, "Forked"));
    EXPECT_THAT(reader.shown, IsEmpty());
  }
}

TEST_P(LogContractTest, AClaimThatSawMoreThanWeHoldStopsTheReader) {
  ASSERT_OK_AND_ASSIGN(Writer writer, Writer::Lead(*log_, kN56, "a"));
  v1::Record claim;
  claim.set_area("N56");
  claim.set_epoch(2);
  claim.set_seq(9);
  claim.set_prev_hash(std::string(writer.hash.view()));
  claim.mutable_epoch_started()->set_owner_id("b");
  ASSERT_OK(log_->Append(kN56, record::Encode(claim)));
  Reader reader = Open(*log_, kN56);
  EXPECT_THAT(reader.ReadError(), StatusIs(absl::StatusCode::kDataLoss, "Forked"));
}

TEST_P(LogContractTest, ARecordOverTheLimitIsRefused) {
  EXPECT_THAT(log_->Append(kN56, std::string(record::kRecordBytesMax + 1, 'x')),
              StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_OK_AND_ASSIGN(Writer writer, Writer::Lead(*log_, kN56, "a"));
  writer.Commit(std::string(record::kRecordBytesMax - 200, 'x'));
  Reader reader = Open(*log_, kN56);
  EXPECT_OK(reader.ReadTo(2));
}

TEST_P(LogContractTest, AClaimThatCouldNotBeReadBackIsRefused) {
  EXPECT_THAT(log_->Claim(kN56, "\xff\xfe", "a:1", {}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_OK(log_->Claim(kN56, "a", "a:1", {}));
}

TEST_P(LogContractTest, WritersOfAllAreasAtOnceKeepTheirOrder) {
  std::vector<std::thread> threads;
  std::atomic<int> failed = 0;
  for (const Area area : Area::All()) {
    threads.emplace_back([&, area] {
      absl::StatusOr<Writer> writer = Writer::Lead(*log_, area, "a");
      if (!writer.ok()) {
        ++failed;
        return;
      }
      for (int i = 0; i < 100; ++i) writer->Commit("c");
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_EQ(failed, 0);
  for (const Area area : Area::All()) {
    Reader reader = Open(*log_, area);
    ASSERT_OK(reader.ReadTo(101));
    EXPECT_EQ(reader.shown.back(), "100:c");
    EXPECT_THAT(reader.dropped, IsEmpty());
  }
}

TEST_P(LogContractTest, WhatWasReadIsThereAfterARestart) {
  ASSERT_OK_AND_ASSIGN(Writer writer, Writer::Lead(*log_, kN56, "a"));
  for (int i = 0; i < 10; ++i) writer.Commit("c");
  Accepted middle;
  TailPosition end;
  {
    Reader reader = Open(*log_, kN56);
    ASSERT_OK(reader.ReadTo(11));
    middle = reader.records[5];
    end = reader.tail->position();
  }
  log_.reset();
  if (!binding_->Restart()) GTEST_SKIP() << "nothing outlives the process";
  log_ = binding_->Connect();
  ASSERT_OK_AND_ASSIGN(const TailPosition again, log_->End(kN56));
  EXPECT_EQ(again.hash, end.hash);
  EXPECT_EQ(again.hint, end.hint);
  Reader reader = Open(*log_, kN56, {Epoch(1), Seq(5), middle.hash, middle.hint});
  ASSERT_OK(reader.ReadTo(5));
  EXPECT_EQ(reader.shown.size(), 5u);
  ASSERT_OK_AND_ASSIGN(Writer next, Writer::Lead(*log_, kN56, "b", end));
  EXPECT_EQ(next.epoch, Epoch(2));
  next.Commit("after the restart");
  ASSERT_OK(reader.ReadTo(7));
  EXPECT_EQ(reader.shown.back(), "11:after the restart");
}

}  // namespace
}  // namespace pdp::log
