#ifndef PDP_SERVICES_UNPAID_WORK_DOMAIN_COMMANDS_H_
#define PDP_SERVICES_UNPAID_WORK_DOMAIN_COMMANDS_H_

#include <optional>
#include <string>
#include <vector>

#include "services/unpaid_work/domain/checks.h"
#include "services/unpaid_work/domain/unpaid_work.h"

// One function a command, in a file a tight family. Each answers as its row of the specification,
// section 5, says.

namespace pdp::unpaid_work {

// case_slot.cc
Verdict Decide(Unit& unit, const v1::ReserveCase& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::ConfirmErasure& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::RaiseIntakeException& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::ResolveIntakeException& command, const Facts& facts);
// register_requirement.cc
Verdict Decide(Unit& unit, const v1::RegisterRequirement& command, const Facts& facts);
// requirement.cc
Verdict Decide(Unit& unit, const v1::VaryRequirement& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::ExtendWindow& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::TerminateRequirement& command, const Facts& facts);
// case_state.cc
Verdict Decide(Unit& unit, const v1::SuspendCase& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::ResumeCase& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::AssignOrganisation& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::CloseCase& command, const Facts& facts);
// needs.cc
Verdict Decide(Unit& unit, const v1::TakeOverPersonFacts& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::RecordCommunicationNeeds& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::AnswerSection& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::RecordEteNeeds& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::SetEteAllotment& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::CompleteInduction& command, const Facts& facts);
// choices.cc
Verdict Decide(Unit& unit, const v1::SetAvailability& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::RecordAvailabilityBlock& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::RemoveAvailabilityBlock& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::SetWeeklyPlan& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::RecordCompositionChoice& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::RecordConsent& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::WithdrawConsent& command, const Facts& facts);
// instruction.cc
Verdict Decide(Unit& unit, const v1::IssueInstruction& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::AcknowledgeInstruction& command, const Facts& facts);
// project.cc
Verdict Decide(Unit& unit, const v1::RecordOrganisationScope& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::NominateProject& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::EvaluateProject& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::ApproveProject& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::DeclineProject& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::OpenProject& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::UpdateProject& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::SuspendProject& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::CloseProject& command, const Facts& facts);
// supervisor.cc
Verdict Decide(Unit& unit, const v1::RegisterSupervisor& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::RecordCompetence& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::RecordStaffAbsence& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::AssignSupervisor& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::UnassignSupervisor& command, const Facts& facts);
// session.cc
Verdict Decide(Unit& unit, const v1::PlanSession& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::LockRoster& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::CancelSession& command, const Facts& facts);
// seats.cc
Verdict Decide(Unit& unit, const v1::BookSeats& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::ReleaseSeat& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::MoveAppointment& command, const Facts& facts);
// outcome.cc
Verdict Decide(Unit& unit, const v1::RecordOutcome& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::RecordSessionOutcomes& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::CorrectOutcome& command, const Facts& facts);
// evidence.cc
Verdict Decide(Unit& unit, const v1::WriteNote& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::SubmitEvidence& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::DecideEvidence& command, const Facts& facts);
// adjustment.cc
Verdict Decide(Unit& unit, const v1::MakeAdjustment& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::ReverseAdjustment& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::CreditTravel& command, const Facts& facts);
// fire_timer.cc
Verdict Decide(Unit& unit, const v1::FireTimer& command, const Facts& facts);

// ---- shared by the commands
// find.cc. The organisation may deliver unpaid work in the pdu on that day (UPW-77).
bool OrganisationCovers(const Unit& unit, absl::string_view org, absl::string_view pdu, Date on);
const v1::Appointment* FindAppointment(const v1::Case& c, absl::string_view appointment_id);
const v1::Seat* FindSeat(const v1::Session& session, absl::string_view crn);
// Mandatory sections without an answer that counts (UPW-31, 32).
std::vector<std::string> MissingSections(const v1::Case& c);
bool AssessmentComplete(const v1::Case& c);
// needs.cc. False for NOT_ASSESSED and for a section without a level that needs one.
bool SectionCounts(const v1::AssessmentSection& section);
// The written formats the person needs: recorded, and made needed by LEARNING (UPW-33).
std::vector<std::string> NeededFormats(const v1::Case& c);
// Emits CaseStatusChanged to ASSESSED when everything of UPW-31 is there.
void UpdateAssessed(Unit& unit, const std::string& crn);

// seats.cc
std::string SiteName(const Unit& unit, absl::string_view project_id);
// Withdraws a booked appointment and frees its seat; looks at the roster it leaves (UPW-49).
void WithdrawAppointment(Unit& unit, const std::string& crn, const std::string& appointment_id,
                         const std::string& reason, v1::ReleasedBy by, const Facts& facts);
// Withdraws the future appointments that `which` says yes to.
template <typename Which>
void WithdrawFuture(Unit& unit, const std::string& crn, const std::string& reason,
                    const Facts& facts, Which which) {
  const auto appointments = FindCase(unit, crn)->appointments();
  const Moment now = Now(facts);
  for (const v1::Appointment& appointment : appointments) {
    if (appointment.status() != v1::APPOINTMENT_BOOKED) continue;
    if (Moment{DateOf(appointment.date()), appointment.start()} <= now) continue;
    if (!which(appointment)) continue;
    WithdrawAppointment(unit, crn, appointment.appointment_id(), reason, v1::BY_SERVICE, facts);
  }
}
// upw.women.repair_minutes.
int64_t RepairMinutes(const Facts& facts);
// composition.cc. After any change of a roster: CompositionBroken or CompositionRepaired, as it now
// is (UPW-49).
void CheckRoster(Unit& unit, const std::string& session_id, const Facts& facts);

// failure.cc. Notes or voids the failure of an appointment after its outcome or an acknowledgement
// changed, so that the failures are those that its present outcome makes (UPW-38, 66).
void SettleFailure(Unit& unit, const std::string& crn, const std::string& appointment_id,
                   Date noted_on);
// Why an enforceable code would be no failure; empty: it is one (UPW-38).
std::string NotCoveredReason(const v1::Case& c, const v1::Appointment& appointment);

// outcome.cc. Decides one appointment anew in this commit: the books, the offer, the failure, the
// session's seat. `defaulted`: by the clock or a rejection of evidence.
struct Ruling {
  v1::OutcomeItem item;
  std::string correction_reason;
  bool defaulted = false;
  // The day a failure counts as noted: today unless said (UPW-63).
  std::optional<Date> noted_on;
};
void ApplyOutcome(Unit& unit, const Ruling& ruling, const Facts& facts);

}  // namespace pdp::unpaid_work

#endif  // PDP_SERVICES_UNPAID_WORK_DOMAIN_COMMANDS_H_
