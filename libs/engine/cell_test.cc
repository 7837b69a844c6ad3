#include "libs/engine/cell.h"

#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/testing/bank.h"
#include "libs/log/memory_log.h"
#include "libs/log/rocks_log.h"
#include "libs/record/codec.h"
#include "libs/view/archive.h"

// Longer than the house rule because each sentence of cell.h has its test here, over one fixture.

namespace pdp::engine {
namespace {

using ::pdp::testing::StatusIs;
using namespace testing;  // the commands of the test domain
using ::testing::ElementsAre;

const Area kArea = *Area::FromCode("N56");

// A world for one or more processes (nodes) on one memory log.
class CellTest : public ::testing::Test {
 protected:
  struct Node {
    std::unique_ptr<log::MemoryLog> log;
    std::unique_ptr<view::ViewDb> views;
    std::unique_ptr<Cell> cell;
    std::string path;
  };

  CellTest()
      : root_(std::filesystem::path(::testing::TempDir()) /
              absl::StrCat("cell_", ::testing::UnitTest::GetInstance()->random_seed(), "_",
                           ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_);
  }
  ~CellTest() override { std::filesystem::remove_all(root_); }

  CellOptions Options() {
    CellOptions options;
    options.area = kArea;
    options.endpoint = "node";
    return options;
  }

  // Opens (again) the node `name` with the views it left.
  Node Open(const std::string& name, CellOptions options) {
    Node node;
    node.path = root_ / name;
    node.log = std::make_unique<log::MemoryLog>(store_);
    auto views = view::ViewDb::Open(node.path);
    EXPECT_OK(views);
    node.views = *std::move(views);
    options.endpoint = name;
    node.cell = std::make_unique<Cell>(
        options, Cell::Parts{.domain = MakeDomain<Bank>(), .log = node.log.get(),
                             .views = node.views.get(), .vault = vault_.get(), .clock = &clock_});
    EXPECT_OK(node.cell->Start());
    return node;
  }
  Node Lead(const std::string& name, CellOptions options) {
    Node node = Open(name, options);
    EXPECT_OK(node.cell->WaitUntilLeading(absl::Now() + absl::Seconds(10)));
    return node;
  }
  Node Lead(const std::string& name = "a") { return Lead(name, Options()); }

  CommandRequest Request(const Bank::Command& command, absl::string_view id = "") {
    CommandRequest request;
    request.header.set_command_id(std::string(
        DerivedCommandId("test", id.empty() ? absl::StrCat("auto", ++next_id_) : std::string(id))
            .bytes()));
    request.command = std::make_shared<Bank::Command>(command);
    return request;
  }
  CommandOutcome Run(Node& node, const Bank::Command& command, absl::string_view id = "") {
    return node.cell->Execute(Request(command, id));
  }
  static std::string Reason(const CommandOutcome& outcome) {
    if (const auto* rejected = std::get_if<decider::Rejected>(&outcome.result)) {
      return rejected->reason;
    }
    return outcome.committed() ? "" : "STATUS";
  }
  static absl::Status StatusOf(const CommandOutcome& outcome) {
    const auto* status = std::get_if<absl::Status>(&outcome.result);
    return status == nullptr ? absl::OkStatus() : *status;
  }
  static int64_t Pence(Node& node, const std::string& owner) {
    auto read = node.cell->ReadState(Bank::Id(owner));
    EXPECT_OK(read);
    return static_cast<const Bank::State&>(*read->state).account().pence();
  }
  // Waits for something other threads bring about.
  static bool Eventually(const std::function<bool()>& condition) {
    for (const absl::Time end = absl::Now() + absl::Seconds(10); absl::Now() < end;) {
      if (condition()) return true;
      absl::SleepFor(absl::Milliseconds(2));
    }
    return false;
  }

