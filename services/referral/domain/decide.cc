#include "services/referral/domain/commands.h"
#include "services/referral/domain/domain.h"
#include "services/referral/domain/family.h"
#include "services/referral/domain/in_force.h"
#include "services/referral/domain/subject_request.h"

namespace pdp::referral {

namespace {

// REF-93: what is said of a merged person is said of the record it was merged into. Slots and the
// merges themselves name the record they mean.
std::optional<v1::Command> ToRoot(const Unit& unit, const v1::Command& command) {
  const AggregateId target = ReferralDomain::TargetOf(command);
  if (target.kind() != "person" || command.has_merge_persons() || command.has_unmerge_person() ||
      command.has_reserve_slot() || command.has_release_slot() || command.has_fire_timer() ||
      command.has_register_person() || command.has_collect_erasure()) {
    return std::nullopt;
  }
  const std::string crn(target.id());
  const std::string root = RootOf(unit, crn);
  if (root == crn) return std::nullopt;
  v1::Command resolved = command;
  const auto* access = resolved.GetReflection();
  const auto* set =
      access->GetOneofFieldDescriptor(resolved, v1::Command::descriptor()->oneof_decl(0));
  google::protobuf::Message* body = access->MutableMessage(&resolved, set);
  body->GetReflection()->SetString(body, body->GetDescriptor()->FindFieldByName("crn"), root);
  return resolved;
}

// One line a command: the compiler asks for it.
Verdict Dispatch(Unit& unit, const v1::Command& command, const Facts& facts) {
  using Command = v1::Command;
  switch (command.command_case()) {
    case Command::kRegisterPerson:
      return Handle(unit, command.register_person(), facts);
    case Command::kCorrectIdentity:
      return Handle(unit, command.correct_identity(), facts);
    case Command::kRecordNeeds:
      return Handle(unit, command.record_needs(), facts);
    case Command::kRecordRisk:
      return Handle(unit, command.record_risk(), facts);
    case Command::kSetResponsibleOfficer:
      return Handle(unit, command.set_responsible_officer(), facts);
    case Command::kReserveSlot:
      return Handle(unit, command.reserve_slot(), facts);
    case Command::kReleaseSlot:
      return Handle(unit, command.release_slot(), facts);
    case Command::kRegisterSentence:
      return Handle(unit, command.register_sentence(), facts);
    case Command::kAddRequirement:
      return Handle(unit, command.add_requirement(), facts);
    case Command::kOpenReferral:
      return Handle(unit, command.open_referral(), facts);
    case Command::kSaveSection:
      return Handle(unit, command.save_section(), facts);
    case Command::kSubmitReferral:
      return Handle(unit, command.submit_referral(), facts);
    case Command::kDecideRoute:
      return Handle(unit, command.decide_route(), facts);
    case Command::kProvideInformation:
      return Handle(unit, command.provide_information(), facts);
    case Command::kConfirmDecision:
      return Handle(unit, command.confirm_decision(), facts);
    case Command::kRecordOffer:
      return Handle(unit, command.record_offer(), facts);
    case Command::kRecordNoPlacement:
      return Handle(unit, command.record_no_placement(), facts);
    case Command::kAcceptOffer:
      return Handle(unit, command.accept_offer(), facts);
    case Command::kDeclineOffer:
      return Handle(unit, command.decline_offer(), facts);
    case Command::kRetryPlacement:
      return Handle(unit, command.retry_placement(), facts);
    case Command::kReturnReferral:
      return Handle(unit, command.return_referral(), facts);
    case Command::kAssignCaseworkers:
      return Handle(unit, command.assign_caseworkers(), facts);
    case Command::kRecordDeliveryFact:
      return Handle(unit, command.record_delivery_fact(), facts);
    case Command::kWithdrawReferral:
      return Handle(unit, command.withdraw_referral(), facts);
    case Command::kFireTimer:
      return Handle(unit, command.fire_timer(), facts);
    case Command::kDiscardDraft:
      return Handle(unit, command.discard_draft(), facts);
    case Command::kOverrideDecision:
      return Handle(unit, command.override_decision(), facts);
    case Command::kResolveConflict:
      return Handle(unit, command.resolve_conflict(), facts);
    case Command::kRescindOffer:
      return Handle(unit, command.rescind_offer(), facts);
    case Command::kDirectAllocate:
      return Handle(unit, command.direct_allocate(), facts);
    case Command::kApproveReturn:
      return Handle(unit, command.approve_return(), facts);
    case Command::kRefuseReturn:
      return Handle(unit, command.refuse_return(), facts);
    case Command::kRecordContract:
      return Handle(unit, command.record_contract(), facts);
    case Command::kReportEnforcementReferral:
      return Handle(unit, command.report_enforcement_referral(), facts);
    case Command::kWithdrawEnforcementReferral:
      return Handle(unit, command.withdraw_enforcement_referral(), facts);
    case Command::kPauseClock:
      return Handle(unit, command.pause_clock(), facts);
    case Command::kResumeClock:
      return Handle(unit, command.resume_clock(), facts);
    case Command::kSetLocation:
      return Handle(unit, command.set_location(), facts);
    case Command::kMoveHomeArea:
      return Handle(unit, command.move_home_area(), facts);
    case Command::kRecordDeath:
      return Handle(unit, command.record_death(), facts);
    case Command::kRestrictAccess:
      return Handle(unit, command.restrict_access(), facts);
    case Command::kLiftRestriction:
      return Handle(unit, command.lift_restriction(), facts);
    case Command::kClearForAccess:
      return Handle(unit, command.clear_for_access(), facts);
    case Command::kRevokeClearance:
      return Handle(unit, command.revoke_clearance(), facts);
    case Command::kCopyAccess:
      return Handle(unit, command.copy_access(), facts);
    case Command::kVaryRequirement:
      return Handle(unit, command.vary_requirement(), facts);
    case Command::kEndRequirement:
      return Handle(unit, command.end_requirement(), facts);
    case Command::kChangeSentenceEnd:
      return Handle(unit, command.change_sentence_end(), facts);
    case Command::kEndSentence:
      return Handle(unit, command.end_sentence(), facts);
    case Command::kMergePersons:
      return Handle(unit, command.merge_persons(), facts);
    case Command::kUnmergePerson:
      return Handle(unit, command.unmerge_person(), facts);
    case Command::kAmend:
      return Handle(unit, command.amend(), facts);
    case Command::kReviewRoute:
      return Handle(unit, command.review_route(), facts);
    case Command::kFlagDuplicates:
      return Handle(unit, command.flag_duplicates(), facts);
    case Command::kRequestTransfer:
      return Handle(unit, command.request_transfer(), facts);
    case Command::kCancelTransfer:
      return Handle(unit, command.cancel_transfer(), facts);
    case Command::kAcceptTransfer:
      return Handle(unit, command.accept_transfer(), facts);
    case Command::kRefuseTransfer:
      return Handle(unit, command.refuse_transfer(), facts);
    case Command::kConfirmHandoff:
      return Handle(unit, command.confirm_handoff(), facts);
    case Command::kReceiveHandoff:
      return Handle(unit, command.receive_handoff(), facts);
    case Command::kRecordAccess:
      return Handle(unit, command.record_access(), facts);
    case Command::kOpenSubjectRequest:
      return Handle(unit, command.open_subject_request(), facts);
    case Command::kConfirmIdentity:
      return Handle(unit, command.confirm_identity(), facts);
    case Command::kExtendRequest:
      return Handle(unit, command.extend_request(), facts);
    case Command::kReleaseBundle:
      return Handle(unit, command.release_bundle(), facts);
    case Command::kRefuseRequest:
      return Handle(unit, command.refuse_request(), facts);
    case Command::kApproveErasure:
      return Handle(unit, command.approve_erasure(), facts);
    case Command::kSetLegalHold:
      return Handle(unit, command.set_legal_hold(), facts);
    case Command::kRecordBundle:
      return Handle(unit, command.record_bundle(), facts);
    case Command::kRecordKeysDestroyed:
      return Handle(unit, command.record_keys_destroyed(), facts);
    case Command::kCollectErasure:
      return Handle(unit, command.collect_erasure(), facts);
    case Command::kApplyErasure:
      return Handle(unit, command.apply_erasure(), facts);
    case Command::kPublishPolicySet:
      return Handle(unit, command.publish_policy_set(), facts);
    case Command::kPublishCalendar:
      return Handle(unit, command.publish_calendar(), facts);
    case Command::kPublishCodes:
      return Handle(unit, command.publish_codes(), facts);
    case Command::kCopySettings:
      return Handle(unit, command.copy_settings(), facts);
    case Command::kRecomputeClocks:
      return Handle(unit, command.recompute_clocks(), facts);
    case Command::COMMAND_NOT_SET:
      return decider::ValidationFailed({{.code = "FIELD_MISSING", .field = "command"}});
  }
  return decider::ValidationFailed({{.code = "FIELD_MISSING", .field = "command"}});
}

}  // namespace

Verdict ReferralDomain::Decide(Unit& unit, const Command& command, const Facts& facts) {
  const RulesInForce rules(unit, Today(facts));
  const InScope open(command.in_scope());
  const std::optional<Command> resolved = ToRoot(unit, command);
  if (!resolved) return Dispatch(unit, command, facts);
  Verdict verdict = Dispatch(unit, *resolved, facts);
  // Who may not see the person is not told whose record an alias leads to (REF-93).
  const auto* refused = std::get_if<Rejected>(&verdict);
  if (refused != nullptr && refused->reason == "NOT_FOUND") {
    return decider::NotFound(TargetOf(command));
  }
  return verdict;
}

std::string ReferralDomain::SubjectOf(const AggregateId& id) {
  if (id.kind() == "person") return std::string(id.id());
  if (id.kind() == "sentence") return std::string(id.id().substr(0, id.id().find('/')));
  return "";
}

AggregateId ReferralDomain::TargetOf(const Command& command) {
  switch (command.command_case()) {
    case Command::kRegisterPerson:
      return PersonId(command.register_person().crn());
    case Command::kCorrectIdentity:
      return PersonId(command.correct_identity().crn());
    case Command::kRecordNeeds:
      return PersonId(command.record_needs().crn());
    case Command::kRecordRisk:
      return PersonId(command.record_risk().crn());
    case Command::kSetResponsibleOfficer:
      return PersonId(command.set_responsible_officer().crn());
    case Command::kReserveSlot:
      return PersonId(command.reserve_slot().crn());
    case Command::kReleaseSlot:
      return PersonId(command.release_slot().crn());
    case Command::kRegisterSentence:
      return SentenceId(
          SentenceKey(command.register_sentence().crn(), command.register_sentence().event_no()));
    case Command::kAddRequirement:
      return SentenceId(
          SentenceKey(command.add_requirement().crn(), command.add_requirement().event_no()));
    case Command::kOpenReferral:
      return AggregateId();
    case Command::kSaveSection:
      return ReferralId(command.save_section().referral_id());
    case Command::kSubmitReferral:
      return ReferralId(command.submit_referral().referral_id());
    case Command::kDecideRoute:
      return ReferralId(command.decide_route().referral_id());
    case Command::kProvideInformation:
      return ReferralId(command.provide_information().referral_id());
    case Command::kConfirmDecision:
      return ReferralId(command.confirm_decision().referral_id());
    case Command::kRecordOffer:
      return ReferralId(command.record_offer().referral_id());
    case Command::kRecordNoPlacement:
      return ReferralId(command.record_no_placement().referral_id());
    case Command::kAcceptOffer:
      return ReferralId(command.accept_offer().referral_id());
    case Command::kDeclineOffer:
      return ReferralId(command.decline_offer().referral_id());
    case Command::kRetryPlacement:
      return ReferralId(command.retry_placement().referral_id());
    case Command::kReturnReferral:
      return ReferralId(command.return_referral().referral_id());
    case Command::kAssignCaseworkers:
      return ReferralId(command.assign_caseworkers().referral_id());
    case Command::kRecordDeliveryFact:
      return ReferralId(command.record_delivery_fact().referral_id());
    case Command::kWithdrawReferral:
      return ReferralId(command.withdraw_referral().referral_id());
    case Command::kFireTimer:
      if (command.fire_timer().kind() == v1::FireTimer::ERASURE_GAPS) {
        return SubjectRequestId(command.fire_timer().request_id());
      }
      if (command.fire_timer().kind() == v1::FireTimer::RULES_DUE) {
        return SettingsId(command.fire_timer().settings());
      }
      return command.fire_timer().kind() == v1::FireTimer::SLOT_ORPHAN
                 ? PersonId(command.fire_timer().crn())
                 : ReferralId(command.fire_timer().referral_id());
    case Command::kDiscardDraft:
      return ReferralId(command.discard_draft().referral_id());
    case Command::kOverrideDecision:
      return ReferralId(command.override_decision().referral_id());
    case Command::kResolveConflict:
      return ReferralId(command.resolve_conflict().referral_id());
    case Command::kRescindOffer:
      return ReferralId(command.rescind_offer().referral_id());
    case Command::kDirectAllocate:
      return ReferralId(command.direct_allocate().referral_id());
    case Command::kApproveReturn:
      return ReferralId(command.approve_return().referral_id());
    case Command::kRefuseReturn:
      return ReferralId(command.refuse_return().referral_id());
    case Command::kRecordContract:
      return OrganisationId(command.record_contract().contract().org());
    case Command::kReportEnforcementReferral:
      return ReferralId(command.report_enforcement_referral().referral_id());
    case Command::kWithdrawEnforcementReferral:
      return ReferralId(command.withdraw_enforcement_referral().referral_id());
    case Command::kPauseClock:
      return ReferralId(command.pause_clock().referral_id());
    case Command::kResumeClock:
      return ReferralId(command.resume_clock().referral_id());
    case Command::kSetLocation:
      return PersonId(command.set_location().crn());
    case Command::kMoveHomeArea:
      return PersonId(command.move_home_area().crn());
    case Command::kRecordDeath:
      return PersonId(command.record_death().crn());
    case Command::kRestrictAccess:
      return PersonId(command.restrict_access().crn());
    case Command::kLiftRestriction:
      return PersonId(command.lift_restriction().crn());
    case Command::kClearForAccess:
      return PersonId(command.clear_for_access().crn());
    case Command::kRevokeClearance:
      return PersonId(command.revoke_clearance().crn());
    case Command::kCopyAccess:
      return AccessId(command.copy_access().crn());
    case Command::kVaryRequirement:
      return SentenceId(
          SentenceKey(command.vary_requirement().crn(), command.vary_requirement().event_no()));
    case Command::kEndRequirement:
      return SentenceId(
          SentenceKey(command.end_requirement().crn(), command.end_requirement().event_no()));
    case Command::kChangeSentenceEnd:
      return SentenceId(SentenceKey(command.change_sentence_end().crn(),
                                    command.change_sentence_end().event_no()));
    case Command::kEndSentence:
      return SentenceId(
          SentenceKey(command.end_sentence().crn(), command.end_sentence().event_no()));
    case Command::kMergePersons:
      return PersonId(command.merge_persons().from());
    case Command::kUnmergePerson:
      return PersonId(command.unmerge_person().from());
    case Command::kAmend:
      return ReferralId(command.amend().referral_id());
    case Command::kReviewRoute:
      return ReferralId(command.review_route().referral_id());
    case Command::kFlagDuplicates:
      return ReferralId(command.flag_duplicates().referral_id());
    case Command::kRequestTransfer:
      return ReferralId(command.request_transfer().referral_id());
    case Command::kCancelTransfer:
      return ReferralId(command.cancel_transfer().referral_id());
    case Command::kAcceptTransfer:
      return ReferralId(command.accept_transfer().referral_id());
    case Command::kRefuseTransfer:
      return ReferralId(command.refuse_transfer().referral_id());
    case Command::kConfirmHandoff:
      return ReferralId(command.confirm_handoff().referral_id());
    case Command::kReceiveHandoff:
      return ReferralId(command.receive_handoff().snapshot().id());
    case Command::kConfirmIdentity:
      return SubjectRequestId(command.confirm_identity().request_id());
    case Command::kExtendRequest:
      return SubjectRequestId(command.extend_request().request_id());
    case Command::kReleaseBundle:
      return SubjectRequestId(command.release_bundle().request_id());
    case Command::kRefuseRequest:
      return SubjectRequestId(command.refuse_request().request_id());
    case Command::kApproveErasure:
      return SubjectRequestId(command.approve_erasure().request_id());
    case Command::kSetLegalHold:
      return PersonId(command.set_legal_hold().crn());
    case Command::kRecordBundle:
      return SubjectRequestId(command.record_bundle().request_id());
    case Command::kRecordKeysDestroyed:
      return SubjectRequestId(command.record_keys_destroyed().request_id());
    case Command::kCollectErasure:
      return PersonId(command.collect_erasure().crn());
    case Command::kCopySettings:
      return SettingsId(command.copy_settings().name());
    case Command::kRecomputeClocks:
      return ReferralId(command.recompute_clocks().referral_id());
    case Command::kRecordAccess:
    case Command::kOpenSubjectRequest:
    case Command::kApplyErasure:
    case Command::kPublishPolicySet:
    case Command::kPublishCalendar:
    case Command::kPublishCodes:
    case Command::COMMAND_NOT_SET:
      return AggregateId();
  }
  return AggregateId();
}

}  // namespace pdp::referral
