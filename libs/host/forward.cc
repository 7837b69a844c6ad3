#include "libs/host/forward.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "libs/base/deterministic_bytes.h"
#include "libs/rpc/client.h"

namespace pdp::host {
namespace {

using google::protobuf::Message;

// `pdp.<service>.v1.<name>`, empty; null when it is not linked in.
std::unique_ptr<Message> Make(const std::string& service, const char* name) {
  const auto* type = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
      absl::StrCat("pdp.", service, ".v1.", name));
  if (type == nullptr) return nullptr;
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

Message* Part(Message& whole, const char* field) {
  return whole.GetReflection()->MutableMessage(&whole,
                                               whole.GetDescriptor()->FindFieldByName(field));
}

}  // namespace

engine::CommandOutcome Forward(const std::string& service,
                               const std::shared_ptr<grpc::Channel>& channel, Area area,
                               const engine::CommandRequest& request, absl::Duration attempt) {
  const std::unique_ptr<Message> execute = Make(service, "ExecuteRequest");
  const std::unique_ptr<Message> reply = Make(service, "ExecuteReply");
  if (execute == nullptr || reply == nullptr ||
      execute->GetDescriptor()->file()->service_count() == 0) {
    return {absl::UnimplementedError(absl::StrCat("no Execute of ", service, " is known here"))};
  }
  Part(*execute, "header")->CopyFrom(request.header);
  Part(*execute, "command")->CopyFrom(*request.command);
  execute->GetReflection()->SetString(
      execute.get(), execute->GetDescriptor()->FindFieldByName("area"), std::string(area.code()));
  const auto refusal = rpc::Caller(attempt).Call(
      channel,
      absl::StrCat("/", execute->GetDescriptor()->file()->service(0)->full_name(), "/Execute"),
      *execute, reply.get());
  if (!refusal.ok()) return {refusal.status()};
  if (refusal->has_value()) {
    decider::Rejected rejected = decider::Reject((*refusal)->reason, (*refusal)->message);
    rejected.violations = (*refusal)->violations;
    return {std::move(rejected)};
  }
  engine::Committed committed;
  committed.outcome.CopyFrom(*Part(*reply, "outcome"));
  committed.reply_bytes = DeterministicBytes(*Part(*reply, "reply"));
  return {std::move(committed)};
}

}  // namespace pdp::host