  const std::filesystem::path root_;
  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  std::shared_ptr<log::MemoryStore> store_ = std::make_shared<log::MemoryStore>();
  std::unique_ptr<privacy::KeyVault> vault_ = privacy::MakeMemoryKeyVault();
  int next_id_ = 0;
};

TEST_F(CellTest, ACommandOverTwoAggregatesIsOneCommit) {
  Node a = Lead();
  ASSERT_TRUE(Run(a, OpenAccount("T1", "Ann")).committed());
  ASSERT_TRUE(Run(a, OpenAccount("T2", "Bob")).committed());
  ASSERT_TRUE(Run(a, Deposit("T1", 100)).committed());
  const CommandOutcome moved = Run(a, Transfer("T1", "T2", 30));
  ASSERT_TRUE(moved.committed());
  const auto& outcome = std::get<Committed>(moved.result).outcome;
  EXPECT_EQ(outcome.events_size(), 2);
  EXPECT_EQ(outcome.position().seq(), 4u);
  EXPECT_EQ(Pence(a, "T1"), 70);
  EXPECT_EQ(Pence(a, "T2"), 30);
}

TEST_F(CellTest, ARefusalLeavesNothingInTheLog) {
  Node a = Lead();
  ASSERT_TRUE(Run(a, OpenAccount("T1", "Ann")).committed());
  const size_t before = store_->Count(kArea);
  EXPECT_EQ(Reason(Run(a, OpenAccount("T1", "Ann"))), "ACCOUNT_EXISTS");
  EXPECT_EQ(Reason(Run(a, Deposit("T9", 1))), "NOT_FOUND");
  EXPECT_EQ(store_->Count(kArea), before);
}

TEST_F(CellTest, ARepeatedCommandGetsTheFirstOutcomeAndHasNoSecondEffect) {
  Node a = Lead();
  ASSERT_TRUE(Run(a, OpenAccount("T1", "Ann")).committed());
  const auto first = std::get<Committed>(Run(a, Deposit("T1", 5), "once").result);
  const auto again = std::get<Committed>(Run(a, Deposit("T1", 5), "once").result);
  EXPECT_FALSE(first.outcome.duplicate());
  EXPECT_TRUE(again.outcome.duplicate());
  EXPECT_EQ(again.outcome.position().seq(), first.outcome.position().seq());
  EXPECT_EQ(again.reply_bytes, first.reply_bytes);
  EXPECT_EQ(again.outcome.events(0).type(), "Deposited");
  EXPECT_EQ(Pence(a, "T1"), 5);
}

TEST_F(CellTest, ACommandIdUsedForAnotherCommandIsRefused) {
  Node a = Lead();
  ASSERT_TRUE(Run(a, OpenAccount("T1", "Ann")).committed());
  ASSERT_TRUE(Run(a, Deposit("T1", 5), "once").committed());
  EXPECT_EQ(Reason(Run(a, Deposit("T1", 6), "once")), "COMMAND_ID_REUSED");
  EXPECT_EQ(Pence(a, "T1"), 5);
}

TEST_F(CellTest, TenantsHaveCommandIdsOfTheirOwn) {
  Node a = Lead();
  ASSERT_TRUE(Run(a, OpenAccount("T1", "Ann")).committed());
  CommandRequest x = Request(Deposit("T1", 5), "same"), y = Request(Deposit("T1", 7), "same");
  x.header.set_tenant("x");
  y.header.set_tenant("y");
  EXPECT_TRUE(a.cell->Execute(x).committed());
  EXPECT_TRUE(a.cell->Execute(y).committed());
  EXPECT_EQ(Pence(a, "T1"), 12);
}

TEST_F(CellTest, ACommandStillInFlightIsJoined) {
  Node a = Lead();
  ASSERT_TRUE(Run(a, OpenAccount("T1", "Ann")).committed());
  a.log->HoldAppends(true);
  std::vector<CommandOutcome> answers(2);
  absl::Notification done[2];
  for (int i = 0; i < 2; ++i) {
    a.cell->Submit(Request(Deposit("T1", 5), "once"), [&, i](CommandOutcome outcome) {
      answers[i] = std::move(outcome);
      done[i].Notify();
    });
  }
  EXPECT_FALSE(done[0].HasBeenNotified());  // never acknowledged before it is read back
  a.log->HoldAppends(false);
  a.log->ReleaseHeld();
  for (auto& d : done) d.WaitForNotification();
  EXPECT_TRUE(answers[0].committed() && answers[1].committed());
  EXPECT_NE(std::get<Committed>(answers[0].result).outcome.duplicate(),
            std::get<Committed>(answers[1].result).outcome.duplicate());
  EXPECT_EQ(Pence(a, "T1"), 5);
}

TEST_F(CellTest, ACommandIdIsForgottenAfterThirtyDaysOfLogTime) {
  Node a = Lead();
  ASSERT_TRUE(Run(a, OpenAccount("T1", "Ann")).committed());
  ASSERT_TRUE(Run(a, Deposit("T1", 5), "once").committed());
  clock_.Advance(absl::Hours(24 * 30) - absl::Seconds(1));
  EXPECT_TRUE(std::get<Committed>(Run(a, Deposit("T1", 5), "once").result).outcome.duplicate());
  clock_.Advance(absl::Seconds(2));
  EXPECT_FALSE(std::get<Committed>(Run(a, Deposit("T1", 5), "once").result).outcome.duplicate());
  EXPECT_EQ(Pence(a, "T1"), 10);
}

TEST_F(CellTest, ValidateOnlyDecidesAndWritesNothing) {
  Node a = Lead();
  const size_t before = store_->Count(kArea);
  CommandRequest request = Request(OpenAccount("T1", "Ann"));
  request.header.set_validate_only(true);
  const CommandOutcome outcome = a.cell->Execute(request);
  ASSERT_TRUE(outcome.committed());
  EXPECT_EQ(std::get<Committed>(outcome.result).outcome.events_size(), 1);
  EXPECT_FALSE(std::get<Committed>(outcome.result).outcome.has_position());
  EXPECT_EQ(store_->Count(kArea), before);
}

TEST_F(CellTest, AMalformedCommandIdAndAPassedDeadlineAreToldAtOnce) {
  Node a = Lead();
  CommandRequest request = Request(OpenAccount("T1", "Ann"));
  request.header.set_command_id("short");
  EXPECT_THAT(StatusOf(a.cell->Execute(request)), StatusIs(absl::StatusCode::kInvalidArgument));
  request = Request(OpenAccount("T1", "Ann"));
  request.deadline = clock_.Now();
  EXPECT_THAT(StatusOf(a.cell->Execute(request)), StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_THAT(a.cell->ReadState(Bank::Id("T1")), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(CellTest, ACommandWhoseEventsDoNotFitIntoARecordIsRefusedAndTheNextOneIsNot) {
  Node a = Lead();
  EXPECT_THAT(StatusOf(Run(a, OpenAccount("T1", std::string(2 << 20, 'x')))),
              StatusIs(absl::StatusCode::kInvalidArgument, "COMMAND_TOO_LARGE"));
  EXPECT_TRUE(Run(a, OpenAccount("T1", "Ann")).committed());
}

TEST_F(CellTest, OverTheLimitOfTheQueueCommandsAreRefusedAndTheOthersGoOn) {
  CellOptions options = Options();
  options.queue_max = 4;
  options.in_flight_max = 1;
  Node a = Lead("a", options);
  ASSERT_TRUE(Run(a, OpenAccount("T1", "Ann")).committed());
  a.log->HoldAppends(true);
  absl::Mutex mutex;
  int refused = 0, committed = 0;
  constexpr int kCommands = 20;
  for (int i = 0; i < kCommands; ++i) {
    a.cell->Submit(Request(Deposit("T1", 1)), [&](CommandOutcome outcome) {
      absl::MutexLock lock(&mutex);
      if (outcome.committed()) {
        ++committed;
      } else {
        EXPECT_THAT(StatusOf(outcome), StatusIs(absl::StatusCode::kResourceExhausted));
        EXPECT_TRUE(StatusOf(outcome).GetPayload(kRetryPayload).has_value());
        ++refused;
      }
    });
  }
  a.log->HoldAppends(false);
  a.log->ReleaseHeld();
  EXPECT_TRUE(Eventually([&] {
    absl::MutexLock lock(&mutex);
    return refused + committed == kCommands;
  }));
  EXPECT_GT(refused, 0);
  EXPECT_GE(committed, 4);
  EXPECT_EQ(Pence(a, "T1"), committed);
}

TEST_F(CellTest, AWaiterWhoseDeadlinePassesIsToldThatItIsNotKnown) {
  Node a = Lead();
  ASSERT_TRUE(Run(a, OpenAccount("T1", "Ann")).committed());
  a.log->HoldAppends(true);
  CommandRequest request = Request(Deposit("T1", 5), "once");
  request.deadline = clock_.Now() + absl::Seconds(1);
  CommandOutcome outcome;
  absl::Notification done;
  a.cell->Submit(request, [&](CommandOutcome o) {
    outcome = std::move(o);
    done.Notify();
  });
  ASSERT_TRUE(Eventually([&] { return a.cell->info().queue_length == 0; }));
  clock_.Advance(absl::Seconds(2));
  done.WaitForNotification();
  EXPECT_THAT(StatusOf(outcome), StatusIs(absl::StatusCode::kDeadlineExceeded));
  a.log->HoldAppends(false);
  a.log->ReleaseHeld();
  // Asked again with the same id: it had taken effect.
  EXPECT_TRUE(std::get<Committed>(Run(a, Deposit("T1", 5), "once").result).outcome.duplicate());
}

TEST_F(CellTest, AfterARestartNothingIsLostAndNothingIsTwice) {
  {
    Node a = Lead();
    ASSERT_TRUE(Run(a, OpenAccount("T1", "Ann")).committed());
    ASSERT_TRUE(Run(a, Deposit("T1", 5), "once").committed());
  }
  Node a = Lead();
  EXPECT_EQ(Pence(a, "T1"), 5);
  EXPECT_TRUE(std::get<Committed>(Run(a, Deposit("T1", 5), "once").result).outcome.duplicate());
  EXPECT_TRUE(Run(a, Deposit("T1", 6)).committed());
  EXPECT_EQ(Pence(a, "T1"), 11);
}

TEST_F(CellTest, ViewsThatAreLostAreRebuiltFromTheLogToTheSameHash) {
  Digest hash;
  {
    Node a = Lead();
    ASSERT_TRUE(Run(a, OpenAccount("T1", "Ann")).committed());
    ASSERT_TRUE(Run(a, Deposit("T1", 5), "once").committed());
  }
  std::filesystem::remove_all(root_ / "a");
  Node a = Lead();
  Node b = Open("b", [&] {
    CellOptions options = Options();
    options.standby = true;
    return options;
  }());
  EXPECT_EQ(Pence(a, "T1"), 5);
  EXPECT_TRUE(std::get<Committed>(Run(a, Deposit("T1", 5), "once").result).outcome.duplicate());
  ASSERT_OK(b.cell->WaitFor(a.cell->position(), absl::Now() + absl::Seconds(10)));
  EXPECT_TRUE(Eventually([&] { return b.cell->info().hash == a.cell->info().hash; }));
  EXPECT_EQ(Pence(b, "T1"), 5);
  ASSERT_OK_AND_ASSIGN(auto verified, view::Archive(*b.views).Verify(kArea));
  EXPECT_TRUE(verified.intact) << verified.finding;
}

TEST_F(CellTest, AStandbyRefusesAndNamesTheOwner) {
  Node a = Lead();
  CellOptions options = Options();
  options.standby = true;
  Node b = Open("b", options);
  ASSERT_TRUE(Eventually([&] { return b.cell->info().state == "STANDBY"; }));
  const absl::Status status = StatusOf(Run(b, OpenAccount("T1", "Ann")));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(status.GetPayload(kOwnerPayload).value_or(absl::Cord()), "a");
}

TEST_F(CellTest, AStandbyTakesOverAndRemembersWhatWasDone) {
  Node a = Lead();
  ASSERT_TRUE(Run(a, OpenAccount("T1", "Ann")).committed());
  ASSERT_TRUE(Run(a, Deposit("T1", 5), "once").committed());
  CellOptions options = Options();
  options.standby = true;
  Node b = Open("b", options);
  ASSERT_TRUE(Eventually([&] { return b.cell->info().state == "STANDBY"; }));
  a.log->SetReachable(false);
  a.cell->Stop();
  clock_.Advance(absl::Seconds(4));
  ASSERT_OK(b.cell->WaitUntilLeading(absl::Now() + absl::Seconds(10)));
  EXPECT_TRUE(std::get<Committed>(Run(b, Deposit("T1", 5), "once").result).outcome.duplicate());
  EXPECT_TRUE(Run(b, Deposit("T1", 1)).committed());
  EXPECT_EQ(Pence(b, "T1"), 6);
}

TEST_F(CellTest, AZombieIsNotBelievedNotEvenInItsRefusals) {
  Node a = Lead();
  ASSERT_TRUE(Run(a, OpenAccount("T1", "Ann")).committed());
  // a is cut off; b claims and closes the gap; a comes back and does not know it yet.
  a.log->SetReachable(false);
  Node b = Lead("b");
  clock_.Advance(absl::Seconds(2));  // a's lease is over
  b.cell->Wake();
  ASSERT_TRUE(Run(b, OpenAccount("T2", "Bob")).committed());
  absl::Notification done;
  CommandOutcome outcome;
  // To a, T2 does not exist: a refusal decided on old state, which must not be given.
  a.cell->Submit(Request(Deposit("T2", 5)), [&](CommandOutcome o) {
    outcome = std::move(o);
    done.Notify();
  });
  a.log->SetReachable(true);
  a.log->ReleaseHeld();
  done.WaitForNotification();
  EXPECT_THAT(StatusOf(outcome), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(Pence(b, "T1"), 0);
}

TEST_F(CellTest, ANewOwnerDecidesNothingWhileTheLeaseOfTheOneBeforeLasts) {
  Node a = Lead();
  ASSERT_TRUE(Run(a, OpenAccount("T1", "Ann")).committed());
  a.log->SetReachable(false);
  Node b = Lead("b");
  absl::Notification done;
  b.cell->Submit(Request(OpenAccount("T2", "Bob")), [&](CommandOutcome) { done.Notify(); });
  // a knows nothing of b and is right to say so: T2 exists nowhere yet.
  EXPECT_EQ(Reason(Run(a, Deposit("T2", 5))), "NOT_FOUND");
  b.cell->Wake();
  EXPECT_FALSE(done.WaitForNotificationWithTimeout(absl::Milliseconds(100)));
  clock_.Advance(absl::Seconds(2));
  b.cell->Wake();
  done.WaitForNotification();
  EXPECT_TRUE(Run(b, Deposit("T2", 5)).committed());
  a.log->SetReachable(true);
}

TEST_F(CellTest, ALostAppendIsDefinitelyOutAndTheCellGoesOnInANewEpoch) {
  Node a = Lead();
  ASSERT_TRUE(Run(a, OpenAccount("T1", "Ann")).committed());
  a.log->FailAppends(1);
  EXPECT_THAT(StatusOf(Run(a, Deposit("T1", 5), "lost")),
              StatusIs(absl::StatusCode::kUnavailable));
  ASSERT_OK(a.cell->WaitUntilLeading(absl::Now() + absl::Seconds(10)));
  EXPECT_TRUE(Eventually([&] { return Run(a, Deposit("T1", 5), "lost").committed(); }));
  EXPECT_EQ(Pence(a, "T1"), 5);
  EXPECT_GE(a.cell->position().epoch(), 2u);
}

TEST_F(CellTest, ADoubledAppendCountsOnce) {
  Node a = Lead();
  ASSERT_TRUE(Run(a, OpenAccount("T1", "Ann")).committed());
  a.log->DoubleAppends(3);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Run(a, Deposit("T1", 1)).committed());
  EXPECT_EQ(Pence(a, "T1"), 3);
  EXPECT_TRUE(Eventually([&] { return a.cell->info().dropped["duplicate"] == 3; }));
}

TEST_F(CellTest, ACorruptedRecordStopsTheCellAndSaysSo) {
  {
    Node a = Lead();
    ASSERT_TRUE(Run(a, OpenAccount("T1", "Ann")).committed());
    ASSERT_TRUE(Run(a, Deposit("T1", 5)).committed());
  }
  std::string bytes = store_->Get(kArea, 1);
  bytes[bytes.size() / 2] ^= 1;
  store_->Replace(kArea, 1, bytes);
  std::filesystem::remove_all(root_ / "a");  // forces a reading from the beginning
  Node a = Open("a", Options());
  EXPECT_THAT(a.cell->WaitUntilLeading(absl::Now() + absl::Seconds(10)),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(a.cell->info().state, "STOPPED");
  EXPECT_THAT(StatusOf(Run(a, Deposit("T1", 5))), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(CellTest, ATimerFiresOnceWhenItIsDueAlsoAcrossARestart) {
  {
    Node a = Lead();
    ASSERT_TRUE(Run(a, OpenAccount("T1", "Ann")).committed());
    ASSERT_TRUE(Run(a, CloseAt("T1", clock_.Now() + absl::Hours(1))).committed());
    clock_.Advance(absl::Minutes(59));
    a.cell->Wake();
    ASSERT_TRUE(Run(a, Deposit("T1", 1)).committed());
  }
  clock_.Advance(absl::Minutes(2));
  Node a = Lead();
  EXPECT_TRUE(Eventually([&] { return Reason(Run(a, Deposit("T1", 1))) == "NOT_FOUND"; }));
  // Further ticks change nothing: Opened, ClosingSet, Deposited, perhaps Deposited…, Closed last.
  auto read = a.cell->ReadState(Bank::Id("T1"));
  ASSERT_OK(read);
  const Version closed = read->version;
  clock_.Advance(absl::Hours(5));
  a.cell->Wake();
  EXPECT_EQ(Reason(Run(a, Deposit("T1", 1))), "NOT_FOUND");
  read = a.cell->ReadState(Bank::Id("T1"));
  EXPECT_EQ(read->version, closed);
}

TEST_F(CellTest, AnEventTakenOverMovesTheInboxMarkInTheSameCommit) {
  Node a = Lead();
  CommandRequest request = Request(OpenAccount("T1", "Ann"), "step-1");
  request.cause.emplace();
  request.cause->set_process("intake");
  request.cause->set_service("referral");
  request.cause->set_area("N56");
  request.cause->set_seq(7);
  request.cause->set_index(1);
  const log::v1::Cause cause = *request.cause;
  ASSERT_TRUE(a.cell->Execute(request).committed());
  ASSERT_OK_AND_ASSIGN(auto mark, a.cell->InboxMark("intake", "referral", kArea));
  EXPECT_EQ(mark.seq(), 7u);
  EXPECT_EQ(mark.index(), 1u);
  // A further step of the same event takes effect; a step of an earlier event does not.
  CommandRequest second = Request(Deposit("T1", 5), "step-2");
  second.cause = cause;
  EXPECT_FALSE(std::get<Committed>(a.cell->Execute(second).result).outcome.duplicate());
  CommandRequest older = Request(Deposit("T1", 5), "older");
  older.cause = cause;
  older.cause->set_index(0);
  EXPECT_TRUE(std::get<Committed>(a.cell->Execute(older).result).outcome.duplicate());
  EXPECT_EQ(Pence(a, "T1"), 5);
}

TEST_F(CellTest, NoFileAndNoRecordHoldsPersonalDataInTheClear) {
  const std::string name = "Wilhelmina Featherstonehaugh";
  {
    Node a = Lead();
    ASSERT_TRUE(Run(a, OpenAccount("T1", name)).committed());
    auto read = a.cell->ReadState(Bank::Id("T1"));
    ASSERT_OK(read);
    EXPECT_EQ(static_cast<const Bank::State&>(*read->state).account().full_name(), name);
  }
  for (size_t i = 0; i < store_->Count(kArea); ++i) {
    EXPECT_EQ(store_->Get(kArea, i).find("Featherstonehaugh"), std::string::npos);
  }
  int files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root_)) {
    if (!entry.is_regular_file()) continue;
    ++files;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), {});
    EXPECT_EQ(bytes.find("Featherstonehaugh"), std::string::npos) << entry.path();
  }
  EXPECT_GT(files, 0);
}

TEST_F(CellTest, AnErasedPersonsEventsReplayWithoutTheirDataAndTakeNoNewData) {
  {
    Node a = Lead();
    ASSERT_TRUE(Run(a, OpenAccount("T1", "Ann")).committed());
    ASSERT_TRUE(Run(a, Deposit("T1", 5)).committed());
    ASSERT_OK(vault_->Destroy("T1"));
    ASSERT_TRUE(Run(a, Forget("T1")).committed());
  }
  std::filesystem::remove_all(root_ / "a");
  Node a = Lead();
  auto read = a.cell->ReadState(Bank::Id("T1"));
  ASSERT_OK(read);
  EXPECT_EQ(static_cast<const Bank::State&>(*read->state).account().full_name(), "");
  EXPECT_EQ(Pence(a, "T1"), 5);
  ASSERT_OK(vault_->Destroy("T2"));
  EXPECT_EQ(Reason(Run(a, OpenAccount("T2", "Bob"))), "PERSON_ERASED");
}

TEST_F(CellTest, LogTimeNeverGoesBackwards) {
  Node a = Lead();
  ASSERT_TRUE(Run(a, OpenAccount("T1", "Ann")).committed());
  clock_.Set(clock_.Now() - absl::Hours(24));
  ASSERT_TRUE(Run(a, Deposit("T1", 1)).committed());
  std::vector<int64_t> times;
  ASSERT_OK(view::Archive(*a.views).ForEach(
      kArea, Seq(0), [&](const log::v1::Record& record, absl::string_view) {
        if (record.has_commit()) times.push_back(record.commit().recorded_at().seconds());
        return true;
      }));
  EXPECT_THAT(times, ElementsAre(1'700'000'000, 1'700'000'000));
}

TEST_F(CellTest, ManyCallersOfOneAggregateSeeEveryDepositOnce) {
  Node a = Lead();
  ASSERT_TRUE(Run(a, OpenAccount("T1", "Ann")).committed());
  constexpr int kThreads = 8, kEach = 50;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        EXPECT_TRUE(Run(a, Deposit("T1", 1), absl::StrCat(t, "/", i)).committed());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Pence(a, "T1"), kThreads * kEach);
}

TEST(CellOnRocksTest, AcknowledgedCommandsSurviveAReopeningOfTheLog) {
  const std::filesystem::path root =
      std::filesystem::path(::testing::TempDir()) / "cell_on_rocks";
  std::filesystem::remove_all(root);
  std::filesystem::create_directories(root);
  const auto vault = privacy::MakeMemoryKeyVault();
  for (int round = 0; round < 3; ++round) {
    ASSERT_OK_AND_ASSIGN(auto log, log::OpenRocksLog(root / "log"));
    ASSERT_OK_AND_ASSIGN(auto views, view::ViewDb::Open(root / "views"));
    CellOptions options;
    options.area = kArea;
    options.lease = absl::InfiniteDuration();
    Cell cell(options, {.domain = MakeDomain<Bank>(), .log = log.get(), .views = views.get(),
                        .vault = vault.get()});
    ASSERT_OK(cell.Start());
    ASSERT_OK(cell.WaitUntilLeading(absl::Now() + absl::Seconds(10)));
    const auto run = [&](const Bank::Command& command, const std::string& id) {
      CommandRequest request;
      request.header.set_command_id(std::string(DerivedCommandId("rocks", id).bytes()));
      request.command = std::make_shared<Bank::Command>(command);
      return cell.Execute(request);
    };
    ASSERT_TRUE(run(OpenAccount("T1", "Ann"), "open").committed());
    ASSERT_TRUE(run(Deposit("T1", 1), absl::StrCat("deposit", round)).committed());
    auto read = cell.ReadState(Bank::Id("T1"));
    ASSERT_OK(read);
    EXPECT_EQ(static_cast<const Bank::State&>(*read->state).account().pence(), round + 1);
    cell.Stop();
  }
  std::filesystem::remove_all(root);
}

}  // namespace
}  // namespace pdp::engine
