#include <algorithm>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "libs/base/bounded_queue.h"
#include "libs/base/log.h"
#include "libs/base/status_macros.h"
#include "libs/projection/kafka_events.h"
#include "libs/projection/kafka_message.h"
#include "libs/projection/process.h"
#include "libs/projection/publisher.h"

namespace pdp::projection {
namespace {

using common::v1::CloudEvent;
using common::v1::FeedPosition;
using Place = std::pair<uint64_t, uint32_t>;

constexpr size_t kBufferedMax = 512;

class KafkaSource final : public EventSource {
 public:
  KafkaSource(KafkaEventsOptions options, SourceRequest request)
      : options_(std::move(options)),
        request_(std::move(request)),
        topic_(EventsTopic(request_.service)),
        events_(kBufferedMax),
        reader_([this] { Run(); }) {}

  ~KafkaSource() override {
    Close();
    reader_.join();
  }

  absl::StatusOr<std::vector<CloudEvent>> Poll(size_t events_max, absl::Duration timeout) override {
    std::vector<CloudEvent> events = events_.PopUpTo(events_max, timeout);
    if (events.empty() && events_.closed()) return absl::CancelledError("the source is closed");
    return events;
  }

  void Close() override {
    {
      absl::MutexLock lock(&mutex_);
      closed_ = true;
    }
    events_.Close();
  }

 private:
  void Run() {
    absl::Duration wait = absl::Milliseconds(200);
    while (!closed()) {
      absl::Status ended = OneLife();
      if (closed()) return;
      PDP_LOG(WARNING) << "events of " << request_.service << ": " << ended.message();
      {
        absl::MutexLock lock(&mutex_);
        mutex_.AwaitWithTimeout(absl::Condition(&closed_), wait);
      }
      wait = std::min(2 * wait, absl::Seconds(10));
    }
  }

  // One consumer, until it breaks or the source is closed.
  absl::Status OneLife() {
    RETURN_IF_ERROR(EnsureEventsTopic(topic_, options_));
    // Consumers that search and the one that reads are each assigned once in their life: librdkafka
    // 2.0 aborts when a second assignment is taken away while the first is still being stopped.
    KafkaPartitions assignment(
        rd_kafka_topic_partition_list_new(static_cast<int>(request_.after.size())));
    for (const FeedPosition& at : request_.after) {
      const std::optional<Area> area = Area::FromCode(at.area());
      if (!area) return absl::InvalidArgumentError(absl::StrCat("no such area: ", at.area()));
      ASSIGN_OR_RETURN(const int64_t offset, OffsetAfter(area->index(), {at.seq(), at.index()}));
      rd_kafka_topic_partition_list_add(assignment.get(), topic_.c_str(), area->index())->offset =
          offset;
    }
    ASSIGN_OR_RETURN(const Consumer consumer, OpenConsumer());
    RETURN_IF_ERROR(Assign(consumer.get(), assignment.get()));
    return Read(consumer.get());
  }

  struct Closer {
    void operator()(rd_kafka_t* consumer) const {
      rd_kafka_consumer_close(consumer);
      rd_kafka_destroy(consumer);
    }
  };
  using Consumer = std::unique_ptr<rd_kafka_t, Closer>;

  absl::StatusOr<Consumer> OpenConsumer() {
    ASSIGN_OR_RETURN(rd_kafka_conf_t * configuration,
                     MakeConfiguration(options_.brokers,
                                       {{"group.id", "pdp-unused"},
                                        {"enable.auto.commit", "false"},
                                        {"enable.auto.offset.store", "false"},
                                        {"auto.offset.reset", "error"},
                                        {"enable.partition.eof", "true"},
                                        {"fetch.wait.max.ms", "50"},
                                        {"queued.max.messages.kbytes", "4096"}},
                                       options_.settings));
    char text[512];
    Consumer consumer(rd_kafka_new(RD_KAFKA_CONSUMER, configuration, text, sizeof(text)));
    if (consumer == nullptr) {
      rd_kafka_conf_destroy(configuration);
      return absl::InvalidArgumentError(text);
    }
    rd_kafka_poll_set_consumer(consumer.get());
    return consumer;
  }

  static absl::Status Assign(rd_kafka_t* consumer, rd_kafka_topic_partition_list_t* partitions) {
    const rd_kafka_resp_err_t error = rd_kafka_assign(consumer, partitions);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return KafkaError("assign", error);
    return absl::OkStatus();
  }

