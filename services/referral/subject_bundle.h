#ifndef PDP_SERVICES_REFERRAL_SUBJECT_BUNDLE_H_
#define PDP_SERVICES_REFERRAL_SUBJECT_BUNDLE_H_

#include "grpcpp/grpcpp.h"
#include "libs/host/host.h"
#include "pdp/referral/v1/service.grpc.pb.h"
#include "services/referral/nat_reader.h"

namespace pdp::referral {

// The bundle of an access request (REF-101): one fold over the histories of the person's records in
// all areas, section by section, then its hash. The same positions give the same bytes. For DP; the
// identity must be confirmed. A bundle of a request that is not released yet is recorded
// (BundlePrepared) before its end is sent, so that it can be released; one that was released is
// made of the positions it was released at. Ends with a status: refusals as commands have them,
// Unavailable when an area cannot be asked. Built on a query thread of the host.
grpc::ServerWriteReactor<v1::SubjectBundlePart>* StartBundle(
    const host::ServiceHost& host, const NatReader& nat, const v1::SubjectBundleRequest& request);

// ApproveErasure with what the areas say of the person's referrals (REF-102), which no caller
// supplies.
grpc::ServerUnaryReactor* StartErasureApproval(const host::ServiceHost& host, const NatReader& nat,
                                               grpc::CallbackServerContext* context,
                                               const v1::ExecuteRequest* request,
                                               v1::ExecuteReply* reply);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_SUBJECT_BUNDLE_H_
