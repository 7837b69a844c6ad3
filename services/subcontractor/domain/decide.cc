#include "services/subcontractor/domain/commands.h"

namespace pdp::subcontractor {

Verdict Subcontractor::Decide(Unit& unit, const Command& command, const Facts& facts) {
  using subcontractor::Decide;
  switch (command.command_case()) {
    case Command::kRegisterOrganisation:
      return Decide(unit, command.register_organisation(), facts);
    case Command::kCopyOrganisation: return Decide(unit, command.copy_organisation(), facts);
    case Command::kCreatePrimeContract: return Decide(unit, command.create_prime_contract(), facts);
    case Command::kSignContract: return Decide(unit, command.sign_contract(), facts);
    case Command::kActivateContract: return Decide(unit, command.activate_contract(), facts);
    case Command::kProposeSubcontract: return Decide(unit, command.propose_subcontract(), facts);
    case Command::kSignSubcontract: return Decide(unit, command.sign_subcontract(), facts);
    case Command::kRejectSubcontract: return Decide(unit, command.reject_subcontract(), facts);
    case Command::kLapseProposal: return Decide(unit, command.lapse_proposal(), facts);
    case Command::kSuspendSubcontract: return Decide(unit, command.suspend_subcontract(), facts);
    case Command::kResumeSubcontract: return Decide(unit, command.resume_subcontract(), facts);
    case Command::kEndSubcontract: return Decide(unit, command.end_subcontract(), facts);
    case Command::kOpenPool: return Decide(unit, command.open_pool(), facts);
    case Command::kAgreeShares: return Decide(unit, command.agree_shares(), facts);
    case Command::kSetPoolMode: return Decide(unit, command.set_pool_mode(), facts);
    case Command::kJoinPool: return Decide(unit, command.join_pool(), facts);
    case Command::kLeavePool: return Decide(unit, command.leave_pool(), facts);
    case Command::kResetDeficits: return Decide(unit, command.reset_deficits(), facts);
    case Command::kDeclareCapacity: return Decide(unit, command.declare_capacity(), facts);
    case Command::kSuspendMember: return Decide(unit, command.suspend_member(), facts);
    case Command::kResumeMember: return Decide(unit, command.resume_member(), facts);
    case Command::kCommitSeed: return Decide(unit, command.commit_seed(), facts);
    case Command::kRevealSeed: return Decide(unit, command.reveal_seed(), facts);
    case Command::kApportion: return Decide(unit, command.apportion(), facts);
    case Command::kDrawBatch: return Decide(unit, command.draw_batch(), facts);
    case Command::kSettle: return Decide(unit, command.settle(), facts);
    case Command::kRecordOverride: return Decide(unit, command.record_override(), facts);
    case Command::kRecordDeliveryStart: return Decide(unit, command.record_delivery_start(), facts);
    case Command::kRecordDeliveryEnd: return Decide(unit, command.record_delivery_end(), facts);
    case Command::kRecordReopening: return Decide(unit, command.record_reopening(), facts);
    case Command::kAccrueFact: return Decide(unit, command.accrue_fact(), facts);
    case Command::kReverseFact: return Decide(unit, command.reverse_fact(), facts);
    case Command::kClosePeriod: return Decide(unit, command.close_period(), facts);
    case Command::kDraftStatement: return Decide(unit, command.draft_statement(), facts);
    case Command::kAcceptStatement: return Decide(unit, command.accept_statement(), facts);
    case Command::kRaiseChargeTask: return Decide(unit, command.raise_charge_task(), facts);
    case Command::kRetryCharge: return Decide(unit, command.retry_charge(), facts);
    case Command::COMMAND_NOT_SET: break;
  }
  return decider::ValidationFailed(
      {{.code = "VALIDATION_FAILED", .field = "command", .detail = "no command is set"}});
}

}  // namespace pdp::subcontractor
