// A disk that is full, that cannot be read, or that gives back something else than was written.

#include <filesystem>
#include <fstream>
#include <map>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/log/memory_log.h"
#include "libs/log/rocks_log.h"
#include "libs/log/rocks_source.h"
#include "tests/crash/load.h"
#include "tests/crash/service.h"
#include "tests/faults/bank_cell.h"
#include "tests/faults/faulty_disk.h"

namespace pdp::faults {
namespace {

using ::pdp::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int kPeople = 3000;

std::string Owner(int n) { return absl::StrCat("T", n); }

void FlushToTables(rocksdb::DB& db, const std::vector<rocksdb::ColumnFamilyHandle*>& families) {
  for (rocksdb::ColumnFamilyHandle* family : families) {
    ASSERT_TRUE(db.Flush(rocksdb::FlushOptions(), family).ok());
  }
}

// Alters bytes in the middle of every table below `folder` that is larger than a block or two.
int DamageTables(const std::string& folder) {
  int damaged = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".sst" || entry.file_size() < 20'000) continue;
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    const auto at = static_cast<std::streamoff>(entry.file_size() / 3);
    file.seekg(at);
    std::string bytes(64, '\0');
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    for (char& byte : bytes) byte = static_cast<char>(byte ^ 0x55);
    file.seekp(at);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    ++damaged;
  }
  return damaged;
}

class DiskTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<BankCell>> Lead(log::EventLog& log, rocksdb::Env* disk) {
    return BankCell::Lead(
        {.log = &log, .vault = vault_.get(), .views = folder_ / "views", .disk = disk});
  }
  std::unique_ptr<log::EventLog> OpenLog(rocksdb::Env* disk = nullptr) {
    auto log = log::OpenRocksLog(folder_ / "log", {.env = disk});
    EXPECT_OK(log);
    return log.ok() ? *std::move(log) : nullptr;
  }
  // The accounts of `count` people, in the tables of log and views.
  void Prepare(int count) {
    const auto log = OpenLog();
    BankCell::Where where{.log = log.get(), .vault = vault_.get(), .views = folder_ / "views"};
    where.options.wait_max = absl::InfiniteDuration();  // they come all at once
    ASSERT_OK_AND_ASSIGN(const auto bank, BankCell::Lead(where));
    absl::Mutex mutex;
    int open = count;
    for (int n = 0; n < count; ++n) {
      bank->cell().Submit(
          BankCell::Request(engine::testing::OpenAccount(Owner(n), "Ann"), Owner(n)),
          [&](const engine::CommandOutcome& outcome) {
            EXPECT_TRUE(outcome.committed());
            absl::MutexLock lock(&mutex);
            --open;
          });
    }
    const auto done = [&] { return open == 0; };
    absl::MutexLock lock(&mutex);
    mutex.Await(absl::Condition(&done));
    hash_ = bank->cell().info().hash;
    view::ViewDb& views = bank->views();
    FlushToTables(views.db(), {views.meta(), views.archive(), views.by_aggregate(), views.state(),
                               views.idempotency()});
  }
  // Log records leave the write-ahead log for tables.
  void FlushLog() {
    ASSERT_OK_AND_ASSIGN(const auto db,
                         log::OpenRocks(folder_ / "log", log::RocksAccess::kWrite));
    FlushToTables(*db, {db->DefaultColumnFamily()});
  }

  Folder folder_;
  FaultyDisk disk_;
  std::unique_ptr<privacy::KeyVault> vault_ = privacy::MakeMemoryKeyVault();
  Digest hash_;
};

using DiskDeathTest = DiskTest;

TEST_F(DiskDeathTest, AFullDiskOfTheLogEndsTheProcessAndTheNextStartGoesOn) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  // The folder of this process; the one that dies gets its own, so its name is handed over.
  const char* handed = std::getenv("PDP_FAULTS_LOG");
  const std::string path = handed != nullptr ? handed : folder_ / "log";
  setenv("PDP_FAULTS_LOG", path.c_str(), 1);
  // The keys outlive the process as well.
  const std::string kek(privacy::kKeyBytes, 'k');
  EXPECT_EXIT(
      {
        vault_ = *privacy::OpenFileKeyVault(path + "_keys", kek);
        auto log = log::OpenRocksLog(path, {.env = &disk_});
        auto bank = Lead(**log, nullptr);
        if (!(*bank)->OpenAccount("T1").committed()) std::exit(3);
        disk_.SetFull(true);
        (*bank)->OpenAccount("T2");
        std::exit(4);
      },
      ::testing::KilledBySignal(SIGABRT), "the event log cannot be written, stopping");
  unsetenv("PDP_FAULTS_LOG");
  ASSERT_OK_AND_ASSIGN(vault_, privacy::OpenFileKeyVault(path + "_keys", kek));
  ASSERT_OK_AND_ASSIGN(const auto log, log::OpenRocksLog(path));
  ASSERT_OK_AND_ASSIGN(const auto bank, Lead(*log, nullptr));
  EXPECT_OK(bank->cell().ReadState(Bank::Id("T1")));
  EXPECT_THAT(bank->cell().ReadState(Bank::Id("T2")), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_TRUE(bank->OpenAccount("T2").committed());
}

