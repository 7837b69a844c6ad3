#include "services/programmes/domain/programmes.h"

namespace pdp::programmes {

// One line a command: the compiler asks for it.
Verdict Programmes::Decide(Unit& unit, const Command& command, const Facts& facts) {
  switch (command.command_case()) {
    case Command::kReceiveReferral: return Handle(unit, command.receive_referral(), facts);
    case Command::kConfirmSuitability: return Handle(unit, command.confirm_suitability(), facts);
    case Command::kRecordDeliveryChoice:
      return Handle(unit, command.record_delivery_choice(), facts);
    case Command::kRegisterFacilitator: return Handle(unit, command.register_facilitator(), facts);
    case Command::kRecordCapability: return Handle(unit, command.record_capability(), facts);
    case Command::kRecordLeave: return Handle(unit, command.record_leave(), facts);
    case Command::kRegisterSite: return Handle(unit, command.register_site(), facts);
    case Command::kPutRoom: return Handle(unit, command.put_room(), facts);
    case Command::kCloseSite: return Handle(unit, command.close_site(), facts);
    case Command::kOpenGroup: return Handle(unit, command.open_group(), facts);
    case Command::kAssignStaff: return Handle(unit, command.assign_staff(), facts);
    case Command::kAllocateMembers: return Handle(unit, command.allocate_members(), facts);
    case Command::kGenerateSchedule: return Handle(unit, command.generate_schedule(), facts);
    case Command::kConfirmGroup: return Handle(unit, command.confirm_group(), facts);
    case Command::kRescheduleSession: return Handle(unit, command.reschedule_session(), facts);
    case Command::kCancelSession: return Handle(unit, command.cancel_session(), facts);
    case Command::kRecordAttendance: return Handle(unit, command.record_attendance(), facts);
    case Command::kCorrectAttendance: return Handle(unit, command.correct_attendance(), facts);
    case Command::kScheduleIndividual: return Handle(unit, command.schedule_individual(), facts);
    case Command::kTakeMeasure: return Handle(unit, command.take_measure(), facts);
    case Command::kDeclineMeasure: return Handle(unit, command.decline_measure(), facts);
    case Command::kRateOutcome: return Handle(unit, command.rate_outcome(), facts);
    case Command::kHoldReview: return Handle(unit, command.hold_review(), facts);
    case Command::kCompleteEnrolment: return Handle(unit, command.complete_enrolment(), facts);
    case Command::kRevokeCompletion: return Handle(unit, command.revoke_completion(), facts);
    case Command::kEndEnrolment: return Handle(unit, command.end_enrolment(), facts);
    case Command::COMMAND_NOT_SET: break;
  }
  return decider::ValidationFailed({{"REQUIRED", "", "command", "no command is set"}});
}

}  // namespace pdp::programmes