  // An offset with nothing wanted before it: the one before holds an event at or before `place`, or
  // it is the first. Each run of the publisher goes up without gaps, so any such boundary will do.
  absl::StatusOr<int64_t> OffsetAfter(int partition, Place place) {
    ASSIGN_OR_RETURN(const Consumer searcher, OpenConsumer());
    rd_kafka_t* const consumer = searcher.get();
    int64_t low = 0;
    int64_t high = 0;
    const rd_kafka_resp_err_t error = rd_kafka_query_watermark_offsets(
        consumer, topic_.c_str(), partition, &low, &high,
        static_cast<int>(absl::ToInt64Milliseconds(options_.request_timeout)));
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return KafkaError("offsets", error);
    if (place == Place{0, 0}) return low;
    bool assigned = false;
    while (low < high) {
      const int64_t middle = low + (high - low) / 2;
      ASSIGN_OR_RETURN(std::optional<Place> found, PlaceAt(consumer, partition, middle, &assigned));
      // Nothing readable up to the end: the end lies before the middle.
      if (!found || *found > place) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  // The event at `offset` or the next one after it.
  absl::StatusOr<std::optional<Place>> PlaceAt(rd_kafka_t* consumer, int partition,
                                               int64_t offset, bool* assigned) {
    KafkaPartitions one(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(one.get(), topic_.c_str(), partition)->offset = offset;
    if (!*assigned) {
      RETURN_IF_ERROR(Assign(consumer, one.get()));
      *assigned = true;
    } else {
      const auto timeout_ms = static_cast<int>(absl::ToInt64Milliseconds(options_.request_timeout));
      rd_kafka_error_t* error = rd_kafka_seek_partitions(consumer, one.get(), timeout_ms);
      rd_kafka_resp_err_t code = one->elems[0].err;
      if (error != nullptr) {
        code = rd_kafka_error_code(error);
        rd_kafka_error_destroy(error);
      }
      if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return KafkaError("seek", code);
    }
    const int64_t polls = options_.request_timeout / absl::Milliseconds(100);
    for (int64_t i = 0; i < polls && !closed(); ++i) {
      KafkaMessage message(rd_kafka_consumer_poll(consumer, 100));
      if (message == nullptr) continue;
      if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) return std::optional<Place>();
      if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) return KafkaError("read", message->err);
      ASSIGN_OR_RETURN(CloudEvent event, EventOf(*message));
      return std::optional<Place>({event.seq(), event.index()});
    }
    return absl::UnavailableError("no answer from the broker");
  }

  absl::Status Read(rd_kafka_t* consumer) {
    while (!closed()) {
      KafkaMessage message(rd_kafka_consumer_poll(consumer, 100));
      if (message == nullptr) continue;
      if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        // Connection errors mend themselves; an offset that is gone does not.
        if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF ||
            message->err == RD_KAFKA_RESP_ERR__TRANSPORT ||
            message->err == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
          continue;
        }
        return KafkaError("read", message->err);
      }
      ASSIGN_OR_RETURN(CloudEvent event, EventOf(*message));
      Take(std::move(event));
    }
    return absl::CancelledError("closed");
  }

  bool closed() const {
    absl::MutexLock lock(&mutex_);
    return closed_;
  }

  void Take(CloudEvent event) {
    for (FeedPosition& at : request_.after) {
      if (at.area() != event.area()) continue;
      const Place place{event.seq(), event.index()};
      if (place <= Place{at.seq(), at.index()}) return;  // a repeat
      at.set_seq(place.first);
      at.set_index(place.second);
    }
    if (!request_.types.empty() &&
        std::find(request_.types.begin(), request_.types.end(), ShortType(event)) ==
            request_.types.end()) {
      return;
    }
    if (events_.Push(std::move(event)) && request_.notify) request_.notify();
  }

  const KafkaEventsOptions options_;
  SourceRequest request_;  // reading thread only
  const std::string topic_;
  BoundedQueue<CloudEvent> events_;
  mutable absl::Mutex mutex_;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread reader_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<EventSource>> OpenKafkaSource(KafkaEventsOptions options,
                                                             SourceRequest request) {
  return std::make_unique<KafkaSource>(std::move(options), std::move(request));
}

}  // namespace pdp::projection