// Whoever waits is answered: what is in the log and not in the views is not known to the caller.
TEST_F(DiskTest, AFullDiskOfTheViewsStopsTheCellAnswersEverybodyAndReadsGoOn) {
  log::MemoryLog log;
  {
    ASSERT_OK_AND_ASSIGN(const auto bank, Lead(log, &disk_));
    ASSERT_TRUE(bank->OpenAccount("T1").committed());
    disk_.SetFull(true);
    EXPECT_THAT(BankCell::StatusOf(bank->OpenAccount("T2")),
                StatusIs(absl::StatusCode::kDeadlineExceeded, "ask again with the same id"));
    const absl::Status next = BankCell::StatusOf(bank->OpenAccount("T3"));
    EXPECT_THAT(next, StatusIs(absl::StatusCode::kUnavailable, "No space left"));
    EXPECT_TRUE(next.GetPayload(engine::kRetryPayload).has_value());
    EXPECT_EQ(bank->cell().info().state, "STOPPED");
    EXPECT_OK(bank->cell().ReadState(Bank::Id("T1")));
  }
  disk_.SetFull(false);
  ASSERT_OK_AND_ASSIGN(const auto bank, Lead(log, &disk_));
  const engine::CommandOutcome second = bank->OpenAccount("T2");
  ASSERT_TRUE(second.committed());
  EXPECT_TRUE(std::get<engine::Committed>(second.result).outcome.duplicate());
  EXPECT_THAT(bank->cell().ReadState(Bank::Id("T3")), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_TRUE(bank->OpenAccount("T3").committed());
}

// Every file of a real service may grow to 512 KiB: sooner or later its log or its views are full.
TEST(DiskOfAServiceTest, WhenItIsFullNothingAcknowledgedIsLostAndItGoesOnOnceThereIsRoom) {
  crash::Folder folder;
  crash::Service service(folder, "full", {"--log", "embedded"});
  crash::Oracle oracle;
  crash::Load load(oracle);
  service.SetFileBytesMax(512 << 10);
  ASSERT_OK(service.Start());
  load.Start([&] { return service.channel(); }, 8);
  const absl::Time deadline = absl::Now() + absl::Seconds(60);
  uint64_t before = 0;
  do {
    before = load.acknowledged();
    absl::SleepFor(absl::Milliseconds(500));
  } while ((before == 0 || load.acknowledged() > before) && absl::Now() < deadline);
  load.Stop();
  EXPECT_LT(absl::Now(), deadline) << "the disk never became full";
  EXPECT_THAT(load.wrong(), IsEmpty()) << "a full disk is something to try again";
  service.Kill();

  service.SetFileBytesMax(0);
  ASSERT_OK(service.Start());
  crash::LogReader reader;
  ASSERT_OK(reader.ReadOn(service));
  EXPECT_THAT(oracle.Check(reader.records()), IsEmpty());
  EXPECT_GT(oracle.acknowledged().size(), 20u);
  EXPECT_EQ(load.AskAgain([&] { return service.channel(); }, 500), "");
  ASSERT_OK(reader.ReadAgain(service));
  EXPECT_THAT(oracle.Check(reader.records()), IsEmpty());
  EXPECT_EQ(load.ReadNames(service.channel(), 100), "");
  EXPECT_EQ(service.Stop(), 0) << service.Output();
}

TEST_F(DiskTest, ALogThatCannotBeReadIsNotTakenForAnEmptyOne) {
  Prepare(kPeople);
  FlushLog();
  disk_.SetUnreadable(true);
  EXPECT_THAT(log::OpenRocksLog(folder_ / "log", {.env = &disk_}),
              StatusIs(absl::StatusCode::kUnavailable, "the test broke the disk"));
  disk_.SetUnreadable(false);
  const auto log = OpenLog(&disk_);
  ASSERT_OK_AND_ASSIGN(const auto bank, Lead(*log, nullptr));
  EXPECT_EQ(bank->cell().position().seq(), static_cast<uint64_t>(kPeople));
}

TEST_F(DiskTest, ViewsThatCannotBeReadStopTheCellAndNothingIsDecidedOnWhatIsMissing) {
  Prepare(kPeople);
  const auto log = OpenLog();
  {
    ASSERT_OK_AND_ASSIGN(const auto bank, Lead(*log, &disk_));
    disk_.SetUnreadable(true);
    // As if the account did not exist, it would be opened again.
    const absl::Status refused =
        BankCell::StatusOf(bank->Run(engine::testing::OpenAccount(Owner(7), "Bob"), "another id"));
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kUnavailable, "the test broke the disk"));
    EXPECT_EQ(bank->cell().info().state, "STOPPED");
    EXPECT_THAT(bank->cell().ReadState(Bank::Id(Owner(9))),
                ::testing::Not(StatusIs(absl::StatusCode::kNotFound)));
  }
  disk_.SetUnreadable(false);
  ASSERT_OK_AND_ASSIGN(const auto bank, Lead(*log, &disk_));
  const engine::CommandOutcome again =
      bank->Run(engine::testing::OpenAccount(Owner(7), "Bob"), "another id");
  ASSERT_TRUE(std::holds_alternative<decider::Rejected>(again.result));
  EXPECT_EQ(std::get<decider::Rejected>(again.result).reason, "ACCOUNT_EXISTS");
}

