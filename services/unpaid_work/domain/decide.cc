#include "services/unpaid_work/domain/commands.h"

namespace pdp::unpaid_work {

Verdict UnpaidWork::Decide(Unit& unit, const Command& command, const Facts& facts) {
  using unpaid_work::Decide;
  switch (command.command_case()) {
    case Command::kReserveCase: return Decide(unit, command.reserve_case(), facts);
    case Command::kRegisterRequirement: return Decide(unit, command.register_requirement(), facts);
    case Command::kVaryRequirement: return Decide(unit, command.vary_requirement(), facts);
    case Command::kExtendWindow: return Decide(unit, command.extend_window(), facts);
    case Command::kTerminateRequirement:
      return Decide(unit, command.terminate_requirement(), facts);
    case Command::kSuspendCase: return Decide(unit, command.suspend_case(), facts);
    case Command::kResumeCase: return Decide(unit, command.resume_case(), facts);
    case Command::kAssignOrganisation: return Decide(unit, command.assign_organisation(), facts);
    case Command::kCloseCase: return Decide(unit, command.close_case(), facts);
    case Command::kRaiseIntakeException:
      return Decide(unit, command.raise_intake_exception(), facts);
    case Command::kResolveIntakeException:
      return Decide(unit, command.resolve_intake_exception(), facts);
    case Command::kTakeOverPersonFacts:
      return Decide(unit, command.take_over_person_facts(), facts);
    case Command::kRecordCommunicationNeeds:
      return Decide(unit, command.record_communication_needs(), facts);
    case Command::kAnswerSection: return Decide(unit, command.answer_section(), facts);
    case Command::kRecordEteNeeds: return Decide(unit, command.record_ete_needs(), facts);
    case Command::kSetEteAllotment: return Decide(unit, command.set_ete_allotment(), facts);
    case Command::kSetAvailability: return Decide(unit, command.set_availability(), facts);
    case Command::kRecordAvailabilityBlock:
      return Decide(unit, command.record_availability_block(), facts);
    case Command::kRemoveAvailabilityBlock:
      return Decide(unit, command.remove_availability_block(), facts);
    case Command::kSetWeeklyPlan: return Decide(unit, command.set_weekly_plan(), facts);
    case Command::kRecordCompositionChoice:
      return Decide(unit, command.record_composition_choice(), facts);
    case Command::kRecordConsent: return Decide(unit, command.record_consent(), facts);
    case Command::kWithdrawConsent: return Decide(unit, command.withdraw_consent(), facts);
    case Command::kCompleteInduction: return Decide(unit, command.complete_induction(), facts);
    case Command::kIssueInstruction: return Decide(unit, command.issue_instruction(), facts);
    case Command::kAcknowledgeInstruction:
      return Decide(unit, command.acknowledge_instruction(), facts);
    case Command::kRecordOrganisationScope:
      return Decide(unit, command.record_organisation_scope(), facts);
    case Command::kNominateProject: return Decide(unit, command.nominate_project(), facts);
    case Command::kEvaluateProject: return Decide(unit, command.evaluate_project(), facts);
    case Command::kApproveProject: return Decide(unit, command.approve_project(), facts);
    case Command::kDeclineProject: return Decide(unit, command.decline_project(), facts);
    case Command::kOpenProject: return Decide(unit, command.open_project(), facts);
    case Command::kUpdateProject: return Decide(unit, command.update_project(), facts);
    case Command::kSuspendProject: return Decide(unit, command.suspend_project(), facts);
    case Command::kCloseProject: return Decide(unit, command.close_project(), facts);
    case Command::kRegisterSupervisor: return Decide(unit, command.register_supervisor(), facts);
    case Command::kRecordCompetence: return Decide(unit, command.record_competence(), facts);
    case Command::kRecordStaffAbsence: return Decide(unit, command.record_staff_absence(), facts);
    case Command::kPlanSession: return Decide(unit, command.plan_session(), facts);
    case Command::kAssignSupervisor: return Decide(unit, command.assign_supervisor(), facts);
    case Command::kUnassignSupervisor: return Decide(unit, command.unassign_supervisor(), facts);
    case Command::kLockRoster: return Decide(unit, command.lock_roster(), facts);
    case Command::kCancelSession: return Decide(unit, command.cancel_session(), facts);
    case Command::kBookSeats: return Decide(unit, command.book_seats(), facts);
    case Command::kReleaseSeat: return Decide(unit, command.release_seat(), facts);
    case Command::kMoveAppointment: return Decide(unit, command.move_appointment(), facts);
    case Command::kRecordOutcome: return Decide(unit, command.record_outcome(), facts);
    case Command::kRecordSessionOutcomes:
      return Decide(unit, command.record_session_outcomes(), facts);
    case Command::kCorrectOutcome: return Decide(unit, command.correct_outcome(), facts);
    case Command::kWriteNote: return Decide(unit, command.write_note(), facts);
    case Command::kSubmitEvidence: return Decide(unit, command.submit_evidence(), facts);
    case Command::kDecideEvidence: return Decide(unit, command.decide_evidence(), facts);
    case Command::kMakeAdjustment: return Decide(unit, command.make_adjustment(), facts);
    case Command::kReverseAdjustment: return Decide(unit, command.reverse_adjustment(), facts);
    case Command::kCreditTravel: return Decide(unit, command.credit_travel(), facts);
    case Command::kConfirmErasure: return Decide(unit, command.confirm_erasure(), facts);
    case Command::kFireTimer: return Decide(unit, command.fire_timer(), facts);
    case Command::COMMAND_NOT_SET: break;
  }
  return decider::ValidationFailed(
      {{.code = "VALIDATION_FAILED", .field = "command", .detail = "no command is set"}});
}

std::string UnpaidWork::SubjectOf(const AggregateId& id) {
  if (id.kind() == "case") return std::string(id.id());
  // Keys of their own, which no person's CRN can be: CRNs hold no slash.
  if (id.kind() == "supervisor" || id.kind() == "project") return id.text();
  return "";
}

AggregateId UnpaidWork::TargetOf(const Command& command) {
  switch (command.command_case()) {
    case Command::kReserveCase: return CaseSlotId(command.reserve_case().crn());
    case Command::kConfirmErasure: return ErasureId(command.confirm_erasure().crn());
    case Command::kRegisterRequirement: return CaseId(command.register_requirement().crn());
    case Command::kVaryRequirement: return CaseId(command.vary_requirement().crn());
    case Command::kExtendWindow: return CaseId(command.extend_window().crn());
    case Command::kTerminateRequirement: return CaseId(command.terminate_requirement().crn());
    case Command::kSuspendCase: return CaseId(command.suspend_case().crn());
    case Command::kResumeCase: return CaseId(command.resume_case().crn());
    case Command::kAssignOrganisation: return CaseId(command.assign_organisation().crn());
    case Command::kCloseCase: return CaseId(command.close_case().crn());
    case Command::kRaiseIntakeException:
      return IntakeExceptionId(command.raise_intake_exception().referral_id());
    case Command::kResolveIntakeException:
      return IntakeExceptionId(command.resolve_intake_exception().referral_id());
    case Command::kTakeOverPersonFacts: return CaseId(command.take_over_person_facts().crn());
    case Command::kRecordCommunicationNeeds:
      return CaseId(command.record_communication_needs().crn());
    case Command::kAnswerSection: return CaseId(command.answer_section().crn());
    case Command::kRecordEteNeeds: return CaseId(command.record_ete_needs().crn());
    case Command::kSetEteAllotment: return CaseId(command.set_ete_allotment().crn());
    case Command::kSetAvailability: return CaseId(command.set_availability().crn());
    case Command::kRecordAvailabilityBlock:
      return CaseId(command.record_availability_block().crn());
    case Command::kRemoveAvailabilityBlock:
      return CaseId(command.remove_availability_block().crn());
    case Command::kSetWeeklyPlan: return CaseId(command.set_weekly_plan().crn());
    case Command::kRecordCompositionChoice:
      return CaseId(command.record_composition_choice().crn());
    case Command::kRecordConsent: return CaseId(command.record_consent().crn());
    case Command::kWithdrawConsent: return CaseId(command.withdraw_consent().crn());
    case Command::kCompleteInduction: return CaseId(command.complete_induction().crn());
    case Command::kIssueInstruction: return CaseId(command.issue_instruction().crn());
    case Command::kAcknowledgeInstruction: return CaseId(command.acknowledge_instruction().crn());
    case Command::kRecordOrganisationScope:
      return OrganisationScopeId(command.record_organisation_scope().org());
    case Command::kNominateProject: return ProjectId(command.nominate_project().project_id());
    case Command::kEvaluateProject: return ProjectId(command.evaluate_project().project_id());
    case Command::kApproveProject: return ProjectId(command.approve_project().project_id());
    case Command::kDeclineProject: return ProjectId(command.decline_project().project_id());
    case Command::kOpenProject: return ProjectId(command.open_project().project_id());
    case Command::kUpdateProject: return ProjectId(command.update_project().project_id());
    case Command::kSuspendProject: return ProjectId(command.suspend_project().project_id());
    case Command::kCloseProject: return ProjectId(command.close_project().project_id());
    case Command::kRegisterSupervisor:
      return SupervisorId(command.register_supervisor().staff_id());
    case Command::kRecordCompetence: return SupervisorId(command.record_competence().staff_id());
    case Command::kRecordStaffAbsence:
      return SupervisorId(command.record_staff_absence().staff_id());
    case Command::kPlanSession: return ProjectId(command.plan_session().project_id());
    case Command::kAssignSupervisor: return SessionId(command.assign_supervisor().session_id());
    case Command::kUnassignSupervisor: return SessionId(command.unassign_supervisor().session_id());
    case Command::kLockRoster: return SessionId(command.lock_roster().session_id());
    case Command::kCancelSession: return SessionId(command.cancel_session().session_id());
    case Command::kBookSeats: return SessionId(command.book_seats().session_id());
    case Command::kReleaseSeat: return CaseId(command.release_seat().crn());
    case Command::kMoveAppointment: return CaseId(command.move_appointment().crn());
    case Command::kRecordOutcome: return CaseId(command.record_outcome().item().crn());
    case Command::kRecordSessionOutcomes:
      return SessionId(command.record_session_outcomes().session_id());
    case Command::kCorrectOutcome: return CaseId(command.correct_outcome().item().crn());
    case Command::kWriteNote: return CaseId(command.write_note().crn());
    case Command::kSubmitEvidence: return CaseId(command.submit_evidence().crn());
    case Command::kDecideEvidence: return CaseId(command.decide_evidence().crn());
    case Command::kMakeAdjustment: return CaseId(command.make_adjustment().crn());
    case Command::kReverseAdjustment: return CaseId(command.reverse_adjustment().crn());
    case Command::kCreditTravel: return CaseId(command.credit_travel().crn());
    case Command::kFireTimer:
      return command.fire_timer().what() == v1::FireTimer::REPAIR_TIME_PASSED
                 ? SessionId(command.fire_timer().of())
                 : CaseId(command.fire_timer().of());
    case Command::COMMAND_NOT_SET: break;
  }
  return {};
}

}  // namespace pdp::unpaid_work
