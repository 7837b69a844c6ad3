#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "pdp/gateway/v1/gateway_service.grpc.pb.h"
#include "tools/demo/journey_steps.h"

// The organisation's side of the journey: everything here goes through the gateway, over mTLS with
// a bound token, as a program of an organisation outside the Authority would.

namespace pdp::demo {
namespace {

namespace gv1 = gateway::v1;
namespace rv1 = referral::v1;

// The same answer for what is not there and what is somebody else's (GW-3).
absl::Status IsNotVisible(absl::string_view what, const grpc::Status& status) {
  if (ReasonOf(status) == "NOT_VISIBLE" &&
      status.error_code() == grpc::StatusCode::PERMISSION_DENIED) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat(what, " must be NOT_VISIBLE and is ", Describe(status)));
}

}  // namespace

absl::Status Journey::OtherTenantsSeeNothing() {
  const std::string offer =
      absl::StrCat(PoolName(), "/offers/", result_->referral_id, "~", now_.rounds_size());
  // A member of the pool that was not drawn: it sees the pool, and this offer is not in it.
  const std::string member = result_->other + "-delivery";
  gv1::ListOffersRequest list;
  list.set_parent(PoolName());
  list.set_page_size(200);
  do {
    gv1::ListOffersReply offers;
    const grpc::Status status = platform_.gateway.Call<gv1::Allocations>(
        member, &gv1::Allocations::Stub::ListOffers, list, &offers);
    if (!status.ok()) return absl::FailedPreconditionError(Describe(status));
    for (const gv1::Offer& seen : offers.offers()) {
      if (seen.reference() == result_->reference) {
        return absl::FailedPreconditionError(absl::StrCat(member, " sees ", seen.name()));
      }
    }
    list.set_page_token(offers.next_page_token());
  } while (!list.page_token().empty());
  // It cannot take it by its name, and an organisation of no contract does not see the pool.
  for (const std::string& client : {member, std::string("X01-delivery")}) {
    gv1::AcceptOfferRequest accept;
    accept.set_name(offer);
    accept.set_request_id(RequestId(absl::StrCat("not for ", client)));
    gv1::AcceptOfferReply accepted;
    RETURN_IF_ERROR(IsNotVisible(absl::StrCat("the offer to ", client),
                                 platform_.gateway.Call<gv1::Allocations>(
                                     client, &gv1::Allocations::Stub::AcceptOffer, accept,
                                     &accepted)));
    gv1::GetCaseRequest get;
    get.set_name(result_->case_name);
    gv1::Case found;
    RETURN_IF_ERROR(IsNotVisible(
        absl::StrCat("the case to ", client),
        platform_.gateway.Call<gv1::Cases>(client, &gv1::Cases::Stub::Get, get, &found)));
  }
  list.clear_page_token();
  gv1::ListOffersReply offers;
  RETURN_IF_ERROR(IsNotVisible("the pool to X01-delivery",
                               platform_.gateway.Call<gv1::Allocations>(
                                   "X01-delivery", &gv1::Allocations::Stub::ListOffers, list,
                                   &offers)));
  options_.tell(absl::StrCat(result_->other,
                             " and a stranger ask the gateway for it: NOT_VISIBLE"));
  return absl::OkStatus();
}

absl::Status Journey::FindOffer() {
  // Played again after the acceptance: the offer has left the inbox.
  if (now_.state() != rv1::OFFERED) return absl::OkStatus();
  gv1::ListOffersRequest list;
  list.set_parent(PoolName());
  list.set_page_size(200);
  const auto has_it = [this](const gv1::ListOffersReply& reply) {
    for (const gv1::Offer& offer : reply.offers()) {
      if (offer.reference() == result_->reference) return true;
    }
    return false;
  };
  // The inbox is a projection: the offer comes a moment after the event.
  ASSIGN_OR_RETURN(
      const gv1::ListOffersReply offers,
      (Await<gv1::ListOffersReply>(
          "the offer in the inbox",
          [&](gv1::ListOffersReply* reply) {
            const grpc::Status status = platform_.gateway.Call<gv1::Allocations>(
                result_->holder + "-delivery", &gv1::Allocations::Stub::ListOffers, list, reply);
            if (!status.ok()) return absl::FailedPreconditionError(Describe(status));
            list.set_page_token(has_it(*reply) ? "" : reply->next_page_token());
            return absl::OkStatus();
          },
          has_it)));
  for (const gv1::Offer& offer : offers.offers()) {
    if (offer.reference() != result_->reference) continue;
    options_.tell(absl::StrCat(result_->holder, " finds the offer at the gateway: ", offer.name()));
  }
  return absl::OkStatus();
}

absl::Status Journey::AcceptOffer() {
  gv1::AcceptOfferRequest accept;
  accept.set_name(
      absl::StrCat(PoolName(), "/offers/", result_->referral_id, "~", now_.rounds_size()));
  accept.set_request_id(RequestId("accept"));
  gv1::AcceptOfferReply accepted;
  const grpc::Status status = platform_.gateway.Call<gv1::Allocations>(
      result_->holder + "-delivery", &gv1::Allocations::Stub::AcceptOffer, accept, &accepted);
  if (!status.ok()) return absl::FailedPreconditionError(Describe(status));
  if (accepted.case_name() != result_->case_name) {
    return absl::FailedPreconditionError(
        absl::StrCat("the offer became ", accepted.case_name(), ", not ", result_->case_name));
  }
  RETURN_IF_ERROR(Until("the acceptance", rv1::ACCEPTED));
  options_.tell(absl::StrCat(result_->holder, " accepts there; the offer becomes ",
                             accepted.case_name()));
  return absl::OkStatus();
}

absl::Status Journey::AssignCaseworker() {
  gv1::AssignCaseworkersRequest assign;
  assign.set_name(result_->case_name);
  assign.set_request_id(RequestId("assign"));
  auto* caseworker = assign.add_caseworkers();
  caseworker->set_id(result_->holder + "-cw-1");
  caseworker->set_lead(true);
  gv1::AssignCaseworkersReply assigned;
  const grpc::Status status = platform_.gateway.Call<gv1::Cases>(
      result_->holder + "-delivery", &gv1::Cases::Stub::AssignCaseworkers, assign, &assigned);
  if (!status.ok()) return absl::FailedPreconditionError(Describe(status));
  options_.tell(absl::StrCat(result_->holder, " puts caseworker ", caseworker->id(),
                             " on the case"));
  return absl::OkStatus();
}

}  // namespace pdp::demo
