#include "pdp/gateway/v1/gateway_service.grpc.pb.h"
#include "pdp/referral/v1/service.grpc.pb.h"
#include "services/gateway/handlers.h"
#include "services/gateway/names.h"

namespace pdp::gateway {
namespace {

using referral::v1::ReferralService;

class AllocationsService final : public v1::Allocations::CallbackService {
 public:
  explicit AllocationsService(CallPath& path) : path_(path) {}

  grpc::ServerUnaryReactor* ListOffers(grpc::CallbackServerContext* context,
                                       const v1::ListOffersRequest* request,
                                       v1::ListOffersReply* reply) override {
    return path_.Serve(context, "Allocations.ListOffers", *request, reply,
                       [this, request, reply](Call& call) { return List(call, *request, reply); });
  }

  grpc::ServerUnaryReactor* AcceptOffer(grpc::CallbackServerContext* context,
                                        const v1::AcceptOfferRequest* request,
                                        v1::AcceptOfferReply* reply) override {
    return path_.Serve(context, "Allocations.AcceptOffer", *request, reply,
                       [this, request, reply](Call& call) {
      const auto offer = ParseOffer(request->name());
      if (!offer.has_value()) return NotVisible();
      referral::v1::Command command;
      command.mutable_accept_offer()->set_referral_id(offer->referral_id);
      command.mutable_accept_offer()->set_round(offer->round);
      reply->set_name(request->name());
      reply->set_case_name(FormatAreaName("cases", offer->pool.area.code(), offer->referral_id));
      return Answer(call, *request, *offer, command, reply);
    });
  }

  grpc::ServerUnaryReactor* DeclineOffer(grpc::CallbackServerContext* context,
                                         const v1::DeclineOfferRequest* request,
                                         v1::DeclineOfferReply* reply) override {
    return path_.Serve(context, "Allocations.DeclineOffer", *request, reply,
                       [this, request, reply](Call& call) {
      const auto offer = ParseOffer(request->name());
      if (!offer.has_value()) return NotVisible();
      referral::v1::Command command;
      auto* decline = command.mutable_decline_offer();
      decline->set_referral_id(offer->referral_id);
      decline->set_round(offer->round);
      decline->set_code(request->code());
      decline->set_note(request->note());
      reply->set_name(request->name());
      return Answer(call, *request, *offer, command, reply);
    });
  }

 private:
  grpc::Status List(Call& call, const v1::ListOffersRequest& request, v1::ListOffersReply* reply) {
    const auto pool = ParseAreaName("pools", request.parent());
    if (!pool.has_value()) return NotVisible();
    referral::v1::OfferInboxRequest inbox;
    inbox.set_area(std::string(pool->area.code()));
    inbox.set_route(pool->id);
    inbox.set_org(call.principal.tenant);
    inbox.set_stratum(request.stratum());
    *inbox.mutable_actor() = ActorOf(call.principal, {"PV"});
    const Sealer& sealer = path_.parts().sealer;
    grpc::Status status = MakePage(call, sealer, request, request.page_size(),
                                   request.page_token(), inbox.mutable_page());
    if (!status.ok()) return status;
    referral::v1::OfferInboxReply offers;
    status = Outward(path_.parts().backends.Call<ReferralService>(
                         "referral", &ReferralService::Stub::OfferInbox, inbox, &offers,
                         call.deadline),
                     true);
    if (!status.ok()) return status;
    for (const auto& sheet : offers.offers()) {
      v1::Offer* offer = reply->add_offers();
      offer->set_name(FormatOffer(request.parent(), sheet.referral_id(), sheet.round()));
      offer->set_reference(sheet.reference());
      offer->set_pdu(sheet.pdu());
      offer->set_route(sheet.route());
      offer->set_stratum(sheet.stratum());
      *offer->mutable_tokens() = sheet.tokens();
      offer->set_earliest_start(sheet.earliest_start());
      offer->set_respond_on(sheet.respond_on());
      offer->set_round(sheet.round());
      offer->set_last_resort(sheet.last_resort());
      if (sheet.has_expires_at()) *offer->mutable_expires_at() = sheet.expires_at();
    }
    call.rows = reply->offers_size();
    reply->set_next_page_token(
        sealer.SealPage(call.principal.tenant, call.method, request, offers.next_page_token()));
    return grpc::Status::OK;
  }

  template <typename Request, typename Reply>
  grpc::Status Answer(Call& call, const Request& request, const OfferName& offer,
                      const referral::v1::Command& command, Reply* reply) {
    const Sealer& sealer = path_.parts().sealer;
    const std::string case_name =
        FormatAreaName("cases", offer.pool.area.code(), offer.referral_id);
    common::v1::CommandHeader header;
    grpc::Status status = MakeHeader(call, sealer, request.request_id(), request.etag(), case_name,
                                     request.validate_only(), {"PV"}, &header);
    if (!status.ok()) return status;
    referral::v1::ExecuteReply executed;
    status = Execute<ReferralService, referral::v1::ExecuteRequest>(
        path_, call, "referral", offer.pool.area, header, command, true, &executed);
    if (!status.ok()) return status;
    if (const uint64_t version = VersionIn(executed.outcome(), "referral"); version > 0) {
      reply->set_etag(sealer.Etag(case_name, version));
    }
    return grpc::Status::OK;
  }

  CallPath& path_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeAllocations(CallPath& path) {
  return std::make_unique<AllocationsService>(path);
}

}  // namespace pdp::gateway
