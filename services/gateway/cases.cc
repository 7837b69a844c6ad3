#include "pdp/gateway/v1/gateway_service.grpc.pb.h"
#include "pdp/referral/v1/service.grpc.pb.h"
#include "services/gateway/handlers.h"
#include "services/gateway/names.h"

namespace pdp::gateway {
namespace {

using referral::v1::ReferralService;

class CasesService final : public v1::Cases::CallbackService {
 public:
  explicit CasesService(CallPath& path) : path_(path) {}

  grpc::ServerUnaryReactor* List(grpc::CallbackServerContext* context,
                                 const v1::ListCasesRequest* request,
                                 v1::ListCasesReply* reply) override {
    return path_.Serve(context, "Cases.List", *request, reply, [this, request, reply](Call& call) {
      return ListCases(call, *request, reply);
    });
  }
  grpc::ServerUnaryReactor* Get(grpc::CallbackServerContext* context,
                                const v1::GetCaseRequest* request, v1::Case* reply) override {
    return path_.Serve(context, "Cases.Get", *request, reply, [this, request, reply](Call& call) {
      return GetCase(call, request->name(), reply);
    });
  }
  grpc::ServerUnaryReactor* AssignCaseworkers(grpc::CallbackServerContext* context,
                                              const v1::AssignCaseworkersRequest* request,
                                              v1::AssignCaseworkersReply* reply) override {
    return path_.Serve(context, "Cases.AssignCaseworkers", *request, reply,
                       [this, request, reply](Call& call) {
      return Assign(call, *request, reply);
    });
  }

 private:
  grpc::Status ListCases(Call& call, const v1::ListCasesRequest& request,
                         v1::ListCasesReply* reply) {
    const auto area = Area::FromCode(request.area());
    if (!area.has_value()) {
      return BadField("area", "VALIDATION_FAILED", "an area code is needed, as in N56");
    }
    referral::v1::CaseListRequest list;
    list.set_area(request.area());
    list.set_route(request.route());
    list.set_pdu(request.pdu());
    list.set_caseworker(request.caseworker());
    list.set_org(call.principal.tenant);
    *list.mutable_actor() = ActorOf(call.principal, {"PV"});
    const Sealer& sealer = path_.parts().sealer;
    grpc::Status status = MakePage(call, sealer, request, request.page_size(),
                                   request.page_token(), list.mutable_page());
    if (!status.ok()) return status;
    referral::v1::CaseListReply cases;
    status = Outward(
        path_.parts().backends.Call<ReferralService>("referral", &ReferralService::Stub::CaseList,
                                                     list, &cases, call.deadline),
        true);
    if (!status.ok()) return status;
    for (const auto& row : cases.cases()) {
      // The service filters; a row of somebody else would be a fault there, and stays here.
      if (row.org() != call.principal.tenant) continue;
      Fill(row, reply->add_cases());
    }
    call.rows = reply->cases_size();
    reply->set_next_page_token(
        sealer.SealPage(call.principal.tenant, call.method, request, cases.next_page_token()));
    return grpc::Status::OK;
  }

  void Fill(const referral::v1::CaseRow& row, v1::Case* out) const {
    out->set_name(FormatAreaName("cases", row.area(), row.referral_id()));
    out->set_reference(row.reference());
    out->set_crn(row.crn());
    out->set_state(referral::v1::ReferralState_Name(row.state()));
    out->set_line(row.line());
    out->set_route(row.route());
    out->set_pdu(row.pdu());
    out->set_stratum(row.stratum());
    *out->mutable_tokens() = row.tokens();
    AddCaseworkers(row.caseworkers(), out);
    if (!row.clock().empty()) {
      out->mutable_next_clock()->set_clock(row.clock());
      out->mutable_next_clock()->set_due_on(row.due_on());
    }
    out->set_breached(row.breached());
    if (row.version() > 0) {
      out->set_etag(path_.parts().sealer.Etag(out->name(), row.version()));
    }
  }

  template <typename Caseworkers>
  static void AddCaseworkers(const Caseworkers& caseworkers, v1::Case* out) {
    for (const auto& caseworker : caseworkers) {
      auto* ref = out->add_caseworkers();
      ref->set_id(caseworker.id());
      ref->set_lead(caseworker.lead());
    }
  }

  grpc::Status GetCase(Call& call, const std::string& name, v1::Case* out) {
    const auto item = ParseAreaName("cases", name);
    if (!item.has_value()) return NotVisible();
    referral::v1::GetReferralRequest request;
    request.set_area(std::string(item->area.code()));
    request.set_referral_id(item->id);
    *request.mutable_actor() = ActorOf(call.principal, {"PV"});
    referral::v1::GetReferralReply found;
    const grpc::Status status =
        Outward(path_.parts().backends.Call<ReferralService>(
                    "referral", &ReferralService::Stub::GetReferral, request, &found,
                        call.deadline),
                true);
    if (!status.ok()) return status;
    out->set_name(name);
    out->set_reference(found.reference());
    out->set_crn(found.crn());
    out->set_state(referral::v1::ReferralState_Name(found.state()));
    out->set_line(found.line());
    out->set_route(found.route());
    out->set_pdu(found.pdu());
    out->set_stratum(found.stratum());
    *out->mutable_tokens() = found.tokens();
    AddCaseworkers(found.caseworkers(), out);
    out->set_accepted_on(found.accepted_on());
    out->set_submitted_on(found.submitted_on());
    out->set_version_ref(found.version_ref());
    out->set_requirement_key(found.requirement_key());
    out->set_erased(found.erased());
    const auto& identity = found.person().identity();
    out->mutable_person()->set_crn(found.crn());
    out->mutable_person()->set_given_name(identity.name().given());
    out->mutable_person()->set_family_name(identity.name().family());
    out->mutable_person()->set_born_on(identity.date_of_birth());
    out->set_etag(path_.parts().sealer.Etag(name, found.version()));
    call.rows = 1;
    return grpc::Status::OK;
  }

  grpc::Status Assign(Call& call, const v1::AssignCaseworkersRequest& request,
                      v1::AssignCaseworkersReply* reply) {
    const auto item = ParseAreaName("cases", request.name());
    if (!item.has_value()) return NotVisible();
    const Sealer& sealer = path_.parts().sealer;
    common::v1::CommandHeader header;
    grpc::Status status =
        MakeHeader(call, sealer, request.request_id(), request.etag(), request.name(),
                   request.validate_only(), {"PV"}, &header);
    if (!status.ok()) return status;
    referral::v1::Command command;
    command.mutable_assign_caseworkers()->set_referral_id(item->id);
    for (const auto& ref : request.caseworkers()) {
      auto* caseworker = command.mutable_assign_caseworkers()->add_caseworkers();
      caseworker->set_id(ref.id());
      caseworker->set_lead(ref.lead());
    }
    referral::v1::ExecuteReply executed;
    status = Execute<ReferralService, referral::v1::ExecuteRequest>(
        path_, call, "referral", item->area, header, command, true, &executed);
    if (!status.ok()) return status;
    reply->set_name(request.name());
    if (const uint64_t version = VersionIn(executed.outcome(), "referral"); version > 0) {
      reply->set_etag(sealer.Etag(request.name(), version));
    }
    return grpc::Status::OK;
  }

  CallPath& path_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeCases(CallPath& path) {
  return std::make_unique<CasesService>(path);
}

}  // namespace pdp::gateway
