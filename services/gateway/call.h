#ifndef PDP_SERVICES_GATEWAY_CALL_H_
#define PDP_SERVICES_GATEWAY_CALL_H_

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "grpcpp/grpcpp.h"
#include "libs/base/clock.h"
#include "libs/rpc/shape.h"
#include "libs/rpc/status.h"
#include "services/gateway/access_log.h"
#include "services/gateway/auth_rules.h"
#include "services/gateway/authenticator.h"
#include "services/gateway/backends.h"
#include "services/gateway/quota.h"
#include "services/gateway/sealer.h"
#include "services/gateway/visibility.h"
#include "services/gateway/workers.h"

namespace pdp::gateway {

// One call on its way through the gateway.
struct Call {
  // "Allocations.ListOffers"
  std::string method;
  const AuthRules::Rule* rule = nullptr;
  Principal principal;
  // What the principal is on the resource; of standing for methods without one.
  std::set<common::v1::Party> parties;
  std::string resource;
  absl::Time started, deadline;
  // Headers that fill fields (GW-7, GW-8); empty when absent.
  std::string idempotency_key, if_match;
  std::string request_sha256;
  // Set by the handler: how many rows were read.
  int rows = 0;
};

// What every call goes through, in order: authentication, shape, visibility, function, quota,
// handler, access log (GW-1 to GW-15). No rule about a method stands here: the rules come from the
// descriptors. Thread-safe; owns nothing.
class CallPath {
 public:
  struct Parts {
    Authenticator& authenticator;
    const AuthRules& rules;
    Quotas& quotas;
    AccessLog& access_log;
    Visibility& visibility;
    Workers& workers;
    Backends& backends;
    Sealer& sealer;
    Clock& clock;
  };
  explicit CallPath(Parts parts) : parts_(parts) {}

  // Answers a unary call: `handler` runs on a worker once the call is admitted and fills `reply`.
  using Handler = std::function<grpc::Status(Call&)>;
  grpc::ServerUnaryReactor* Serve(grpc::CallbackServerContext* context, const char* method,
                                  const google::protobuf::Message& request,
                                  google::protobuf::Message* reply, Handler handler);

  // The checks without the handler, for streams: OK fills `call`. May wait for services.
  grpc::Status Begin(const grpc::CallbackServerContext& context, const char* method,
                     const google::protobuf::Message& request, Call* call);
  grpc::Status Admit(const google::protobuf::Message& request, Call* call);
  // Writes the access record; AUDIT_UNAVAILABLE in place of OK when person data was read and the
  // log cannot be written.
  grpc::Status End(const Call& call, grpc::Status status);

  const Parts& parts() const { return parts_; }

 private:
  Parts parts_;
};

// ---- What handlers share

grpc::Status Refuse(grpc::StatusCode code, const std::string& reason, const std::string& detail);
// The one answer for what is invisible and what does not exist.
grpc::Status NotVisible();
grpc::Status BadField(const std::string& field, const std::string& reason,
                      const std::string& detail);

// A service's answer as it leaves the gateway: reason codes unchanged but for COMMAND_ID_REUSED,
// VERSION_CONFLICT and, for a top-level name, NOT_FOUND (GW-3, GW-7, GW-8, GW-12).
grpc::Status Outward(const grpc::Status& status, bool top_level);

// Header of a command (GW-7): the id from tenant, method and request id, the version from the etag
// of `resource`. `request_id` and `etag` are the fields; headers fill them.
grpc::Status MakeHeader(const Call& call, const Sealer& sealer, const std::string& request_id,
                        const std::string& etag, const std::string& resource, bool validate_only,
                        const std::vector<std::string>& roles,
                        common::v1::CommandHeader* header);

// The roles of the subcontractor service: "P" and "S" as the call's party is, and the function.
std::vector<std::string> PartyRoles(const Call& call, const std::string& function);

// Page size and cursor of the service behind (GW-9).
grpc::Status MakePage(const Call& call, const Sealer& sealer,
                      const google::protobuf::Message& request, int page_size,
                      const std::string& page_token, common::v1::PageRequest* page);

// True for the text form of an RFC 4122 UUID of version 4, in either case.
bool IsUuid4(const std::string& text);

}  // namespace pdp::gateway

#endif  // PDP_SERVICES_GATEWAY_CALL_H_
