#ifndef PDP_LIBS_RPC_CLIENT_H_
#define PDP_LIBS_RPC_CLIENT_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "grpcpp/grpcpp.h"
#include "libs/rpc/status.h"

namespace pdp::rpc {

struct ClientTls {
  std::string ca_file;
  // Empty: no client certificate.
  std::string certificate_file;
  std::string key_file;
  // Checked in place of the target's host name when not empty.
  std::string server_name;
};

// A channel with 4 MiB messages and quick reconnection. Without `tls`: not encrypted.
// InvalidArgument when a file cannot be read.
absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(
    const std::string& target, const std::optional<ClientTls>& tls = std::nullopt);

// The address that a service wrote into <dir>/<service>.port when it started (a port of this
// machine, or host:port); empty when there is none.
std::string AddressFromDir(const std::string& dir, const std::string& service);

// What a peer said: its reply, or its refusal, which is an answer too.
template <typename Reply>
struct Answer {
  Reply reply;
  std::optional<ErrorDetails> refusal;
  bool ok() const { return !refusal.has_value(); }
  // Empty when accepted.
  std::string reason() const { return refusal.has_value() ? refusal->reason : std::string(); }
};

// One attempt of a call from a process to a peer (interfaces, 1). A status other than OK says that
// nothing is known or nothing happened (Unavailable, DeadlineExceeded, ResourceExhausted): return
// it from React and the runner tries the same event again with the same command id. When a
// non-owner names the owner, the attempt goes on there.
//
//   Caller caller;
//   ASSIGN_OR_RETURN(auto answer, (caller.Call<SubcontractorService, ExecuteReply>(
//       peers.channel("subcontractor"), &SubcontractorService::Stub::Execute, request)));
//   if (!answer.ok() && answer.reason() == "ROUND_OPEN") ...
//
// Blocking: for process threads, not for callback threads. Thread-safe.
class Caller {
 public:
  // `attempt`: the deadline of one attempt. `tls` is used to reach an owner named by a non-owner.
  explicit Caller(absl::Duration attempt = absl::Seconds(5),
                  std::optional<ClientTls> tls = std::nullopt)
      : attempt_(attempt), tls_(std::move(tls)) {}

  // By the full name of the method: "/pdp.referral.v1.ReferralService/Execute". The peer's refusal;
  // none: `reply` is filled.
  absl::StatusOr<std::optional<ErrorDetails>> Call(const std::shared_ptr<grpc::Channel>& channel,
                                                   const std::string& method,
                                                   const google::protobuf::Message& request,
                                                   google::protobuf::Message* reply) const;

  template <typename Service, typename Reply, typename Request>
  absl::StatusOr<Answer<Reply>> Call(
      const std::shared_ptr<grpc::Channel>& channel,
      grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
      const Request& request) const {
    Answer<Reply> answer;
    const auto attempt = [&](const std::shared_ptr<grpc::Channel>& on,
        grpc::ClientContext* context) {
      auto stub = Service::NewStub(on);
      return (stub.get()->*method)(context, request, &answer.reply);
    };
    absl::StatusOr<std::optional<ErrorDetails>> refusal = Run(channel, attempt);
    if (!refusal.ok()) return refusal.status();
    answer.refusal = *std::move(refusal);
    return answer;
  }

 private:
  using Attempt =
      std::function<grpc::Status(const std::shared_ptr<grpc::Channel>&, grpc::ClientContext*)>;
  absl::StatusOr<std::optional<ErrorDetails>> Run(const std::shared_ptr<grpc::Channel>& channel,
                                                  const Attempt& attempt) const;

  const absl::Duration attempt_;
  const std::optional<ClientTls> tls_;
};

}  // namespace pdp::rpc

#endif  // PDP_LIBS_RPC_CLIENT_H_
