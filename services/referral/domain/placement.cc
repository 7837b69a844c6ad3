#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/timestamp.h"
#include "services/referral/domain/offers.h"
#include "services/referral/domain/recorder.h"
#include "services/referral/domain/working_days.h"

// RecordOffer, RecordNoPlacement, AcceptOffer, DeclineOffer, RescindOffer, RetryPlacement (REF-60
// to REF-64).
namespace pdp::referral {
namespace {

constexpr int kNoteMin = 10;

std::optional<Rejected> CheckRound(const v1::Referral& referral, int round,
                                   const std::string& apportionment_id) {
  const bool matches = round == NextRound(referral) &&
                       apportionment_id == absl::StrCat(referral.id(), "/", round);
  if (matches) return std::nullopt;
  Rejected rejected = decider::Reject("ROUND_MISMATCH");
  rejected.metadata["next_round"] = absl::StrCat(NextRound(referral));
  return rejected;
}

const v1::Round* FindRound(const v1::Referral& referral, int round) {
  for (const v1::Round& candidate : referral.rounds()) {
    if (candidate.round() == round) return &candidate;
  }
  return nullptr;
}

// The offer that this organisation may answer. Instants of the log decide, not the timer (REF-62).
std::optional<Rejected> CheckAnswer(const Unit& unit, const AggregateId& id, int round,
                                    const Facts& facts) {
  const v1::Referral& referral = ReferralAt(unit, id);
  const v1::Round* asked = FindRound(referral, round);
  const v1::Round* open = OpenOffer(referral);
  // REF-92: a provider sees only what is offered to it.
  const v1::Round* seen = asked != nullptr ? asked : open;
  const std::string org = seen == nullptr ? "" : seen->org();
  if (auto refused = AdmitReferral(unit, facts, id, {"PV"}, org)) return refused;
  if (asked != nullptr && asked->result() == v1::Round::EXPIRED) {
    return decider::Reject("OFFER_EXPIRED");
  }
  if (open != nullptr && open == asked && facts.recorded_at >= FromTimestamp(open->expires_at())) {
    return decider::Reject("OFFER_EXPIRED");
  }
  if (auto refused = RequireState(referral, {v1::OFFERED})) return refused;
  if (asked != open) return decider::Reject("ROUND_MISMATCH");
  return std::nullopt;
}

}  // namespace

v1::ReferralAccepted AcceptedEvent(const v1::Referral& referral, const v1::Round& offer,
                                   const Facts& facts) {
  v1::ReferralAccepted event;
  event.set_round(offer.round());
  event.set_apportionment_id(offer.apportionment_id());
  event.set_org(offer.org());
  event.set_on(FormatDate(LocalDate(facts.recorded_at)));
  event.set_line(referral.line());
  event.set_route(referral.decision().route());
  event.set_version_ref(referral.decision().version_ref());
  event.set_pdu(referral.pdu());
  event.set_stratum(referral.difficulty().stratum());
  event.set_instrument(referral.difficulty().instrument());
  event.set_sentence_key(referral.sentence_key());
  event.set_requirement_key(referral.requirement_key());
  event.set_order_kind(referral.order_kind());
  event.set_end_on(referral.end_on());
  *event.mutable_tokens() = referral.tokens();
  event.set_submitted_on(referral.submitted_on());
  return event;
}

Verdict Handle(Unit& unit, const v1::RecordOffer& command, const Facts& facts) {
  const AggregateId id = ReferralId(command.referral_id());
  if (auto refused = AdmitReferral(unit, facts, id, {"SYS"})) return *refused;
  const v1::Referral& referral = ReferralAt(unit, id);
  if (command.org().empty()) {
    return decider::ValidationFailed({{.code = "FIELD_MISSING", .field = "org"}});
  }
  if (auto refused = RequireState(referral, {v1::ROUTED})) return *refused;
  if (auto refused = CheckRound(referral, command.round(), command.apportionment_id()))
    return *refused;
  const std::vector<std::string> excluded = ExcludedOrganisations(referral);
  if (std::find(excluded.begin(), excluded.end(), command.org()) != excluded.end()) {
    return decider::Reject("ORGANISATION_EXCLUDED");
  }
  // REF-62: the second working day from log time, and the next local midnight.
  const std::optional<Date> respond_on = DaysOfWorkAfter(
      Today(facts), static_cast<int>(PolicyNow(facts).Int("offer.respond_days")));
  if (!respond_on) return decider::Reject("CALENDAR_NOT_COVERED");
  v1::ReferralOffered event;
  event.set_round(command.round());
  event.set_apportionment_id(command.apportionment_id());
  event.set_org(command.org());
  event.set_last_resort(command.last_resort());
  *event.mutable_offered_at() = ToTimestamp(facts.recorded_at);
  event.set_respond_on(FormatDate(*respond_on));
  *event.mutable_expires_at() = ToTimestamp(StartOfLocalDate(*respond_on + 1));
  Recorder record(unit, facts, id);
  record.Emit(std::move(event));
  return record.Done();
}

Verdict Handle(Unit& unit, const v1::RecordNoPlacement& command, const Facts& facts) {
  const AggregateId id = ReferralId(command.referral_id());
  if (auto refused = AdmitReferral(unit, facts, id, {"SYS"})) return *refused;
  const v1::Referral& referral = ReferralAt(unit, id);
  if (auto refused = RequireState(referral, {v1::ROUTED})) return *refused;
  if (auto refused = CheckRound(referral, command.round(), command.apportionment_id()))
    return *refused;
  v1::PlacementFailed event;
  event.set_round(command.round());
  event.set_apportionment_id(command.apportionment_id());
  *event.mutable_exclusions() = command.exclusions();
  Recorder record(unit, facts, id);
  record.Emit(std::move(event));
  return record.Done();
}

Verdict Handle(Unit& unit, const v1::AcceptOffer& command, const Facts& facts) {
  const AggregateId id = ReferralId(command.referral_id());
  if (auto refused = CheckAnswer(unit, id, command.round(), facts)) return *refused;
  const v1::Round offer = *OpenOffer(ReferralAt(unit, id));
  Recorder record(unit, facts, id);
  record.Emit(AcceptedEvent(ReferralAt(unit, id), offer, facts));
  return record.Done();
}

Verdict Handle(Unit& unit, const v1::DeclineOffer& command, const Facts& facts) {
  const AggregateId id = ReferralId(command.referral_id());
  if (auto refused = CheckAnswer(unit, id, command.round(), facts)) return *refused;
  if (auto refused = RequireCode("decline", command.code())) return *refused;
  const v1::Round offer = *OpenOffer(ReferralAt(unit, id));
  // REF-64: the last resort takes the case.
  if (offer.last_resort()) return decider::Reject("BINDING_OFFER");
  if (FindCode("decline", command.code())->note_required()) {
    if (auto refused = RequireNote(command.note(), kNoteMin)) return *refused;
  }
  v1::OfferDeclined event;
  event.set_crn(ReferralAt(unit, id).origin_crn());
  event.set_round(offer.round());
  event.set_apportionment_id(offer.apportionment_id());
  event.set_org(offer.org());
  event.set_code(command.code());
  event.set_note(command.note());
  Recorder record(unit, facts, id);
  record.Emit(std::move(event));
  return record.Done();
}

Verdict Handle(Unit& unit, const v1::RetryPlacement& command, const Facts& facts) {
  const AggregateId id = ReferralId(command.referral_id());
  if (auto refused = AdmitReferral(unit, facts, id, {"AM", "AA", "SYS"})) return *refused;
  const v1::Referral& referral = ReferralAt(unit, id);
  if (auto refused = RequireState(referral, {v1::UNPLACED})) return *refused;
  v1::PlacementRetried event;
  event.set_next_round(NextRound(referral));
  Recorder record(unit, facts, id);
  record.Emit(std::move(event));
  return record.Done();
}

Verdict Handle(Unit& unit, const v1::RescindOffer& command, const Facts& facts) {
  const AggregateId id = ReferralId(command.referral_id());
  if (auto refused = AdmitReferral(unit, facts, id, {"AM", "AA", "SYS"})) return *refused;
  const v1::Referral& referral = ReferralAt(unit, id);
  if (auto refused = RequireState(referral, {v1::OFFERED})) return *refused;
  const v1::Round& offer = *OpenOffer(referral);
  v1::OfferRescinded event;
  event.set_round(offer.round());
  event.set_apportionment_id(offer.apportionment_id());
  event.set_org(offer.org());
  Recorder record(unit, facts, id);
  record.Emit(std::move(event));
  return record.Done();
}

}  // namespace pdp::referral
