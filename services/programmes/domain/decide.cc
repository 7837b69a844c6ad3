#include "services/programmes/domain/programmes.h"

namespace pdp::programmes {

// One line a command: the compiler asks for it.
Verdict Programmes::Decide(Unit& unit, const Command& command, const Facts& facts) {
  switch (command.command_case()) {
    case Command::kReceiveReferral:
      return Handle(unit, command.receive_referral(), facts);
    case Command::kConfirmSuitability:
      return Handle(unit, command.confirm_suitability(), facts);
    case Command::kRecordDeliveryChoice:
      return Handle(unit, command.record_delivery_choice(), facts);
    case Command::kRegisterFacilitator:
      return Handle(unit, command.register_facilitator(), facts);
    case Command::kRecordCapability:
      return Handle(unit, command.record_capability(), facts);
    case Command::kRecordLeave:
      return Handle(unit, command.record_leave(), facts);
    case Command::kRegisterSite:
      return Handle(unit, command.register_site(), facts);
    case Command::kPutRoom:
      return Handle(unit, command.put_room(), facts);
    case Command::kCloseSite:
      return Handle(unit, command.close_site(), facts);
    case Command::kOpenGroup:
      return Handle(unit, command.open_group(), facts);
    case Command::kAssignStaff:
      return Handle(unit, command.assign_staff(), facts);
    case Command::kAllocateMembers:
      return Handle(unit, command.allocate_members(), facts);
    case Command::kGenerateSchedule:
      return Handle(unit, command.generate_schedule(), facts);
    case Command::kConfirmGroup:
      return Handle(unit, command.confirm_group(), facts);
    case Command::kRescheduleSession:
      return Handle(unit, command.reschedule_session(), facts);
    case Command::kCancelSession:
      return Handle(unit, command.cancel_session(), facts);
    case Command::kRecordAttendance:
      return Handle(unit, command.record_attendance(), facts);
    case Command::kCorrectAttendance:
      return Handle(unit, command.correct_attendance(), facts);
    case Command::kScheduleIndividual:
      return Handle(unit, command.schedule_individual(), facts);
    case Command::kTakeMeasure:
      return Handle(unit, command.take_measure(), facts);
    case Command::kDeclineMeasure:
      return Handle(unit, command.decline_measure(), facts);
    case Command::kRateOutcome:
      return Handle(unit, command.rate_outcome(), facts);
    case Command::kHoldReview:
      return Handle(unit, command.hold_review(), facts);
    case Command::kCompleteEnrolment:
      return Handle(unit, command.complete_enrolment(), facts);
    case Command::kRevokeCompletion:
      return Handle(unit, command.revoke_completion(), facts);
    case Command::kEndEnrolment:
      return Handle(unit, command.end_enrolment(), facts);
    case Command::kUpdateReferralFacts:
      return Handle(unit, command.update_referral_facts(), facts);
    case Command::kMarkNotReady:
      return Handle(unit, command.mark_not_ready(), facts);
    case Command::kMarkReady:
      return Handle(unit, command.mark_ready(), facts);
    case Command::kRemoveMember:
      return Handle(unit, command.remove_member(), facts);
    case Command::kCancelGroup:
      return Handle(unit, command.cancel_group(), facts);
    case Command::kCloseGroup:
      return Handle(unit, command.close_group(), facts);
    case Command::kCancelIndividual:
      return Handle(unit, command.cancel_individual(), facts);
    case Command::kExpireCatchUp:
      return Handle(unit, command.expire_catch_up(), facts);
    case Command::kSuspendEnrolment:
      return Handle(unit, command.suspend_enrolment(), facts);
    case Command::kResumeEnrolment:
      return Handle(unit, command.resume_enrolment(), facts);
    case Command::kTransferOut:
      return Handle(unit, command.transfer_out(), facts);
    case Command::kLapseCredit:
      return Handle(unit, command.lapse_credit(), facts);
    case Command::kConfirmErasure:
      return Handle(unit, command.confirm_erasure(), facts);
    case Command::kMergePerson:
      return Handle(unit, command.merge_person(), facts);
    case Command::kUnmergePerson:
      return Handle(unit, command.unmerge_person(), facts);
    case Command::kRecordAppointment:
      return Handle(unit, command.record_appointment(), facts);
    case Command::kReleaseAppointment:
      return Handle(unit, command.release_appointment(), facts);
    case Command::kRecordWarning:
      return Handle(unit, command.record_warning(), facts);
    case Command::kWithdrawWarning:
      return Handle(unit, command.withdraw_warning(), facts);
    case Command::kConfirmFailure:
      return Handle(unit, command.confirm_failure(), facts);
    case Command::kRaiseTask:
      return Handle(unit, command.raise_task(), facts);
    case Command::kCloseTask:
      return Handle(unit, command.close_task(), facts);
    case Command::kRecordDeliveryOrg:
      return Handle(unit, command.record_delivery_org(), facts);
    case Command::kCopyAccess:
      return Handle(unit, command.copy_access(), facts);
    case Command::kDeclareStaffIdentity:
      return Handle(unit, command.declare_staff_identity(), facts);
    case Command::kWithdrawStaffIdentity:
      return Handle(unit, command.withdraw_staff_identity(), facts);
    case Command::kRecordNonAssociation:
      return Handle(unit, command.record_non_association(), facts);
    case Command::COMMAND_NOT_SET:
      break;
  }
  return decider::ValidationFailed({{"FIELD_MISSING", "", "command", "no command is set"}});
}

}  // namespace pdp::programmes
