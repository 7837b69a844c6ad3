#ifndef PDP_LIBS_PROJECTION_KAFKA_MESSAGE_H_
#define PDP_LIBS_PROJECTION_KAFKA_MESSAGE_H_

#include <librdkafka/rdkafka.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "pdp/common/v1/cloud_event.pb.h"

// CloudEvents in Kafka binary mode, and owners of librdkafka's handles. Internal to kafka_events.

namespace pdp::projection {

template <auto kDestroy>
struct Destroyer {
  template <typename T>
  void operator()(T* handle) const {
    kDestroy(handle);
  }
};
using KafkaHandle = std::unique_ptr<rd_kafka_t, Destroyer<rd_kafka_destroy>>;
using KafkaMessage = std::unique_ptr<rd_kafka_message_t, Destroyer<rd_kafka_message_destroy>>;
using KafkaPartitions = std::unique_ptr<rd_kafka_topic_partition_list_t,
                                        Destroyer<rd_kafka_topic_partition_list_destroy>>;

// The header lines of an event, in a fixed order; empty attributes are left out.
std::vector<std::pair<std::string, std::string>> HeadersOf(const common::v1::CloudEvent& event);

// The event of a received message. DataLoss when a required attribute is missing or malformed.
absl::StatusOr<common::v1::CloudEvent> EventOf(const rd_kafka_message_t& message);

// A configuration with the platform's settings, then `own`, then `settings`. InvalidArgument naming
// the setting that librdkafka refuses.
absl::StatusOr<rd_kafka_conf_t*> MakeConfiguration(
    const std::string& brokers, const std::vector<std::pair<std::string, std::string>>& own,
    const std::map<std::string, std::string>& settings);

absl::Status KafkaError(const std::string& what, rd_kafka_resp_err_t error);

}  // namespace pdp::projection

#endif  // PDP_LIBS_PROJECTION_KAFKA_MESSAGE_H_
