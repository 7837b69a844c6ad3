#include "services/gateway/visibility.h"

#include "absl/strings/match.h"
#include "pdp/referral/v1/service.grpc.pb.h"
#include "pdp/subcontractor/v1/service.grpc.pb.h"
#include "services/gateway/names.h"

namespace pdp::gateway {
namespace {

using common::v1::Party;
using referral::v1::ReferralService;
using subcontractor::v1::SubcontractorService;

// A refusal means "not for you", whatever its reason; only a failure of the way is an error.
absl::Status Failure(const grpc::Status& status) {
  return rpc::IsRetryable(status) ? rpc::ToAbsl(status) : absl::OkStatus();
}

}  // namespace

common::v1::Actor ActorOf(const Principal& principal, const std::vector<std::string>& roles) {
  common::v1::Actor actor;
  actor.set_id(principal.client);
  actor.set_organisation(principal.tenant);
  for (const std::string& role : roles) actor.add_roles(role);
  return actor;
}

std::vector<std::string> QueryRoles(const Principal& principal) {
  std::vector<std::string> roles;
  for (const common::v1::Function function : principal.functions) {
    roles.push_back(common::v1::Function_Name(function));
  }
  if (principal.standing == common::v1::AUTHORITY) roles.push_back("A");
  if (principal.standing == common::v1::AUDITOR) roles.push_back("X");
  return roles;
}

absl::StatusOr<std::set<Party>> ServiceVisibility::PartiesOn(const Principal& principal,
                                                             const std::string& name,
                                                             absl::Time deadline) {
  std::set<Party> parties;
  if (principal.standing != common::v1::PARTY_UNSPECIFIED) parties.insert(principal.standing);
  const std::string top = TopLevel(name);
  if (const auto pool = ParsePool(name); pool.has_value()) {
    subcontractor::v1::GetPoolRequest request;
    request.set_area(std::string(pool->area.code()));
    request.set_service(pool->id);
    *request.mutable_actor() = ActorOf(principal, QueryRoles(principal));
    subcontractor::v1::GetPoolReply reply;
    const grpc::Status status = backends_.Call<SubcontractorService>(
        "subcontractor", &SubcontractorService::Stub::GetPool, request, &reply, deadline);
    if (!status.ok()) {
      if (absl::Status failure = Failure(status); !failure.ok()) return failure;
      return std::set<Party>();
    }
    if (reply.prime_org() == principal.tenant) parties.insert(common::v1::PRIME);
    for (const auto& member : reply.members()) {
      if (member.terms().org() == principal.tenant) parties.insert(common::v1::SUBCONTRACTOR);
    }
  } else if (const auto item = ParseAreaName("cases", top); item.has_value()) {
    referral::v1::GetReferralRequest request;
    request.set_area(std::string(item->area.code()));
    request.set_referral_id(item->id);
    *request.mutable_actor() = ActorOf(principal, {"PV"});
    referral::v1::GetReferralReply reply;
    const grpc::Status status = backends_.Call<ReferralService>(
        "referral", &ReferralService::Stub::GetReferral, request, &reply, deadline);
    if (!status.ok()) {
      if (absl::Status failure = Failure(status); !failure.ok()) return failure;
      return std::set<Party>();
    }
    // The holder of a case is a subcontractor, or the prime delivering itself (REF-60).
    if (reply.holder_org() == principal.tenant) parties.insert(common::v1::SUBCONTRACTOR);
  } else if (const auto item = ParseAreaName("subcontracts", top); item.has_value()) {
    subcontractor::v1::GetSubcontractRequest request;
    request.set_area(std::string(item->area.code()));
    request.set_subcontract_id(item->id);
    *request.mutable_actor() = ActorOf(principal, QueryRoles(principal));
    subcontractor::v1::GetSubcontractReply reply;
    const grpc::Status status = backends_.Call<SubcontractorService>(
        "subcontractor", &SubcontractorService::Stub::GetSubcontract, request, &reply, deadline);
    if (!status.ok()) {
      if (absl::Status failure = Failure(status); !failure.ok()) return failure;
      return std::set<Party>();
    }
    if (reply.subcontract().prime_org() == principal.tenant) parties.insert(common::v1::PRIME);
    if (reply.subcontract().org() == principal.tenant) parties.insert(common::v1::SUBCONTRACTOR);
  } else {
    return std::set<Party>();
  }
  return parties;
}

}  // namespace pdp::gateway
