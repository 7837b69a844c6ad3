#include "pdp/gateway/v1/gateway_service.grpc.pb.h"
#include "pdp/subcontractor/v1/service.grpc.pb.h"
#include "services/gateway/handlers.h"
#include "services/gateway/names.h"

namespace pdp::gateway {
namespace {

using subcontractor::v1::SubcontractorService;

constexpr char kService[] = "subcontractor";

grpc::Status NoSuchStatement() {
  return Refuse(grpc::StatusCode::NOT_FOUND, "NOT_FOUND", "no such statement of this subcontract");
}

class MoneyService final : public v1::Money::CallbackService {
 public:
  explicit MoneyService(CallPath& path) : path_(path) {}

  grpc::ServerUnaryReactor* ListStatements(grpc::CallbackServerContext* context,
                                           const v1::ListStatementsRequest* request,
                                           v1::ListStatementsReply* reply) override {
    return path_.Serve(context, "Money.ListStatements", *request, reply,
                       [this, request, reply](Call& call) { return List(call, *request, reply); });
  }
  grpc::ServerUnaryReactor* Get(grpc::CallbackServerContext* context,
                                const v1::GetStatementRequest* request,
                                v1::Statement* reply) override {
    return path_.Serve(context, "Money.Get", *request, reply, [this, request, reply](Call& call) {
      subcontractor::v1::GetStatementReply found;
      const grpc::Status status = Find(call, request->name(), &found);
      if (!status.ok()) return status;
      Fill(request->name(), found.statement(), reply);
      reply->set_etag(path_.parts().sealer.Etag(request->name(), found.version()));
      call.rows = 1;
      return status;
    });
  }
  grpc::ServerUnaryReactor* Accept(grpc::CallbackServerContext* context,
                                   const v1::AcceptStatementRequest* request,
                                   v1::AcceptStatementReply* reply) override {
    return path_.Serve(context, "Money.Accept", *request, reply, [this, request, reply](Call&
        call) {
      return AcceptOne(call, *request, reply);
    });
  }

 private:
  // The statement, if it is one of the subcontract it is named below. The parent is visible here,
  // so NOT_FOUND tells nothing (GW-3).
  grpc::Status Find(Call& call, const std::string& name,
                    subcontractor::v1::GetStatementReply* found) {
    const auto statement = ParseStatement(name);
    if (!statement.has_value()) return NoSuchStatement();
    subcontractor::v1::GetStatementRequest request;
    request.set_area(std::string(statement->subcontract.area.code()));
    request.set_statement_id(statement->statement_id);
    *request.mutable_actor() = ActorOf(call.principal, QueryRoles(call.principal));
    const grpc::Status status = Outward(
        path_.parts().backends.Call<SubcontractorService>(
            kService, &SubcontractorService::Stub::GetStatement, request, found, call.deadline),
        false);
    if (!status.ok()) {
      return status.error_code() == grpc::StatusCode::NOT_FOUND ? NoSuchStatement() : status;
    }
    return found->statement().subcontract_id() == statement->subcontract.id ? status
                                                                           : NoSuchStatement();
  }

  static void Fill(const std::string& name, const subcontractor::v1::StatementView& view,
                   v1::Statement* out) {
    out->set_name(name);
    out->set_month(view.month());
    out->set_status(subcontractor::v1::StatementStatus_Name(view.status()));
    out->set_net_pence(view.net_pence());
    out->set_vat_pence(view.vat_pence());
    out->set_silence_accepts_on(view.silence_accepts_on());
    for (const auto& from : view.lines()) {
      auto* line = out->add_lines();
      line->set_line_id(from.line_id());
      line->set_rule_id(from.rule_id());
      line->set_month(from.month());
      *line->mutable_charge_ids() = from.charge_ids();
      line->set_net_pence(from.net_pence());
      line->set_vat_pence(from.vat_pence());
    }
  }

  grpc::Status List(Call& call, const v1::ListStatementsRequest& request,
                    v1::ListStatementsReply* reply) {
    const auto parent = ParseAreaName("subcontracts", request.parent());
    if (!parent.has_value()) return NotVisible();
    subcontractor::v1::ListStatementsRequest list;
    list.set_area(std::string(parent->area.code()));
    list.set_subcontract_id(parent->id);
    *list.mutable_actor() = ActorOf(call.principal, QueryRoles(call.principal));
    const Sealer& sealer = path_.parts().sealer;
    grpc::Status status = MakePage(call, sealer, request, request.page_size(),
                                   request.page_token(), list.mutable_page());
    if (!status.ok()) return status;
    subcontractor::v1::ListStatementsReply found;
    status = Outward(
        path_.parts().backends.Call<SubcontractorService>(
            kService, &SubcontractorService::Stub::ListStatements, list, &found, call.deadline),
        true);
    if (!status.ok()) return status;
    for (const auto& view : found.statements()) {
      if (view.subcontract_id() != parent->id) continue;
      Fill(FormatStatement(request.parent(), view.statement_id()), view, reply->add_statements());
    }
    call.rows = reply->statements_size();
    reply->set_next_page_token(
        sealer.SealPage(call.principal.tenant, call.method, request, found.next_page_token()));
    return grpc::Status::OK;
  }

  grpc::Status AcceptOne(Call& call, const v1::AcceptStatementRequest& request,
                         v1::AcceptStatementReply* reply) {
    const Sealer& sealer = path_.parts().sealer;
    common::v1::CommandHeader header;
    grpc::Status status = MakeHeader(call, sealer, request.request_id(), request.etag(),
                                     request.name(), request.validate_only(), PartyRoles(call,
                                         "FINANCE"),
                                     &header);
    if (!status.ok()) return status;
    subcontractor::v1::GetStatementReply found;
    status = Find(call, request.name(), &found);
    if (!status.ok()) return status;
    subcontractor::v1::Command command;
    command.mutable_accept_statement()->set_statement_id(found.statement().statement_id());
    const Area area = ParseStatement(request.name())->subcontract.area;
    subcontractor::v1::ExecuteReply executed;
    status = Execute<SubcontractorService, subcontractor::v1::ExecuteRequest>(
        path_, call, kService, area, header, command, false, &executed);
    if (!status.ok()) return status;
    reply->set_name(request.name());
    if (const uint64_t version = VersionIn(executed.outcome(), "statement"); version > 0) {
      reply->set_etag(sealer.Etag(request.name(), version));
    }
    return grpc::Status::OK;
  }

  CallPath& path_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeMoney(CallPath& path) {
  return std::make_unique<MoneyService>(path);
}

}  // namespace pdp::gateway
