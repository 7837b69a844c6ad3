#include <algorithm>

#include "services/unpaid_work/domain/commands.h"
#include "services/unpaid_work/domain/policy.h"

// Notes and evidence beside an outcome (UPW-63).

namespace pdp::unpaid_work {
namespace {

constexpr size_t kNoteCharactersMax = 4000;

size_t Characters(const std::string& text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; }));
}

bool PastDue(const v1::Appointment& appointment, const Facts& facts) {
  return !appointment.evidence_due().empty() &&
         FormatDate(OccurredOn(facts)) > appointment.evidence_due();
}

struct Target {
  const v1::Appointment* appointment = nullptr;
  std::optional<Rejected> rejected;
};

Target AdmitAppointment(const Unit& unit, const Facts& facts, const std::string& crn,
                        const std::string& appointment_id,
                        std::initializer_list<absl::string_view> roles, const Checks& checks) {
  Target target;
  const v1::Case* c = FindCase(unit, crn);
  if (c != nullptr) target.appointment = FindAppointment(*c, appointment_id);
  if (target.appointment == nullptr ||
      !SeesOrganisation(facts, target.appointment->org())) {
    target.rejected = decider::NotFound(CaseId(crn));
    return target;
  }
  target.rejected = AdmitCase(unit, facts, crn, roles, checks);
  return target;
}

}  // namespace

Verdict Decide(Unit& unit, const v1::WriteNote& command, const Facts& facts) {
  const Target target = AdmitAppointment(unit, facts, command.crn(), command.appointment_id(),
                                         {"SU", "CO", "RO"}, Checks());
  if (target.rejected.has_value()) return *target.rejected;
  if (target.appointment->note_rev() != command.note_rev()) {
    return decider::Reject("NOTE_REV_CONFLICT",
                           absl::StrCat("is at ", target.appointment->note_rev()));
  }
  if (Characters(command.text()) > kNoteCharactersMax) return decider::Reject("NOTE_TOO_LONG");
  if (target.appointment->note_sensitive() && !command.sensitive()) {
    return decider::Reject("SENSITIVE_FLAG_ONE_WAY");
  }
  v1::Event event;
  auto* note = event.mutable_note_written();
  note->set_appointment_id(command.appointment_id());
  note->set_note_rev(command.note_rev() + 1);
  note->set_text(command.text());
  note->set_sensitive(command.sensitive());
  unit.Emit(CaseId(command.crn()), std::move(event));
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::SubmitEvidence& command, const Facts& facts) {
  Checks checks;
  checks.Require(!command.document_ref().empty(), "document_ref", "is missing");
  checks.KnownIn("evidence_kind", command.kind(), "kind");
  const Target target = AdmitAppointment(unit, facts, command.crn(), command.appointment_id(),
                                         {"SP", "CO"}, checks);
  if (target.rejected.has_value()) return *target.rejected;
  const v1::EvidenceStatus status = target.appointment->evidence();
  const bool pending = target.appointment->status() == v1::APPOINTMENT_ABSENT_PENDING;
  const bool defaulted = status == v1::EVIDENCE_DEFAULTED;
  if (!defaulted && !pending) return decider::Reject("EVIDENCE_NOT_DUE");
  if (defaulted || PastDue(*target.appointment, facts)) return decider::Reject("EVIDENCE_LATE");
  v1::Event event;
  auto* submitted = event.mutable_evidence_submitted();
  submitted->set_appointment_id(command.appointment_id());
  submitted->set_kind(command.kind());
  submitted->set_document_ref(command.document_ref());
  submitted->set_on(FormatDate(OccurredOn(facts)));
  unit.Emit(CaseId(command.crn()), std::move(event));
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::DecideEvidence& command, const Facts& facts) {
  Checks checks;
  const bool accepts = !command.accept_code().empty();
  if (accepts) {
    const v1::OutcomeCode* code = FindOutcome(command.accept_code());
    checks.Known(code != nullptr && code->status() == v1::APPOINTMENT_ABSENT_EXCUSED,
                 command.accept_code(), "accept_code");
  }
  const Target target = AdmitAppointment(unit, facts, command.crn(), command.appointment_id(),
                                         {"RO", "CO", "MG"}, checks);
  if (target.rejected.has_value()) return *target.rejected;
  const v1::Appointment& appointment = *target.appointment;
  const bool pending = appointment.status() == v1::APPOINTMENT_ABSENT_PENDING;
  const bool defaulted = appointment.evidence() == v1::EVIDENCE_DEFAULTED;
  if (!pending && !(defaulted && accepts)) return decider::Reject("EVIDENCE_NOT_DUE");
  // What came in time may be decided later; what did not is late unless a manager lets it in.
  const bool late = defaulted || (appointment.evidence() != v1::EVIDENCE_SUBMITTED &&
                                  PastDue(appointment, facts));
  if (accepts && late && !(command.override_late() && facts.HasRole("MG"))) {
    return decider::Reject("EVIDENCE_LATE");
  }
  v1::OutcomeItem item;
  item.set_crn(command.crn());
  item.set_appointment_id(command.appointment_id());
  item.set_code(accepts ? command.accept_code() : "UACP");
  v1::Event event;
  if (accepts) {
    event.mutable_evidence_accepted()->set_appointment_id(command.appointment_id());
    event.mutable_evidence_accepted()->set_code(command.accept_code());
  } else {
    event.mutable_evidence_rejected()->set_appointment_id(command.appointment_id());
  }
  unit.Emit(CaseId(command.crn()), std::move(event));
  ApplyOutcome(unit, {.item = item, .correction_reason = "EVIDENCE", .defaulted = !accepts},
               facts);
  return v1::Reply();
}

}  // namespace pdp::unpaid_work
