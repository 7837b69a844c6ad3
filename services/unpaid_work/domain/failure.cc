#include <algorithm>

#include "services/unpaid_work/domain/commands.h"
#include "services/unpaid_work/domain/ledger.h"
#include "services/unpaid_work/domain/policy.h"

namespace pdp::unpaid_work {
namespace {

bool Covers(const v1::Instruction& instruction, const v1::Appointment& appointment) {
  return std::any_of(instruction.covered().begin(), instruction.covered().end(),
                     [&appointment](const v1::CoveredAppointment& row) {
                       return row.appointment_id() == appointment.appointment_id() &&
                              row.revision() == appointment.revision();
                     });
}

bool AcknowledgedInTime(const v1::Instruction& instruction, const v1::Appointment& appointment) {
  const Date date = DateOf(appointment.date());
  const Date issued_on = DateOf(instruction.issued_on());
  if (const auto deemed = Policy(issued_on).IntOrNone("upw.instruction.deemed_days")) {
    if (issued_on + *deemed <= date) return true;
  }
  if (instruction.acknowledged_on().empty()) return false;
  return Moment{DateOf(instruction.acknowledged_on()), instruction.acknowledged_at()} <=
         Moment{date, appointment.start()};
}

const v1::Failure* Find(const v1::Case& c, const std::string& failure_id) {
  for (const v1::Failure& failure : c.failures()) {
    if (failure.failure_id() == failure_id) return &failure;
  }
  return nullptr;
}

bool Names(const v1::Failure& failure, const std::string& appointment_id) {
  const auto& ids = failure.appointment_ids();
  return std::find(ids.begin(), ids.end(), appointment_id) != ids.end();
}

void Note(Unit& unit, const std::string& crn, const std::string& order_id,
          const v1::Appointment& appointment, Date noted_on) {
  const std::string failure_id = absl::StrCat(order_id, ".", appointment.date());
  const v1::Failure* known = Find(*FindCase(unit, crn), failure_id);
  v1::Event event;
  auto* noted = event.mutable_failure_noted();
  v1::Failure* failure = noted->mutable_failure();
  if (known != nullptr && known->status() != v1::FAILURE_VOID) {
    *failure = *known;
  } else {
    failure->set_failure_id(failure_id);
    failure->set_order_id(order_id);
    failure->set_date(appointment.date());
    failure->set_status(v1::FAILURE_OPEN);
    failure->set_noted_on(FormatDate(noted_on));
    const int days = static_cast<int>(Policy(noted_on).Int("upw.enf.decision_business_days"));
    if (const auto due = AddWorkingDays(noted_on, days)) {
      failure->set_decision_due(FormatDate(*due));
    }
  }
  failure->add_appointment_ids(appointment.appointment_id());
  noted->set_appointment_id(appointment.appointment_id());
  noted->set_policy_version(PolicyVersion());
  unit.Emit(CaseId(crn), std::move(event));
}

}  // namespace

std::string NotCoveredReason(const v1::Case& c, const v1::Appointment& appointment) {
  if (appointment.composition_breach()) return "COMPOSITION_BREACH";
  bool issued = false, in_time = false;
  for (const v1::Instruction& instruction : c.instructions()) {
    if (instruction.status() == v1::INSTRUCTION_SUPERSEDED) continue;
    if (!Covers(instruction, appointment)) continue;
    issued = true;
    const Date issued_on = DateOf(instruction.issued_on());
    const int64_t notice = Policy(issued_on).Int("upw.instruction.notice_days");
    if (issued_on > DateOf(appointment.date()) - notice) continue;
    in_time = true;
    if (AcknowledgedInTime(instruction, appointment)) return "";
  }
  if (!issued) return "INSTRUCTION_NOT_ISSUED";
  return in_time ? "INSTRUCTION_NOT_ACKNOWLEDGED" : "INSTRUCTION_LATE";
}

void SettleFailure(Unit& unit, const std::string& crn, const std::string& appointment_id,
                   Date noted_on) {
  const v1::Case& c = *FindCase(unit, crn);
  const v1::Appointment* found = FindAppointment(c, appointment_id);
  if (found == nullptr || !found->has_outcome()) return;
  const v1::Appointment appointment = *found;
  const v1::OutcomeCode* code = FindOutcome(appointment.outcome().code());
  const bool failing =
      code != nullptr && code->enforceable() && NotCoveredReason(c, appointment).empty();
  std::vector<std::string> noted;
  for (const v1::Failure& failure : c.failures()) {
    if (failure.status() != v1::FAILURE_VOID && Names(failure, appointment_id)) {
      noted.push_back(failure.failure_id());
    }
  }
  if (failing && noted.empty()) {
    // UPW-66: on the order of every LIVE member of the group it was offered under.
    std::vector<std::string> orders;
    if (const v1::Group* group = FindGroup(c, appointment.group())) {
      for (const std::string& member : group->members()) {
        const v1::Requirement& requirement = *FindRequirement(c, member);
        if (IsLive(requirement)) orders.push_back(requirement.order_id());
      }
    }
    std::sort(orders.begin(), orders.end());
    orders.erase(std::unique(orders.begin(), orders.end()), orders.end());
    for (const std::string& order : orders) Note(unit, crn, order, appointment, noted_on);
    return;
  }
  if (failing) return;
  for (const std::string& failure_id : noted) {
    const v1::Failure& failure = *Find(*FindCase(unit, crn), failure_id);
    v1::Event event;
    event.mutable_failure_voided()->set_failure_id(failure_id);
    event.mutable_failure_voided()->set_appointment_id(appointment_id);
    event.mutable_failure_voided()->set_void_(failure.appointment_ids_size() == 1);
    unit.Emit(CaseId(crn), std::move(event));
  }
}

}  // namespace pdp::unpaid_work
