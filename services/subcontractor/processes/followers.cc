#include "services/subcontractor/processes/followers.h"

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "pdp/referral/v1/public_events.pb.h"
#include "pdp/subcontractor/v1/commands.pb.h"
#include "pdp/subcontractor/v1/public_events.pb.h"

namespace pdp::subcontractor {

using projection::Partitions;
using projection::ProcessContext;

std::vector<projection::Subscription> OfferFollower::subscriptions() const {
  return {{.service = "referral",
           .partitions = Partitions::kOwn,
           .types = {"DeliveryStarted", "DeliveryEnded"}}};
}

absl::Status OfferFollower::React(const common::v1::CloudEvent& event, ProcessContext& context) {
  const auto data = projection::DataOf<referral::v1::PublicEvent>(event);
  v1::Command command;
  if (data.has_delivery_started()) {
    v1::RecordDeliveryStart* start = command.mutable_record_delivery_start();
    start->set_referral_id(data.delivery_started().referral_id());
    start->set_org(data.delivery_started().org());
    start->set_on(data.delivery_started().on());
    start->set_service(data.delivery_started().route());
    return projection::Done(context.Execute("start", command));
  }
  if (data.has_delivery_ended()) {
    v1::RecordDeliveryEnd* end = command.mutable_record_delivery_end();
    end->set_referral_id(data.delivery_ended().referral_id());
    end->set_on(data.delivery_ended().on());
    end->set_cause(data.delivery_ended().cause());
    return projection::Done(context.Execute("end", command));
  }
  return absl::OkStatus();
}

std::vector<projection::Subscription> PoolKeeper::subscriptions() const {
  return {{.service = "subcontractor",
           .partitions = Partitions::kOwn,
           .types = {"SubcontractActivated"}}};
}

absl::Status PoolKeeper::React(const common::v1::CloudEvent& event, ProcessContext& context) {
  const auto data = projection::DataOf<v1::PublicEvent>(event);
  if (!data.has_subcontract_activated()) return absl::OkStatus();
  const v1::PublicEvent::SubcontractActivated& activated = data.subcontract_activated();
  for (const v1::ServiceScope& scope : activated.scope()) {
    v1::Command command;
    v1::JoinPool* join = command.mutable_join_pool();
    join->set_service(scope.service());
    v1::MemberTerms* member = join->mutable_member();
    member->set_org(activated.org());
    member->add_services(scope.service());
    *member->mutable_geography() = scope.pdus();
    *member->mutable_capabilities() = activated.capabilities();
    member->set_from(activated.from());
    member->set_to(activated.to());
    member->set_subcontract_id(activated.subcontract_id());
    // No pool of that service yet is an answer: OpenPool names its members itself.
    RETURN_IF_ERROR(
        projection::Done(context.Execute(absl::StrCat("join/", scope.service()), command)));
  }
  return absl::OkStatus();
}

std::vector<projection::Subscription> OrganisationFollower::subscriptions() const {
  return {{.service = "subcontractor",
           .partitions = Partitions::kNat,
           .types = {"OrganisationRegistered"}}};
}

absl::Status OrganisationFollower::React(const common::v1::CloudEvent& event,
                                         ProcessContext& context) {
  const auto data = projection::DataOf<v1::PublicEvent>(event);
  if (!data.has_organisation_registered()) return absl::OkStatus();
  v1::Command command;
  *command.mutable_copy_organisation()->mutable_organisation() =
      data.organisation_registered().organisation();
  return projection::Done(
      context.Execute(absl::StrCat("copy/", context.area().code()), command));
}

}  // namespace pdp::subcontractor
