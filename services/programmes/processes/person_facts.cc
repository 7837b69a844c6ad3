#include "services/programmes/processes/person_facts.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/calendar.h"
#include "libs/base/status_macros.h"
#include "libs/engine/cell.h"
#include "pdp/subcontractor/v1/public_events.pb.h"
#include "pdp/unpaid_work/v1/public_events.pb.h"
#include "services/programmes/domain/programmes.h"
#include "services/programmes/processes/referral_facts.h"
#include "services/programmes/projections/enrolments.h"

namespace pdp::programmes {
namespace {

namespace ref = referral::v1;
namespace upw = unpaid_work::v1;
namespace sub = subcontractor::v1;
using projection::Partitions;
using projection::ProcessContext;

struct PersonChange {
  std::string crn;
  uint64_t version = 0;
};
template <typename E>
PersonChange ChangeOf(const E& event) {
  return {event.crn(), event.person_version()};
}

PersonChange ChangeOf(const ref::PublicEvent& event) {
  if (event.has_identity_corrected()) return ChangeOf(event.identity_corrected());
  if (event.has_needs_recorded()) return ChangeOf(event.needs_recorded());
  if (event.has_barrier_recorded()) return ChangeOf(event.barrier_recorded());
  if (event.has_barrier_closed()) return ChangeOf(event.barrier_closed());
  if (event.has_risk_recorded()) return ChangeOf(event.risk_recorded());
  return {};
}

bool IsOver(v1::EnrolmentStatus status) {
  return status == v1::COMPLETED || status == v1::ENDED || status == v1::TRANSFERRED_OUT;
}

// start and end are minutes after midnight.
template <typename E>
v1::Command AppointmentCommand(const E& event) {
  v1::Command command;
  v1::RecordAppointment* record = command.mutable_record_appointment();
  record->set_crn(event.crn());
  v1::Appointment* appointment = record->mutable_appointment();
  appointment->set_appointment_id(event.appointment_id());
  appointment->set_date(event.date());
  appointment->set_start_min(event.start());
  appointment->set_minutes(event.end() - event.start());
  appointment->set_site_id(event.site());
  appointment->set_source("unpaid_work");
  return command;
}

template <typename E>
v1::Command WithdrawCommand(const E& event) {
  v1::Command command;
  command.mutable_withdraw_warning()->set_order_id(event.order_id());
  command.mutable_withdraw_warning()->set_warning_id(event.warning_id());
  return command;
}

// Nothing for an event that is no business of this service.
std::optional<v1::Command> CommandOf(const upw::PublicEvent& event) {
  if (event.has_appointment_booked()) return AppointmentCommand(event.appointment_booked());
  if (event.has_appointment_moved()) return AppointmentCommand(event.appointment_moved());
  if (event.has_appointment_trimmed()) return AppointmentCommand(event.appointment_trimmed());
  if (event.has_appointment_withdrawn()) {
    v1::Command command;
    command.mutable_release_appointment()->set_crn(event.appointment_withdrawn().crn());
    command.mutable_release_appointment()->set_appointment_id(
        event.appointment_withdrawn().appointment_id());
    return command;
  }
  // Only what unpaid work gave itself: what it took over from here would circulate (C8).
  if (event.has_warning_issued() && event.warning_issued().source() == "unpaid_work") {
    const auto& issued = event.warning_issued();
    v1::Command command;
    command.mutable_record_warning()->set_order_id(issued.order_id());
    v1::Warning* warning = command.mutable_record_warning()->mutable_warning();
    warning->set_warning_id(issued.warning_id());
    warning->set_given_on(issued.on());
    // Which failure it answers is for unpaid work to know: its failures are not this service's.
    warning->set_source("unpaid_work");
    return command;
  }
  if (event.has_warning_withdrawn() && event.warning_withdrawn().source() == "unpaid_work") {
    return WithdrawCommand(event.warning_withdrawn());
  }
  if (event.has_warning_voided() && event.warning_voided().source() == "unpaid_work") {
    return WithdrawCommand(event.warning_voided());
  }
  return std::nullopt;
}

// The CRN of a case that concerns one person.
std::string CrnOf(const upw::PublicEvent& event) {
  if (event.has_appointment_booked()) return event.appointment_booked().crn();
  if (event.has_appointment_moved()) return event.appointment_moved().crn();
  if (event.has_appointment_trimmed()) return event.appointment_trimmed().crn();
  if (event.has_appointment_withdrawn()) return event.appointment_withdrawn().crn();
  if (event.has_warning_issued()) return event.warning_issued().crn();
  if (event.has_warning_withdrawn()) return event.warning_withdrawn().crn();
  if (event.has_warning_voided()) return event.warning_voided().crn();
  return "";
}

// What one contract gives joins what the organisation has; what it takes away leaves the rest.
struct ContractChange {
  std::string org;
  std::vector<std::string> services;
  std::string from;
  // Last day; empty: open.
  std::string to;
};
template <typename E>
ContractChange ContractOf(const E& event) {
  return {event.org(), {event.services().begin(), event.services().end()}, event.from(),
          event.to()};
}

void Join(const ContractChange& change, v1::DeliveryOrg* org) {
  std::vector<std::string> services(org->services().begin(), org->services().end());
  services.insert(services.end(), change.services.begin(), change.services.end());
  std::sort(services.begin(), services.end());
  services.erase(std::unique(services.begin(), services.end()), services.end());
  const bool known = !org->active_from().empty();
  if (!known || change.from < org->active_from()) org->set_active_from(change.from);
  // The day after the last day of the contract that lasts longest.
  const std::optional<Date> last = ParseDate(change.to);
  const std::string end = last ? FormatDate(*last + 1) : "";
  if (end.empty()) {
    org->clear_inactive_from();
  } else if (!known || (!org->inactive_from().empty() && org->inactive_from() < end)) {
    org->set_inactive_from(end);
  }
  org->clear_services();
  for (const std::string& service : services) org->add_services(service);
}

}  // namespace

std::vector<projection::Subscription> PersonFacts::subscriptions() const {
  return {{.service = "referral",
           .partitions = Partitions::kNat,
           .types = {"IdentityCorrected", "NeedsRecorded", "BarrierRecorded", "BarrierClosed",
                     "RiskRecorded"}}};
}

absl::Status PersonFacts::React(const common::v1::CloudEvent& event, ProcessContext& context) {
  const PersonChange change = ChangeOf(projection::DataOf<ref::PublicEvent>(event));
  if (change.crn.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto enrolments,
                   EnrolmentsOf(host_, context.area(), Enrolments::PersonPrefix(change.crn)));
  for (const v1::EnrolmentRow& enrolment : enrolments) {
    if (IsOver(enrolment.status())) continue;
    ASSIGN_OR_RETURN(const auto answer, AskReferral(host_, context.area(), enrolment.referral_id(),
                                                    0, event.seq()));
    if (!answer.ok()) continue;
    if (answer.reply.person_version() < change.version) {
      return absl::UnavailableError("referral has not reached that version of the person");
    }
    v1::Command command;
    v1::UpdateReferralFacts* update = command.mutable_update_referral_facts();
    update->set_enrolment_id(enrolment.enrolment_id());
    update->set_person_version(static_cast<int64_t>(answer.reply.person_version()));
    *update->mutable_responsivity() = ResponsivityOf(answer.reply);
    RETURN_IF_ERROR(projection::Done(context.Execute(
        absl::StrCat("facts/", context.area().code(), "/", enrolment.enrolment_id()), command)));
  }
  return absl::OkStatus();
}

std::vector<projection::Subscription> UnpaidWorkFollower::subscriptions() const {
  return {{.service = "unpaid_work",
           .partitions = Partitions::kAll,
           .types = {"AppointmentBooked", "AppointmentMoved", "AppointmentTrimmed",
                     "AppointmentWithdrawn", "WarningIssued", "WarningWithdrawn",
                     "WarningVoided"}}};
}

std::string UnpaidWorkFollower::OrderingKey(const common::v1::CloudEvent& event) const {
  return CrnOf(projection::DataOf<upw::PublicEvent>(event));
}

absl::Status UnpaidWorkFollower::React(const common::v1::CloudEvent& event,
                                       ProcessContext& context) {
  const auto data = projection::DataOf<upw::PublicEvent>(event);
  const std::optional<v1::Command> command = CommandOf(data);
  if (!command) return absl::OkStatus();
  if (event.area() != context.area().code()) {
    ASSIGN_OR_RETURN(const auto known,
                     EnrolmentsOf(host_, context.area(), Enrolments::PersonPrefix(CrnOf(data))));
    if (known.empty()) return absl::OkStatus();
  }
  return projection::Done(
      context.Execute(absl::StrCat("follow/", context.area().code()), *command));
}

std::vector<projection::Subscription> Organisations::subscriptions() const {
  return {{.service = "subcontractor",
           .partitions = Partitions::kOwn,
           .types = {"PrimeContractActivated", "SubcontractActivated"}}};
}

absl::Status Organisations::React(const common::v1::CloudEvent& event, ProcessContext& context) {
  const auto data = projection::DataOf<sub::PublicEvent>(event);
  ContractChange change;
  if (data.has_prime_contract_activated()) {
    change = ContractOf(data.prime_contract_activated());
  } else if (data.has_subcontract_activated()) {
    change = ContractOf(data.subcontract_activated());
  } else {
    return absl::OkStatus();
  }
  const engine::Cell* cell = host_.cell(context.area());
  if (cell == nullptr) return absl::UnavailableError("the cell is not hosted here");
  const auto read = cell->ReadState(DeliveryOrgId(change.org));
  if (!read.ok() && read.status().code() != absl::StatusCode::kNotFound) return read.status();
  v1::Command command;
  v1::DeliveryOrg* org = command.mutable_record_delivery_org()->mutable_delivery_org();
  if (read.ok()) *org = static_cast<const v1::State&>(*read->state).delivery_org();
  org->set_org(change.org);
  Join(change, org);
  return projection::Done(context.Execute("organisation", command));
}

}  // namespace pdp::programmes
