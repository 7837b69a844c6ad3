#include "libs/engine/stepped_cell.h"

#include <filesystem>
#include <optional>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/testing/bank.h"
#include "libs/log/memory_log.h"
#include "libs/view/archive.h"
#include "rocksdb/env.h"
#include "rocksdb/file_system.h"

namespace pdp::engine {
namespace {

using namespace testing;  // the commands of the test domain

const Area kArea = *Area::FromCode("N56");

class SeededRandom final : public Random {
 public:
  std::string Bytes(size_t count) override {
    std::string bytes;
    while (bytes.size() < count) bytes += static_cast<char>(draw_.Next());
    return bytes;
  }

 private:
  SplitMix64 draw_{7};
};

// Files that take no more bytes once `full` is set.
class FullDisk final : public rocksdb::FileSystemWrapper {
 public:
  explicit FullDisk(std::shared_ptr<bool> full)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), full_(std::move(full)) {}
  const char* Name() const override { return "FullDisk"; }
  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* out,
                                    rocksdb::IODebugContext* dbg) override {
    const rocksdb::IOStatus made = target()->NewWritableFile(name, options, out, dbg);
    if (made.ok()) *out = std::make_unique<File>(std::move(*out), full_);
    return made;
  }

 private:
  class File final : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    File(std::unique_ptr<rocksdb::FSWritableFile> file, std::shared_ptr<bool> full)
        : FSWritableFileOwnerWrapper(std::move(file)), full_(std::move(full)) {}
    using FSWritableFileOwnerWrapper::Append;
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* dbg) override {
      if (*full_) return rocksdb::IOStatus::NoSpace("full");
      return FSWritableFileOwnerWrapper::Append(data, options, dbg);
    }

   private:
    const std::shared_ptr<bool> full_;
  };
  const std::shared_ptr<bool> full_;
};

