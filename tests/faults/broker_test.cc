// A broker that is gone, slow, or full, under a service that goes on.

#include <cstdio>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/base/timestamp.h"
#include "libs/rpc/status.h"
#include "tests/crash/load.h"
#include "tests/crash/service.h"
#include "tests/kafka/broker.h"

namespace pdp::faults {
namespace {

using ::testing::IsEmpty;

constexpr absl::Duration kPatience = absl::Seconds(60);

// One broker and one service for all; each test leaves both whole.
class BrokerFaultsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    broker_ = new KafkaCluster(1);
    folder_ = new crash::Folder();
    service_ = new crash::Service(
        *folder_, "referral", {"--log", "kafka", "--bootstrap-servers", broker_->bootstrap()});
    oracle_ = new crash::Oracle();
    load_ = new crash::Load(*oracle_);
    ASSERT_OK(service_->Start());
  }
  static void TearDownTestSuite() {
    delete load_;
    delete oracle_;
    delete service_;
    delete folder_;
    delete broker_;
  }
  void SetUp() override {
    load_->Start(where_, 4);
    ASSERT_TRUE(AwaitAcknowledged(100)) << service_->Output();
  }
  bool AwaitAcknowledged(uint64_t more) {
    const uint64_t wanted = load_->acknowledged() + more;
    for (const absl::Time end = absl::Now() + kPatience; absl::Now() < end;) {
      if (load_->acknowledged() >= wanted) return true;
      absl::SleepFor(absl::Milliseconds(5));
    }
    return false;
  }
  // Until nothing has been acknowledged for a second.
  bool AwaitSilence() {
    for (const absl::Time end = absl::Now() + kPatience; absl::Now() < end;) {
      if (load_->last_acknowledged() < absl::Now() - absl::Seconds(1)) return true;
      absl::SleepFor(absl::Milliseconds(20));
    }
    return false;
  }
  void EndAndCheck() {
    load_->Stop();
    EXPECT_EQ(load_->AskAgain(where_, 500), "");
    EXPECT_THAT(load_->wrong(), IsEmpty());
    EXPECT_THAT(oracle_->in_doubt(), IsEmpty());
    crash::LogReader reader;
    ASSERT_OK(reader.ReadOn(*service_));
    EXPECT_THAT(oracle_->Check(reader.records()), IsEmpty());
    ASSERT_OK_AND_ASSIGN(const common::v1::VerifyLogReply verified, service_->Verify());
    EXPECT_TRUE(verified.intact()) << verified.finding();
  }

  static KafkaCluster* broker_;
  static crash::Folder* folder_;
  static crash::Service* service_;
  static crash::Oracle* oracle_;
  static crash::Load* load_;
  const crash::Load::Target where_ = [] { return service_->channel(); };
};
KafkaCluster* BrokerFaultsTest::broker_ = nullptr;
crash::Folder* BrokerFaultsTest::folder_ = nullptr;
crash::Service* BrokerFaultsTest::service_ = nullptr;
crash::Oracle* BrokerFaultsTest::oracle_ = nullptr;
crash::Load* BrokerFaultsTest::load_ = nullptr;

TEST_F(BrokerFaultsTest, WhileTheBrokerIsGoneReadsGoOnAndCommandsGoOnWhenItIsBack) {
  ASSERT_TRUE(broker_->Kill(1));
  ASSERT_TRUE(AwaitSilence());
  EXPECT_EQ(load_->ReadNames(service_->channel(), 20), "");
  EXPECT_TRUE(service_->running());
  ASSERT_TRUE(broker_->Restart(1));
  EXPECT_TRUE(AwaitAcknowledged(100)) << service_->Output();
  EndAndCheck();
}

// Nine tenths of the time it does not move.
TEST_F(BrokerFaultsTest, ASlowBrokerMakesCommandsSlowAndNothingElse) {
  const uint64_t before = load_->acknowledged();
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(broker_->Pause(1));
    absl::SleepFor(absl::Milliseconds(450));
    ASSERT_TRUE(broker_->Resume(1));
    absl::SleepFor(absl::Milliseconds(50));
  }
  EXPECT_GT(load_->acknowledged(), before);
  // Longer than a standby would wait, and shorter than what makes an append fail.
  ASSERT_TRUE(broker_->Pause(1));
  absl::SleepFor(absl::Seconds(4));
  ASSERT_TRUE(broker_->Resume(1));
  EXPECT_TRUE(AwaitAcknowledged(100)) << service_->Output();
  EndAndCheck();
}

// No file of the broker may grow any more: it gives up, as a broker with a full disk does, and is
// started again once there is room.
TEST_F(BrokerFaultsTest, AFullBrokerStopsCommandsUntilThereIsRoomAndLosesNothing) {
  ASSERT_TRUE(broker_->SetFileBytesMax(1, 512 << 10));
  ASSERT_TRUE(AwaitSilence()) << "the broker never became full";
  EXPECT_EQ(load_->ReadNames(service_->channel(), 20), "");
  ASSERT_TRUE(broker_->Kill(1));
  ASSERT_TRUE(broker_->Restart(1));
  EXPECT_TRUE(AwaitAcknowledged(100)) << service_->Output();
  EndAndCheck();
}

}  // namespace
}  // namespace pdp::faults
