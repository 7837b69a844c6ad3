#ifndef PDP_LIBS_LOG_KAFKA_CLIENT_H_
#define PDP_LIBS_LOG_KAFKA_CLIENT_H_

#include <librdkafka/rdkafka.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/log/kafka_log.h"
#include "libs/log/tail.h"

// librdkafka as the Kafka binding and its tools use it.

namespace pdp::log {

struct KafkaDeleter {
  void operator()(rd_kafka_t* handle) const { rd_kafka_destroy(handle); }
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
  void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
  void operator()(rd_kafka_topic_partition_list_t* list) const {
    rd_kafka_topic_partition_list_destroy(list);
  }
  void operator()(const rd_kafka_metadata_t* metadata) const {
    rd_kafka_metadata_destroy(metadata);
  }
};
template <typename T>
using KafkaPtr = std::unique_ptr<T, KafkaDeleter>;

// A producer or consumer with `defaults`, then options.settings on top; messages of librdkafka go
// to PDP_LOG. `configure` may set callbacks. InvalidArgument when librdkafka refuses a setting.
absl::StatusOr<KafkaPtr<rd_kafka_t>> MakeKafkaClient(
    rd_kafka_type_t type, const KafkaLogOptions& options,
    const std::vector<std::pair<std::string, std::string>>& defaults,
    const std::function<void(rd_kafka_conf_t*)>& configure);

// Makes the topic when it is missing and waits until every partition has a leader.
absl::Status EnsureLogTopic(rd_kafka_t* client, const KafkaLogOptions& options);

// Raw frames of one partition, by a consumer of its own.
absl::StatusOr<std::unique_ptr<RawSource>> OpenKafkaRawSource(const KafkaLogOptions& options,
                                                              Area area);

}  // namespace pdp::log

#endif  // PDP_LIBS_LOG_KAFKA_CLIENT_H_
