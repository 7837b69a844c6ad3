#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/referral/domain/ending.h"

// RecordDeliveryFact (REF-99): what the delivery services say happened.
namespace pdp::referral {
namespace {

using Fact = v1::RecordDeliveryFact;

struct Source {
  const Fact& fact;
  Date on;
  bool former_holder;
};

template <typename E>
E Stamp(const Source& source) {
  E event;
  event.set_on(source.fact.on());
  event.set_org(source.fact.org());
  event.set_source_service(source.fact.source_service());
  event.set_source_event_id(source.fact.source_event_id());
  event.set_former_holder(source.former_holder);
  return event;
}

std::string HolderOn(const v1::Referral& referral, const std::string& on) {
  std::string holder;
  for (const v1::Holding& holding : referral.holdings()) {
    if (holding.from() <= on && (holding.to().empty() || on <= holding.to()))
      holder = holding.org();
  }
  return holder;
}

bool HeldOn(const v1::Referral& referral, const std::string& org, const std::string& on) {
  for (const v1::Holding& holding : referral.holdings()) {
    if (holding.org() == org && holding.from() <= on &&
        (holding.to().empty() || on <= holding.to())) {
      return true;
    }
  }
  return false;
}

void EmitHeld(Recorder& record, const Source& source) {
  record.Emit(Stamp<v1::AppointmentHeld>(source), source.on);
}

// STARTED sets HELD if unset.
void EmitStarted(Recorder& record, const v1::Referral& before, const Source& source) {
  if (before.delivery().held_on().empty() && !source.former_holder) EmitHeld(record, source);
  auto event = Stamp<v1::DeliveryStarted>(source);
  event.set_route(before.decision().route());
  event.set_pdu(before.pdu());
  event.set_stratum(before.difficulty().stratum());
  if (!source.former_holder) {
    common::v1::DeliveryFact* fact = event.mutable_fact();
    const int n = before.delivery().starts() + 1;
    fact->set_fact_id(absl::StrCat("referral/start/", before.id(), "/", n));
    fact->set_kind(common::v1::DeliveryFact::START);
    fact->set_service(before.decision().route());
    fact->set_delivery_org(before.holder_org());
    fact->set_area(before.area());
    fact->set_pdu(before.pdu());
    fact->set_referral_id(before.id());
    fact->set_service_date(source.fact.on());
    fact->set_quantity_centi(100);
  }
  record.Emit(std::move(event), source.on);
}

void EmitEnded(Recorder& record, const v1::Referral& before, const Source& source,
               const std::string& cause) {
  if (source.former_holder) {
    auto event = Stamp<v1::DeliveryEnded>(source);
    event.set_crn(before.origin_crn());
    event.set_cause(cause);
    event.set_code(source.fact.code());
    return record.Emit(std::move(event), source.on);
  }
  if (cause == "COMPLETED" && before.state() != v1::IN_DELIVERY) {
    EmitStarted(record, before, source);
  }
  EmitEnd(record, before,
          {.cause = cause,
           .code = source.fact.code(),
           .on = source.on,
           .source_service = source.fact.source_service(),
           .source_event_id = source.fact.source_event_id()});
}

void EmitReported(Recorder& record, const v1::Referral& before, const Source& source) {
  record.Emit(Stamp<v1::DeliveryReported>(source), source.on);
  if (source.former_holder) return;
  v1::ReferralConcluded concluded;
  concluded.set_on(source.fact.on());
  concluded.set_org(before.holder_org());
  concluded.set_stratum(before.difficulty().stratum());
  concluded.set_cause(before.ended().cause());
  concluded.set_delivery_class(before.ended().delivery_class());
  record.Emit(std::move(concluded), source.on);
}

void EmitReopened(Recorder& record, const v1::Referral& before, const Source& source) {
  v1::ReferralReopened event;
  event.set_on(source.fact.on());
  event.set_org(source.fact.org());
  event.set_source_service(source.fact.source_service());
  event.set_source_event_id(source.fact.source_event_id());
  event.set_slot_key(before.slot_key());
  event.set_crn(before.origin_crn());
  record.Emit(std::move(event), source.on);
}

void EmitFact(Recorder& record, const v1::Referral& before, const Source& source) {
  switch (source.fact.kind()) {
    case Fact::ARRANGED:
      return record.Emit(Stamp<v1::AppointmentArranged>(source), source.on);
    case Fact::HELD:
      return EmitHeld(record, source);
    case Fact::STARTED:
      return EmitStarted(record, before, source);
    case Fact::COMPLETED:
      return EmitEnded(record, before, source, "COMPLETED");
    case Fact::STOPPED:
      return EmitEnded(record, before, source, "STOPPED");
    case Fact::REPORTED:
      return EmitReported(record, before, source);
    case Fact::REOPENED:
      return EmitReopened(record, before, source);
    case Fact::KIND_UNSPECIFIED:
    case v1::RecordDeliveryFact_Kind_RecordDeliveryFact_Kind_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::RecordDeliveryFact_Kind_RecordDeliveryFact_Kind_INT_MAX_SENTINEL_DO_NOT_USE_:
      return;
  }
}

// A fact that the state already has: accepted without event.
bool IsKnown(const v1::Referral& referral, Fact::Kind kind) {
  const v1::DeliveryDates& delivery = referral.delivery();
  return (kind == Fact::ARRANGED && !delivery.arranged_on().empty()) ||
         (kind == Fact::HELD && !delivery.held_on().empty()) ||
         (kind == Fact::STARTED && referral.state() == v1::IN_DELIVERY);
}

}  // namespace

Verdict Handle(Unit& unit, const v1::RecordDeliveryFact& command, const Facts& facts) {
  const AggregateId id = ReferralId(command.referral_id());
  if (auto refused = AdmitReferral(unit, facts, id, {"SYS"})) return *refused;
  const v1::Referral before = ReferralAt(unit, id);
  const std::optional<Date> on = ParseDate(command.on());
  std::vector<Violation> found;
  if (!on) found.push_back({.code = "DATE_MALFORMED", .field = "on"});
  if (command.kind() == Fact::KIND_UNSPECIFIED)
    found.push_back({.code = "UNKNOWN_CODE", .field = "kind"});
  if (command.source_event_id().empty()) {
    found.push_back({.code = "FIELD_MISSING", .field = "source_event_id"});
  }
  if (!found.empty()) return decider::ValidationFailed(std::move(found));
  const auto& taken = before.fact_sources();
  const std::string source_key = absl::StrCat(v1::RecordDeliveryFact_Kind_Name(command.kind()), "@",
                                              command.source_event_id());
  if (std::find(taken.begin(), taken.end(), source_key) != taken.end()) return StateReply(unit, id);
  if (auto refused = RequireState(before, {v1::ACCEPTED, v1::ASSIGNED, v1::IN_DELIVERY, v1::ENDED,
                                           v1::CONCLUDED, v1::ROUTED, v1::OFFERED, v1::UNPLACED,
                                           v1::SUBMITTED})) {
    return *refused;
  }
  // Nobody names the organisation: it is the holder's.
  Fact fact = command;
  if (fact.org().empty()) fact.set_org(HolderOn(before, fact.on()));
  if (!HeldOn(before, fact.org(), fact.on())) return decider::Reject("FACT_NOT_FROM_HOLDER");
  const Source source{fact, *on, fact.org() != before.holder_org()};
  const bool over = before.state() == v1::ENDED || before.state() == v1::CONCLUDED;
  if (!source.former_holder) {
    const bool out_of_order = (fact.kind() == Fact::REPORTED && before.state() != v1::ENDED) ||
                              (fact.kind() == Fact::REOPENED && !over);
    if (out_of_order) return decider::Reject("FACT_OUT_OF_ORDER");
    const bool silent = over && fact.kind() != Fact::REPORTED && fact.kind() != Fact::REOPENED;
    if (silent || IsKnown(before, fact.kind())) return StateReply(unit, id);
  }
  Recorder record(unit, facts, id);
  EmitFact(record, before, source);
  return record.Done();
}

}  // namespace pdp::referral
