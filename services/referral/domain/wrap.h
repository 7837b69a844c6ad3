#ifndef PDP_SERVICES_REFERRAL_DOMAIN_WRAP_H_
#define PDP_SERVICES_REFERRAL_DOMAIN_WRAP_H_

#include <utility>

#include "pdp/referral/v1/events.pb.h"

// Puts an event into its envelope: one overload a case of v1::Event.
// Longer than the house rule because it is a table of all events.
namespace pdp::referral {

inline v1::Event Wrap(v1::PersonRegistered e) {
  v1::Event event;
  *event.mutable_person_registered() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::IdentityCorrected e) {
  v1::Event event;
  *event.mutable_identity_corrected() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::NeedsRecorded e) {
  v1::Event event;
  *event.mutable_needs_recorded() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::BarrierRecorded e) {
  v1::Event event;
  *event.mutable_barrier_recorded() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::BarrierClosed e) {
  v1::Event event;
  *event.mutable_barrier_closed() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::RiskRecorded e) {
  v1::Event event;
  *event.mutable_risk_recorded() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::ResponsibleOfficerChanged e) {
  v1::Event event;
  *event.mutable_responsible_officer_changed() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::SlotReserved e) {
  v1::Event event;
  *event.mutable_slot_reserved() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::SlotReleased e) {
  v1::Event event;
  *event.mutable_slot_released() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::SentenceRegistered e) {
  v1::Event event;
  *event.mutable_sentence_registered() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::RequirementRegistered e) {
  v1::Event event;
  *event.mutable_requirement_registered() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::ReferralOpened e) {
  v1::Event event;
  *event.mutable_referral_opened() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::ReferenceTaken e) {
  v1::Event event;
  *event.mutable_reference_taken() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::PossibleDuplicateFlagged e) {
  v1::Event event;
  *event.mutable_possible_duplicate_flagged() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::DraftSectionSaved e) {
  v1::Event event;
  *event.mutable_draft_section_saved() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::DraftExpired e) {
  v1::Event event;
  *event.mutable_draft_expired() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::DuplicateOverridden e) {
  v1::Event event;
  *event.mutable_duplicate_overridden() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::ReferralSubmitted e) {
  v1::Event event;
  *event.mutable_referral_submitted() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::EligibilityDecided e) {
  v1::Event event;
  *event.mutable_eligibility_decided() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::InformationRequested e) {
  v1::Event event;
  *event.mutable_information_requested() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::InformationProvided e) {
  v1::Event event;
  *event.mutable_information_provided() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::DecisionHeldForReview e) {
  v1::Event event;
  *event.mutable_decision_held_for_review() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::DecisionConfirmed e) {
  v1::Event event;
  *event.mutable_decision_confirmed() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::ReferralDeferred e) {
  v1::Event event;
  *event.mutable_referral_deferred() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::DeferralReviewDue e) {
  v1::Event event;
  *event.mutable_deferral_review_due() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::CourtConflictRaised e) {
  v1::Event event;
  *event.mutable_court_conflict_raised() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::ReferralRouted e) {
  v1::Event event;
  *event.mutable_referral_routed() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::DifficultyAssessed e) {
  v1::Event event;
  *event.mutable_difficulty_assessed() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::ReferralClosed e) {
  v1::Event event;
  *event.mutable_referral_closed() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::ReferralOffered e) {
  v1::Event event;
  *event.mutable_referral_offered() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::OfferDeclined e) {
  v1::Event event;
  *event.mutable_offer_declined() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::OfferLapsed e) {
  v1::Event event;
  *event.mutable_offer_lapsed() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::PlacementFailed e) {
  v1::Event event;
  *event.mutable_placement_failed() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::PlacementRetried e) {
  v1::Event event;
  *event.mutable_placement_retried() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::ReferralAccepted e) {
  v1::Event event;
  *event.mutable_referral_accepted() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::ReferralReturned e) {
  v1::Event event;
  *event.mutable_referral_returned() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::CaseworkerAssigned e) {
  v1::Event event;
  *event.mutable_caseworker_assigned() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::CaseworkerUnassigned e) {
  v1::Event event;
  *event.mutable_caseworker_unassigned() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::AppointmentArranged e) {
  v1::Event event;
  *event.mutable_appointment_arranged() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::AppointmentHeld e) {
  v1::Event event;
  *event.mutable_appointment_held() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::DeliveryStarted e) {
  v1::Event event;
  *event.mutable_delivery_started() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::DeliveryEnded e) {
  v1::Event event;
  *event.mutable_delivery_ended() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::DeliveryReported e) {
  v1::Event event;
  *event.mutable_delivery_reported() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::ReferralWithdrawn e) {
  v1::Event event;
  *event.mutable_referral_withdrawn() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::ReferralConcluded e) {
  v1::Event event;
  *event.mutable_referral_concluded() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::ReferralReopened e) {
  v1::Event event;
  *event.mutable_referral_reopened() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::SlaClockStarted e) {
  v1::Event event;
  *event.mutable_sla_clock_started() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::SlaClockPaused e) {
  v1::Event event;
  *event.mutable_sla_clock_paused() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::SlaClockResumed e) {
  v1::Event event;
  *event.mutable_sla_clock_resumed() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::SlaClockMet e) {
  v1::Event event;
  *event.mutable_sla_clock_met() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::SlaClockBreached e) {
  v1::Event event;
  *event.mutable_sla_clock_breached() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::SlaClockBreachReversed e) {
  v1::Event event;
  *event.mutable_sla_clock_breach_reversed() = std::move(e);
  return event;
}
inline v1::Event Wrap(v1::SlaClockCancelled e) {
  v1::Event event;
  *event.mutable_sla_clock_cancelled() = std::move(e);
  return event;
}

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_DOMAIN_WRAP_H_
