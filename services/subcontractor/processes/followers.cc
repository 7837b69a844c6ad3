#include "services/subcontractor/processes/followers.h"

#include "absl/strings/str_cat.h"
#include "libs/base/calendar.h"
#include "libs/base/log.h"
#include "libs/base/status_macros.h"
#include "pdp/referral/v1/public_events.pb.h"
#include "pdp/subcontractor/v1/commands.pb.h"
#include "pdp/subcontractor/v1/public_events.pb.h"

namespace pdp::subcontractor {

using projection::Partitions;
using projection::ProcessContext;

namespace {

// A refusal is an answer; nobody else would notice it.
absl::Status Answered(const engine::CommandOutcome& outcome, const common::v1::CloudEvent& event) {
  if (const std::string refusal = projection::RefusalOf(outcome); !refusal.empty()) {
    PDP_LOG(WARNING) << event.id() << " (" << projection::ShortType(event)
                     << ") was refused: " << refusal;
  }
  return projection::Done(outcome);
}

// The day of an event that names none.
std::string DayOf(const common::v1::CloudEvent& event) {
  return FormatDate(LocalDate(absl::FromUnixSeconds(event.time().seconds())));
}

v1::Command OverrideCommand(const referral::v1::PublicEvent::ReferralDirected& directed) {
  v1::Command command;
  v1::RecordOverride* record = command.mutable_record_override();
  record->set_referral_id(directed.referral_id());
  record->set_round(static_cast<uint32_t>(directed.round()));
  record->set_org(directed.org());
  record->set_service(directed.route());
  record->set_pdu(directed.pdu());
  record->set_stratum(directed.stratum());
  record->set_instrument(directed.instrument());
  *record->mutable_tokens() = directed.tokens();
  *record->mutable_excluded_orgs() = directed.excluded_orgs();
  record->set_code(directed.code());
  return command;
}

}  // namespace

std::vector<projection::Subscription> OfferFollower::subscriptions() const {
  return {{.service = "referral",
           .partitions = Partitions::kOwn,
           .types = {"ReferralDirected", "DeliveryStarted", "DeliveryEnded", "ReferralHandedOff",
                     "ReferralReopened"}}};
}

absl::Status OfferFollower::React(const common::v1::CloudEvent& event, ProcessContext& context) {
  const auto data = projection::DataOf<referral::v1::PublicEvent>(event);
  v1::Command command;
  if (data.has_referral_directed()) {
    return Answered(context.Execute("override", OverrideCommand(data.referral_directed())), event);
  }
  if (data.has_delivery_started()) {
    v1::RecordDeliveryStart* start = command.mutable_record_delivery_start();
    start->set_referral_id(data.delivery_started().referral_id());
    start->set_org(data.delivery_started().org());
    start->set_on(data.delivery_started().on());
    start->set_service(data.delivery_started().route());
    return Answered(context.Execute("start", command), event);
  }
  if (data.has_delivery_ended() || data.has_referral_handed_off()) {
    v1::RecordDeliveryEnd* end = command.mutable_record_delivery_end();
    if (data.has_delivery_ended()) {
      end->set_referral_id(data.delivery_ended().referral_id());
      end->set_on(data.delivery_ended().on());
      end->set_cause(data.delivery_ended().cause());
    } else {
      end->set_referral_id(data.referral_handed_off().referral_id());
      end->set_on(DayOf(event));
      end->set_cause("HANDED_OFF");
    }
    return Answered(context.Execute("end", command), event);
  }
  if (data.has_referral_reopened()) {
    v1::RecordReopening* reopening = command.mutable_record_reopening();
    reopening->set_referral_id(data.referral_reopened().referral_id());
    reopening->set_on(data.referral_reopened().on());
    return Answered(context.Execute("reopen", command), event);
  }
  return absl::OkStatus();
}

std::vector<projection::Subscription> PoolKeeper::subscriptions() const {
  return {{.service = "subcontractor",
           .partitions = Partitions::kOwn,
           .types = {"SubcontractActivated", "SubcontractSuspended", "SubcontractResumed",
                     "SubcontractEnded"}}};
}

namespace {

v1::Command JoinCommand(const v1::PublicEvent::SubcontractActivated& activated,
                        const v1::ServiceScope& scope) {
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
  return command;
}

// One command a service of the subcontract. No pool or no member of that service is an answer:
// OpenPool names its members itself.
template <typename Changed, typename Make>
absl::Status ForEachService(ProcessContext& context, const Changed& changed, const char* step,
                            Make make) {
  for (const std::string& service : changed.services()) {
    RETURN_IF_ERROR(
        projection::Done(context.Execute(absl::StrCat(step, "/", service), make(service))));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status PoolKeeper::React(const common::v1::CloudEvent& event, ProcessContext& context) {
  const auto data = projection::DataOf<v1::PublicEvent>(event);
  if (data.has_subcontract_activated()) {
    for (const v1::ServiceScope& scope : data.subcontract_activated().scope()) {
      RETURN_IF_ERROR(
          projection::Done(context.Execute(absl::StrCat("join/", scope.service()),
                                           JoinCommand(data.subcontract_activated(), scope))));
    }
    return absl::OkStatus();
  }
  if (data.has_subcontract_suspended()) {
    const auto& suspended = data.subcontract_suspended();
    return ForEachService(context, suspended, "suspend", [&](const std::string& service) {
      v1::Command command;
      command.mutable_suspend_member()->set_service(service);
      command.mutable_suspend_member()->set_org(suspended.org());
      command.mutable_suspend_member()->set_cause(suspended.reason());
      command.mutable_suspend_member()->set_subcontract_id(suspended.subcontract_id());
      return command;
    });
  }
  if (data.has_subcontract_resumed()) {
    const auto& resumed = data.subcontract_resumed();
    return ForEachService(context, resumed, "resume", [&](const std::string& service) {
      v1::Command command;
      command.mutable_resume_member()->set_service(service);
      command.mutable_resume_member()->set_org(resumed.org());
      command.mutable_resume_member()->set_subcontract_id(resumed.subcontract_id());
      return command;
    });
  }
  if (data.has_subcontract_ended()) {
    const auto& ended = data.subcontract_ended();
    return ForEachService(context, ended, "leave", [&](const std::string& service) {
      v1::Command command;
      command.mutable_leave_pool()->set_service(service);
      command.mutable_leave_pool()->set_org(ended.org());
      command.mutable_leave_pool()->set_on(ended.to());
      command.mutable_leave_pool()->set_subcontract_id(ended.subcontract_id());
      return command;
    });
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
  const auto data = projection::DataOf<v1::InternalEvent>(event);
  if (!data.has_organisation_registered()) return absl::OkStatus();
  v1::Command command;
  *command.mutable_copy_organisation()->mutable_organisation() =
      data.organisation_registered().organisation();
  return projection::Done(
      context.Execute(absl::StrCat("copy/", context.area().code()), command));
}

}  // namespace pdp::subcontractor
