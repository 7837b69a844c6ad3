#ifndef PDP_LIBS_LOG_KAFKA_LOG_H_
#define PDP_LIBS_LOG_KAFKA_LOG_H_

#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/log/event_log.h"

namespace pdp::log {

struct KafkaLogOptions {
  // "host:port,host:port".
  std::string brokers;
  // "pdp.<service>.log.v1": LogTopic(service).
  std::string topic;
  // Copies of each partition when the topic has to be made. 0: 3, or the number of brokers if less.
  int replication_factor = 0;
  // Frames not yet acknowledged by the broker. More: Append answers ResourceExhausted.
  size_t in_flight_records_max = 65'536;
  // How long an append may stay unknown before it counts as failed.
  absl::Duration delivery_timeout = absl::Seconds(15);
  // Any single question to the broker (topics, ends of partitions).
  absl::Duration request_timeout = absl::Seconds(5);
  absl::Duration claim_timeout = absl::Seconds(30);
  // Further librdkafka settings (security.protocol, ssl.*, sasl.*); they win over ours.
  std::map<std::string, std::string> settings;
  Clock* clock = &Clock::System();
};

// "pdp.<service with hyphens as underscores>.log.v1".
std::string LogTopic(absl::string_view service);

// The production binding: one topic a service, partition = Area::index(). One idempotent producer
// (acks=all) for all areas, one consumer a tail. Makes the topic with its settings (13 partitions,
// kept for ever, deploy/kafka/topics.yaml) when it is missing; FailedPrecondition when it exists
// with other than 13 partitions; Unavailable when no broker answers within request_timeout.
// Positions live in the views, never in consumer groups. Tails must be destroyed before the log.
absl::StatusOr<std::unique_ptr<EventLog>> OpenKafkaLog(KafkaLogOptions options);

}  // namespace pdp::log

#endif  // PDP_LIBS_LOG_KAFKA_LOG_H_
