#include "libs/projection/kafka_events.h"

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "libs/base/log.h"
#include "libs/base/status_macros.h"
#include "libs/projection/kafka_message.h"
#include "libs/projection/publisher.h"

namespace pdp::projection {
namespace {

using common::v1::CloudEvent;
using common::v1::FeedPosition;
using Place = std::pair<uint64_t, uint32_t>;

absl::StatusOr<KafkaHandle> NewHandle(rd_kafka_type_t type, rd_kafka_conf_t* configuration) {
  char error[512];
  rd_kafka_t* handle = rd_kafka_new(type, configuration, error, sizeof(error));
  if (handle == nullptr) {
    rd_kafka_conf_destroy(configuration);
    return absl::InvalidArgumentError(absl::StrCat("kafka: ", error));
  }
  return KafkaHandle(handle);
}

// Partitions of the topic (0: there is none) and number of brokers.
absl::StatusOr<std::pair<int, int>> Describe(rd_kafka_t* client, const std::string& topic,
                                             absl::Duration timeout) {
  rd_kafka_topic_t* handle = rd_kafka_topic_new(client, topic.c_str(), nullptr);
  const rd_kafka_metadata_t* metadata = nullptr;
  const rd_kafka_resp_err_t error = rd_kafka_metadata(
      client, 0, handle, &metadata, static_cast<int>(absl::ToInt64Milliseconds(timeout)));
  rd_kafka_topic_destroy(handle);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return KafkaError("no broker answers", error);
  std::pair<int, int> found{0, metadata->broker_cnt};
  if (metadata->topic_cnt == 1 && metadata->topics[0].err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    found.first = metadata->topics[0].partition_cnt;
  }
  rd_kafka_metadata_destroy(metadata);
  return found;
}

absl::Status CreateTopic(rd_kafka_t* client, const std::string& topic, int copies,
                         absl::Duration timeout) {
  char text[512];
  rd_kafka_NewTopic_t* made =
      rd_kafka_NewTopic_new(topic.c_str(), Area::kCount, copies, text, sizeof(text));
  if (made == nullptr) return absl::InvalidArgumentError(text);
  rd_kafka_NewTopic_set_config(made, "min.insync.replicas", copies > 1 ? "2" : "1");
  rd_kafka_NewTopic_set_config(made, "retention.ms", "-1");
  rd_kafka_queue_t* queue = rd_kafka_queue_new(client);
  rd_kafka_CreateTopics(client, &made, 1, nullptr, queue);
  rd_kafka_event_t* event =
      rd_kafka_queue_poll(queue, static_cast<int>(absl::ToInt64Milliseconds(timeout)));
  absl::Status status = absl::UnavailableError(absl::StrCat("no answer about topic ", topic));
  if (event != nullptr && rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    size_t count = 0;
    const rd_kafka_topic_result_t** results =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
    const rd_kafka_resp_err_t error =
        count == 1 ? rd_kafka_topic_result_error(results[0]) : RD_KAFKA_RESP_ERR_UNKNOWN;
    status = error == RD_KAFKA_RESP_ERR_NO_ERROR ||
                     error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS
                 ? absl::OkStatus()
                 : KafkaError(absl::StrCat("topic ", topic), error);
  }
  if (event != nullptr) rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  rd_kafka_NewTopic_destroy(made);
  return status;
}

}  // namespace

absl::Status EnsureEventsTopic(const std::string& topic, const KafkaEventsOptions& options) {
  ASSIGN_OR_RETURN(rd_kafka_conf_t * configuration,
                   MakeConfiguration(options.brokers, {}, options.settings));
  ASSIGN_OR_RETURN(KafkaHandle client, NewHandle(RD_KAFKA_PRODUCER, configuration));
  ASSIGN_OR_RETURN(auto found, Describe(client.get(), topic, options.request_timeout));
  if (found.first == 0) {
    const int copies =
        options.replication_factor > 0 ? options.replication_factor : std::min(3, found.second);
    RETURN_IF_ERROR(CreateTopic(client.get(), topic, std::max(copies, 1), options.request_timeout));
    return absl::OkStatus();
  }
  if (found.first != Area::kCount) {
    return absl::FailedPreconditionError(absl::StrCat("topic ", topic, " has ", found.first,
                                                      " partitions, not ", int{Area::kCount}));
  }
  return absl::OkStatus();
}

// One producer life after another; see Run.
class KafkaPublisher::Impl {
 public:
  Impl(KafkaEventsOptions options, std::string service, std::vector<Area> areas,
       const RowReader& rows, Pulse& pulse, MarkStore& marks, std::function<bool(Area)> leads)
      : options_(std::move(options)),
        service_(std::move(service)),
        topic_(EventsTopic(service_)),
        areas_(std::move(areas)),
        rows_(rows),
        pulse_(pulse),
        marks_(marks),
        leads_(std::move(leads)),
        thread_([this] { Run(); }) {}

