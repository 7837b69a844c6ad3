#include "services/programmes/processes/followers.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/engine/cell_reader.h"
#include "pdp/subcontractor/v1/public_events.pb.h"
#include "pdp/unpaid_work/v1/public_events.pb.h"
#include "services/programmes/domain/programmes.h"
#include "services/programmes/processes/referral_facts.h"
#include "services/programmes/projections/enrolments.h"

namespace pdp::programmes {
namespace {

namespace upw = unpaid_work::v1;
namespace sub = subcontractor::v1;
using projection::Partitions;
using projection::ProcessContext;

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

struct ContractChange {
  std::string org;
  v1::DeliveryContract contract;
  // Nothing is delivered under it any more, or for a while.
  bool stops = false;
};

template <typename E>
ContractChange ChangeOf(const E& event, const std::string& contract_id) {
  ContractChange change;
  change.org = event.org();
  change.contract.set_contract_id(contract_id);
  *change.contract.mutable_services() = event.services();
  change.contract.set_from(event.from());
  change.contract.set_to(event.to());
  return change;
}

// A subcontract goes by its own id, the prime contract by its.
std::optional<ContractChange> ContractOf(const sub::PublicEvent& event) {
  if (event.has_prime_contract_activated()) {
    const auto& e = event.prime_contract_activated();
    return ChangeOf(e, e.contract_id());
  }
  if (event.has_subcontract_activated()) {
    const auto& e = event.subcontract_activated();
    return ChangeOf(e, e.subcontract_id());
  }
  if (event.has_subcontract_resumed()) {
    const auto& e = event.subcontract_resumed();
    return ChangeOf(e, e.subcontract_id());
  }
  if (event.has_subcontract_suspended()) {
    const auto& e = event.subcontract_suspended();
    ContractChange change = ChangeOf(e, e.subcontract_id());
    change.contract.set_suspended(true);
    change.stops = true;
    return change;
  }
  if (event.has_subcontract_ended()) {
    const auto& e = event.subcontract_ended();
    ContractChange change = ChangeOf(e, e.subcontract_id());
    change.stops = true;
    return change;
  }
  return std::nullopt;
}

void Put(const v1::DeliveryContract& contract, v1::DeliveryOrg* org) {
  for (v1::DeliveryContract& known : *org->mutable_contracts()) {
    if (known.contract_id() != contract.contract_id()) continue;
    known = contract;
    return;
  }
  *org->add_contracts() = contract;
}

}  // namespace

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
           .types = {"PrimeContractActivated", "SubcontractActivated", "SubcontractSuspended",
                     "SubcontractResumed", "SubcontractEnded"}}};
}

absl::Status Organisations::React(const common::v1::CloudEvent& event, ProcessContext& context) {
  const auto change = ContractOf(projection::DataOf<sub::PublicEvent>(event));
  if (!change) return absl::OkStatus();
  const engine::CellReader* cell = host_.reader(context.area());
  if (cell == nullptr) return absl::UnavailableError("the cell is not hosted here");
  const auto read = cell->ReadState(DeliveryOrgId(change->org));
  if (!read.ok() && read.status().code() != absl::StatusCode::kNotFound) return read.status();
  v1::Command command;
  v1::DeliveryOrg* org = command.mutable_record_delivery_org()->mutable_delivery_org();
  if (read.ok()) *org = static_cast<const v1::State&>(*read->state).delivery_org();
  org->set_org(change->org);
  Put(change->contract, org);
  RETURN_IF_ERROR(projection::Done(context.Execute("organisation", command)));
  if (!change->stops) return absl::OkStatus();
  v1::Task task;
  task.set_task_id(absl::StrCat("contract/", event.id()));
  task.set_kind("DELIVERY_ORG_NOT_ACTIVE");
  task.set_subject(change->contract.contract_id());
  task.set_delivery_org(change->org);
  task.set_detail(std::string(projection::ShortType(event)));
  return RaiseTask(context, "task", std::move(task));
}

}  // namespace pdp::programmes
