#include "services/referral/domain/ending.h"

// ReturnReferral, ApproveReturn, RefuseReturn, WithdrawReferral (REF-65, REF-96, REF-97).
namespace pdp::referral {
namespace {

constexpr int kNoteMin = 10;

// The queued or drawn round, or the holder's own, that ends unstarted (REF-97).
int RoundToSettle(const v1::Referral& referral) {
  if (referral.state() == v1::ROUTED) return NextRound(referral);
  const bool held = referral.state() == v1::OFFERED || referral.state() == v1::ACCEPTED ||
                    referral.state() == v1::ASSIGNED;
  if (!held || referral.rounds().empty()) return 0;
  return referral.rounds().rbegin()->round();
}

v1::ReferralReturned Returned(const v1::Referral& before, const std::string& code,
                              const std::string& note, const Facts& facts) {
  v1::ReferralReturned event;
  event.set_crn(before.origin_crn());
  event.set_round(before.rounds().rbegin()->round());
  event.set_org(before.holder_org());
  event.set_code(code);
  event.set_note(note);
  event.set_on(FormatDate(LocalDate(facts.occurred_at)));
  return event;
}

}  // namespace

std::string PhaseOf(const v1::Referral& referral) {
  switch (referral.state()) {
    case v1::DRAFT:
    case v1::DISCARDED:
    case v1::EXPIRED:
    case v1::SUBMITTED:
    case v1::NEEDS_INFO:
    case v1::REVIEW:
    case v1::DEFERRED:
    case v1::CONFLICT:
    case v1::CLOSED:
      return "PRE_DECISION";
    case v1::ROUTED:
    case v1::OFFERED:
    case v1::UNPLACED:
      return "PRE_ACCEPTANCE";
    case v1::ACCEPTED:
    case v1::ASSIGNED:
      return "PRE_START";
    case v1::IN_DELIVERY:
    case v1::ENDED:
    case v1::CONCLUDED:
      return "IN_DELIVERY";
    case v1::MOVED:
    case v1::REFERRAL_STATE_UNSPECIFIED:
    case v1::ReferralState_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::ReferralState_INT_MAX_SENTINEL_DO_NOT_USE_:
      return "";
  }
  return "";
}

bool IsStarted(const v1::Referral& referral) { return !referral.delivery().started_on().empty(); }

void EmitEnd(Recorder& record, const v1::Referral& before, const EndOptions& end) {
  const bool started = IsStarted(before) || end.cause == "COMPLETED";
  const std::string delivery_class = end.cause == "COMPLETED" ? "COMPLETED"
                                     : started                ? "ENDED_EARLY"
                                                              : "CANCELLED";
  v1::DeliveryEnded ended;
  ended.set_crn(before.origin_crn());
  ended.set_on(FormatDate(end.on));
  ended.set_org(before.holder_org());
  ended.set_stratum(before.difficulty().stratum());
  ended.set_cause(end.cause);
  ended.set_code(end.code);
  ended.set_delivery_class(delivery_class);
  ended.set_phase(end.cause == "COMPLETED" ? "IN_DELIVERY" : PhaseOf(before));
  // REF-96: where due, route AP or SI and started; none for the dead (REF-25).
  const bool report_due = started && before.line() == "PROGRAMME" && end.code != "USE";
  ended.set_report_due(report_due);
  ended.set_source_service(end.source_service);
  ended.set_source_event_id(end.source_event_id);
  ended.set_slot_key(before.slot_key());
  ended.set_route(before.decision().route());
  record.Emit(std::move(ended), end.on);
  if (report_due) return;
  v1::ReferralConcluded concluded;
  concluded.set_on(FormatDate(end.on));
  concluded.set_org(before.holder_org());
  concluded.set_stratum(before.difficulty().stratum());
  concluded.set_cause(end.cause);
  concluded.set_delivery_class(delivery_class);
  record.Emit(std::move(concluded), end.on);
}

Verdict Handle(Unit& unit, const v1::ReturnReferral& command, const Facts& facts) {
  const AggregateId id = ReferralId(command.referral_id());
  const std::string holder = ReferralAt(unit, id).holder_org();
  if (auto refused = AdmitReferral(unit, facts, id, {"PV", "SYS"}, holder)) return *refused;
  const v1::Referral before = ReferralAt(unit, id);
  if (auto refused = RequireCode("return", command.code())) return *refused;
  const bool wrong_route = command.code() == "WRONG_ROUTE";
  if (wrong_route && facts.HasRole("SYS") && command.version_ref().empty()) {
    return decider::ValidationFailed({{.code = "FIELD_MISSING", .field = "version_ref"}});
  }
  // Before start at once, in delivery the area manager decides (REF-65). Programmes returns only
  // before start (interfaces, A5).
  const bool in_delivery = before.state() == v1::IN_DELIVERY && !facts.HasRole("SYS");
  if (!in_delivery) {
    if (auto refused = RequireState(before, {v1::ACCEPTED, v1::ASSIGNED})) return *refused;
  }
  if (before.has_return_request()) return decider::StateForbidsCommand("RETURN_PENDING");
  if (FindCode("return", command.code())->note_required()) {
    if (auto refused = RequireNote(command.note(), kNoteMin)) return *refused;
  }
  Recorder record(unit, facts, id);
  if (in_delivery) {
    v1::ReturnRequested requested;
    requested.set_crn(before.origin_crn());
    requested.set_org(holder);
    requested.set_code(command.code());
    requested.set_note(command.note());
    requested.set_on(FormatDate(LocalDate(facts.occurred_at)));
    record.Emit(std::move(requested));
    return record.Done();
  }
  v1::ReferralReturned event = Returned(before, command.code(), command.note(), facts);
  event.set_started(false);
  // REF-57: only what programmes refused becomes NOT_SUITABLE.
  if (wrong_route && facts.HasRole("SYS")) event.set_version_refused(command.version_ref());
  *event.mutable_false_criteria() = command.false_criteria();
  record.Emit(std::move(event));
  return record.Done();
}

Verdict Handle(Unit& unit, const v1::ApproveReturn& command, const Facts& facts) {
  const AggregateId id = ReferralId(command.referral_id());
  if (auto refused = AdmitReferral(unit, facts, id, {"AM"})) return *refused;
  const v1::Referral before = ReferralAt(unit, id);
  if (!before.has_return_request()) return decider::Reject("NO_RETURN_PENDING");
  v1::ReferralReturned event =
      Returned(before, before.return_request().code(), before.return_request().note(), facts);
  event.set_started(true);
  Recorder record(unit, facts, id);
  record.Emit(std::move(event));
  return record.Done();
}

Verdict Handle(Unit& unit, const v1::RefuseReturn& command, const Facts& facts) {
  const AggregateId id = ReferralId(command.referral_id());
  if (auto refused = AdmitReferral(unit, facts, id, {"AM"})) return *refused;
  const v1::Referral before = ReferralAt(unit, id);
  if (!before.has_return_request()) return decider::Reject("NO_RETURN_PENDING");
  v1::ReturnRefused event;
  event.set_crn(before.origin_crn());
  event.set_org(before.return_request().org());
  event.set_note(command.note());
  event.set_on(FormatDate(LocalDate(facts.occurred_at)));
  Recorder record(unit, facts, id);
  record.Emit(std::move(event));
  return record.Done();
}

Verdict Handle(Unit& unit, const v1::WithdrawReferral& command, const Facts& facts) {
  const AggregateId id = ReferralId(command.referral_id());
  // SYS: the end of a sentence or a requirement, or a death (REF-25).
  if (auto refused = AdmitReferral(unit, facts, id, {"RO", "AA", "AM", "SYS"})) return *refused;
  const v1::Referral before = ReferralAt(unit, id);
  if (auto refused = RequireCode("withdrawal", command.code())) return *refused;
  if (before.state() == v1::ENDED || before.state() == v1::CONCLUDED) {
    return decider::Reject("ALREADY_ENDED");
  }
  if (auto refused = RequireState(before, {v1::SUBMITTED, v1::NEEDS_INFO, v1::REVIEW, v1::DEFERRED,
                                           v1::CONFLICT, v1::ROUTED, v1::OFFERED, v1::UNPLACED,
                                           v1::ACCEPTED, v1::ASSIGNED, v1::IN_DELIVERY})) {
    return *refused;
  }
  const bool started = IsStarted(before);
  if ((command.code() == "EAR" && !started) || (command.code() == "INE" && started)) {
    return decider::Reject("CODE_NOT_ALLOWED");
  }
  const v1::CodeList::Code* code = FindCode("withdrawal", command.code());
  if (code->note_required()) {
    if (auto refused = RequireNote(command.note(), kNoteMin)) return *refused;
  }
  const Date on = LocalDate(facts.occurred_at);
  v1::ReferralWithdrawn event;
  event.set_crn(before.origin_crn());
  event.set_code(command.code());
  event.set_group(code->maps_to());
  event.set_phase(PhaseOf(before));
  event.set_org(before.holder_org());
  event.set_on(FormatDate(on));
  event.set_stratum(before.difficulty().stratum());
  event.set_note(command.note());
  event.set_open_round(RoundToSettle(before));
  Recorder record(unit, facts, id);
  record.Emit(std::move(event));
  EmitEnd(record, before, {.cause = "WITHDRAWN", .code = command.code(), .on = on});
  return record.Done();
}

}  // namespace pdp::referral