  ~Impl() {
    {
      absl::MutexLock lock(&mutex_);
      stopping_ = true;
    }
    pulse_.Beat();
    thread_.join();
  }

  FeedPosition mark(Area area) const {
    absl::MutexLock lock(&mutex_);
    const auto it = acknowledged_.find(area);
    FeedPosition at;
    at.set_area(std::string(area.code()));
    if (it == acknowledged_.end()) return at;
    at.set_seq(it->second.first);
    at.set_index(it->second.second);
    return at;
  }
  absl::Status health() const {
    absl::MutexLock lock(&mutex_);
    return health_;
  }

 private:
  // Where one area stands. `sent` runs ahead of `acked`.
  struct Lane {
    Place sent;
    Place acked;
    size_t in_flight = 0;
  };
  // What travels with a message to its delivery report.
  struct Ticket {
    Impl* impl;
    Area area;
    Place place;
  };

  void Run() {
    absl::Duration wait = options_.retry;
    while (!stopping()) {
      absl::Status ended = OneLife();
      if (stopping()) return;
      SetHealth(ended);
      PDP_LOG(WARNING) << "events of " << service_ << " are not published: " << ended.message();
      absl::MutexLock lock(&mutex_);
      mutex_.AwaitWithTimeout(absl::Condition(&stopping_), wait);
      wait = delivered_ ? options_.retry : std::min(2 * wait, absl::Seconds(30));
    }
  }

  // Makes a producer and feeds it from the marks until it breaks or we stop.
  absl::Status OneLife() {
    delivered_ = false;
    broken_ = absl::OkStatus();
    RETURN_IF_ERROR(EnsureEventsTopic(topic_, options_));
    RETURN_IF_ERROR(ReadMarks());
    ASSIGN_OR_RETURN(rd_kafka_conf_t * configuration,
                     MakeConfiguration(options_.brokers,
                                       {{"enable.idempotence", "true"},
                                        {"enable.gapless.guarantee", "true"},
                                        {"acks", "all"},
                                        {"linger.ms", "1"},
                                        {"message.timeout.ms", "0"}},
                                       options_.settings));
    rd_kafka_conf_set_dr_msg_cb(configuration, [](rd_kafka_t*, const rd_kafka_message_t* message,
                                                  void*) {
      std::unique_ptr<Ticket> ticket(static_cast<Ticket*>(message->_private));
      ticket->impl->Delivered(*ticket, message->err);
    });
    ASSIGN_OR_RETURN(KafkaHandle producer, NewHandle(RD_KAFKA_PRODUCER, configuration));
    absl::Status status = Feed(producer.get());
    // What is in flight comes back as failed and is freed; then the handle may go.
    rd_kafka_purge(producer.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    for (int i = 0; i < 100 && rd_kafka_outq_len(producer.get()) > 0; ++i) {
      rd_kafka_poll(producer.get(), 20);
    }
    return status;
  }

  absl::Status Feed(rd_kafka_t* producer) {
    SetHealth(absl::OkStatus());
    while (!stopping()) {
      const uint64_t seen = pulse_.count();
      bool sent = false;
      size_t in_flight = 0;
      for (Area area : areas_) {
        if (leads_ && !leads_(area)) continue;
        ASSIGN_OR_RETURN(bool any, SendSome(producer, area));
        sent |= any;
        in_flight += lanes_[area].in_flight;
      }
      rd_kafka_poll(producer, in_flight > 0 && !sent ? 10 : 0);
      if (!broken_.ok()) return broken_;
      char text[512];
      const rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(producer, text, sizeof(text));
      if (fatal != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return absl::UnavailableError(absl::StrCat("kafka producer: ", text));
      }
      if (!sent && in_flight == 0) pulse_.Await(seen, absl::Milliseconds(500));
    }
    return absl::CancelledError("stopping");
  }

  absl::StatusOr<bool> SendSome(rd_kafka_t* producer, Area area) {
    Lane& lane = lanes_[area];
    if (lane.in_flight >= options_.in_flight_max) return false;
    ASSIGN_OR_RETURN(std::vector<CloudEvent> events,
                     ReadPublic(rows_, area, Seq(lane.sent.first), lane.sent.second,
                                std::min<size_t>(options_.in_flight_max - lane.in_flight, 256)));
    for (const CloudEvent& event : events) {
      if (IsInternal(event)) {
        lane.sent = {event.seq(), event.index()};
        continue;
      }
      RETURN_IF_ERROR(Send(producer, area, event));
      lane.sent = {event.seq(), event.index()};
      ++lane.in_flight;
    }
    return !events.empty();
  }

  absl::Status Send(rd_kafka_t* producer, Area area, const CloudEvent& event) {
    rd_kafka_headers_t* headers = rd_kafka_headers_new(16);
    for (const auto& [name, value] : HeadersOf(event)) {
      rd_kafka_header_add(headers, name.c_str(), -1, value.data(),
                          static_cast<ssize_t>(value.size()));
    }
    auto ticket = std::make_unique<Ticket>(Ticket{this, area, {event.seq(), event.index()}});
    const rd_kafka_resp_err_t error = rd_kafka_producev(
        producer, RD_KAFKA_V_TOPIC(topic_.c_str()), RD_KAFKA_V_PARTITION(area.index()),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_KEY(event.subject().data(), event.subject().size()),
        RD_KAFKA_V_VALUE(const_cast<char*>(event.data().data()), event.data().size()),
        RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_OPAQUE(ticket.get()), RD_KAFKA_V_END);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      rd_kafka_headers_destroy(headers);
      return KafkaError(absl::StrCat("event ", event.id()), error);
    }
    (void)ticket.release();  // comes back with the delivery report
    return absl::OkStatus();
  }

