#ifndef PDP_TOOLS_DEMO_PLATFORM_H_
#define PDP_TOOLS_DEMO_PLATFORM_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "grpcpp/grpcpp.h"
#include "libs/base/hash.h"
#include "pdp/common/v1/common.pb.h"

namespace pdp::demo {

// Who a command of the demonstration is issued by.
struct As {
  std::string id;
  std::vector<std::string> roles;
  std::string organisation;
};

// One service of the platform as a patient client sees it: every call carries a command id made
// before sending, UNAVAILABLE and DEADLINE_EXCEEDED are answered by asking again with the same id,
// and the address is read again each time, so a service may be killed and come back on another
// port.
class Service {
 public:
  Service(std::string name, std::string port_dir) : name_(name), port_dir_(port_dir) {}

  // The present channel; re-read from <port_dir>/<name>.port after Forget.
  std::shared_ptr<grpc::Channel> channel();
  void Forget();
  const std::string& name() const { return name_; }

 private:
  const std::string name_, port_dir_;
  absl::Mutex mutex_;
  std::shared_ptr<grpc::Channel> channel_ ABSL_GUARDED_BY(mutex_);
};

// How long a call is repeated before the demonstration gives up.
inline constexpr absl::Duration kPatience = absl::Seconds(90);

// "PERMISSION_DENIED NOT_VISIBLE: ..." of a status with its ErrorInfo and bad fields.
std::string Describe(const grpc::Status& status);
// The stable reason of a refusal; empty when the status carries none.
std::string ReasonOf(const grpc::Status& status);

// Calls `call(channel, context)` until it answers with something else than UNAVAILABLE or
// DEADLINE_EXCEEDED, or patience ends.
template <typename Call>
grpc::Status Patiently(Service& service, Call call) {
  const absl::Time give_up = absl::Now() + kPatience;
  while (true) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(10)));
    const grpc::Status status = call(service.channel(), &context);
    if ((status.error_code() != grpc::StatusCode::UNAVAILABLE &&
         status.error_code() != grpc::StatusCode::DEADLINE_EXCEEDED &&
         status.error_code() != grpc::StatusCode::RESOURCE_EXHAUSTED) ||
        absl::Now() > give_up) {
      return status;
    }
    service.Forget();
    absl::SleepFor(absl::Milliseconds(50));
  }
}

// Runs one command of a service. `id` names the command for ever: the same id a second time takes
// no second effect.
template <typename Stub, typename Request, typename Reply, typename Command>
grpc::Status Run(Service& service, absl::string_view area, absl::string_view id, const As& as,
                 const Command& command, Reply* reply) {
  Request request;
  auto* header = request.mutable_header();
  header->set_command_id(std::string(DerivedCommandId("demonstration", id).bytes()));
  header->mutable_actor()->set_id(as.id);
  header->mutable_actor()->set_organisation(as.organisation);
  for (const std::string& role : as.roles) header->mutable_actor()->add_roles(role);
  request.set_area(std::string(area));
  *request.mutable_command() = command;
  return Patiently(service, [&](const std::shared_ptr<grpc::Channel>& channel,
                                grpc::ClientContext* context) {
    return Stub::NewStub(channel)->Execute(context, request, reply);
  });
}

}  // namespace pdp::demo

#endif  // PDP_TOOLS_DEMO_PLATFORM_H_
