#ifndef PDP_SERVICES_REFERRAL_PERSON_SCOPE_H_
#define PDP_SERVICES_REFERRAL_PERSON_SCOPE_H_

#include "grpcpp/grpcpp.h"
#include "libs/host/host.h"
#include "pdp/referral/v1/service.pb.h"
#include "services/referral/nat_reader.h"

namespace pdp::referral {

// A command about a person or a sentence of NAT. An official of one area changes only who belongs
// there, a caseworker only of whom the organisation holds a case (REF-92): the decision knows the
// home area, and is given here whom the area has an open referral of, or the organisation a case,
// which NAT does not know. UNAVAILABLE or DEADLINE_EXCEEDED when an area cannot be asked; then
// nothing is said of the person.
grpc::ServerUnaryReactor* StartPersonCommand(const host::ServiceHost& host, const NatReader& nat,
                                             grpc::CallbackServerContext* context,
                                             const v1::ExecuteRequest* request,
                                             v1::ExecuteReply* reply);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_PERSON_SCOPE_H_
