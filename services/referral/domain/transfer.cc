#include <algorithm>

#include "services/referral/domain/ending.h"

// RequestTransfer, CancelTransfer, AcceptTransfer, RefuseTransfer, and the hand-off to the target
// (REF-94, REF-95; interfaces, D7 and D8).
namespace pdp::referral {
namespace {

// REF-95: where the target goes on.
//
//   SUBMITTED, NEEDS_INFO, REVIEW, DEFERRED, CONFLICT   as they were
//   ROUTED, OFFERED, UNPLACED, ACCEPTED, ASSIGNED       SUBMITTED
//   IN_DELIVERY                                         ROUTED, route and delivery kept
v1::ReferralState ResumeState(v1::ReferralState state) {
  switch (state) {
    case v1::SUBMITTED:
    case v1::NEEDS_INFO:
    case v1::REVIEW:
    case v1::DEFERRED:
    case v1::CONFLICT:
      return state;
    case v1::ROUTED:
    case v1::OFFERED:
    case v1::UNPLACED:
    case v1::ACCEPTED:
    case v1::ASSIGNED:
      return v1::SUBMITTED;
    case v1::IN_DELIVERY:
      return v1::ROUTED;
    case v1::DRAFT:
    case v1::DISCARDED:
    case v1::EXPIRED:
    case v1::CLOSED:
    case v1::ENDED:
    case v1::CONCLUDED:
    case v1::MOVED:
    case v1::REFERRAL_STATE_UNSPECIFIED:
    case v1::ReferralState_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::ReferralState_INT_MAX_SENTINEL_DO_NOT_USE_:
      return v1::REFERRAL_STATE_UNSPECIFIED;
  }
  return v1::REFERRAL_STATE_UNSPECIFIED;
}

// A state that the target can go on in: one that ResumeState gives.
bool IsResumable(v1::ReferralState state) {
  return state == v1::ROUTED ||
         (ResumeState(state) == state && state != v1::REFERRAL_STATE_UNSPECIFIED);
}

std::optional<Rejected> RequireMovable(const v1::Referral& referral) {
  if (ResumeState(referral.state()) != v1::REFERRAL_STATE_UNSPECIFIED) return std::nullopt;
  return decider::StateForbidsCommand(v1::ReferralState_Name(referral.state()));
}

bool IsHeld(const v1::Referral& referral) {
  return referral.state() == v1::ACCEPTED || referral.state() == v1::ASSIGNED ||
         referral.state() == v1::IN_DELIVERY;
}

// Transfers of unpaid-work cases that have begun follow that service's case transfer.
bool IsLedByUnpaidWork(const v1::Referral& referral) {
  return referral.line() == "UPW" && IsHeld(referral);
}

// The queued, drawn or held round that ends with the move.
int RoundToSettle(const v1::Referral& referral) {
  if (referral.state() == v1::ROUTED) return NextRound(referral);
  if (referral.rounds().empty() || (referral.state() != v1::OFFERED && !IsHeld(referral))) return 0;
  return referral.rounds().rbegin()->round();
}

// Whose officials answer a request: those of the area that it asks; else of this one.
Area TargetOf(const Unit& unit, const Facts& facts, const AggregateId& id) {
  return Area::FromCode(ReferralAt(unit, id).transfer().to_area()).value_or(facts.area);
}

std::vector<Violation> CheckTransferCode(const char* list, const std::string& code) {
  if (FindCode(list, code) != nullptr) return {};
  return {{.code = "UNKNOWN_CODE", .field = "code", .detail = code}};
}

}  // namespace

Verdict Handle(Unit& unit, const v1::RequestTransfer& command, const Facts& facts) {
  const AggregateId id = ReferralId(command.referral_id());
  if (auto refused = AdmitReferral(unit, facts, id, {"RO", "AA", "SYS"})) return *refused;
  const v1::Referral before = ReferralAt(unit, id);
  if (auto found = CheckTransferCode("transfer", command.code()); !found.empty()) {
    return decider::ValidationFailed(std::move(found));
  }
  if (auto refused = RequireMovable(before)) return *refused;
  const std::optional<Area> to = Area::FromCode(command.to_area());
  if (!to || to->is_nat()) return decider::Reject("UNKNOWN_AREA");
  if (*to == facts.area) return decider::Reject("SAME_AREA");
  if (before.has_transfer()) return decider::Reject("TRANSFER_PENDING");
  if (IsLedByUnpaidWork(before) && !facts.HasRole("SYS")) {
    return decider::Reject("TRANSFER_LED_BY_UNPAID_WORK");
  }
  v1::TransferRequested event;
  event.set_from_area(std::string(facts.area.code()));
  event.set_to_area(command.to_area());
  event.set_code(command.code());
  event.set_on(FormatDate(LocalDate(facts.occurred_at)));
  event.set_requested_by(facts.actor.id());
  Recorder record(unit, facts, id);
  record.Emit(std::move(event));
  return record.Done();
}

Verdict Handle(Unit& unit, const v1::CancelTransfer& command, const Facts& facts) {
  const AggregateId id = ReferralId(command.referral_id());
  if (auto refused = AdmitReferral(unit, facts, id, {"RO", "AA", "SYS"})) return *refused;
  const v1::Referral before = ReferralAt(unit, id);
  if (!before.has_transfer()) return decider::Reject("NO_TRANSFER_PENDING");
  v1::TransferCancelled event;
  event.set_to_area(before.transfer().to_area());
  Recorder record(unit, facts, id);
  record.Emit(std::move(event));
  return record.Done();
}

Verdict Handle(Unit& unit, const v1::RefuseTransfer& command, const Facts& facts) {
  const AggregateId id = ReferralId(command.referral_id());
  if (auto refused = AdmitReferralIn(TargetOf(unit, facts, id), unit, facts, id,
                                     {"AA", "AM", "SYS"})) {
    return *refused;
  }
  const v1::Referral before = ReferralAt(unit, id);
  if (auto found = CheckTransferCode("transfer_refusal", command.code()); !found.empty()) {
    return decider::ValidationFailed(std::move(found));
  }
  if (!before.has_transfer()) return decider::Reject("NO_TRANSFER_PENDING");
  v1::TransferRefused event;
  event.set_to_area(before.transfer().to_area());
  event.set_code(command.code());
  Recorder record(unit, facts, id);
  record.Emit(std::move(event));
  return record.Done();
}

Verdict Handle(Unit& unit, const v1::AcceptTransfer& command, const Facts& facts) {
  const AggregateId id = ReferralId(command.referral_id());
  if (auto refused = AdmitReferralIn(TargetOf(unit, facts, id), unit, facts, id,
                                     {"AA", "AM", "SYS"})) {
    return *refused;
  }
  const v1::Referral before = ReferralAt(unit, id);
  if (!before.has_transfer()) return decider::Reject("NO_TRANSFER_PENDING");
  Recorder record(unit, facts, id);
  v1::TransferAccepted accepted;
  accepted.set_to_area(before.transfer().to_area());
  accepted.set_accepted_by(facts.actor.id());
  accepted.set_pdu(command.pdu());
  record.Emit(std::move(accepted));
  v1::ReferralHandedOff event;
  event.set_from_area(std::string(facts.area.code()));
  event.set_to_area(before.transfer().to_area());
  event.set_resume_state(ResumeState(before.state()));
  event.set_open_round(RoundToSettle(before));
  event.set_offer_open(before.state() == v1::OFFERED);
  event.set_started(IsStarted(before));
  event.set_pdu(command.pdu());
  event.set_on(FormatDate(LocalDate(facts.occurred_at)));
  record.Emit(std::move(event));
  return record.Done();
}

Verdict Handle(Unit& unit, const v1::ReceiveHandoff& command, const Facts& facts) {
  if (auto refused = RequireRole(facts, {"SYS"})) return *refused;
  const v1::Referral& snapshot = command.snapshot();
  std::vector<Violation> found;
  if (snapshot.id().empty()) found.push_back({.code = "FIELD_MISSING", .field = "snapshot.id"});
  // What it says of the person is sealed under their key.
  if (NormaliseCrn(snapshot.origin_crn()) != snapshot.origin_crn()) {
    found.push_back({.code = "CRN_MALFORMED", .field = "snapshot.origin_crn"});
  }
  // Who holds it holds it since a day.
  if (!snapshot.holder_org().empty() && snapshot.holdings().empty()) {
    found.push_back({.code = "FIELD_MISSING", .field = "snapshot.holdings"});
  }
  if (command.version() == 0) found.push_back({.code = "FIELD_MISSING", .field = "version"});
  if (!IsResumable(command.resume_state())) {
    found.push_back({.code = "VALUE_OUT_OF_RANGE", .field = "resume_state"});
  }
  if (!found.empty()) return decider::ValidationFailed(std::move(found));
  const AggregateId id = ReferralId(snapshot.id());
  // Known here and never moved away, or moved away later than this.
  if (unit.Find(id) != nullptr) {
    const v1::Referral& known = ReferralAt(unit, id);
    if (known.state() != v1::MOVED || known.transfer().sealed_version() >= command.version()) {
      return decider::Reject("ALREADY_RECEIVED");
    }
  }
  v1::ReferralReceived event;
  event.set_crn(snapshot.origin_crn());
  event.set_from_area(command.from_area());
  event.set_to_area(std::string(facts.area.code()));
  *event.mutable_snapshot() = snapshot;
  event.set_prior_version(command.version());
  event.set_resume_state(command.resume_state());
  event.set_pdu(command.pdu());
  unit.ContinueFrom(id, Version(command.version()));
  Recorder record(unit, facts, id);
  record.Emit(std::move(event));
  return record.Done();
}

Verdict Handle(Unit& unit, const v1::ConfirmHandoff& command, const Facts& facts) {
  const AggregateId id = ReferralId(command.referral_id());
  if (auto refused = RequireRole(facts, {"SYS"})) return *refused;
  if (unit.Find(id) == nullptr) return decider::NotFound(id);
  const v1::Referral referral = ReferralAt(unit, id);
  if (auto refused = RequireState(referral, {v1::MOVED})) return *refused;
  const v1::State* known = unit.Find(HandoffId(command.referral_id()));
  if (known != nullptr && known->handoff().version() >= command.version()) {
    return StateReply(unit, id);
  }
  v1::HandoffConfirmed event;
  event.set_to_area(referral.transfer().to_area());
  event.set_version(command.version());
  unit.Emit(HandoffId(command.referral_id()), Wrap(std::move(event)));
  return StateReply(unit, id);
}

}  // namespace pdp::referral