class SteppedCellTest : public ::testing::Test {
 protected:
  SteppedCellTest()
      : path_(std::filesystem::path(::testing::TempDir()) /
              absl::StrCat("stepped_",
                           ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    Renew();
  }
  ~SteppedCellTest() override {
    // The database first: its threads write into the folder for as long as it is open.
    cell_.reset();
    views_.reset();
    std::filesystem::remove_all(path_);
  }

  // Everything anew, as before the first step.
  void Renew() {
    cell_.reset();
    views_.reset();
    std::filesystem::remove_all(path_);
    store_ = std::make_shared<log::MemoryStore>();
    log_ = std::make_unique<log::MemoryLog>(store_, clock_);
    random_ = std::make_unique<SeededRandom>();
    vault_ = privacy::MakeMemoryKeyVault(*random_);
    std::filesystem::create_directories(path_);
    auto views = view::ViewDb::Open(path_, env_.get());
    ASSERT_OK(views);
    views_ = *std::move(views);
    CellOptions options;
    options.area = kArea;
    options.endpoint = "node";
    cell_ = std::make_unique<SteppedCell>(
        options, Cell::Parts{.domain = MakeDomain<Bank>(), .log = log_.get(),
                             .views = views_.get(), .vault = vault_.get(), .clock = &clock_,
                             .random = random_.get()});
    ASSERT_OK(cell_->Start());
  }
  void Round() {
    cell_->StepTail();
    cell_->StepClaim();
    cell_->StepCell();
  }
  void Submit(const Bank::Command& command, const std::string& id,
              std::optional<CommandOutcome>* outcome) {
    CommandRequest request;
    request.header.set_command_id(std::string(DerivedCommandId("stepped", id).bytes()));
    request.command = std::make_shared<Bank::Command>(command);
    cell_->Submit(std::move(request), [outcome](CommandOutcome got) { *outcome = std::move(got); });
  }
  // Gives a command and everything that follows from it.
  CommandOutcome Run(const Bank::Command& command, const std::string& id) {
    std::optional<CommandOutcome> outcome;
    Submit(command, id, &outcome);
    for (int i = 0; i < 10 && !outcome.has_value(); ++i) Round();
    EXPECT_TRUE(outcome.has_value()) << id;
    return outcome.value_or(CommandOutcome{absl::InternalError("no answer")});
  }
  int64_t Pence(const std::string& owner) {
    auto read = cell_->ReadState(Bank::Id(owner));
    EXPECT_OK(read);
    return static_cast<const Bank::State&>(*read->state).account().pence();
  }
  std::string History() {
    std::string all;
    for (size_t i = 0; i < store_->Count(kArea); ++i) all += store_->Get(kArea, i);
    return all;
  }

  const std::filesystem::path path_;
  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  const std::shared_ptr<bool> full_ = std::make_shared<bool>(false);
  const std::unique_ptr<rocksdb::Env> env_ =
      rocksdb::NewCompositeEnv(std::make_shared<FullDisk>(full_));
  std::shared_ptr<log::MemoryStore> store_;
  std::unique_ptr<log::MemoryLog> log_;
  std::unique_ptr<SeededRandom> random_;
  std::unique_ptr<privacy::KeyVault> vault_;
  std::unique_ptr<view::ViewDb> views_;
  std::unique_ptr<SteppedCell> cell_;
};

TEST_F(SteppedCellTest, NothingHappensBetweenTheSteps) {
  for (int i = 0; i < 5; ++i) Round();
  ASSERT_TRUE(cell_->leading());
  std::optional<CommandOutcome> outcome;
  Submit(OpenAccount("T1", "Ann"), "open", &outcome);
  EXPECT_FALSE(outcome.has_value());
  cell_->StepCell();
  EXPECT_EQ(store_->Count(kArea), 2u);  // sent, and not yet read back
  EXPECT_FALSE(outcome.has_value());
  EXPECT_TRUE(cell_->StepTail());
  EXPECT_FALSE(outcome.has_value());
  cell_->StepCell();
  ASSERT_TRUE(outcome.has_value());
  EXPECT_TRUE(outcome->committed());
  EXPECT_EQ(cell_->position().seq(), 1u);
  EXPECT_OK(cell_->ReadState(Bank::Id("T1")));
}

TEST_F(SteppedCellTest, TheSameStepsOnTheSameSeedWriteTheSameBytes) {
  std::string first;
  for (int run = 0; run < 2; ++run) {
    Renew();
    for (int i = 0; i < 5; ++i) Round();
    std::optional<CommandOutcome> outcome;
    Submit(OpenAccount("T1", "Ann"), "open", &outcome);
    Submit(Deposit("T1", 5), "deposit", &outcome);
    for (int i = 0; i < 5; ++i) Round();
    ASSERT_TRUE(outcome.has_value() && outcome->committed());
    if (run == 0) first = History();
  }
  EXPECT_FALSE(first.empty());
  EXPECT_EQ(first, History());
}

TEST_F(SteppedCellTest, AnIdUsedAgainAfterItExpiredIsRememberedAgain) {
  for (int i = 0; i < 5; ++i) Round();
  ASSERT_TRUE(Run(OpenAccount("T1", "Ann"), "open").committed());
  ASSERT_TRUE(Run(Deposit("T1", 5), "deposit").committed());
  clock_.Advance(absl::Hours(24 * 31));
  ASSERT_TRUE(Run(Deposit("T1", 5), "deposit").committed());
  ASSERT_EQ(Pence("T1"), 10);
  // The purge of the first must not take the second with it, at once or later.
  for (int i = 0; i < 3; ++i) {
    const CommandOutcome repeated = Run(Deposit("T1", 5), "deposit");
    ASSERT_TRUE(repeated.committed());
    EXPECT_TRUE(std::get<Committed>(repeated.result).outcome.duplicate());
    clock_.Advance(absl::Seconds(2));
    ASSERT_TRUE(Run(Deposit("T1", 1), absl::StrCat("other ", i)).committed());
  }
  EXPECT_EQ(Pence("T1"), 13);
}

TEST_F(SteppedCellTest, ExpiredIdsArePurgedFasterThanNewOnesCome) {
  for (int i = 0; i < 5; ++i) Round();
  ASSERT_TRUE(Run(OpenAccount("T1", "Ann"), "open").committed());
  for (int i = 0; i < 299; ++i) {
    ASSERT_TRUE(Run(Deposit("T1", 1), absl::StrCat("old ", i)).committed());
  }
  const auto rows = [this] {
    int count = 0;
    EXPECT_OK(views_->Scan(views_->idempotency(), "", "",
                           [&](absl::string_view, absl::string_view) { return ++count > 0; }));
    return count;
  };
  EXPECT_EQ(rows(), 300);
  clock_.Advance(absl::Hours(24 * 29));
  ASSERT_TRUE(Run(Deposit("T1", 1), "before").committed());
  EXPECT_EQ(rows(), 301);
  clock_.Advance(absl::Hours(24 * 2));
  int before = rows();
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(Run(Deposit("T1", 1), absl::StrCat("new ", i)).committed());
    EXPECT_LE(rows(), std::max(11, before - 10)) << i;
    before = rows();
  }
  EXPECT_EQ(rows(), 11);  // of "before" and of the new ones
}