// Everything is read again when the views are lost; a damaged block in the middle stops that.
TEST_F(DiskTest, ACorruptedBlockOfTheLogStopsTheCellAndIsNotWrittenOver) {
  Prepare(kPeople);
  FlushLog();
  ASSERT_GT(DamageTables(folder_ / "log"), 0);
  std::filesystem::remove_all(folder_ / "views");
  const auto log = OpenLog();
  ASSERT_OK_AND_ASSIGN(const auto bank,
                       BankCell::Open({.log = log.get(), .vault = vault_.get(),
                                       .views = folder_ / "views"}));
  EXPECT_THAT(bank->cell().WaitUntilLeading(absl::Now() + absl::Seconds(20)),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(BankCell::StatusOf(bank->OpenAccount("T-new")),
              StatusIs(absl::StatusCode::kDataLoss, "stopped"));
  EXPECT_EQ(bank->cell().info().state, "STOPPED");
}

TEST_F(DiskTest, ACorruptedBlockOfTheViewsStopsTheCellAndTheLogRebuildsThem) {
  Prepare(kPeople);
  ASSERT_GT(DamageTables(folder_ / "views"), 0);
  const auto log = OpenLog();
  {
    auto bank = Lead(*log, nullptr);
    // Found while opening, or by the first command that touches the block.
    if (bank.ok()) {
      for (int n = 0; n < kPeople && (*bank)->cell().info().state != "STOPPED"; ++n) {
        const engine::CommandOutcome outcome =
            (*bank)->Run(engine::testing::Deposit(Owner(n), 1), absl::StrCat("deposit ", n));
        if (outcome.committed()) continue;
        ASSERT_THAT(BankCell::StatusOf(outcome), StatusIs(absl::StatusCode::kDataLoss));
      }
      EXPECT_EQ((*bank)->cell().info().state, "STOPPED");
    } else {
      EXPECT_THAT(bank, StatusIs(absl::StatusCode::kDataLoss));
    }
  }
  std::filesystem::remove_all(folder_ / "views");
  ASSERT_OK_AND_ASSIGN(const auto bank, Lead(*log, nullptr));
  EXPECT_GE(bank->cell().position().seq(), static_cast<uint64_t>(kPeople));
  for (int n = 0; n < kPeople; n += 100) EXPECT_OK(bank->cell().ReadState(Bank::Id(Owner(n))));
  EXPECT_TRUE(bank->Run(engine::testing::Deposit(Owner(7), 1), "after").committed());
}

// Records that were acknowledged are taken away from the log of a real service.
TEST(LogOfAServiceTest, TruncatedBehindItsBackItStopsItsCellAndSaysSo) {
  crash::Folder folder;
  crash::Service service(folder, "cut", {"--log", "embedded"});
  crash::Oracle oracle;
  crash::Load load(oracle);
  ASSERT_OK(service.Start());
  EXPECT_EQ(load.AskAgain([&] { return service.channel(); }, 1), "");
  load.Start([&] { return service.channel(); }, 4);
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  while (load.acknowledged() < 50 && absl::Now() < deadline) {
    absl::SleepFor(absl::Milliseconds(5));
  }
  load.Stop();
  service.Kill();
  {
    ASSERT_OK_AND_ASSIGN(const auto db,
                         log::OpenRocks(service.data() / "log", log::RocksAccess::kWrite));
    ASSERT_OK_AND_ASSIGN(const int64_t end, log::RocksEnd(*db, Area::Nat()));
    ASSERT_GT(end, 20);
    for (int64_t index = end - 10; index < end; ++index) {
      ASSERT_TRUE(db->Delete({}, log::RocksKey(Area::Nat(), index)).ok());
    }
  }
  ASSERT_OK(service.Start());
  ASSERT_OK_AND_ASSIGN(const common::v1::CellInfo cell, service.Cell());
  EXPECT_EQ(cell.state(), "STOPPED");
  EXPECT_THAT(cell.reason(), HasSubstr("Truncated"));
  // What is there can still be read; nothing is written, and callers are told why.
  crash::LogReader reader;
  EXPECT_OK(reader.ReadOn(service));
  EXPECT_THAT(oracle.Check(reader.records()), IsEmpty());
  EXPECT_THAT(load.AskAgain([&] { return service.channel(); }, 1), HasSubstr("Truncated"));
}

}  // namespace
}  // namespace pdp::faults
