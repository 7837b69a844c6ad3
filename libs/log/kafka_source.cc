// The reading half of the Kafka binding: one consumer, one partition, assign and poll.

#include <algorithm>
#include <atomic>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "libs/base/status_macros.h"
#include "libs/log/kafka_client.h"

namespace pdp::log {
namespace {

absl::Time Now() { return Clock::System().Now(); }

int MillisUntil(absl::Time deadline, absl::Duration most) {
  const absl::Duration left = std::clamp(deadline - Now(), absl::ZeroDuration(), most);
  // Rounded up, so that a wait never turns into a spin of zero-length polls.
  return static_cast<int>((absl::ToInt64Microseconds(left) + 999) / 1000);
}

absl::Status ToStatus(rd_kafka_resp_err_t err, const std::string& what) {
  const std::string text = absl::StrCat(what, ": ", rd_kafka_err2str(err));
  if (err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET || err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE) {
    return absl::DataLossError(absl::StrCat("Truncated: ", text));
  }
  if (err == RD_KAFKA_RESP_ERR__BAD_MSG || err == RD_KAFKA_RESP_ERR_INVALID_MSG) {
    return absl::DataLossError(absl::StrCat("corrupted record: ", text));
  }
  return absl::UnavailableError(text);
}

class KafkaSource final : public RawSource {
 public:
  KafkaSource(KafkaLogOptions options, Area area) : options_(std::move(options)), area_(area) {}
  ~KafkaSource() override { Close(); }

  absl::Status Open() {
    Close();
    ASSIGN_OR_RETURN(
        consumer_,
        MakeKafkaClient(RD_KAFKA_CONSUMER, options_,
                        {{"group.id", "pdp"},  // asked for by librdkafka; no group is ever joined
                         {"enable.auto.commit", "false"},
                         {"enable.auto.offset.store", "false"},
                         {"auto.offset.reset", "error"},
                         {"enable.partition.eof", "true"},
                         {"check.crcs", "true"},
                         {"socket.timeout.ms",
                          absl::StrCat(std::max<int64_t>(
                              1000, absl::ToInt64Milliseconds(options_.request_timeout)))},
                         {"fetch.min.bytes", "1"},
                         {"fetch.wait.max.ms", "100"},
                         {"fetch.error.backoff.ms", "50"},
                         // Beyond these librdkafka 2.0 pauses for a whole second.
                         {"queued.min.messages", "1000000"},
                         {"queued.max.messages.kbytes", "131072"}},
                        [this](rd_kafka_conf_t* conf) {
                          rd_kafka_conf_set_opaque(conf, this);
                          rd_kafka_conf_set_error_cb(conf, OnError);
                        }));
    rd_kafka_poll_set_consumer(consumer_.get());
    absl::MutexLock lock(&queue_mutex_);
    queue_.reset(rd_kafka_queue_get_consumer(consumer_.get()));
    return absl::OkStatus();
  }

  absl::StatusOr<Bounds> GetBounds() override { return AskBounds(options_.request_timeout); }

  // A consumer is assigned once in its life: librdkafka 2.0 aborts when a second assignment is
  // taken away while the first is still being stopped (assert rktp_started).
  absl::Status Seek(int64_t index) override {
    if (assigned_) RETURN_IF_ERROR(Open());
    const KafkaPtr<rd_kafka_topic_partition_list_t> list(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(list.get(), options_.topic.c_str(), area_.index())->offset =
        index;
    const rd_kafka_resp_err_t err = rd_kafka_assign(consumer_.get(), list.get());
    assigned_ = true;
    return err == RD_KAFKA_RESP_ERR_NO_ERROR ? absl::OkStatus() : ToStatus(err, Name());
  }

  absl::StatusOr<Batch> Read(size_t records_max, absl::Duration timeout, Wait wait) override {
    const absl::Time deadline = Now() + timeout;
    Batch batch;
    while (batch.records.size() < records_max) {
      if ((batch.woken = woken_.exchange(false))) break;
      const bool take_what_is_there =
          !batch.records.empty() || (at_end_ && wait == Wait::kForRecordsOrEnd);
      const int wait_ms = take_what_is_there ? 0 : MillisUntil(deadline, absl::Seconds(1));
      const KafkaPtr<rd_kafka_message_t> message(rd_kafka_consumer_poll(consumer_.get(), wait_ms));
      if (message == nullptr) {
        if (down_ && batch.records.empty()) RETURN_IF_ERROR(LookWhetherUp());
        if (take_what_is_there || Now() >= deadline) break;
        continue;
      }
      if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        at_end_ = true;
        down_ = false;
        if (wait == Wait::kForRecordsOrEnd || !batch.records.empty()) break;
        continue;
      }
      if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        // What was read before the error is given first; the error comes again.
        if (!batch.records.empty()) {
          pending_ = ToStatus(message->err, Name());
          break;
        }
        return ToStatus(message->err, Name());
      }
      at_end_ = down_ = false;
      batch.records.push_back(
          {message->offset, std::string(static_cast<const char*>(message->payload), message->len)});
    }
    if (batch.records.empty() && !pending_.ok()) return std::exchange(pending_, absl::OkStatus());
    if (!batch.records.empty() && !at_end_) at_end_ = IsEnd(batch.records.back().index + 1);
    batch.at_end = at_end_;
    return batch;
  }

