#ifndef PDP_LIBS_PROJECTION_KAFKA_EVENTS_H_
#define PDP_LIBS_PROJECTION_KAFKA_EVENTS_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/area.h"
#include "libs/projection/event_source.h"
#include "libs/projection/marks.h"
#include "libs/projection/projection.h"
#include "libs/projection/pulse.h"

namespace pdp::projection {

// Public events on Kafka: topic pdp.<service>.events.v1, partition = Area::index(), CloudEvents 1.0
// Kafka binary mode. Headers: ce_specversion ce_id ce_type ce_source ce_subject ce_time ce_area
// ce_seq ce_index ce_correlationid ce_causationid traceparent content-type (empty ones are left
// out); key = the subject; value = CloudEvent.data.

struct KafkaEventsOptions {
  // "host:port,host:port".
  std::string brokers;
  // Copies of each partition when the topic has to be made; 0: 3, or the number of brokers if less.
  int replication_factor = 0;
  absl::Duration request_timeout = absl::Seconds(10);
  // Wait before a broken producer is made anew, doubling to 30 s.
  absl::Duration retry = absl::Milliseconds(500);
  // Events of one area sent and not yet acknowledged.
  size_t in_flight_max = 1000;
  // Further librdkafka settings (security.protocol, ssl.*); they win over ours.
  std::map<std::string, std::string> settings;
};

// Makes the topic (13 partitions) when it is missing. FailedPrecondition when it has another number
// of partitions, Unavailable when no broker answers.
absl::Status EnsureEventsTopic(const std::string& topic, const KafkaEventsOptions& options);

// Sends the rows of the publisher to the topic: at least once, in order, from a mark that moves
// when the broker has acknowledged everything up to it. An error that could leave a gap stops the
// producer; a new one starts again from the marks, so repeats come in order too. One thread.
// `rows`, `pulse` (beaten when there are new rows) and `marks` outlive it.
class KafkaPublisher {
 public:
  // `leads` (optional): areas led elsewhere are not published from here.
  KafkaPublisher(KafkaEventsOptions options, std::string service, std::vector<Area> areas,
                 const RowReader& rows, Pulse& pulse, MarkStore& marks,
                 std::function<bool(Area)> leads = {});
  // Stops: what is in flight is given up and sent again next time.
  ~KafkaPublisher();

  // Acknowledged up to here; (0, 0) for nothing.
  common::v1::FeedPosition mark(Area area) const;
  // OK, or why nothing is sent at present.
  absl::Status health() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Reads a service's topic. Positions are (seq, index): the offset to begin at is found by bisecting
// the partition, so no consumer group and no stored offset is needed. Repeats are dropped.
absl::StatusOr<std::unique_ptr<EventSource>> OpenKafkaSource(KafkaEventsOptions options,
                                                             SourceRequest request);

}  // namespace pdp::projection

#endif  // PDP_LIBS_PROJECTION_KAFKA_EVENTS_H_
