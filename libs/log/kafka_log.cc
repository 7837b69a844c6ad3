#include "libs/log/kafka_log.h"

#include <array>
#include <atomic>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/mutex.h"
#include "libs/base/log.h"
#include "libs/base/status_macros.h"
#include "libs/log/kafka_client.h"
#include "libs/log/tail.h"
#include "libs/record/codec.h"

namespace pdp::log {
namespace {

std::string Millis(absl::Duration d) { return absl::StrCat(absl::ToInt64Milliseconds(d)); }

class KafkaLog;

// One frame on its way; owned by librdkafka from Append to its delivery report, so it is never
// copied.
struct InFlight {
  KafkaLog* log;
  Area area;
  // The claim under which it was appended: a failure of an earlier one no longer matters.
  uint64_t claim;
  std::string bytes;
};

// One producer and the thread that takes its delivery reports. Replaced as a whole when librdkafka
// declares it unusable.
class Producer {
 public:
  static absl::StatusOr<std::shared_ptr<Producer>> Open(const KafkaLogOptions& options,
                                                        void (*on_delivery)(InFlight&,
                                                                            rd_kafka_resp_err_t));
  // Gives what is in flight up to two seconds, then drops it.
  ~Producer() {
    if (client_ == nullptr) return;
    rd_kafka_flush(client_.get(), 2000);
    rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_flush(client_.get(), 2000);
    closing_ = true;
    reports_.join();
    topic_.reset();
  }

  rd_kafka_t* client() { return client_.get(); }

  absl::Status Produce(std::unique_ptr<InFlight> frame) {
    const rd_kafka_resp_err_t err = rd_kafka_producev(
        client_.get(), RD_KAFKA_V_RKT(topic_.get()), RD_KAFKA_V_PARTITION(frame->area.index()),
        RD_KAFKA_V_VALUE(frame->bytes.data(), frame->bytes.size()), RD_KAFKA_V_OPAQUE(frame.get()),
        RD_KAFKA_V_END);
    if (err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      frame.release();
      return absl::OkStatus();
    }
    if (err == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      return absl::ResourceExhaustedError("too many appends wait for the broker");
    }
    return absl::UnavailableError(absl::StrCat("cannot append: ", rd_kafka_err2str(err)));
  }

 private:
  static void OnReport(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
    const std::unique_ptr<InFlight> frame(static_cast<InFlight*>(message->_private));
    static_cast<Producer*>(self)->on_delivery_(*frame, message->err);
  }

  KafkaPtr<rd_kafka_t> client_;
  KafkaPtr<rd_kafka_topic_t> topic_;
  void (*on_delivery_)(InFlight&, rd_kafka_resp_err_t) = nullptr;
  std::atomic<bool> closing_{false};
  std::thread reports_;
};

absl::StatusOr<std::shared_ptr<Producer>> Producer::Open(
    const KafkaLogOptions& options, void (*on_delivery)(InFlight&, rd_kafka_resp_err_t)) {
  auto producer = std::make_shared<Producer>();
  producer->on_delivery_ = on_delivery;
  absl::StatusOr<KafkaPtr<rd_kafka_t>> client = MakeKafkaClient(
      RD_KAFKA_PRODUCER, options,
      {{"enable.idempotence", "true"},
       {"acks", "all"},
       {"linger.ms", "0"},
       {"message.max.bytes", "1048576"},
       {"message.timeout.ms", Millis(options.delivery_timeout)},
       {"queue.buffering.max.messages", absl::StrCat(options.in_flight_records_max)},
       {"queue.buffering.max.kbytes", "262144"},
       {"batch.num.messages", "10000"},
       {"retry.backoff.ms", "50"}},
      [&](rd_kafka_conf_t* conf) {
        rd_kafka_conf_set_opaque(conf, producer.get());
        rd_kafka_conf_set_dr_msg_cb(conf, OnReport);
      });
  RETURN_IF_ERROR(client.status());
  producer->client_ = *std::move(client);
  producer->topic_.reset(
      rd_kafka_topic_new(producer->client_.get(), options.topic.c_str(), nullptr));
  producer->reports_ = std::thread([p = producer.get()] {
    while (!p->closing_) rd_kafka_poll(p->client_.get(), 100);
  });
  return producer;
}

class KafkaLog final : public EventLog {
 public:
  explicit KafkaLog(KafkaLogOptions options) : options_(std::move(options)) {}

