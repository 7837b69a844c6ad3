#ifndef PDP_SERVICES_GATEWAY_TESTING_FAKE_SERVICES_H_
#define PDP_SERVICES_GATEWAY_TESTING_FAKE_SERVICES_H_

#include <map>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "libs/rpc/status.h"
#include "pdp/referral/v1/service.grpc.pb.h"
#include "pdp/subcontractor/v1/service.grpc.pb.h"

namespace pdp::gateway::testing {

inline grpc::Status Refused(const std::string& reason, const std::string& service) {
  return rpc::ToStatus(decider::Reject(reason), service);
}

// A referral service with two offers and one case: r1 offered to ORG-A in round 1, r2 to ORG-B;
// ORG-A holds r9 at version 4. Remembers the commands it took, by id, as an engine does.
class FakeReferral final : public referral::v1::ReferralService::Service {
 public:
  grpc::Status OfferInbox(grpc::ServerContext*, const referral::v1::OfferInboxRequest* request,
                          referral::v1::OfferInboxReply* reply) override {
    for (int i = request->page().page_token().empty() ? 0 : 1; i < 2; ++i) {
      if (request->org() != "ORG-A" || request->actor().organisation() != "ORG-A") break;
      auto* sheet = reply->add_offers();
      sheet->set_referral_id(i == 0 ? "r1" : "r3");
      sheet->set_round(1);
      sheet->set_route(request->route());
      if (reply->offers_size() == request->page().page_size()) {
        if (i == 0) reply->set_next_page_token("second");
        break;
      }
    }
    return grpc::Status::OK;
  }
  grpc::Status GetReferral(grpc::ServerContext*, const referral::v1::GetReferralRequest* request,
                           referral::v1::GetReferralReply* reply) override {
    if (request->referral_id() != "r9" || request->actor().organisation() != "ORG-A") {
      return Refused("NOT_FOUND", "referral");
    }
    reply->set_referral_id("r9");
    reply->set_holder_org("ORG-A");
    reply->set_crn("X000009");
    reply->set_version(4);
    return grpc::Status::OK;
  }
  grpc::Status CaseList(grpc::ServerContext*, const referral::v1::CaseListRequest* request,
                        referral::v1::CaseListReply* reply) override {
    // A faulty service: shows everybody's. The gateway lets only the tenant's own out.
    for (const char* org : {"ORG-A", "ORG-B"}) {
      auto* row = reply->add_cases();
      row->set_referral_id(std::string("of-") + org);
      row->set_area(request->area());
      row->set_org(org);
    }
    return grpc::Status::OK;
  }
  grpc::Status Execute(grpc::ServerContext*, const referral::v1::ExecuteRequest* request,
                       referral::v1::ExecuteReply* reply) override {
    absl::MutexLock lock(&mutex_);
    const auto& header = request->header();
    const std::string digest = request->command().SerializeAsString();
    const auto [it, fresh] = taken_.emplace(header.command_id(), digest);
    if (!fresh && it->second != digest) return Refused("COMMAND_ID_REUSED", "referral");
    headers_.push_back(header);
    if (request->command().has_accept_offer() || request->command().has_decline_offer()) {
      const bool own = header.actor().organisation() == "ORG-A" &&
                       request->command().accept_offer().referral_id() != "r2" &&
                       request->command().decline_offer().referral_id() != "r2";
      if (!own) {
        taken_.erase(header.command_id());
        return Refused("NOT_FOUND", "referral");
      }
      if (request->command().decline_offer().referral_id() == "r3") {
        taken_.erase(header.command_id());
        return Refused("STATE_FORBIDS_COMMAND", "referral");
      }
    }
    if (header.has_expected_version() && header.expected_version() != 4) {
      taken_.erase(header.command_id());
      return Refused("VERSION_CONFLICT", "referral");
    }
    auto* event = reply->mutable_outcome()->add_events();
    event->set_aggregate_id("referral/r");
    event->set_version(5);
    reply->mutable_outcome()->set_duplicate(!fresh);
    return grpc::Status::OK;
  }
  std::vector<common::v1::CommandHeader> headers() {
    absl::MutexLock lock(&mutex_);
    return headers_;
  }

 private:
  absl::Mutex mutex_;
  std::map<std::string, std::string> taken_;
  std::vector<common::v1::CommandHeader> headers_;
};

// One pool N56/TSP of prime ORG-P with members ORG-A and ORG-B; subcontract S1 between ORG-P and
// ORG-A with statement S1/2025-09, S2 between ORG-P and ORG-B.
class FakeSubcontractor final : public subcontractor::v1::SubcontractorService::Service {
 public:
  grpc::Status GetPool(grpc::ServerContext*, const subcontractor::v1::GetPoolRequest* request,
                       subcontractor::v1::GetPoolReply* reply) override {
    if (request->area() != "N56" || request->service() != "TSP") {
      return Refused("NOT_FOUND", "subcontractor");
    }
    reply->set_prime_org("ORG-P");
    for (const char* org : {"ORG-A", "ORG-B"}) reply->add_members()->mutable_terms()->set_org(org);
    return grpc::Status::OK;
  }
  grpc::Status GetSubcontract(grpc::ServerContext*,
                              const subcontractor::v1::GetSubcontractRequest* request,
                              subcontractor::v1::GetSubcontractReply* reply) override {
    const std::string& id = request->subcontract_id();
    const std::string& asks = request->actor().organisation();
    const bool party = asks == "ORG-P" || asks == (id == "S1" ? "ORG-A" : "ORG-B");
    if (request->area() != "N56" || (id != "S1" && id != "S2") || !party) {
      return Refused("NOT_FOUND", "subcontractor");
    }
    auto* view = reply->mutable_subcontract();
    view->set_subcontract_id(id);
    view->set_area("N56");
    view->set_prime_org("ORG-P");
    view->set_org(id == "S1" ? "ORG-A" : "ORG-B");
    reply->set_version(3);
    return grpc::Status::OK;
  }
  grpc::Status GetStatement(grpc::ServerContext*,
                            const subcontractor::v1::GetStatementRequest* request,
                            subcontractor::v1::GetStatementReply* reply) override {
    const std::string& id = request->statement_id();
    if (request->actor().organisation().empty()) return Refused("NOT_FOUND", "subcontractor");
    if (id != "S1/2025-09" && id != "S2/2025-09") return Refused("NOT_FOUND", "subcontractor");
    reply->mutable_statement()->set_statement_id(id);
    reply->mutable_statement()->set_subcontract_id(id.substr(0, 2));
    reply->set_version(4);
    return grpc::Status::OK;
  }
  grpc::Status Execute(grpc::ServerContext*, const subcontractor::v1::ExecuteRequest* request,
                       subcontractor::v1::ExecuteReply* reply) override {
    for (const std::string& role : request->header().actor().roles()) roles_ += role + " ";
    return grpc::Status::OK;
  }
  std::string roles_;
};

}  // namespace pdp::gateway::testing

#endif  // PDP_SERVICES_GATEWAY_TESTING_FAKE_SERVICES_H_
