#ifndef PDP_TOOLS_DEMO_PLATFORM_H_
#define PDP_TOOLS_DEMO_PLATFORM_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "grpcpp/grpcpp.h"
#include "libs/base/hash.h"
#include "libs/base/timestamp.h"
#include "libs/rpc/client.h"
#include "pdp/common/v1/common.pb.h"
#include "tools/demo/credentials.h"

namespace pdp::demo {

// Who a command of the demonstration is issued by.
struct As {
  std::string id;
  std::vector<std::string> roles;
  std::string organisation;
  // When it happened in the world; none: as it is sent.
  std::optional<absl::Time> occurred_at = std::nullopt;
};

// One service of the platform as a patient client sees it: every call carries a command id made
// before sending, UNAVAILABLE and DEADLINE_EXCEEDED are answered by asking again with the same id,
// and the address is read again each time, so a service may be killed and come back on another
// port. Thread-safe.
class Service {
 public:
  Service(std::string name, std::string port_dir, std::optional<rpc::ClientTls> tls = std::nullopt)
      : name_(std::move(name)), port_dir_(std::move(port_dir)), tls_(std::move(tls)) {}

  // The present channel; re-read from <port_dir>/<name>.port after Forget.
  std::shared_ptr<grpc::Channel> channel();
  void Forget();
  const std::string& name() const { return name_; }

 private:
  const std::string name_, port_dir_;
  const std::optional<rpc::ClientTls> tls_;
  absl::Mutex mutex_;
  std::shared_ptr<grpc::Channel> channel_ ABSL_GUARDED_BY(mutex_);
};

// How long a call is repeated before the demonstration gives up.
inline constexpr absl::Duration kPatience = absl::Seconds(90);

// "code 7 NOT_VISIBLE: ..." of a status with its ErrorInfo and bad fields.
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
  if (as.occurred_at.has_value()) *header->mutable_occurred_at() = ToTimestamp(*as.occurred_at);
  request.set_area(std::string(area));
  *request.mutable_command() = command;
  return Patiently(service, [&](const std::shared_ptr<grpc::Channel>& channel,
                                grpc::ClientContext* context) {
    return Stub::NewStub(channel)->Execute(context, request, reply);
  });
}

// A UUID of version 4's form made from a name: the request id of a gateway call that is the same
// on every repeat.
std::string RequestIdOf(absl::string_view name);

// The gateway as the programs of the organisations call it: over mTLS with the organisation's
// certificate, each call with a token bound to it. Thread-safe.
class Gateway {
 public:
  Gateway(std::string port_dir, const Credentials& credentials);

  // One call as `client_id` ("S01-delivery"), repeated patiently.
  template <typename Stub, typename Request, typename Reply>
  grpc::Status Call(const std::string& client_id,
                    grpc::Status (Stub::Stub::*method)(grpc::ClientContext*, const Request&,
                                                       Reply*),
                    const Request& request, Reply* reply) {
    Service* service = ServiceOf(client_id);
    if (service == nullptr) return {grpc::StatusCode::NOT_FOUND, client_id + " is no client"};
    return Patiently(*service, [&](const std::shared_ptr<grpc::Channel>& channel,
                                   grpc::ClientContext* context) {
      const auto token = credentials_.Token(client_id, absl::Now());
      if (!token.ok()) {
        return grpc::Status(grpc::StatusCode::UNAUTHENTICATED,
                            std::string(token.status().message()));
      }
      context->AddMetadata("authorization", "Bearer " + *token);
      auto stub = Stub::NewStub(channel);
      return (stub.get()->*method)(context, request, reply);
    });
  }

 private:
  // Null for a client that is not known.
  Service* ServiceOf(const std::string& client_id);

  const Credentials credentials_;
  // One channel an organisation, for its certificate.
  std::vector<std::pair<std::string, std::unique_ptr<Service>>> services_;
};

// The whole platform of one folder of .port files, with the gateway's credentials below it.
struct Platform {
  // Makes the credentials in <dir>/gateway when they are missing.
  static absl::StatusOr<std::unique_ptr<Platform>> Open(const std::string& dir);

  Platform(const std::string& dir, const Credentials& credentials)
      : referral("referral", dir),
        subcontractor("subcontractor", dir),
        programmes("programmes", dir),
        unpaid_work("unpaid_work", dir),
        gateway(dir, credentials) {}

  Service referral, subcontractor, programmes, unpaid_work;
  Gateway gateway;
};

}  // namespace pdp::demo

#endif  // PDP_TOOLS_DEMO_PLATFORM_H_