TEST_F(SteppedCellTest, AWriteLooksForExpiredIdsInAFewRecordsOnly) {
  for (int i = 0; i < 5; ++i) Round();
  ASSERT_TRUE(Run(OpenAccount("T1", "Ann"), "open").committed());
  // An idle leader writes barriers.
  for (int i = 0; i < 500; ++i) {
    clock_.Advance(absl::Seconds(2));
    Round();
    Round();
  }
  ASSERT_GT(cell_->position().seq(), 400u);
  clock_.Advance(absl::Hours(24 * 31));
  const auto purged = [this] {
    const auto row = view::Archive(*views_).Checkpoint(kArea);
    EXPECT_OK(row);
    return row->purged_seq();
  };
  const uint64_t before = purged();
  EXPECT_EQ(before, 0u);
  ASSERT_TRUE(Run(Deposit("T1", 1), "first").committed());
  EXPECT_GT(purged(), before);
  EXPECT_LT(purged(), 300u);
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(Run(Deposit("T1", 1), absl::StrCat("more ", i)).committed());
  }
  EXPECT_GT(purged(), 400u);
}

TEST(DeterministicBytesTest, DoNotShowInWhichOrderAMapWasFilled) {
  google::protobuf::Struct up, down;
  for (int i = 0; i < 50; ++i) {
    (*up.mutable_fields())[absl::StrCat("key ", i)].set_number_value(i);
    (*down.mutable_fields())[absl::StrCat("key ", 49 - i)].set_number_value(49 - i);
  }
  EXPECT_EQ(DeterministicBytes(up), DeterministicBytes(down));
  // A command read from the wire again is the same command.
  google::protobuf::Struct again;
  ASSERT_TRUE(again.ParseFromString(DeterministicBytes(down)));
  EXPECT_EQ(DeterministicBytes(again), DeterministicBytes(up));
}

TEST_F(SteppedCellTest, StopAnswersWhatWaits) {
  std::optional<CommandOutcome> outcome;
  Submit(OpenAccount("T1", "Ann"), "open", &outcome);
  cell_->Stop();
  ASSERT_TRUE(outcome.has_value());
  EXPECT_TRUE(std::holds_alternative<absl::Status>(outcome->result));
}

TEST_F(SteppedCellTest, ATimerArmedTwiceForOneInstantFiresTwice) {
  for (int i = 0; i < 5; ++i) Round();
  ASSERT_TRUE(Run(OpenAccount("T1", "Ann"), "open").committed());
  const absl::Time at = clock_.Now();  // due at once
  ASSERT_TRUE(Run(PayInterestAt("T1", 5, at), "first").committed());
  for (int i = 0; i < 5; ++i) Round();
  EXPECT_EQ(Pence("T1"), 5);
  ASSERT_TRUE(Run(PayInterestAt("T1", 7, at), "second").committed());
  for (int i = 0; i < 5; ++i) Round();
  EXPECT_EQ(Pence("T1"), 12);
}

TEST_F(SteppedCellTest, ATimerThatACommitInFlightMovesDoesNotFireAsItWasBefore) {
  for (int i = 0; i < 5; ++i) Round();
  ASSERT_TRUE(Run(OpenAccount("T1", "Ann"), "open").committed());
  ASSERT_TRUE(Run(PayInterestAt("T1", 5, clock_.Now() + absl::Seconds(10)), "set").committed());
  std::optional<CommandOutcome> moved;
  Submit(PayInterestAt("T1", 7, clock_.Now() + absl::Seconds(100)), "move", &moved);
  clock_.Advance(absl::Seconds(20));
  cell_->StepCell();  // the first is due, its successor is on its way
  EXPECT_FALSE(moved.has_value());
  for (int i = 0; i < 5; ++i) Round();
  EXPECT_EQ(Pence("T1"), 0);
  clock_.Advance(absl::Seconds(100));
  for (int i = 0; i < 5; ++i) Round();
  EXPECT_EQ(Pence("T1"), 7);
}

TEST_F(SteppedCellTest, ADiskThatTakesNoMoreEndsTheCellAtWhatItsViewsHold) {
  for (int i = 0; i < 5; ++i) Round();
  ASSERT_TRUE(Run(OpenAccount("T1", "Ann"), "open").committed());
  const common::v1::Position before = cell_->position();
  *full_ = true;
  const CommandOutcome outcome = Run(Deposit("T1", 5), "deposit");
  const auto* status = std::get_if<absl::Status>(&outcome.result);
  ASSERT_NE(status, nullptr);  // in the log, and nobody may say so: ask again with the same id
  EXPECT_EQ(status->code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(cell_->info().state, "STOPPED");
  // A reader with a token of that commit must not be shown the account without it.
  EXPECT_EQ(cell_->position().seq(), before.seq());
  EXPECT_EQ(Pence("T1"), 0);
}

}  // namespace
}  // namespace pdp::engine
