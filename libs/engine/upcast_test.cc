#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/cell.h"
#include "libs/engine/testing/bank.h"
#include "libs/log/memory_log.h"
#include "libs/record/codec.h"

namespace pdp::engine {
namespace {

using namespace testing;  // the commands of the test domain
using ::testing::HasSubstr;

const Area kArea = *Area::FromCode("N56");

// The bank of a later year: what Deposited called pence were pounds, as its first version had it.
struct LaterBank {
  using Command = Bank::Command;
  using Event = Bank::Event;
  using State = Bank::State;
  using Reply = Bank::Reply;
  static constexpr char kService[] = "bank";

  static decider::Verdict<Reply> Decide(decider::Unit<LaterBank>& unit, const Command& command,
                                        const decider::Facts&) {
    Event event;
    event.mutable_deposited()->set_pence(command.deposit().pence());
    unit.Emit(Bank::Id(command.deposit().owner()), event);
    return Reply();
  }
  static void Evolve(State& state, const AggregateId& id, const Event& event,
                     const decider::EventFacts& facts) {
    Bank::Evolve(state, id, event, facts);
  }
  static std::vector<decider::Lift<Event>> Lifts() {
    return {{"Deposited", 1, [](Event& event) {
               event.mutable_deposited()->set_pence(event.deposited().pence() * 100);
             }}};
  }
};

class UpcastTest : public ::testing::Test {
 protected:
  UpcastTest() : root_(std::filesystem::path(::testing::TempDir()) / "upcast") {
    std::filesystem::remove_all(root_);
  }
  ~UpcastTest() override { std::filesystem::remove_all(root_); }

  // A process of the program `domain` with views of its own, made from the log alone.
  struct Node {
    explicit Node(std::shared_ptr<log::MemoryStore> store) : log(std::move(store)) {}
    log::MemoryLog log;
    std::unique_ptr<view::ViewDb> views;
    std::unique_ptr<Cell> cell;
  };
  std::unique_ptr<Node> Open(std::shared_ptr<const Domain> domain) {
    auto node = std::make_unique<Node>(store_);
    auto views = view::ViewDb::Open(root_ / absl::StrCat(++nodes_));
    EXPECT_OK(views);
    node->views = *std::move(views);
    CellOptions options;
    options.area = kArea;
    options.endpoint = "node";
    node->cell = std::make_unique<Cell>(
        options, Cell::Parts{.domain = std::move(domain), .log = &node->log,
                             .views = node->views.get(), .vault = vault_.get(), .clock = &clock_});
    EXPECT_OK(node->cell->Start());
    return node;
  }
  absl::Status Led(Node& node) {
    return node.cell->WaitUntilLeading(absl::Now() + absl::Seconds(20));
  }
  bool Run(Node& node, const Bank::Command& command) {
    CommandRequest request;
    request.header.set_command_id(
        std::string(DerivedCommandId("test", absl::StrCat(++commands_)).bytes()));
    request.command = std::make_shared<Bank::Command>(command);
    return node.cell->Execute(std::move(request)).committed();
  }
  int64_t Pence(Node& node) {
    const auto read = node.cell->ReadState(Bank::Id("T1"));
    EXPECT_OK(read);
    return static_cast<const Bank::State&>(*read->state).account().pence();
  }

  const std::filesystem::path root_;
  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  std::shared_ptr<log::MemoryStore> store_ = std::make_shared<log::MemoryStore>();
  std::unique_ptr<privacy::KeyVault> vault_ = privacy::MakeMemoryKeyVault();
  int nodes_ = 0, commands_ = 0;
};

TEST_F(UpcastTest, OldEventsAreLiftedNewOnesAreNotAndTheLogIsNeverRewritten) {
  {
    auto first = Open(MakeDomain<Bank>());
    ASSERT_OK(Led(*first));
    ASSERT_TRUE(Run(*first, OpenAccount("T1", "Ann")));
    ASSERT_TRUE(Run(*first, Deposit("T1", 7)));
    EXPECT_EQ(Pence(*first), 7);
  }
  const size_t old_records = store_->Count(kArea);
  const std::string old_bytes = store_->Get(kArea, old_records - 1);
  for (int life = 0; life < 2; ++life) {
    auto later = Open(MakeDomain<LaterBank>());
    ASSERT_OK(Led(*later));
    EXPECT_EQ(Pence(*later), 700 + 5 * life);
    ASSERT_TRUE(Run(*later, Deposit("T1", 5)));
    EXPECT_EQ(Pence(*later), 705 + 5 * life);
  }
  EXPECT_EQ(store_->Get(kArea, old_records - 1), old_bytes);
  std::vector<uint32_t> schemas;
  for (size_t i = 0; i < store_->Count(kArea); ++i) {
    const auto record = record::Decode(store_->Get(kArea, i));
    ASSERT_OK(record);
    for (const auto& event : record->commit().events()) schemas.push_back(event.schema());
  }
  EXPECT_THAT(schemas, ::testing::ElementsAre(0, 0, 2, 2));
}

TEST_F(UpcastTest, AnOlderProgramStopsAtWhatANewerOneWrote) {
  {
    auto later = Open(MakeDomain<LaterBank>());
    ASSERT_OK(Led(*later));
    ASSERT_TRUE(Run(*later, Deposit("T1", 5)));
  }
  auto older = Open(MakeDomain<Bank>());
  EXPECT_FALSE(Led(*older).ok());
  EXPECT_EQ(older->cell->info().state, "STOPPED");
  EXPECT_THAT(older->cell->info().reason,
              HasSubstr("a newer program wrote Deposited as version 2"));
}

}  // namespace
}  // namespace pdp::engine
