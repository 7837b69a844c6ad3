#include "libs/projection/kafka_message.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"

namespace pdp::projection {

using common::v1::CloudEvent;
using google::protobuf::util::TimeUtil;

std::vector<std::pair<std::string, std::string>> HeadersOf(const CloudEvent& event) {
  std::vector<std::pair<std::string, std::string>> headers = {
      {"ce_specversion", "1.0"},
      {"ce_id", event.id()},
      {"ce_type", event.type()},
      {"ce_source", event.source()},
      {"ce_subject", event.subject()},
      {"ce_time", TimeUtil::ToString(event.time())},
      {"ce_area", event.area()},
      {"ce_seq", absl::StrCat(event.seq())},
      {"ce_index", absl::StrCat(event.index())},
      {"ce_correlationid", event.correlation_id()},
      {"ce_causationid", event.causation_id()},
      {"traceparent", event.traceparent()},
      {"content-type", "application/protobuf"},
  };
  std::erase_if(headers, [](const auto& header) { return header.second.empty(); });
  return headers;
}

absl::StatusOr<CloudEvent> EventOf(const rd_kafka_message_t& message) {
  std::map<std::string, std::string> attributes;
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* name = nullptr;
    const void* value = nullptr;
    size_t size = 0;
    for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) ==
                       RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
      attributes[name] = std::string(static_cast<const char*>(value), size);
    }
  }
  CloudEvent event;
  uint64_t seq = 0;
  uint32_t index = 0;
  if (attributes["ce_id"].empty() || attributes["ce_type"].empty() ||
      attributes["ce_area"].empty() || !absl::SimpleAtoi(attributes["ce_seq"], &seq) ||
      !absl::SimpleAtoi(attributes["ce_index"], &index) ||
      !TimeUtil::FromString(attributes["ce_time"], event.mutable_time())) {
    return absl::DataLossError(
        absl::StrCat("a message at offset ", message.offset, " of partition ", message.partition,
                     " is no CloudEvent of the platform"));
  }
  event.set_id(attributes["ce_id"]);
  event.set_type(attributes["ce_type"]);
  event.set_source(attributes["ce_source"]);
  event.set_subject(attributes["ce_subject"]);
  event.set_area(attributes["ce_area"]);
  event.set_seq(seq);
  event.set_index(index);
  event.set_correlation_id(attributes["ce_correlationid"]);
  event.set_causation_id(attributes["ce_causationid"]);
  event.set_traceparent(attributes["traceparent"]);
  event.set_data(std::string(static_cast<const char*>(message.payload), message.len));
  return event;
}

absl::StatusOr<rd_kafka_conf_t*> MakeConfiguration(
    const std::string& brokers, const std::vector<std::pair<std::string, std::string>>& own,
    const std::map<std::string, std::string>& settings) {
  std::vector<std::pair<std::string, std::string>> all = {
      {"bootstrap.servers", brokers},
      {"client.id", "pdp"},
      {"socket.nagle.disable", "true"},
      {"reconnect.backoff.ms", "50"},
      {"reconnect.backoff.max.ms", "2000"},
      {"log_level", "3"},
  };
  all.insert(all.end(), own.begin(), own.end());
  all.insert(all.end(), settings.begin(), settings.end());
  rd_kafka_conf_t* configuration = rd_kafka_conf_new();
  for (const auto& [name, value] : all) {
    char error[512];
    if (rd_kafka_conf_set(configuration, name.c_str(), value.c_str(), error, sizeof(error)) !=
        RD_KAFKA_CONF_OK) {
      rd_kafka_conf_destroy(configuration);
      return absl::InvalidArgumentError(absl::StrCat("kafka setting ", name, ": ", error));
    }
  }
  return configuration;
}

absl::Status KafkaError(const std::string& what, rd_kafka_resp_err_t error) {
  return absl::UnavailableError(absl::StrCat(what, ": ", rd_kafka_err2str(error)));
}

}  // namespace pdp::projection
