#include "services/referral/domain/form.h"
#include "libs/base/timestamp.h"
#include "services/referral/domain/offers.h"
#include "services/referral/domain/reconsider.h"
#include "services/referral/domain/settings.h"
#include "services/referral/domain/subject_request.h"

// FireTimer: instants decide, late firing changes no outcome (section 7).
namespace pdp::referral {
namespace {

Verdict NotDue() { return decider::Reject("TIMER_NOT_DUE"); }

Verdict ExpireDraft(Unit& unit, const AggregateId& id, const Facts& facts) {
  const v1::Referral& referral = ReferralAt(unit, id);
  const std::optional<absl::Time> expires = DraftExpiresAt(referral);
  if (referral.state() != v1::DRAFT || !expires || facts.recorded_at < *expires) return NotDue();
  v1::DraftExpired event;
  event.set_on(FormatDate(LocalDate(*expires)));
  Recorder record(unit, facts, id);
  record.Emit(std::move(event));
  return record.Done();
}

// REF-62, REF-64: a last resort that lapses is accepted by SYS.
Verdict LapseOffer(Unit& unit, const v1::FireTimer& command, const AggregateId& id,
                   const Facts& facts) {
  const v1::Round* open = OpenOffer(ReferralAt(unit, id));
  if (open == nullptr || open->round() != command.round() ||
      facts.recorded_at < FromTimestamp(open->expires_at())) {
    return NotDue();
  }
  const v1::Round offer = *open;
  Recorder record(unit, facts, id);
  if (offer.last_resort()) {
    record.Emit(AcceptedEvent(ReferralAt(unit, id), offer, facts));
  } else {
    v1::OfferLapsed lapsed;
    lapsed.set_round(offer.round());
    lapsed.set_apportionment_id(offer.apportionment_id());
    lapsed.set_org(offer.org());
    record.Emit(std::move(lapsed));
  }
  return record.Done();
}

// REF-83: at 00:00 local after due_on.
Verdict BreachClock(Unit& unit, const v1::FireTimer& command, const AggregateId& id,
                    const Facts& facts) {
  for (const v1::SlaClock& clock : ReferralAt(unit, id).clocks()) {
    if (clock.code() != command.clock() || clock.n() != command.n()) continue;
    const std::optional<Date> due_on = ParseDate(clock.due_on());
    if (clock.status() != v1::SlaClock::RUNNING || !due_on ||
        facts.recorded_at < StartOfLocalDate(*due_on + 1)) {
      return NotDue();
    }
    Recorder record(unit, facts, id);
    record.Breach(v1::SlaClock(clock));
    return record.Done();
  }
  return NotDue();
}

Verdict EndDeferral(Unit& unit, const AggregateId& id, const Facts& facts) {
  const v1::Referral& referral = ReferralAt(unit, id);
  const std::optional<Date> review = ParseDate(referral.review_on());
  if (referral.state() != v1::DEFERRED || !review ||
      facts.recorded_at < StartOfLocalDate(*review)) {
    return NotDue();
  }
  v1::DeferralReviewDue event;
  event.set_review_on(referral.review_on());
  Recorder record(unit, facts, id);
  record.Emit(std::move(event));
  return record.Done();
}

Verdict RetryEstimate(Unit& unit, const AggregateId& id) {
  const v1::Referral& referral = ReferralAt(unit, id);
  if (!FailedOnDefaultEstimate(referral)) return NotDue();
  v1::EstimateRetryDue event;
  event.set_decision_id(referral.decision().id());
  unit.Emit(id, Wrap(std::move(event)));
  return StateReply(unit, id);
}

// Reserved before events said it: by the shipped row.
absl::Time CheckedAt(const v1::Slot& slot) {
  if (slot.has_check_at()) return FromTimestamp(slot.check_at());
  const absl::Time reserved = FromTimestamp(slot.reserved_at());
  return MinutesOn(reserved, Policy::Shipped(LocalDate(reserved)), kSlotOrphan);
}

// REF-35: NAT does not know whether the referral was submitted; it asks.
Verdict CheckSlot(Unit& unit, const v1::FireTimer& command, const Facts& facts) {
  const AggregateId id = PersonId(command.crn());
  if (auto refused = AdmitPerson(unit, facts, id, {"SYS"})) return *refused;
  for (const v1::Slot& slot : PersonAt(unit, id).slots()) {
    if (slot.key() != command.slot_key() || slot.referral_id() != command.referral_id()) continue;
    if (facts.recorded_at < CheckedAt(slot)) return NotDue();
    v1::SlotCheckDue event;
    event.set_crn(command.crn());
    event.set_key(command.slot_key());
    event.set_referral_id(command.referral_id());
    unit.Emit(id, Wrap(std::move(event)));
    return v1::Reply();
  }
  return NotDue();
}

}  // namespace

Verdict Handle(Unit& unit, const v1::FireTimer& command, const Facts& facts) {
  if (command.kind() == v1::FireTimer::SLOT_ORPHAN) return CheckSlot(unit, command, facts);
  if (command.kind() == v1::FireTimer::ERASURE_GAPS) return ListErasureGaps(unit, command, facts);
  if (command.kind() == v1::FireTimer::RULES_DUE) return StartRules(unit, command, facts);
  const AggregateId id = ReferralId(command.referral_id());
  if (auto refused = AdmitReferral(unit, facts, id, {"SYS"})) return *refused;
  switch (command.kind()) {
    case v1::FireTimer::DRAFT_EXPIRY:
      return ExpireDraft(unit, id, facts);
    case v1::FireTimer::OFFER_LAPSE:
      return LapseOffer(unit, command, id, facts);
    case v1::FireTimer::CLOCK_BREACH:
      return BreachClock(unit, command, id, facts);
    case v1::FireTimer::DEFERRAL_REVIEW:
      return EndDeferral(unit, id, facts);
    case v1::FireTimer::ESTIMATE_RETRY:
      return RetryEstimate(unit, id);
    case v1::FireTimer::SLOT_ORPHAN:
    case v1::FireTimer::ERASURE_GAPS:
    case v1::FireTimer::RULES_DUE:
      return NotDue();
    case v1::FireTimer::KIND_UNSPECIFIED:
    case v1::FireTimer_Kind_FireTimer_Kind_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::FireTimer_Kind_FireTimer_Kind_INT_MAX_SENTINEL_DO_NOT_USE_:
      return decider::ValidationFailed({{.code = "UNKNOWN_CODE", .field = "kind"}});
  }
  return NotDue();
}

}  // namespace pdp::referral
