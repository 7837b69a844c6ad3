#ifndef PDP_SERVICES_REFERRAL_SUBMISSION_H_
#define PDP_SERVICES_REFERRAL_SUBMISSION_H_

#include <functional>
#include <string>

#include "grpcpp/grpcpp.h"
#include "libs/host/host.h"
#include "pdp/referral/v1/service.pb.h"
#include "services/referral/nat_reader.h"

namespace pdp::referral {

// Commands of an area that need facts of NAT (OpenReferral, SubmitReferral, ProvideInformation).
//
//   query thread: read referral and NAT facts; SubmitReferral: CheckSubmit, then
//   NAT cell:     ReserveSlot, command id derived from the caller's; wherever NAT is led
//   query thread: read the facts again, with the slot
//   area cell:    the command. The digest is that of what the caller sent, so a repeat with newer
//                 facts is still the same command.
//
// UNAVAILABLE when NAT is down: the draft is unchanged and the same command id may be sent again.
class Submission {
 public:
  static grpc::ServerUnaryReactor* Start(const host::ServiceHost& host, const NatReader& nat,
                                         grpc::CallbackServerContext* context,
                                         const v1::ExecuteRequest* request,
                                         v1::ExecuteReply* reply);
};

// Commands that need nothing but facts which no caller supplies. On a query thread: `clear` takes
// away what a caller put there, which leaves the digest; `add` sets the facts, or says why it
// cannot. Then the command goes to its cell.
grpc::ServerUnaryReactor* ExecuteWithFacts(const host::ServiceHost& host,
                                           grpc::CallbackServerContext* context,
                                           const v1::ExecuteRequest* request,
                                           v1::ExecuteReply* reply,
                                           std::function<void(v1::Command&)> clear,
                                           std::function<absl::Status(Area, v1::Command&)> add);

// The digest by which a repeat of a command is known: of what the caller sent, without facts.
std::string CommandDigest(const v1::Command& command);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_SUBMISSION_H_
