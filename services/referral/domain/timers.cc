#include "absl/strings/str_cat.h"
#include "libs/base/timestamp.h"
#include "services/referral/domain/commands.h"
#include "services/referral/domain/form.h"
#include "services/referral/domain/reconsider.h"
#include "services/referral/domain/settings.h"

// Timers of the referral service (REF-32, REF-35, REF-51, REF-62, REF-83): recomputed from events
// alone. When one is due stands in the event that sets it, by the policy rows in force then: rows
// published later move no timer that is set. Events from before that knew the shipped rows only.
namespace pdp::referral {
namespace {

using Change = decider::TimerChange<v1::Command>;

Change Set(std::string timer_id, absl::Time due, v1::FireTimer fire) {
  *fire.mutable_due_at() = ToTimestamp(due);
  Change change{.timer_id = std::move(timer_id), .due_at = due};
  *change.command.mutable_fire_timer() = std::move(fire);
  return change;
}

v1::FireTimer Fire(v1::FireTimer::Kind kind, const v1::Referral& referral) {
  v1::FireTimer fire;
  fire.set_kind(kind);
  fire.set_referral_id(referral.id());
  return fire;
}

Change DraftTimer(const v1::Referral& referral) {
  Change change{.timer_id = absl::StrCat("draft/", referral.id())};
  const auto expires = DraftExpiresAt(referral);
  if (referral.state() != v1::DRAFT || !expires) return change;
  return Set(change.timer_id, *expires, Fire(v1::FireTimer::DRAFT_EXPIRY, referral));
}

Change OfferTimer(const v1::Referral& referral) {
  Change change{.timer_id = absl::StrCat("offer/", referral.id())};
  const v1::Round* open = OpenOffer(referral);
  if (open == nullptr) return change;
  v1::FireTimer fire = Fire(v1::FireTimer::OFFER_LAPSE, referral);
  fire.set_round(open->round());
  return Set(change.timer_id, FromTimestamp(open->expires_at()), std::move(fire));
}

Change DeferralTimer(const v1::Referral& referral) {
  Change change{.timer_id = absl::StrCat("deferral/", referral.id())};
  const std::optional<Date> review = ParseDate(referral.review_on());
  if (referral.state() != v1::DEFERRED || !review) return change;
  return Set(change.timer_id, StartOfLocalDate(*review),
             Fire(v1::FireTimer::DEFERRAL_REVIEW, referral));
}

Change ClockTimer(const v1::Referral& referral, const v1::SlaClock& clock) {
  Change change{.timer_id =
                    absl::StrCat("clock/", referral.id(), "/", clock.code(), "/", clock.n())};
  const std::optional<Date> due_on = ParseDate(clock.due_on());
  if (clock.status() != v1::SlaClock::RUNNING || !due_on) return change;
  v1::FireTimer fire = Fire(v1::FireTimer::CLOCK_BREACH, referral);
  fire.set_clock(clock.code());
  fire.set_n(clock.n());
  return Set(change.timer_id, StartOfLocalDate(*due_on + 1), std::move(fire));
}

// REF-47: a decision that failed on a default estimate is worth another question.
Change EstimateTimer(const v1::Referral& referral, const v1::EligibilityDecided& decided,
                     absl::Time recorded_at) {
  Change change{.timer_id = absl::StrCat("estimate/", referral.id())};
  if (!FailedOnDefaultEstimate(referral)) return change;
  const absl::Time due =
      decided.has_estimate_retry_at()
          ? FromTimestamp(decided.estimate_retry_at())
          : MinutesOn(recorded_at, Policy::Shipped(LocalDate(recorded_at)), kEstimateRetry);
  return Set(change.timer_id, due, Fire(v1::FireTimer::ESTIMATE_RETRY, referral));
}

std::string SlotTimerId(const std::string& key, const std::string& referral_id) {
  return absl::StrCat("slot/", referral_id, "/", key);
}

// REF-35.
Change SlotTimer(const v1::SlotReserved& reserved, absl::Time recorded_at) {
  v1::FireTimer fire;
  fire.set_kind(v1::FireTimer::SLOT_ORPHAN);
  fire.set_crn(reserved.crn());
  fire.set_slot_key(reserved.key());
  fire.set_referral_id(reserved.referral_id());
  const absl::Time due =
      reserved.has_check_at()
          ? FromTimestamp(reserved.check_at())
          : MinutesOn(recorded_at, Policy::Shipped(LocalDate(recorded_at)), kSlotOrphan);
  return Set(SlotTimerId(reserved.key(), reserved.referral_id()), due, std::move(fire));
}

// REF-102: gaps are listed after a day, and daily while there are any.
Change ErasureTimer(const AggregateId& id, const v1::SubjectRequest& request,
                    absl::Time recorded_at) {
  Change change{.timer_id = absl::StrCat("erasure/", id.id())};
  if (request.status() == v1::CONFIRMED) return change;
  v1::FireTimer fire;
  fire.set_kind(v1::FireTimer::ERASURE_GAPS);
  fire.set_request_id(std::string(id.id()));
  return Set(change.timer_id, recorded_at + absl::Hours(24), std::move(fire));
}

// Each later day on which something of a version begins to count.
std::vector<Change> RulesTimers(const std::string& name, const v1::PublishedVersion& published,
                                absl::Time recorded_at) {
  std::vector<Change> changes;
  for (const Date day : DaysInForce(published)) {
    if (day <= LocalDate(recorded_at)) continue;
    v1::FireTimer fire;
    fire.set_kind(v1::FireTimer::RULES_DUE);
    fire.set_settings(name);
    fire.set_settings_version(published.version());
    changes.push_back(Set(absl::StrCat("rules/", name, "/", published.version(), "/",
                                       FormatDate(day)),
                          StartOfLocalDate(day), std::move(fire)));
  }
  return changes;
}

}  // namespace

std::vector<Change> ReferralDomain::Timers(const AggregateId& id, const State& after,
                                           const Event& event, const decider::EventFacts& facts) {
  const v1::Referral& referral = after.referral();
  switch (event.event_case()) {
    case Event::kReferralOpened:
    case Event::kDraftSectionSaved:
    case Event::kDraftExpired:
    case Event::kDraftDiscarded:
    case Event::kReferralSubmitted:
      return {DraftTimer(referral)};
    case Event::kReferralOffered:
    case Event::kOfferDeclined:
    case Event::kOfferLapsed:
    case Event::kOfferRescinded:
    case Event::kReferralAccepted:
    case Event::kReferralWithdrawn:
      return {OfferTimer(referral)};
    case Event::kReferralDeferred:
    case Event::kDeferralReviewDue:
    case Event::kInformationProvided:
    case Event::kDecisionReopened:
    case Event::kReferralReceived:
      return {DeferralTimer(referral)};
    case Event::kReferralHandedOff:
      return {OfferTimer(referral), DeferralTimer(referral)};
    case Event::kEligibilityDecided:
      return {EstimateTimer(referral, event.eligibility_decided(), facts.recorded_at)};
    case Event::kSlotReserved:
      return {SlotTimer(event.slot_reserved(), facts.recorded_at)};
    case Event::kSlotReleased:
    case Event::kSlotCheckDue: {
      const bool released = event.has_slot_released();
      return {Change{.timer_id =
                         SlotTimerId(released ? event.slot_released().key()
                                              : event.slot_check_due().key(),
                                     released ? event.slot_released().referral_id()
                                              : event.slot_check_due().referral_id())}};
    }
    case Event::kSlaClockStarted:
      return {ClockTimer(referral, event.sla_clock_started().clock())};
    case Event::kSlaClockPaused:
      return {ClockTimer(referral, event.sla_clock_paused().clock())};
    case Event::kSlaClockResumed:
      return {ClockTimer(referral, event.sla_clock_resumed().clock())};
    case Event::kSlaClockMet:
      return {ClockTimer(referral, event.sla_clock_met().clock())};
    case Event::kSlaClockBreached:
      return {ClockTimer(referral, event.sla_clock_breached().clock())};
    case Event::kSlaClockBreachReversed:
      return {ClockTimer(referral, event.sla_clock_breach_reversed().clock())};
    case Event::kSlaClockCancelled:
      return {ClockTimer(referral, event.sla_clock_cancelled().clock())};
    case Event::kSlaClockRecomputed:
      return {ClockTimer(referral, event.sla_clock_recomputed().clock())};
    case Event::kErasureApproved:
    case Event::kErasureGapsListed:
    case Event::kErasureCompleted:
      return {ErasureTimer(id, after.subject_request(), facts.recorded_at)};
    case Event::kSettingsCopied:
      return RulesTimers(std::string(id.id()), event.settings_copied().published(),
                         facts.recorded_at);
    case Event::kPersonRegistered:
    case Event::kIdentityCorrected:
    case Event::kNeedsRecorded:
    case Event::kBarrierRecorded:
    case Event::kBarrierClosed:
    case Event::kRiskRecorded:
    case Event::kResponsibleOfficerChanged:
    case Event::kSentenceRegistered:
    case Event::kRequirementRegistered:
    case Event::kReferenceTaken:
    case Event::kPossibleDuplicateFlagged:
    case Event::kDuplicateOverridden:
    case Event::kInformationRequested:
    case Event::kDecisionHeldForReview:
    case Event::kDecisionConfirmed:
    case Event::kCourtConflictRaised:
    case Event::kReferralRouted:
    case Event::kDifficultyAssessed:
    case Event::kReferralClosed:
    case Event::kPlacementFailed:
    case Event::kPlacementRetried:
    case Event::kReferralReturned:
    case Event::kCaseworkerAssigned:
    case Event::kCaseworkerUnassigned:
    case Event::kCaseworkerPosted:
    case Event::kAppointmentArranged:
    case Event::kAppointmentHeld:
    case Event::kDeliveryStarted:
    case Event::kDeliveryEnded:
    case Event::kDeliveryReported:
    case Event::kReferralConcluded:
    case Event::kReferralReopened:
    case Event::kDecisionOverridden:
    case Event::kCourtConflictResolved:
    case Event::kReferralDirected:
    case Event::kReturnRequested:
    case Event::kReturnRefused:
    case Event::kEnforcementReported:
    case Event::kEnforcementWithdrawn:
    case Event::kOrganisationContracted:
    case Event::kLocationChanged:
    case Event::kHomeAreaMoved:
    case Event::kDeathRecorded:
    case Event::kAccessRestricted:
    case Event::kRestrictionLifted:
    case Event::kAccessCleared:
    case Event::kClearanceRevoked:
    case Event::kRequirementVaried:
    case Event::kRequirementEnded:
    case Event::kSentenceEndChanged:
    case Event::kSentenceEnded:
    case Event::kAccessCopied:
    case Event::kPersonMerged:
    case Event::kPersonAbsorbed:
    case Event::kPersonUnmerged:
    case Event::kPersonReleased:
    case Event::kReferralAmended:
    case Event::kDeliveryRequirementsChanged:
    case Event::kRouteReviewRaised:
    case Event::kRouteReviewCleared:
    case Event::kEstimateRetryDue:
    case Event::kTransferRequested:
    case Event::kTransferCancelled:
    case Event::kTransferRefused:
    case Event::kTransferAccepted:
    case Event::kAccessRecorded:
    case Event::kSubjectRequestOpened:
    case Event::kIdentityConfirmed:
    case Event::kRequestExtended:
    case Event::kBundlePrepared:
    case Event::kBundleReleased:
    case Event::kRequestRefused:
    case Event::kPersonErased:
    case Event::kKeysDestroyed:
    case Event::kErasureCollected:
    case Event::kErasureApplied:
    case Event::kLegalHoldSet:
    case Event::kPolicySetPublished:
    case Event::kCalendarPublished:
    case Event::kCodesPublished:
    case Event::kRulesTookEffect:
    case Event::kHandoffConfirmed:
    case Event::EVENT_NOT_SET:
      return {};
  }
  return {};
}

}  // namespace pdp::referral