  absl::Status Open() {
    ASSIGN_OR_RETURN(std::shared_ptr<Producer> producer, Producer::Open(options_, OnDelivery));
    RETURN_IF_ERROR(EnsureLogTopic(producer->client(), options_));
    absl::MutexLock lock(&mutex_);
    producer_ = std::move(producer);
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<PendingClaim>> BeginClaim(Area area, const std::string& owner_id,
                                                           const std::string& endpoint,
                                                           TailPosition from) override {
    RETURN_IF_ERROR(ReplaceUnusableProducer());
    ASSIGN_OR_RETURN(std::unique_ptr<Tail> tail, OpenTail(area, std::move(from)));
    return ClaimThrough(std::move(tail),
                        {area, owner_id, endpoint, options_.claim_timeout, options_.clock},
                        [this, area](std::string bytes) {
                          absl::MutexLock lock(&mutex_);
                          ++lanes_[area.index()].claim;
                          lanes_[area.index()].broken = absl::OkStatus();
                          return AppendLocked(area, std::move(bytes));
                        });
  }

  absl::Status Append(Area area, std::string bytes) override {
    if (bytes.size() > record::kRecordBytesMax) {
      return absl::InvalidArgumentError(absl::StrCat("a record of ", bytes.size(), " bytes"));
    }
    absl::MutexLock lock(&mutex_);
    RETURN_IF_ERROR(lanes_[area.index()].broken);
    return AppendLocked(area, std::move(bytes));
  }

  absl::StatusOr<std::unique_ptr<Tail>> OpenTail(Area area, TailPosition after) override {
    ASSIGN_OR_RETURN(std::unique_ptr<RawSource> source, OpenKafkaRawSource(options_, area));
    return MakeTail(area, std::move(source), std::move(after));
  }

  // Goes on from where the last call stopped.
  absl::StatusOr<TailPosition> End(Area area) override {
    TailPosition from;
    {
      absl::MutexLock lock(&mutex_);
      from = lanes_[area.index()].end;
    }
    ASSIGN_OR_RETURN(const std::unique_ptr<Tail> tail, OpenTail(area, from));
    ASSIGN_OR_RETURN(TailPosition end,
                     ReadToEnd(*tail, Clock::System().Now() + options_.claim_timeout));
    absl::MutexLock lock(&mutex_);
    lanes_[area.index()].end = end;
    return end;
  }

  absl::Status Health(Area area) override {
    absl::MutexLock lock(&mutex_);
    return lanes_[area.index()].broken;
  }

 private:
  struct Lane {
    uint64_t claim = 0;
    absl::Status broken;
    TailPosition end;
  };

  // Under the lock, so that the order of the calls is the order on the wire. librdkafka only
  // enqueues.
  absl::Status AppendLocked(Area area, std::string bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return producer_->Produce(std::make_unique<InFlight>(
        InFlight{this, area, lanes_[area.index()].claim, std::move(bytes)}));
  }

  // On the thread of a producer.
  static void OnDelivery(InFlight& frame, rd_kafka_resp_err_t err) {
    if (err == RD_KAFKA_RESP_ERR_NO_ERROR) return;
    absl::MutexLock lock(&frame.log->mutex_);
    Lane& lane = frame.log->lanes_[frame.area.index()];
    if (lane.claim != frame.claim || !lane.broken.ok()) return;
    lane.broken = absl::UnavailableError(
        absl::StrCat("an append to ", frame.area.code(), " failed: ", rd_kafka_err2str(err)));
    PDP_LOG(WARNING) << lane.broken.message() << "; broken until the next claim";
  }

  absl::Status ReplaceUnusableProducer() {
    std::shared_ptr<Producer> old;
    {
      absl::MutexLock lock(&mutex_);
      char why[256] = "";
      if (rd_kafka_fatal_error(producer_->client(), why, sizeof(why)) ==
          RD_KAFKA_RESP_ERR_NO_ERROR) {
        return absl::OkStatus();
      }
      PDP_LOG(ERROR) << "the producer is replaced: " << why;
      ASSIGN_OR_RETURN(std::shared_ptr<Producer> fresh, Producer::Open(options_, OnDelivery));
      old = std::exchange(producer_, std::move(fresh));
      // What the old one still carried is lost for every area, not for the claimed one only.
      for (Lane& lane : lanes_) {
        if (lane.broken.ok()) lane.broken = absl::UnavailableError("the producer was replaced");
      }
    }
    return absl::OkStatus();  // `old` ends here, outside the lock that its reports take
  }

  const KafkaLogOptions options_;
  absl::Mutex mutex_;
  std::array<Lane, Area::kCount> lanes_ ABSL_GUARDED_BY(mutex_);
  // Last: its destructor still reports deliveries.
  std::shared_ptr<Producer> producer_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::string LogTopic(absl::string_view service) {
  return absl::StrCat("pdp.", absl::StrReplaceAll(service, {{"-", "_"}}), ".log.v1");
}

absl::StatusOr<std::unique_ptr<EventLog>> OpenKafkaLog(KafkaLogOptions options) {
  auto log = std::make_unique<KafkaLog>(std::move(options));
  RETURN_IF_ERROR(log->Open());
  return log;
}

}  // namespace pdp::log
