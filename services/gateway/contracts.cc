#include "pdp/gateway/v1/gateway_service.grpc.pb.h"
#include "pdp/subcontractor/v1/service.grpc.pb.h"
#include "services/gateway/handlers.h"
#include "services/gateway/names.h"

// Subcontracts and capacity: the subcontractor service's terms side.

namespace pdp::gateway {
namespace {

using subcontractor::v1::SubcontractorService;

constexpr char kService[] = "subcontractor";

class SubcontractsService final : public v1::Subcontracts::CallbackService {
 public:
  explicit SubcontractsService(CallPath& path) : path_(path) {}

  grpc::ServerUnaryReactor* List(grpc::CallbackServerContext* context,
                                 const v1::ListSubcontractsRequest* request,
                                 v1::ListSubcontractsReply* reply) override {
    return path_.Serve(context, "Subcontracts.List", *request, reply,
                       [this, request, reply](Call& call) {
      return ListAll(call, *request, reply);
    });
  }
  grpc::ServerUnaryReactor* Get(grpc::CallbackServerContext* context,
                                const v1::GetSubcontractRequest* request,
                                v1::Subcontract* reply) override {
    return path_.Serve(context, "Subcontracts.Get", *request, reply,
                       [this, request, reply](Call& call) {
      const auto item = ParseAreaName("subcontracts", request->name());
      if (!item.has_value()) return NotVisible();
      subcontractor::v1::GetSubcontractRequest get;
      get.set_area(std::string(item->area.code()));
      get.set_subcontract_id(item->id);
      *get.mutable_actor() = ActorOf(call.principal, QueryRoles(call.principal));
      subcontractor::v1::GetSubcontractReply found;
      grpc::Status status = Outward(
          path_.parts().backends.Call<SubcontractorService>(
              kService, &SubcontractorService::Stub::GetSubcontract, get, &found, call.deadline),
          true);
      if (!status.ok()) return status;
      Fill(found.subcontract(), reply);
      reply->set_etag(path_.parts().sealer.Etag(request->name(), found.version()));
      call.rows = 1;
      return grpc::Status::OK;
    });
  }

 private:
  grpc::Status ListAll(Call& call, const v1::ListSubcontractsRequest& request,
                       v1::ListSubcontractsReply* reply) {
    if (!Area::FromCode(request.area()).has_value()) {
      return BadField("area", "VALIDATION_FAILED", "an area code is needed, as in N56");
    }
    subcontractor::v1::ListSubcontractsRequest list;
    list.set_area(request.area());
    list.set_org(call.principal.tenant);
    list.set_contract_id(request.contract());
    *list.mutable_actor() = ActorOf(call.principal, QueryRoles(call.principal));
    const Sealer& sealer = path_.parts().sealer;
    grpc::Status status = MakePage(call, sealer, request, request.page_size(),
                                   request.page_token(), list.mutable_page());
    if (!status.ok()) return status;
    subcontractor::v1::ListSubcontractsReply found;
    status = Outward(
        path_.parts().backends.Call<SubcontractorService>(
            kService, &SubcontractorService::Stub::ListSubcontracts, list, &found, call.deadline),
        true);
    if (!status.ok()) return status;
    for (const auto& view : found.subcontracts()) {
      const std::string& tenant = call.principal.tenant;
      if (view.org() != tenant && view.prime_org() != tenant) continue;
      Fill(view, reply->add_subcontracts());
    }
    call.rows = reply->subcontracts_size();
    reply->set_next_page_token(
        sealer.SealPage(call.principal.tenant, call.method, request, found.next_page_token()));
    return grpc::Status::OK;
  }

  static void Fill(const subcontractor::v1::SubcontractView& view, v1::Subcontract* out) {
    out->set_name(FormatAreaName("subcontracts", view.area(), view.subcontract_id()));
    out->set_contract(view.contract_id());
    out->set_subcontractor(view.org());
    out->set_prime(view.prime_org());
    out->set_area(view.area());
    out->set_status(subcontractor::v1::SubcontractStatus_Name(view.status()));
    out->set_version(view.version());
    out->set_sha256(view.sha256_hex());
    out->set_start(view.sheet().start());
    out->set_end(view.sheet().end());
    for (const auto& scope : view.sheet().scope()) {
      auto* line = out->add_scope();
      line->set_service(scope.service());
      *line->mutable_pdus() = scope.pdus();
    }
  }

