// Public events over a real Kafka.

#include "libs/projection/kafka_events.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/projection/kafka_message.h"
#include "libs/projection/publisher.h"
#include "tests/kafka/broker.h"

namespace pdp::projection {
namespace {

using common::v1::CloudEvent;
using common::v1::FeedPosition;
using ::pdp::testing::StatusIs;

const Area kN56 = *Area::FromCode("N56");

// Rows of a publisher, in memory.
class Rows final : public RowReader {
 public:
  void Add(const CloudEvent& event) {
    absl::MutexLock lock(&mutex_);
    rows_[PublicKey(Seq(event.seq()), event.index())] = event;
  }
  absl::StatusOr<bool> Get(Area, absl::string_view, google::protobuf::Message*,
                           bool*) const override {
    return absl::UnimplementedError("only scanned");
  }
  absl::Status Scan(Area area, const ScanRange& range, google::protobuf::Message* row,
                    absl::FunctionRef<bool(absl::string_view, bool)> visit) const override {
    absl::MutexLock lock(&mutex_);
    size_t left = area == kN56 ? range.limit : 0;
    for (auto it = rows_.upper_bound(range.after_key); it != rows_.end() && left-- > 0; ++it) {
      row->CopyFrom(it->second);
      if (!visit(it->first, false)) break;
    }
    return absl::OkStatus();
  }

 private:
  mutable absl::Mutex mutex_;
  std::map<std::string, CloudEvent> rows_;
};

class Marks final : public MarkStore {
 public:
  absl::StatusOr<std::optional<FeedPosition>> Get(absl::string_view key) override {
    absl::MutexLock lock(&mutex_);
    const auto it = marks_.find(std::string(key));
    return it == marks_.end() ? std::optional<FeedPosition>() : it->second;
  }
  absl::Status Put(absl::string_view key, const FeedPosition& mark) override {
    absl::MutexLock lock(&mutex_);
    marks_[std::string(key)] = mark;
    return absl::OkStatus();
  }

 private:
  absl::Mutex mutex_;
  std::map<std::string, FeedPosition> marks_;
};

class KafkaEventsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    options_.brokers = KafkaBroker::Instance().bootstrap();
    ASSERT_FALSE(options_.brokers.empty()) << "no broker could be started";
    service_ = KafkaBroker::FreshName("clinic");
  }

