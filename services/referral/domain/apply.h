#ifndef PDP_SERVICES_REFERRAL_DOMAIN_APPLY_H_
#define PDP_SERVICES_REFERRAL_DOMAIN_APPLY_H_

#include "services/referral/domain/domain.h"

// What each event changes: one overload an event. Total: none of them fails.
namespace pdp::referral {

using decider::EventFacts;

void Apply(v1::Person& person, const v1::PersonRegistered& event, const EventFacts& facts);
void Apply(v1::Person& person, const v1::IdentityCorrected& event, const EventFacts& facts);
void Apply(v1::Person& person, const v1::NeedsRecorded& event, const EventFacts& facts);
void Apply(v1::Person& person, const v1::BarrierRecorded& event, const EventFacts& facts);
void Apply(v1::Person& person, const v1::BarrierClosed& event, const EventFacts& facts);
void Apply(v1::Person& person, const v1::RiskRecorded& event, const EventFacts& facts);
void Apply(v1::Person& person, const v1::ResponsibleOfficerChanged& event, const EventFacts& facts);
void Apply(v1::Person& person, const v1::SlotReserved& event, const EventFacts& facts);
void Apply(v1::Person& person, const v1::SlotReleased& event, const EventFacts& facts);
void Apply(v1::Sentence& sentence, const v1::SentenceRegistered& event, const EventFacts& facts);
void Apply(v1::Sentence& sentence, const v1::RequirementRegistered& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::ReferralOpened& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::PossibleDuplicateFlagged& event,
           const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::DraftSectionSaved& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::DraftExpired& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::DuplicateOverridden& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::ReferralSubmitted& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::EligibilityDecided& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::InformationRequested& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::InformationProvided& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::DecisionHeldForReview& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::DecisionConfirmed& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::ReferralDeferred& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::DeferralReviewDue& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::CourtConflictRaised& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::ReferralRouted& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::DifficultyAssessed& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::ReferralClosed& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::ReferralOffered& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::OfferDeclined& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::OfferLapsed& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::PlacementFailed& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::PlacementRetried& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::ReferralAccepted& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::ReferralReturned& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::CaseworkerAssigned& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::CaseworkerUnassigned& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::AppointmentArranged& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::AppointmentHeld& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::DeliveryStarted& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::DeliveryEnded& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::DeliveryReported& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::ReferralWithdrawn& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::ReferralConcluded& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::ReferralReopened& event, const EventFacts& facts);
void Apply(v1::Person& person, const v1::SlotCheckDue& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::DraftDiscarded& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::DecisionOverridden& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::CourtConflictResolved& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::OfferRescinded& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::ReferralDirected& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::ReturnRequested& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::ReturnRefused& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::EnforcementReported& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::EnforcementWithdrawn& event, const EventFacts& facts);
void Apply(v1::OrganisationCopy& organisation, const v1::OrganisationContracted& event,
           const EventFacts& facts);
void Apply(v1::CaseworkerRecord& caseworker, const v1::CaseworkerPosted& event,
           const EventFacts& facts);
void Apply(v1::Person& person, const v1::LocationChanged& event, const EventFacts& facts);
void Apply(v1::Person& person, const v1::HomeAreaMoved& event, const EventFacts& facts);
void Apply(v1::Person& person, const v1::DeathRecorded& event, const EventFacts& facts);
void Apply(v1::Person& person, const v1::AccessRestricted& event, const EventFacts& facts);
void Apply(v1::Person& person, const v1::RestrictionLifted& event, const EventFacts& facts);
void Apply(v1::Person& person, const v1::AccessCleared& event, const EventFacts& facts);
void Apply(v1::Person& person, const v1::ClearanceRevoked& event, const EventFacts& facts);
void Apply(v1::Sentence& sentence, const v1::RequirementVaried& event, const EventFacts& facts);
void Apply(v1::Sentence& sentence, const v1::RequirementEnded& event, const EventFacts& facts);
void Apply(v1::Sentence& sentence, const v1::SentenceEndChanged& event, const EventFacts& facts);
void Apply(v1::Sentence& sentence, const v1::SentenceEnded& event, const EventFacts& facts);
void Apply(v1::AccessCopy& copy, const v1::AccessCopied& event, const EventFacts& facts);
void Apply(v1::Person& person, const v1::PersonMerged& event, const EventFacts& facts);
void Apply(v1::Person& person, const v1::PersonAbsorbed& event, const EventFacts& facts);
void Apply(v1::Person& person, const v1::PersonUnmerged& event, const EventFacts& facts);
void Apply(v1::Person& person, const v1::PersonReleased& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::ReferralAmended& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::DeliveryRequirementsChanged& event,
           const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::DecisionReopened& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::RouteReviewRaised& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::RouteReviewCleared& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::EstimateRetryDue& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::TransferRequested& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::TransferCancelled& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::TransferRefused& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::TransferAccepted& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::ReferralHandedOff& event, const EventFacts& facts);
void Apply(v1::Referral& referral, const v1::ReferralReceived& event, const EventFacts& facts);
void Apply(v1::Handoff& handoff, const v1::HandoffConfirmed& event, const EventFacts& facts);
void Apply(v1::AccessLogBook& book, const v1::AccessRecorded& event, const EventFacts& facts);
void Apply(v1::SubjectRequest& request, const v1::SubjectRequestOpened& event,
           const EventFacts& facts);
void Apply(v1::SubjectRequest& request, const v1::IdentityConfirmed& event,
           const EventFacts& facts);
void Apply(v1::SubjectRequest& request, const v1::RequestExtended& event, const EventFacts& facts);
void Apply(v1::SubjectRequest& request, const v1::BundlePrepared& event, const EventFacts& facts);
void Apply(v1::SubjectRequest& request, const v1::BundleReleased& event, const EventFacts& facts);
void Apply(v1::SubjectRequest& request, const v1::RequestRefused& event, const EventFacts& facts);
void Apply(v1::SubjectRequest& request, const v1::ErasureApproved& event, const EventFacts& facts);
void Apply(v1::Person& person, const v1::PersonErased& event, const EventFacts& facts);
void Apply(v1::SubjectRequest& request, const v1::KeysDestroyed& event, const EventFacts& facts);
void Apply(v1::SubjectRequest& request, const v1::ErasureCollected& event, const EventFacts& facts);
void Apply(v1::SubjectRequest& request, const v1::ErasureGapsListed& event,
           const EventFacts& facts);
void Apply(v1::SubjectRequest& request, const v1::ErasureCompleted& event, const EventFacts& facts);
void Apply(v1::AccessCopy& copy, const v1::ErasureApplied& event, const EventFacts& facts);
void Apply(v1::Person& person, const v1::LegalHoldSet& event, const EventFacts& facts);
void Apply(v1::Settings& settings, const v1::PolicySetPublished& event, const EventFacts& facts);
void Apply(v1::Settings& settings, const v1::CalendarPublished& event, const EventFacts& facts);
void Apply(v1::Settings& settings, const v1::CodesPublished& event, const EventFacts& facts);
void Apply(v1::Settings& settings, const v1::SettingsCopied& event, const EventFacts& facts);
void ApplyClock(v1::Referral& referral, const v1::SlaClock& clock);
void ApplyPause(v1::Referral& referral, const v1::SlaClockPaused& event);
void ApplyResume(v1::Referral& referral, const v1::SlaClockResumed& event);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_DOMAIN_APPLY_H_