  // Delivery report, on this thread, from rd_kafka_poll.
  void Delivered(const Ticket& ticket, rd_kafka_resp_err_t error) {
    Lane& lane = lanes_[ticket.area];
    --lane.in_flight;
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (broken_.ok()) broken_ = KafkaError("delivery", error);
      return;
    }
    // After a failure nothing later counts: it will be sent again, in order.
    if (!broken_.ok() || ticket.place <= lane.acked) return;
    delivered_ = true;
    lane.acked = ticket.place;
    {
      absl::MutexLock lock(&mutex_);
      acknowledged_[ticket.area] = lane.acked;
    }
    absl::Status put = marks_.Put(MarkKey(ticket.area), mark(ticket.area));
    if (!put.ok()) broken_ = put;
  }

  absl::Status ReadMarks() {
    lanes_.clear();
    for (Area area : areas_) {
      ASSIGN_OR_RETURN(auto mark, marks_.Get(MarkKey(area)));
      Lane& lane = lanes_[area];
      if (mark) lane.acked = {mark->seq(), mark->index()};
      lane.sent = lane.acked;
      absl::MutexLock lock(&mutex_);
      acknowledged_[area] = lane.acked;
    }
    return absl::OkStatus();
  }

  static std::string MarkKey(Area area) { return absl::StrCat("kafka/", area.code()); }

  bool stopping() const {
    absl::MutexLock lock(&mutex_);
    return stopping_;
  }

  void SetHealth(absl::Status status) {
    absl::MutexLock lock(&mutex_);
    health_ = std::move(status);
  }

  const KafkaEventsOptions options_;
  const std::string service_;
  const std::string topic_;
  const std::vector<Area> areas_;
  const RowReader& rows_;
  Pulse& pulse_;
  MarkStore& marks_;
  const std::function<bool(Area)> leads_;
  // The thread's own.
  std::map<Area, Lane> lanes_;
  absl::Status broken_;
  bool delivered_ = false;

  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<Area, Place> acknowledged_ ABSL_GUARDED_BY(mutex_);
  absl::Status health_ ABSL_GUARDED_BY(mutex_) = absl::UnavailableError("starting");
  std::thread thread_;
};

KafkaPublisher::KafkaPublisher(KafkaEventsOptions options, std::string service,
                               std::vector<Area> areas, const RowReader& rows, Pulse& pulse,
                               MarkStore& marks, std::function<bool(Area)> leads)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(service), std::move(areas), rows,
                                   pulse, marks, std::move(leads))) {}
KafkaPublisher::~KafkaPublisher() = default;
FeedPosition KafkaPublisher::mark(Area area) const { return impl_->mark(area); }
absl::Status KafkaPublisher::health() const { return impl_->health(); }

}  // namespace pdp::projection