  CloudEvent Make(uint64_t seq, uint32_t index = 0) const {
    CloudEvent event;
    event.set_id(absl::StrCat(service_, "/N56/", seq, "/", index));
    event.set_type(absl::StrCat("pdp.", service_, ".v1.", seq % 2 == 0 ? "Even" : "Odd"));
    event.set_source(absl::StrCat("/pdp/", service_, "/N56"));
    event.set_subject("person/X1");
    event.mutable_time()->set_seconds(1'750'000'000);
    event.mutable_time()->set_nanos(250'000'000);
    event.set_area("N56");
    event.set_seq(seq);
    event.set_index(index);
    event.set_correlation_id("corr-1");
    event.set_causation_id("cause-1");
    event.set_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    event.set_data(std::string("\x0a\x00\xff", 3));
    return event;
  }
  void Add(uint64_t from, uint64_t to) {
    for (uint64_t seq = from; seq <= to; ++seq) rows_.Add(Make(seq));
    pulse_.Beat();
  }
  std::unique_ptr<KafkaPublisher> Publish(MarkStore& marks) {
    return std::make_unique<KafkaPublisher>(options_, service_, std::vector<Area>{kN56}, rows_,
                                            pulse_, marks);
  }
  // Deadlines of this test run on the machine's clock: the broker does too.
  static bool AwaitMark(const KafkaPublisher& publisher, uint64_t seq) {
    Pulse never;
    for (int i = 0; i < 600; ++i) {
      if (publisher.mark(kN56).seq() == seq) return true;
      never.Await(0, absl::Milliseconds(50));
    }
    return false;
  }
  std::unique_ptr<EventSource> Source(uint64_t after, std::vector<std::string> types = {}) {
    SourceRequest request{.service = service_, .types = std::move(types)};
    FeedPosition& at = request.after.emplace_back();
    at.set_area("N56");
    at.set_seq(after);
    auto source = OpenKafkaSource(options_, std::move(request));
    EXPECT_OK(source);
    return *std::move(source);
  }
  static std::vector<CloudEvent> PollFor(EventSource& source, size_t count) {
    std::vector<CloudEvent> all;
    const absl::Time give_up = absl::Now() + absl::Seconds(30);
    while (all.size() < count && absl::Now() < give_up) {
      auto events = source.Poll(1000, absl::Milliseconds(100));
      EXPECT_OK(events);
      for (CloudEvent& event : *events) all.push_back(std::move(event));
    }
    return all;
  }

  KafkaEventsOptions options_;
  std::string service_;
  Rows rows_;
  Marks marks_;
  Pulse pulse_;
};

TEST_F(KafkaEventsTest, EventsTravelInBinaryModeWithTheirAttributesAsHeaders) {
  rows_.Add(Make(7, 2));
  auto publisher = Publish(marks_);
  ASSERT_TRUE(AwaitMark(*publisher, 7)) << publisher->health();

  auto configuration = MakeConfiguration(options_.brokers, {{"group.id", "t"}}, {});
  ASSERT_OK(configuration);
  char text[512];
  KafkaHandle consumer(rd_kafka_new(RD_KAFKA_CONSUMER, *configuration, text, sizeof(text)));
  rd_kafka_poll_set_consumer(consumer.get());
  KafkaPartitions partitions(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(partitions.get(), EventsTopic(service_).c_str(), kN56.index())
      ->offset = 0;
  ASSERT_EQ(rd_kafka_assign(consumer.get(), partitions.get()), RD_KAFKA_RESP_ERR_NO_ERROR);
  KafkaMessage message;
  for (int i = 0; i < 200 && message == nullptr; ++i) {
    message.reset(rd_kafka_consumer_poll(consumer.get(), 100));
  }
  ASSERT_NE(message, nullptr);
  ASSERT_EQ(message->err, RD_KAFKA_RESP_ERR_NO_ERROR);
  std::map<std::string, std::string> headers;
  rd_kafka_headers_t* raw = nullptr;
  ASSERT_EQ(rd_kafka_message_headers(message.get(), &raw), RD_KAFKA_RESP_ERR_NO_ERROR);
  const char* name;
  const void* value;
  size_t size;
  for (size_t i = 0;
       rd_kafka_header_get_all(raw, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
    headers[name] = std::string(static_cast<const char*>(value), size);
  }
  const std::map<std::string, std::string> expected = {
      {"ce_specversion", "1.0"},
      {"ce_id", service_ + "/N56/7/2"},
      {"ce_type", "pdp." + service_ + ".v1.Odd"},
      {"ce_source", "/pdp/" + service_ + "/N56"},
      {"ce_subject", "person/X1"},
      {"ce_time", "2025-06-15T15:06:40.250Z"},
      {"ce_area", "N56"},
      {"ce_seq", "7"},
      {"ce_index", "2"},
      {"ce_correlationid", "corr-1"},
      {"ce_causationid", "cause-1"},
      {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
      {"content-type", "application/protobuf"}};
  EXPECT_EQ(headers, expected);
  EXPECT_EQ(std::string(static_cast<const char*>(message->payload), message->len),
            std::string("\x0a\x00\xff", 3));
  rd_kafka_consumer_close(consumer.get());
}

TEST_F(KafkaEventsTest, ASourceGivesTheEventsAsTheyWerePublishedInOrder) {
  Add(1, 300);
  auto publisher = Publish(marks_);
  auto source = Source(0);
  const auto events = PollFor(*source, 300);
  ASSERT_EQ(events.size(), 300u);
  for (uint64_t i = 0; i < 300; ++i) {
    EXPECT_EQ(events[i].SerializeAsString(), Make(i + 1).SerializeAsString());
  }
  Add(301, 301);
  EXPECT_EQ(PollFor(*source, 1).at(0).seq(), 301u);
}

TEST_F(KafkaEventsTest, ASourceResumesAfterAnyPositionEvenAmongRepeats) {
  Add(1, 20);
  {
    auto publisher = Publish(marks_);
    ASSERT_TRUE(AwaitMark(*publisher, 20)) << publisher->health();
  }
  // A publisher that has lost its marks sends everything again, and goes on.
  Marks lost;
  Add(21, 30);
  auto publisher = Publish(lost);
  ASSERT_TRUE(AwaitMark(*publisher, 30)) << publisher->health();
  for (uint64_t after : {0, 1, 9, 19, 20, 21, 29}) {
    auto source = Source(after);
    const auto events = PollFor(*source, 30 - after);
    ASSERT_EQ(events.size(), 30 - after) << "after " << after;
    for (size_t i = 0; i < events.size(); ++i) EXPECT_EQ(events[i].seq(), after + 1 + i);
  }
  EXPECT_EQ(PollFor(*Source(0, {"Even"}), 15).size(), 15u);
}

TEST_F(KafkaEventsTest, TheMarkMovesOnAcknowledgementAndARestartSendsOnlyTheRest) {
  Add(1, 5);
  {
    auto publisher = Publish(marks_);
    ASSERT_TRUE(AwaitMark(*publisher, 5)) << publisher->health();
  }
  Add(6, 8);
  auto publisher = Publish(marks_);
  ASSERT_TRUE(AwaitMark(*publisher, 8)) << publisher->health();
  // The offset of an event is its rank when nothing was sent twice.
  auto configuration = MakeConfiguration(options_.brokers, {}, {});
  ASSERT_OK(configuration);
  char text[512];
  KafkaHandle client(rd_kafka_new(RD_KAFKA_PRODUCER, *configuration, text, sizeof(text)));
  int64_t low = 0;
  int64_t high = 0;
  ASSERT_EQ(rd_kafka_query_watermark_offsets(client.get(), EventsTopic(service_).c_str(),
                                             kN56.index(), &low, &high, 10'000),
            RD_KAFKA_RESP_ERR_NO_ERROR);
  EXPECT_EQ(high - low, 8);
}

TEST_F(KafkaEventsTest, WhatIsWrittenWhileTheBrokerIsDownIsPublishedWhenItIsBack) {
  Add(1, 5);
  auto publisher = Publish(marks_);
  ASSERT_TRUE(AwaitMark(*publisher, 5)) << publisher->health();
  auto source = Source(0);
  ASSERT_EQ(PollFor(*source, 5).size(), 5u);
  ASSERT_TRUE(KafkaBroker::Instance().Kill());
  Add(6, 50);
  EXPECT_EQ(publisher->mark(kN56).seq(), 5u);
  ASSERT_TRUE(KafkaBroker::Instance().Restart());
  const auto events = PollFor(*source, 45);
  ASSERT_EQ(events.size(), 45u);
  for (size_t i = 0; i < events.size(); ++i) EXPECT_EQ(events[i].seq(), 6 + i);
  EXPECT_TRUE(AwaitMark(*publisher, 50)) << publisher->health();
}

TEST(KafkaEventsWithoutBrokerTest, NobodyThereIsUnavailableAndShowsInTheHealth) {
  KafkaEventsOptions options;
  options.brokers = "127.0.0.1:1";
  options.request_timeout = absl::Milliseconds(300);
  EXPECT_THAT(EnsureEventsTopic("pdp.nobody.events.v1", options),
              StatusIs(absl::StatusCode::kUnavailable));
  Rows rows;
  Marks marks;
  Pulse pulse;
  const KafkaPublisher publisher(options, "nobody", {kN56}, rows, pulse, marks);
  EXPECT_FALSE(publisher.health().ok());
}

}  // namespace
}  // namespace pdp::projection
