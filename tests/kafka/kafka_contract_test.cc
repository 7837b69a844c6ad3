// The contract of the event log over a real Kafka, and what only a broker can do wrong.

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "libs/base/status_matchers.h"
#include "libs/log/kafka_log.h"
#include "libs/record/codec.h"
#include "tests/contract/binding.h"
#include "tests/kafka/broker.h"

namespace pdp::log {
namespace {

using ::pdp::testing::StatusIs;

const Area kN56 = *Area::FromCode("N56");

KafkaLogOptions FreshTopic() {
  KafkaLogOptions options;
  options.brokers = KafkaBroker::Instance().bootstrap();
  options.topic = LogTopic(KafkaBroker::FreshName("contract"));
  return options;
}

class KafkaBinding final : public LogBinding {
 public:
  std::shared_ptr<EventLog> Connect() override {
    absl::StatusOr<std::unique_ptr<EventLog>> log = OpenKafkaLog(options_);
    EXPECT_OK(log);
    return log.ok() ? *std::move(log) : nullptr;
  }
  bool Restart() override { return true; }

 private:
  const KafkaLogOptions options_ = FreshTopic();
};

INSTANTIATE_TEST_SUITE_P(Kafka, LogContractTest,
                         ::testing::Values(BindingFactory{
                             "kafka",
                             []() -> std::unique_ptr<LogBinding> {
                               if (KafkaBroker::Instance().bootstrap().empty()) return nullptr;
                               return std::make_unique<KafkaBinding>();
                             }}),
                         BindingName);

TEST(KafkaLogTest, AnAddressWhereNobodyAnswersIsUnavailable) {
  KafkaLogOptions options;
  options.brokers = "127.0.0.1:1";
  options.topic = LogTopic("nobody");
  options.request_timeout = absl::Milliseconds(300);
  EXPECT_THAT(OpenKafkaLog(options), StatusIs(absl::StatusCode::kUnavailable));
}

TEST(KafkaLogTest, AWrongSettingIsRefusedByName) {
  KafkaLogOptions options;
  options.brokers = "127.0.0.1:1";
  options.topic = LogTopic("nobody");
  options.settings["no.such.setting"] = "1";
  EXPECT_THAT(OpenKafkaLog(options),
              StatusIs(absl::StatusCode::kInvalidArgument, "no.such.setting"));
}

// An outage longer than the delivery time-out: the area is broken, reads say so, and after the
// broker is back a claim mends it, with nothing read before the outage lost.
TEST(KafkaLogTest, AnOutageBreaksTheAreaUntilANewEpochAfterTheBrokerIsBack) {
  ASSERT_FALSE(KafkaBroker::Instance().bootstrap().empty());
  KafkaLogOptions options = FreshTopic();
  options.delivery_timeout = absl::Milliseconds(1000);
  options.request_timeout = absl::Seconds(2);
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<EventLog> log, OpenKafkaLog(options));
  ASSERT_OK(log->Claim(kN56, "a", "a:1", {}));
  ASSERT_OK_AND_ASSIGN(const TailPosition before, log->End(kN56));
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Tail> tail, log->OpenTail(kN56, before));
  ASSERT_OK(tail->Poll(10, absl::Seconds(5)));

  ASSERT_TRUE(KafkaBroker::Instance().Kill());
  v1::Record lost;
  lost.set_area("N56");
  lost.set_epoch(1);
  lost.set_seq(1);
  lost.set_prev_hash(std::string(before.hash.view()));
  lost.mutable_barrier();
  ASSERT_OK(log->Append(kN56, record::Encode(lost)));
  const absl::Time deadline = Clock::System().Now() + absl::Seconds(30);
  bool read_says_so = false;
  while (Clock::System().Now() < deadline && (log->Health(kN56).ok() || !read_says_so)) {
    read_says_so |= absl::IsUnavailable(tail->Poll(10, absl::Milliseconds(100)).status());
  }
  EXPECT_TRUE(read_says_so);
  EXPECT_THAT(log->Health(kN56), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(log->Append(kN56, record::Encode(lost)), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(log->Claim(kN56, "a2", "a:1", before), StatusIs(absl::StatusCode::kUnavailable));

  ASSERT_TRUE(KafkaBroker::Instance().Restart());
  absl::StatusOr<Epoch> epoch = absl::UnavailableError("not tried");
  for (int i = 0; absl::IsUnavailable(epoch.status()) && i < 20; ++i) {
    epoch = log->Claim(kN56, absl::StrCat("a", 3 + i), "a:1", before);
  }
  ASSERT_OK(epoch);
  EXPECT_OK(log->Health(kN56));
  bool seen = false;
  const absl::Time read_deadline = Clock::System().Now() + absl::Seconds(30);
  while (!seen && Clock::System().Now() < read_deadline) {
    const absl::StatusOr<TailBatch> batch = tail->Poll(10, absl::Milliseconds(200));
    if (!batch.ok()) {
      ASSERT_THAT(batch, StatusIs(absl::StatusCode::kUnavailable));
      continue;
    }
    for (const Accepted& accepted : batch->records)
      seen |= accepted.record.epoch() == epoch->value();
  }
  EXPECT_TRUE(seen);
}

}  // namespace
}  // namespace pdp::log