  CallPath& path_;
};

class CapacityService final : public v1::Capacity::CallbackService {
 public:
  explicit CapacityService(CallPath& path) : path_(path) {}

  grpc::ServerUnaryReactor* Get(grpc::CallbackServerContext* context,
                                const v1::GetCapacityRequest* request,
                                v1::CapacityView* reply) override {
    return path_.Serve(context, "Capacity.Get", *request, reply,
                       [this, request, reply](Call& call) {
      return Read(call, request->name(), std::nullopt, reply);
    });
  }

  grpc::ServerUnaryReactor* Declare(grpc::CallbackServerContext* context,
                                    const v1::DeclareCapacityRequest* request,
                                    v1::CapacityView* reply) override {
    return path_.Serve(context, "Capacity.Declare", *request, reply,
                       [this, request, reply](Call& call) {
      const auto pool = PoolOf(request->name());
      if (!pool.has_value()) return NotVisible();
      common::v1::CommandHeader header;
      grpc::Status status =
          MakeHeader(call, path_.parts().sealer, request->request_id(), request->etag(),
                     request->name(), request->validate_only(), PartyRoles(call, "DELIVERY"),
                         &header);
      if (!status.ok()) return status;
      subcontractor::v1::Command command;
      auto* declare = command.mutable_declare_capacity();
      declare->set_service(pool->id);
      declare->set_org(call.principal.tenant);
      declare->set_from(request->declaration().from());
      declare->set_max_open(request->declaration().max_open());
      declare->set_max_new_week(request->declaration().max_new_week());
      subcontractor::v1::ExecuteReply executed;
      status = Execute<SubcontractorService, subcontractor::v1::ExecuteRequest>(
          path_, call, kService, pool->area, header, command, true, &executed);
      if (!status.ok()) return status;
      std::optional<common::v1::Position> position;
      if (executed.outcome().has_position()) position = executed.outcome().position();
      return Read(call, request->name(), position, reply);
    });
  }

 private:
  // "pools/N56-TSP/capacity"
  static std::optional<AreaName> PoolOf(const std::string& name) {
    constexpr absl::string_view kTail = "/capacity";
    if (name.size() < kTail.size() || absl::string_view(name).substr(name.size() - kTail.size()) !=
                                          kTail) {
      return std::nullopt;
    }
    return ParseAreaName("pools", absl::string_view(name).substr(0, name.size() - kTail.size()));
  }

  grpc::Status Read(Call& call, const std::string& name,
                    const std::optional<common::v1::Position>& at_least, v1::CapacityView* out) {
    const auto pool = PoolOf(name);
    if (!pool.has_value()) return NotVisible();
    subcontractor::v1::GetCapacityRequest request;
    request.set_area(std::string(pool->area.code()));
    request.set_service(pool->id);
    request.set_org(call.principal.tenant);
    *request.mutable_actor() = ActorOf(call.principal, QueryRoles(call.principal));
    // The view read must have passed this position: what was just declared is in it.
    if (at_least.has_value()) *request.mutable_read()->add_min_position() = *at_least;
    subcontractor::v1::GetCapacityReply found;
    const grpc::Status status = Outward(
        path_.parts().backends.Call<SubcontractorService>(
            kService, &SubcontractorService::Stub::GetCapacity, request, &found, call.deadline),
        true);
    if (!status.ok()) return status;
    out->set_name(name);
    for (const auto& row : found.rows()) {
      if (row.org() != call.principal.tenant) continue;
      out->set_open_count(row.open_count());
      out->set_won_this_week(row.won_this_week());
      for (const auto& declared : row.declarations()) {
        auto* declaration = out->add_declarations();
        declaration->set_from(declared.from());
        declaration->set_max_open(declared.max_open());
        declaration->set_max_new_week(declared.max_new_week());
      }
    }
    call.rows = out->declarations_size();
    return grpc::Status::OK;
  }

  CallPath& path_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeSubcontracts(CallPath& path) {
  return std::make_unique<SubcontractsService>(path);
}
std::unique_ptr<grpc::Service> MakeCapacity(CallPath& path) {
  return std::make_unique<CapacityService>(path);
}

}  // namespace pdp::gateway
