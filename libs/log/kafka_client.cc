#include "libs/log/kafka_client.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "libs/base/log.h"
#include "libs/base/status_macros.h"

namespace pdp::log {
namespace {

constexpr int kSyslogWarning = 4;

void OnLog(const rd_kafka_t*, int level, const char* facility, const char* text) {
  if (level <= kSyslogWarning) {
    PDP_LOG(WARNING) << "kafka " << facility << ": " << text;
  }
}

int Millis(absl::Duration d) { return static_cast<int>(absl::ToInt64Milliseconds(d)); }

struct TopicState {
  int brokers = 0;
  bool exists = false;
  int partitions = 0;
  int led = 0;
};

absl::StatusOr<TopicState> LookAt(rd_kafka_t* client, const KafkaLogOptions& options) {
  // All topics: asking for one by name would make it, with wrong settings, on a lenient broker.
  const rd_kafka_metadata_t* raw = nullptr;
  const rd_kafka_resp_err_t err =
      rd_kafka_metadata(client, 1, nullptr, &raw, Millis(options.request_timeout));
  if (err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return absl::UnavailableError(absl::StrCat("no broker answers: ", rd_kafka_err2str(err)));
  }
  const KafkaPtr<const rd_kafka_metadata_t> metadata(raw);
  TopicState state;
  state.brokers = metadata->broker_cnt;
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    const rd_kafka_metadata_topic& topic = metadata->topics[i];
    if (options.topic != topic.topic || topic.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
      continue;
    state.exists = true;
    state.partitions = topic.partition_cnt;
    for (int p = 0; p < topic.partition_cnt; ++p) state.led += topic.partitions[p].leader >= 0;
  }
  return state;
}

absl::Status CreateTopic(rd_kafka_t* client, const KafkaLogOptions& options, int brokers) {
  const int copies = options.replication_factor > 0 ? options.replication_factor
                                                    : std::min(3, std::max(1, brokers));
  char why[512] = "";
  rd_kafka_NewTopic_t* topic =
      rd_kafka_NewTopic_new(options.topic.c_str(), Area::kCount, copies, why, sizeof(why));
  if (topic == nullptr) return absl::InvalidArgumentError(why);
  // As deploy/kafka/topics.yaml says.
  const std::pair<const char*, const char*> settings[] = {
      {"cleanup.policy", "delete"},         {"retention.ms", "-1"},
      {"retention.bytes", "-1"},            {"max.message.bytes", "1048576"},
      {"min.insync.replicas", copies >= 3 ? "2" : "1"},
      {"unclean.leader.election.enable", "false"}};
  for (const auto& [name, value] : settings) rd_kafka_NewTopic_set_config(topic, name, value);
  rd_kafka_AdminOptions_t* how = rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_CREATETOPICS);
  rd_kafka_AdminOptions_set_request_timeout(how, Millis(options.request_timeout), why, sizeof(why));
  rd_kafka_AdminOptions_set_operation_timeout(how, Millis(options.request_timeout), why,
                                              sizeof(why));
  const KafkaPtr<rd_kafka_queue_t> queue(rd_kafka_queue_new(client));
  rd_kafka_CreateTopics(client, &topic, 1, how, queue.get());
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue.get(), 2 * Millis(options.request_timeout));
  absl::Status status;
  if (event == nullptr || rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    status = absl::UnavailableError(
        absl::StrCat("the topic cannot be made: ",
                     event == nullptr ? "no answer" : rd_kafka_event_error_string(event)));
  } else {
    size_t count = 0;
    const rd_kafka_topic_result_t** results =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
    const rd_kafka_resp_err_t err =
        count == 1 ? rd_kafka_topic_result_error(results[0]) : RD_KAFKA_RESP_ERR_UNKNOWN;
    // Another process may have been faster.
    if (err != RD_KAFKA_RESP_ERR_NO_ERROR && err != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
      status = absl::FailedPreconditionError(
          absl::StrCat("the topic ", options.topic, " cannot be made: ", rd_kafka_err2str(err)));
    }
  }
  if (event != nullptr) rd_kafka_event_destroy(event);
  rd_kafka_AdminOptions_destroy(how);
  rd_kafka_NewTopic_destroy(topic);
  return status;
}

}  // namespace

absl::StatusOr<KafkaPtr<rd_kafka_t>> MakeKafkaClient(
    rd_kafka_type_t type, const KafkaLogOptions& options,
    const std::vector<std::pair<std::string, std::string>>& defaults,
    const std::function<void(rd_kafka_conf_t*)>& configure) {
  KafkaPtr<rd_kafka_conf_t> conf(rd_kafka_conf_new());
  char why[512] = "";
  std::vector<std::pair<std::string, std::string>> settings = {
      {"bootstrap.servers", options.brokers},
      {"client.id", "pdp"},
      {"socket.nagle.disable", "true"},
      {"socket.keepalive.enable", "true"},
      {"reconnect.backoff.ms", "50"},
      {"reconnect.backoff.max.ms", "1000"}};
  settings.insert(settings.end(), defaults.begin(), defaults.end());
  settings.insert(settings.end(), options.settings.begin(), options.settings.end());
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), why, sizeof(why)) !=
        RD_KAFKA_CONF_OK) {
      return absl::InvalidArgumentError(absl::StrCat(name, ": ", why));
    }
  }
  rd_kafka_conf_set_log_cb(conf.get(), OnLog);
  configure(conf.get());
  KafkaPtr<rd_kafka_t> client(rd_kafka_new(type, conf.get(), why, sizeof(why)));
  if (client == nullptr) return absl::InvalidArgumentError(why);
  conf.release();  // owned by the client now
  return client;
}

absl::Status EnsureLogTopic(rd_kafka_t* client, const KafkaLogOptions& options) {
  const absl::Time deadline = Clock::System().Now() + options.request_timeout;
  bool asked = false;
  while (true) {
    ASSIGN_OR_RETURN(const TopicState state, LookAt(client, options));
    if (state.exists && state.partitions != 0 && state.partitions != Area::kCount) {
      return absl::FailedPreconditionError(absl::StrCat("the topic ", options.topic, " has ",
                                                        state.partitions, " partitions, not ",
                                                        Area::kCount));
    }
    if (state.led == Area::kCount) return absl::OkStatus();
    if (!state.exists && !std::exchange(asked, true)) {
      RETURN_IF_ERROR(CreateTopic(client, options, state.brokers));
      continue;
    }
    if (Clock::System().Now() >= deadline) {
      return absl::UnavailableError(absl::StrCat("the topic ", options.topic, " has leaders for ",
                                                 state.led, " partitions only"));
    }
    // Leaders are elected within milliseconds; there is nothing to be told by but asking again.
    rd_kafka_poll(client, 20);
  }
}

}  // namespace pdp::log
