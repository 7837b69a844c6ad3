// The person over all enrolments and services: aliases (PRG-105), calendar (PRG-39), and the tasks
// and organisations that processes tell of (PM-1, 5, 6).

#include <algorithm>

#include "services/programmes/domain/membership.h"

namespace pdp::programmes {
namespace {

std::optional<Rejected> CheckMerge(const std::string& from, const std::string& to) {
  if (from.empty() || to.empty() || from == to) {
    return decider::ValidationFailed(
        {{"FIELD_MISSING", "", "from_crn, to_crn", "two different CRNs"}});
  }
  return std::nullopt;
}

bool MergedInto(const Unit& unit, const std::string& from, const std::string& to) {
  const v1::State* state = unit.Find(OpenEnrolmentsId(from));
  return state != nullptr && state->open_enrolments().merged_into() == to;
}

std::vector<std::string> OpenOf(const Unit& unit, const std::string& crn) {
  std::vector<std::string> ids;
  if (const v1::State* state = unit.Find(OpenEnrolmentsId(crn))) {
    for (const auto& entry : state->open_enrolments().entries())
      ids.push_back(entry.enrolment_id());
  }
  return ids;
}

void RaiseFor(Unit& unit, const std::string& enrolment_id, const std::string& kind,
              const std::string& task_id, const std::string& detail, const Facts& facts) {
  const v1::Enrolment& enrolment = *FindEnrolment(unit, enrolment_id);
  v1::Task task;
  task.set_task_id(task_id);
  task.set_kind(kind);
  task.set_subject(enrolment_id);
  task.set_referral_id(enrolment.referral_id());
  task.set_delivery_org(enrolment.delivery_org());
  task.set_detail(detail);
  task.set_due(FormatDate(Today(facts)));
  Raise(unit, std::move(task));
}

}  // namespace

// Told again as often as it is asked: the last answer counts.
Verdict Handle(Unit& unit, const v1::ConfirmErasure& command, const Facts& facts) {
  if (auto refused = CheckRole(facts, {"SYS"})) return *refused;
  if (command.crn().empty()) {
    return decider::ValidationFailed({{.code = "FIELD_MISSING", .field = "crn"}});
  }
  v1::Event event;
  event.mutable_erasure_confirmed()->set_crn(command.crn());
  *event.mutable_erasure_confirmed()->mutable_gaps() = command.gaps();
  unit.Emit(AggregateId("erasure", command.crn()), event);
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::MergePerson& command, const Facts& facts) {
  if (auto refused = CheckRole(facts, {"SYS"})) return *refused;
  const std::string &from = command.from_crn(), &to = command.to_crn();
  if (auto bad = CheckMerge(from, to)) return *bad;
  if (MergedInto(unit, from, to)) return v1::Reply();
  v1::Event event;
  event.mutable_person_alias_added()->set_from_crn(from);
  event.mutable_person_alias_added()->set_to_crn(to);
  unit.Emit(OpenEnrolmentsId(from), event);
  unit.Emit(OpenEnrolmentsId(to), event);
  for (const std::string& id : OpenOf(unit, from)) unit.Emit(EnrolmentId(id), event);
  // Rules 20 and 39 again: nothing is undone, somebody decides.
  for (const std::string& id : OpenOf(unit, from)) {
    const v1::Enrolment enrolment = *FindEnrolment(unit, id);
    for (const std::string& other : OpenOf(unit, to)) {
      const v1::Enrolment& kept = *FindEnrolment(unit, other);
      if (kept.requirement().key() == enrolment.requirement().key() &&
          kept.route() == enrolment.route()) {
        RaiseFor(unit, id, "DUPLICATE_ENROLMENT", absl::StrCat("duplicate/", id, "/", other), other,
                 facts);
      }
    }
  }
  if (const v1::State* state = unit.Find(CalendarId(from))) {
    const v1::Calendar calendar = state->calendar();
    for (const v1::Appointment& session : calendar.appointments()) {
      if (!session.source().empty()) continue;
      const v1::Appointment* clash = ClashFor(unit, from, session, {});
      if (clash == nullptr) continue;
      for (const std::string& id : OpenOf(unit, from)) {
        RaiseFor(unit, id, "PERSON_DOUBLE_BOOKED",
                 absl::StrCat("clash/", session.appointment_id(), "/", session.date(), "/", id),
                 clash->appointment_id(), facts);
      }
    }
  }
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::UnmergePerson& command, const Facts& facts) {
  if (auto refused = CheckRole(facts, {"SYS"})) return *refused;
  const std::string &from = command.from_crn(), &to = command.to_crn();
  if (auto bad = CheckMerge(from, to)) return *bad;
  if (!MergedInto(unit, from, to)) return v1::Reply();
  v1::Event event;
  event.mutable_person_alias_removed()->set_from_crn(from);
  event.mutable_person_alias_removed()->set_to_crn(to);
  unit.Emit(OpenEnrolmentsId(from), event);
  unit.Emit(OpenEnrolmentsId(to), event);
  for (const std::string& id : OpenOf(unit, from)) unit.Emit(EnrolmentId(id), event);
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::RecordAppointment& command, const Facts& facts) {
  if (auto refused = CheckRole(facts, {"SYS"})) return *refused;
  const v1::Appointment& appointment = command.appointment();
  std::vector<Violation> bad;
  const auto need = [&](bool ok, const char* field, const char* what) {
    if (!ok) bad.push_back({"FIELD_MISSING", "", field, what});
  };
  need(!command.crn().empty(), "crn", "must be given");
  need(!appointment.appointment_id().empty(), "appointment.appointment_id", "must be given");
  need(!appointment.source().empty(), "appointment.source", "the service that keeps it");
  need(ParseDate(appointment.date()).has_value(), "appointment.date", "a date YYYY-MM-DD");
  need(appointment.start_min() >= 0 && appointment.start_min() < 24 * 60 &&
           appointment.minutes() > 0 && appointment.minutes() <= 24 * 60 - appointment.start_min(),
       "appointment.start_min, minutes", "within one day");
  if (!bad.empty()) return decider::ValidationFailed(std::move(bad));
  const AggregateId id = CalendarId(command.crn());
  if (const v1::State* state = unit.Find(id)) {
    for (const v1::Appointment& known : state->calendar().appointments()) {
      if (known.appointment_id() == appointment.appointment_id() &&
          known.SerializeAsString() == appointment.SerializeAsString()) {
        return v1::Reply();
      }
    }
  }
  v1::Event event;
  event.mutable_appointment_recorded()->set_crn(command.crn());
  *event.mutable_appointment_recorded()->mutable_appointment() = appointment;
  unit.Emit(id, event);
  // PM-5: a late conflict is a task for the session here.
  const v1::Appointment* clash = ClashFor(unit, command.crn(), appointment, {});
  if (clash != nullptr && clash->source().empty()) {
    v1::Task task;
    task.set_task_id(absl::StrCat("clash/", appointment.appointment_id(), "/", appointment.date(),
                                  "/", clash->appointment_id()));
    task.set_kind("PERSON_DOUBLE_BOOKED");
    task.set_subject(clash->appointment_id());
    task.set_detail(appointment.appointment_id());
    task.set_due(clash->date());
    Raise(unit, std::move(task));
  }
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::ReleaseAppointment& command, const Facts& facts) {
  if (auto refused = CheckRole(facts, {"SYS"})) return *refused;
  const v1::State* state = unit.Find(CalendarId(command.crn()));
  if (state == nullptr) return v1::Reply();
  const auto& known = state->calendar().appointments();
  if (std::none_of(known.begin(), known.end(), [&](const auto& a) {
        return a.appointment_id() == command.appointment_id() && !a.source().empty();
      })) {
    return v1::Reply();
  }
  v1::Event event;
  event.mutable_appointment_released()->set_crn(command.crn());
  event.mutable_appointment_released()->set_appointment_id(command.appointment_id());
  unit.Emit(CalendarId(command.crn()), event);
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::RaiseTask& command, const Facts& facts) {
  if (auto refused = CheckRole(facts, {"SYS"})) return *refused;
  if (command.task().task_id().empty() || command.task().kind().empty()) {
    return decider::ValidationFailed(
        {{"FIELD_MISSING", "", "task.task_id, kind", "must be given"}});
  }
  v1::Task task = command.task();
  task.set_closed(false);
  Raise(unit, std::move(task));
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::CloseTask& command, const Facts& facts) {
  const v1::State* state = unit.Find(TaskId(command.task_id()));
  if (state == nullptr) return decider::NotFound(TaskId(command.task_id()));
  if (auto refused = CheckRole(facts, {"RO", "SCH", "TM", "PM", "SYS"})) return *refused;
  if (!state->task().delivery_org().empty()) {
    if (auto refused = CheckOrganisation(facts, state->task().delivery_org())) return *refused;
  }
  if (state->task().closed()) return v1::Reply();
  v1::Event event;
  event.mutable_task_closed()->set_task_id(command.task_id());
  event.mutable_task_closed()->set_by(facts.actor.id());
  unit.Emit(TaskId(command.task_id()), event);
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::RecordDeliveryOrg& command, const Facts& facts) {
  if (auto refused = CheckRole(facts, {"SYS"})) return *refused;
  const v1::DeliveryOrg& org = command.delivery_org();
  std::vector<Violation> bad;
  if (org.org().empty()) bad.push_back({"FIELD_MISSING", "", "delivery_org.org", "must be given"});
  for (const v1::DeliveryContract& contract : org.contracts()) {
    for (const auto& [field, text] : {std::pair("from", contract.from()),
                                      std::pair("to", contract.to())}) {
      if (!text.empty() && !ParseDate(text).has_value()) {
        bad.push_back({"DATE_MALFORMED", contract.contract_id(),
                       absl::StrCat("delivery_org.contracts.", field), "a date YYYY-MM-DD"});
      }
    }
  }
  if (!bad.empty()) return decider::ValidationFailed(std::move(bad));
  const v1::State* known = unit.Find(DeliveryOrgId(org.org()));
  if (known != nullptr && known->delivery_org().SerializeAsString() == org.SerializeAsString()) {
    return v1::Reply();
  }
  v1::Event event;
  *event.mutable_delivery_org_recorded()->mutable_delivery_org() = org;
  unit.Emit(DeliveryOrgId(org.org()), event);
  return v1::Reply();
}

}  // namespace pdp::programmes