  void Wake() override {
    woken_ = true;
    absl::MutexLock lock(&queue_mutex_);
    if (queue_ != nullptr) rd_kafka_queue_yield(queue_.get());
  }

 private:
  void Close() {
    {
      absl::MutexLock lock(&queue_mutex_);
      queue_.reset();
    }
    if (consumer_ != nullptr) rd_kafka_consumer_close(consumer_.get());
    consumer_.reset();
    assigned_ = at_end_ = false;
    pending_ = absl::OkStatus();
  }

  static void OnError(rd_kafka_t*, int err, const char*, void* self) {
    if (err == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) static_cast<KafkaSource*>(self)->down_ = true;
  }

  // Whether the broker's last answer ended before `index`. The end is announced only by an answer
  // without records: under load, when every answer holds some, that is never.
  bool IsEnd(int64_t index) const {
    int64_t first = 0, end = RD_KAFKA_OFFSET_INVALID;
    return rd_kafka_get_watermark_offsets(consumer_.get(), options_.topic.c_str(), area_.index(),
                                          &first, &end) == RD_KAFKA_RESP_ERR_NO_ERROR &&
           end >= 0 && index >= end;
  }

  std::string Name() const { return absl::StrCat(options_.topic, "/", area_.code()); }

  absl::Status AskAnyBroker(absl::Duration timeout) {
    const rd_kafka_metadata_t* raw = nullptr;
    const rd_kafka_resp_err_t err = rd_kafka_metadata(
        consumer_.get(), 0, nullptr, &raw, static_cast<int>(absl::ToInt64Milliseconds(timeout)));
    const KafkaPtr<const rd_kafka_metadata_t> metadata(raw);
    return err == RD_KAFKA_RESP_ERR_NO_ERROR ? absl::OkStatus() : ToStatus(err, Name());
  }

  absl::StatusOr<Bounds> AskBounds(absl::Duration timeout) {
    const absl::Time deadline = Now() + timeout;
    // The question below waits out whole socket time-outs when its broker is gone; this one does
    // not.
    RETURN_IF_ERROR(AskAnyBroker(timeout));
    while (true) {
      Bounds bounds;
      const rd_kafka_resp_err_t err = rd_kafka_query_watermark_offsets(
          consumer_.get(), options_.topic.c_str(), area_.index(), &bounds.first, &bounds.end,
          std::max(1, MillisUntil(deadline, timeout)));
      if (err == RD_KAFKA_RESP_ERR_NO_ERROR) return bounds;
      // A partition that is new or has just moved knows its leader in a moment.
      const bool moving = err == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION ||
                          err == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE ||
                          err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
      if (!moving || Now() >= deadline) return ToStatus(err, Name());
      absl::SleepFor(absl::Milliseconds(10));
    }
  }

  // The end of a partition is announced once, so an idle reader learns that way only that the
  // broker is back by asking it.
  absl::Status LookWhetherUp() {
    RETURN_IF_ERROR(AskAnyBroker(absl::Milliseconds(500)));
    down_ = false;
    return absl::OkStatus();
  }

  const KafkaLogOptions options_;
  const Area area_;
  KafkaPtr<rd_kafka_t> consumer_;
  absl::Mutex queue_mutex_;
  KafkaPtr<rd_kafka_queue_t> queue_ ABSL_GUARDED_BY(queue_mutex_);
  bool assigned_ = false;
  std::atomic<bool> woken_{false};
  std::atomic<bool> down_{false};
  bool at_end_ = false;
  absl::Status pending_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RawSource>> OpenKafkaRawSource(const KafkaLogOptions& options,
                                                              Area area) {
  auto source = std::make_unique<KafkaSource>(options, area);
  RETURN_IF_ERROR(source->Open());
  return source;
}

}  // namespace pdp::log
