#include "services/referral/domain/apply.h"

namespace pdp::referral {

// One line an event, in the order of the envelope: the compiler lists what a new event touches.
void ReferralDomain::Evolve(State& state, const AggregateId& id, const Event& event,
                            const decider::EventFacts& facts) {
  switch (event.event_case()) {
    case Event::kPersonRegistered:
      return Apply(*state.mutable_person(), event.person_registered(), facts);
    case Event::kIdentityCorrected:
      return Apply(*state.mutable_person(), event.identity_corrected(), facts);
    case Event::kNeedsRecorded:
      return Apply(*state.mutable_person(), event.needs_recorded(), facts);
    case Event::kBarrierRecorded:
      return Apply(*state.mutable_person(), event.barrier_recorded(), facts);
    case Event::kBarrierClosed:
      return Apply(*state.mutable_person(), event.barrier_closed(), facts);
    case Event::kRiskRecorded:
      return Apply(*state.mutable_person(), event.risk_recorded(), facts);
    case Event::kResponsibleOfficerChanged:
      return Apply(*state.mutable_person(), event.responsible_officer_changed(), facts);
    case Event::kSlotReserved:
      return Apply(*state.mutable_person(), event.slot_reserved(), facts);
    case Event::kSlotReleased:
      return Apply(*state.mutable_person(), event.slot_released(), facts);
    case Event::kSentenceRegistered:
      return Apply(*state.mutable_sentence(), event.sentence_registered(), facts);
    case Event::kRequirementRegistered:
      return Apply(*state.mutable_sentence(), event.requirement_registered(), facts);
    case Event::kReferralOpened:
      state.mutable_referral()->set_id(std::string(id.id()));
      return Apply(*state.mutable_referral(), event.referral_opened(), facts);
    case Event::kReferenceTaken:
      return state.mutable_reference_book()->set_next(event.reference_taken().ordinal() + 1);
    case Event::kPossibleDuplicateFlagged:
      return Apply(*state.mutable_referral(), event.possible_duplicate_flagged(), facts);
    case Event::kDraftSectionSaved:
      return Apply(*state.mutable_referral(), event.draft_section_saved(), facts);
    case Event::kDraftExpired:
      return Apply(*state.mutable_referral(), event.draft_expired(), facts);
    case Event::kDuplicateOverridden:
      return Apply(*state.mutable_referral(), event.duplicate_overridden(), facts);
    case Event::kReferralSubmitted:
      return Apply(*state.mutable_referral(), event.referral_submitted(), facts);
    case Event::kEligibilityDecided:
      return Apply(*state.mutable_referral(), event.eligibility_decided(), facts);
    case Event::kInformationRequested:
      return Apply(*state.mutable_referral(), event.information_requested(), facts);
    case Event::kInformationProvided:
      return Apply(*state.mutable_referral(), event.information_provided(), facts);
    case Event::kDecisionHeldForReview:
      return Apply(*state.mutable_referral(), event.decision_held_for_review(), facts);
    case Event::kDecisionConfirmed:
      return Apply(*state.mutable_referral(), event.decision_confirmed(), facts);
    case Event::kReferralDeferred:
      return Apply(*state.mutable_referral(), event.referral_deferred(), facts);
    case Event::kDeferralReviewDue:
      return Apply(*state.mutable_referral(), event.deferral_review_due(), facts);
    case Event::kCourtConflictRaised:
      return Apply(*state.mutable_referral(), event.court_conflict_raised(), facts);
    case Event::kReferralRouted:
      return Apply(*state.mutable_referral(), event.referral_routed(), facts);
    case Event::kDifficultyAssessed:
      return Apply(*state.mutable_referral(), event.difficulty_assessed(), facts);
    case Event::kReferralClosed:
      return Apply(*state.mutable_referral(), event.referral_closed(), facts);
    case Event::kReferralOffered:
      return Apply(*state.mutable_referral(), event.referral_offered(), facts);
    case Event::kOfferDeclined:
      return Apply(*state.mutable_referral(), event.offer_declined(), facts);
    case Event::kOfferLapsed:
      return Apply(*state.mutable_referral(), event.offer_lapsed(), facts);
    case Event::kPlacementFailed:
      return Apply(*state.mutable_referral(), event.placement_failed(), facts);
    case Event::kPlacementRetried:
      return Apply(*state.mutable_referral(), event.placement_retried(), facts);
    case Event::kReferralAccepted:
      return Apply(*state.mutable_referral(), event.referral_accepted(), facts);
    case Event::kReferralReturned:
      return Apply(*state.mutable_referral(), event.referral_returned(), facts);
    case Event::kCaseworkerAssigned:
      return Apply(*state.mutable_referral(), event.caseworker_assigned(), facts);
    case Event::kCaseworkerUnassigned:
      return Apply(*state.mutable_referral(), event.caseworker_unassigned(), facts);
    case Event::kCaseworkerPosted:
      return Apply(*state.mutable_caseworker(), event.caseworker_posted(), facts);
    case Event::kAppointmentArranged:
      return Apply(*state.mutable_referral(), event.appointment_arranged(), facts);
    case Event::kAppointmentHeld:
      return Apply(*state.mutable_referral(), event.appointment_held(), facts);
    case Event::kDeliveryStarted:
      return Apply(*state.mutable_referral(), event.delivery_started(), facts);
    case Event::kDeliveryEnded:
      return Apply(*state.mutable_referral(), event.delivery_ended(), facts);
    case Event::kDeliveryReported:
      return Apply(*state.mutable_referral(), event.delivery_reported(), facts);
    case Event::kReferralWithdrawn:
      return Apply(*state.mutable_referral(), event.referral_withdrawn(), facts);
    case Event::kReferralConcluded:
      return Apply(*state.mutable_referral(), event.referral_concluded(), facts);
    case Event::kReferralReopened:
      return Apply(*state.mutable_referral(), event.referral_reopened(), facts);
    case Event::kSlaClockStarted:
      return ApplyClock(*state.mutable_referral(), event.sla_clock_started().clock());
    case Event::kSlaClockPaused:
      return ApplyPause(*state.mutable_referral(), event.sla_clock_paused());
    case Event::kSlaClockResumed:
      return ApplyResume(*state.mutable_referral(), event.sla_clock_resumed());
    case Event::kSlaClockMet:
      return ApplyClock(*state.mutable_referral(), event.sla_clock_met().clock());
    case Event::kSlaClockBreached:
      return ApplyClock(*state.mutable_referral(), event.sla_clock_breached().clock());
    case Event::kSlaClockBreachReversed:
      return ApplyClock(*state.mutable_referral(), event.sla_clock_breach_reversed().clock());
    case Event::kSlaClockCancelled:
      return ApplyClock(*state.mutable_referral(), event.sla_clock_cancelled().clock());
    case Event::kSlotCheckDue:
      return Apply(*state.mutable_person(), event.slot_check_due(), facts);
    case Event::kDraftDiscarded:
      return Apply(*state.mutable_referral(), event.draft_discarded(), facts);
    case Event::kDecisionOverridden:
      return Apply(*state.mutable_referral(), event.decision_overridden(), facts);
    case Event::kCourtConflictResolved:
      return Apply(*state.mutable_referral(), event.court_conflict_resolved(), facts);
    case Event::kOfferRescinded:
      return Apply(*state.mutable_referral(), event.offer_rescinded(), facts);
    case Event::kReferralDirected:
      return Apply(*state.mutable_referral(), event.referral_directed(), facts);
    case Event::kReturnRequested:
      return Apply(*state.mutable_referral(), event.return_requested(), facts);
    case Event::kReturnRefused:
      return Apply(*state.mutable_referral(), event.return_refused(), facts);
    case Event::kEnforcementReported:
      return Apply(*state.mutable_referral(), event.enforcement_reported(), facts);
    case Event::kEnforcementWithdrawn:
      return Apply(*state.mutable_referral(), event.enforcement_withdrawn(), facts);
    case Event::kOrganisationContracted:
      return Apply(*state.mutable_organisation(), event.organisation_contracted(), facts);
    case Event::kLocationChanged:
      return Apply(*state.mutable_person(), event.location_changed(), facts);
    case Event::kHomeAreaMoved:
      return Apply(*state.mutable_person(), event.home_area_moved(), facts);
    case Event::kDeathRecorded:
      return Apply(*state.mutable_person(), event.death_recorded(), facts);
    case Event::kAccessRestricted:
      return Apply(*state.mutable_person(), event.access_restricted(), facts);
    case Event::kRestrictionLifted:
      return Apply(*state.mutable_person(), event.restriction_lifted(), facts);
    case Event::kAccessCleared:
      return Apply(*state.mutable_person(), event.access_cleared(), facts);
    case Event::kClearanceRevoked:
      return Apply(*state.mutable_person(), event.clearance_revoked(), facts);
    case Event::kRequirementVaried:
      return Apply(*state.mutable_sentence(), event.requirement_varied(), facts);
    case Event::kRequirementEnded:
      return Apply(*state.mutable_sentence(), event.requirement_ended(), facts);
    case Event::kSentenceEndChanged:
      return Apply(*state.mutable_sentence(), event.sentence_end_changed(), facts);
    case Event::kSentenceEnded:
      return Apply(*state.mutable_sentence(), event.sentence_ended(), facts);
    case Event::kAccessCopied:
      return Apply(*state.mutable_access(), event.access_copied(), facts);
    case Event::kPersonMerged:
      return Apply(*state.mutable_person(), event.person_merged(), facts);
    case Event::kPersonAbsorbed:
      return Apply(*state.mutable_person(), event.person_absorbed(), facts);
    case Event::kPersonUnmerged:
      return Apply(*state.mutable_person(), event.person_unmerged(), facts);
    case Event::kPersonReleased:
      return Apply(*state.mutable_person(), event.person_released(), facts);
    case Event::kReferralAmended:
      return Apply(*state.mutable_referral(), event.referral_amended(), facts);
    case Event::kDeliveryRequirementsChanged:
      return Apply(*state.mutable_referral(), event.delivery_requirements_changed(), facts);
    case Event::kDecisionReopened:
      return Apply(*state.mutable_referral(), event.decision_reopened(), facts);
    case Event::kRouteReviewRaised:
      return Apply(*state.mutable_referral(), event.route_review_raised(), facts);
    case Event::kRouteReviewCleared:
      return Apply(*state.mutable_referral(), event.route_review_cleared(), facts);
    case Event::kEstimateRetryDue:
      return Apply(*state.mutable_referral(), event.estimate_retry_due(), facts);
    case Event::kTransferRequested:
      return Apply(*state.mutable_referral(), event.transfer_requested(), facts);
    case Event::kTransferCancelled:
      return Apply(*state.mutable_referral(), event.transfer_cancelled(), facts);
    case Event::kTransferRefused:
      return Apply(*state.mutable_referral(), event.transfer_refused(), facts);
    case Event::kTransferAccepted:
      return Apply(*state.mutable_referral(), event.transfer_accepted(), facts);
    case Event::kReferralHandedOff:
      return Apply(*state.mutable_referral(), event.referral_handed_off(), facts);
    case Event::kReferralReceived:
      state.mutable_referral()->set_id(std::string(id.id()));
      return Apply(*state.mutable_referral(), event.referral_received(), facts);
    case Event::kHandoffConfirmed:
      return Apply(*state.mutable_handoff(), event.handoff_confirmed(), facts);
    case Event::kSlaClockRecomputed:
      return ApplyClock(*state.mutable_referral(), event.sla_clock_recomputed().clock());
    case Event::kAccessRecorded:
      return Apply(*state.mutable_access_log(), event.access_recorded(), facts);
    case Event::kSubjectRequestOpened:
      return Apply(*state.mutable_subject_request(), event.subject_request_opened(), facts);
    case Event::kIdentityConfirmed:
      return Apply(*state.mutable_subject_request(), event.identity_confirmed(), facts);
    case Event::kRequestExtended:
      return Apply(*state.mutable_subject_request(), event.request_extended(), facts);
    case Event::kBundlePrepared:
      return Apply(*state.mutable_subject_request(), event.bundle_prepared(), facts);
    case Event::kBundleReleased:
      return Apply(*state.mutable_subject_request(), event.bundle_released(), facts);
    case Event::kRequestRefused:
      return Apply(*state.mutable_subject_request(), event.request_refused(), facts);
    case Event::kErasureApproved:
      return Apply(*state.mutable_subject_request(), event.erasure_approved(), facts);
    case Event::kPersonErased:
      return Apply(*state.mutable_person(), event.person_erased(), facts);
    case Event::kKeysDestroyed:
      return Apply(*state.mutable_subject_request(), event.keys_destroyed(), facts);
    case Event::kErasureCollected:
      return Apply(*state.mutable_subject_request(), event.erasure_collected(), facts);
    case Event::kErasureGapsListed:
      return Apply(*state.mutable_subject_request(), event.erasure_gaps_listed(), facts);
    case Event::kErasureCompleted:
      return Apply(*state.mutable_subject_request(), event.erasure_completed(), facts);
    case Event::kErasureApplied:
      return Apply(*state.mutable_access(), event.erasure_applied(), facts);
    case Event::kLegalHoldSet:
      return Apply(*state.mutable_person(), event.legal_hold_set(), facts);
    case Event::kPolicySetPublished:
      return Apply(*state.mutable_settings(), event.policy_set_published(), facts);
    case Event::kCalendarPublished:
      return Apply(*state.mutable_settings(), event.calendar_published(), facts);
    case Event::kCodesPublished:
      return Apply(*state.mutable_settings(), event.codes_published(), facts);
    case Event::kSettingsCopied:
      return Apply(*state.mutable_settings(), event.settings_copied(), facts);
    // Says only that the version of the copy now counts.
    case Event::kRulesTookEffect:
    case Event::EVENT_NOT_SET:
      return;
  }
}

}  // namespace pdp::referral
