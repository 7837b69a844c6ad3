#include "libs/engine/past.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/cell.h"
#include "libs/engine/testing/bank.h"
#include "libs/log/memory_log.h"
#include "libs/view/keys.h"

namespace pdp::engine {
namespace {

using ::pdp::testing::StatusIs;
using namespace testing;  // the commands of the test domain

const Area kArea = *Area::FromCode("N56");

class PastTest : public ::testing::Test {
 protected:
  PastTest()
      : folder_(std::filesystem::path(::testing::TempDir()) /
                absl::StrCat("past_", ::testing::UnitTest::GetInstance()->random_seed(), "_",
                             ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::remove_all(folder_);
    Open();
  }
  ~PastTest() override {
    cell_.reset();
    views_.reset();
    std::filesystem::remove_all(folder_);
  }
  void Open() {
    cell_.reset();
    views_.reset();
    auto views = view::ViewDb::Open(folder_);
    EXPECT_OK(views);
    views_ = *std::move(views);
    CellOptions options;
    options.area = kArea;
    options.endpoint = "node";
    cell_ = std::make_unique<Cell>(
        options, Cell::Parts{.domain = MakeDomain<Bank>(), .log = &log_, .views = views_.get(),
                             .vault = vault_.get(), .clock = &clock_});
    EXPECT_OK(cell_->Start());
    EXPECT_OK(cell_->WaitUntilLeading(absl::Now() + absl::Seconds(10)));
  }
  void Run(const Bank::Command& command) {
    CommandRequest request;
    request.header.set_command_id(
        std::string(DerivedCommandId("past", absl::StrCat(++commands_)).bytes()));
    request.header.mutable_actor()->set_id(absl::StrCat("actor-", commands_));
    request.command = std::make_shared<Bank::Command>(command);
    EXPECT_TRUE(cell_->Execute(std::move(request)).committed());
  }
  static const pdp::testing::v1::Account& AccountOf(const google::protobuf::Message& state) {
    return static_cast<const Bank::State&>(state).account();
  }
  // One an hour from noon: open, two deposits, a transfer to T2.
  void ADay() {
    Run(OpenAccount("T1", "Ann"));
    Run(OpenAccount("T2", "Bob"));
    for (const int64_t pence : {100, 20}) {
      clock_.Advance(absl::Hours(1));
      Run(Deposit("T1", pence));
    }
    clock_.Advance(absl::Hours(1));
    Run(Transfer("T1", "T2", 30));
  }

  const std::filesystem::path folder_;
  const absl::Time noon_ = absl::FromUnixSeconds(1'700'000'000);
  FakeClock clock_{noon_};
  std::shared_ptr<log::MemoryStore> store_ = std::make_shared<log::MemoryStore>();
  log::MemoryLog log_{store_};
  std::unique_ptr<privacy::KeyVault> vault_ = privacy::MakeMemoryKeyVault();
  std::unique_ptr<view::ViewDb> views_;
  std::unique_ptr<Cell> cell_;
  int commands_ = 0;
};

TEST_F(PastTest, AnAggregateIsReadAsAtEachVersion) {
  ADay();
  const Past past = cell_->past();
  const int64_t pence[] = {0, 100, 120, 90};
  for (uint64_t version = 1; version <= 4; ++version) {
    ASSERT_OK_AND_ASSIGN(const Past::State then, past.At(Bank::Id("T1"), Version(version)));
    EXPECT_EQ(AccountOf(*then.state).pence(), pence[version - 1]) << version;
    EXPECT_EQ(AccountOf(*then.state).full_name(), "Ann");
    EXPECT_EQ(then.version, Version(version));
    EXPECT_FALSE(then.erased);
  }
  EXPECT_THAT(past.At(Bank::Id("T1"), Version(5)), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(past.At(Bank::Id("T1"), Version(0)), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(past.At(Bank::Id("T9"), Version(1)), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(PastTest, AnAggregateIsReadAsAtAnInstantOfLogTime) {
  ADay();
  const Past past = cell_->past();
  const struct {
    absl::Duration after_noon;
    int64_t pence;
  } table[] = {{absl::ZeroDuration(), 0},
               {absl::Hours(1) - absl::Nanoseconds(1), 0},
               {absl::Hours(1), 100},
               {absl::Hours(2), 120},
               {absl::Hours(3), 90},
               {absl::Hours(999), 90}};
  for (const auto& row : table) {
    ASSERT_OK_AND_ASSIGN(const Past::State then, past.At(Bank::Id("T1"), noon_ + row.after_noon));
    EXPECT_EQ(AccountOf(*then.state).pence(), row.pence) << row.after_noon;
  }
  EXPECT_THAT(past.At(Bank::Id("T1"), noon_ - absl::Seconds(1)),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(PastTest, EachStepSaysWhatItChangedAndWhoDidIt) {
  ADay();
  std::vector<std::string> told;
  ASSERT_OK(cell_->past().ForEach(Bank::Id("T2"), [&](const Past::Step& step) {
    told.push_back(absl::StrCat(step.version.value(), " ", step.recorded.type(), " by ",
                                step.commit.actor().id(), ": ", AccountOf(step.before).pence(),
                                " -> ", AccountOf(step.after).pence(), " at +",
                                absl::ToInt64Hours(step.recorded_at - noon_), " h"));
    return true;
  }));
  EXPECT_EQ(told, (std::vector<std::string>{"1 AccountOpened by actor-2: 0 -> 0 at +0 h",
                                            "2 Deposited by actor-5: 0 -> 30 at +3 h"}));
  int seen = 0;
  ASSERT_OK(cell_->past().ForEach(Bank::Id("T1"), [&](const Past::Step&) { return ++seen < 2; }));
  EXPECT_EQ(seen, 2);
}

TEST_F(PastTest, TheNewestOfThePastIsTheStateAndViewsBuiltAnewKnowThePastToo) {
  ADay();
  cell_.reset();
  views_.reset();
  std::filesystem::remove_all(folder_);
  Open();
  ASSERT_OK_AND_ASSIGN(const Past::State newest, cell_->past().At(Bank::Id("T1"), Version(4)));
  ASSERT_OK_AND_ASSIGN(const Cell::ReadResult now, cell_->ReadState(Bank::Id("T1")));
  EXPECT_EQ(newest.state->SerializeAsString(), now.state->SerializeAsString());
  EXPECT_EQ(newest.version, now.version);
}

TEST_F(PastTest, OfAnErasedPersonThePersonalFieldsAreGoneFromThePast) {
  ADay();
  ASSERT_OK(vault_->Destroy("T1"));
  ASSERT_OK_AND_ASSIGN(const Past::State then, cell_->past().At(Bank::Id("T1"), Version(2)));
  EXPECT_TRUE(then.erased);
  EXPECT_EQ(AccountOf(*then.state).full_name(), "");
  EXPECT_EQ(AccountOf(*then.state).pence(), 100);
}

TEST_F(PastTest, ADamagedIndexIsSaidAndNotReadAsSomethingElse) {
  ADay();
  const std::string key = view::ByAggregateKey(kArea, Bank::Id("T1"), Version(2));
  ASSERT_OK(views_->Put(views_->by_aggregate(), key, "short"));
  EXPECT_THAT(cell_->past().At(Bank::Id("T1"), Version(2)), StatusIs(absl::StatusCode::kDataLoss));
  ASSERT_OK(views_->Put(views_->by_aggregate(), key,
                        absl::StrCat(view::BigEndian64(999), view::BigEndian32(0))));
  EXPECT_THAT(cell_->past().At(Bank::Id("T1"), Version(2)), StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace pdp::engine
