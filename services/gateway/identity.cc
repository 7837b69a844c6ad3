#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/match.h"
#include "pdp/gateway/v1/gateway_service.grpc.pb.h"
#include "services/gateway/handlers.h"

namespace pdp::gateway {
namespace {

class IdentityService final : public v1::Identity::CallbackService {
 public:
  explicit IdentityService(CallPath& path) : path_(path) {}

  grpc::ServerUnaryReactor* WhoAmI(grpc::CallbackServerContext* context,
                                   const v1::WhoAmIRequest* request,
                                   v1::WhoAmIReply* reply) override {
    return path_.Serve(context, "Identity.WhoAmI", *request, reply, [reply](Call& call) {
      reply->set_organisation(call.principal.tenant);
      reply->set_client(call.principal.client);
      for (const auto function : call.principal.functions) reply->add_functions(function);
      return grpc::Status::OK;
    });
  }

  grpc::ServerUnaryReactor* ListAccess(grpc::CallbackServerContext* context,
                                       const v1::ListAccessRequest* request,
                                       v1::ListAccessReply* reply) override {
    return path_.Serve(context, "Identity.ListAccess", *request, reply,
                       [this, request, reply](Call& call) { return List(call, *request, reply); });
  }

 private:
  grpc::Status List(Call& call, const v1::ListAccessRequest& request, v1::ListAccessReply* reply) {
    common::v1::PageRequest page;
    const Sealer& sealer = path_.parts().sealer;
    grpc::Status status =
        MakePage(call, sealer, request, request.page_size(), request.page_token(), &page);
    if (!status.ok()) return status;
    int64_t offset = 0;
    if (!page.page_token().empty() && !absl::SimpleAtoi(page.page_token(), &offset)) {
      return BadField("page_token", "PAGE_TOKEN_INVALID", "not a token of this list");
    }
    auto records =
        path_.parts().access_log.Read(call.principal.tenant, &offset, page.page_size());
    if (!records.ok()) return rpc::ToStatus(records.status(), "gateway");
    for (auto& record : *records) *reply->add_records() = std::move(record);
    call.rows = reply->records_size();
    if (offset >= 0) {
      reply->set_next_page_token(
          sealer.SealPage(call.principal.tenant, call.method, request, absl::StrCat(offset)));
    }
    return grpc::Status::OK;
  }

  CallPath& path_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeIdentity(CallPath& path) {
  return std::make_unique<IdentityService>(path);
}

uint64_t VersionIn(const common::v1::Outcome& outcome, const std::string& kind) {
  uint64_t version = 0;
  for (const auto& event : outcome.events()) {
    if (absl::StartsWith(event.aggregate_id(), kind + "/")) version = event.version();
  }
  return version;
}

}  // namespace pdp::gateway
