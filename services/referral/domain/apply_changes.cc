#include <algorithm>

#include "absl/strings/ascii.h"
#include "libs/base/timestamp.h"
#include "services/referral/domain/apply.h"
#include "services/referral/domain/commands.h"
#include "services/referral/domain/needs.h"

// What an amendment, a second decision and a transfer change on a referral (REF-57, 70, 94, 95).
namespace pdp::referral {
namespace {

// A round that was queued or drawn ends unanswered: its number is used up (REF-60).
void EndRound(v1::Referral& referral, int round, v1::Round::Result result) {
  if (round == 0) return;
  for (v1::Round& known : *referral.mutable_rounds()) {
    if (known.round() != round) continue;
    known.set_result(result);
    return;
  }
  v1::Round* queued = referral.add_rounds();
  queued->set_round(round);
  queued->set_apportionment_id(absl::StrCat(referral.id(), "/", round));
  queued->set_result(result);
}

void PutNeeds(v1::Referral& referral, const v1::Needs& needs, const EventFacts& facts) {
  v1::Section& section = (*referral.mutable_sections())["NEEDS"];
  ReplaceSections(needs, section.mutable_needs());
  if (needs.has_ete() && referral.sections().contains("ETE")) {
    *(*referral.mutable_sections())["ETE"].mutable_ete() = needs.ete();
  }
  for (const std::string& name : SectionsOf(needs)) {
    (*referral.mutable_answered_at())[name] = ToTimestamp(facts.recorded_at);
  }
}

template <typename Fill>
void PutSection(v1::Referral& referral, const char* name, const EventFacts& facts, Fill fill) {
  v1::Section& section = (*referral.mutable_sections())[name];
  fill(section);
  *section.mutable_saved_at() = ToTimestamp(facts.recorded_at);
}

// What `values` holds that is personal; gone when the person was erased.
void PutValues(v1::Referral& referral, const v1::AmendValues& values, const std::string& topic,
               const EventFacts& facts) {
  if (values.has_need_type()) {
    PutSection(referral, "NEED_TYPE", facts,
               [&](v1::Section& s) { *s.mutable_need_type() = values.need_type(); });
    if (!values.need_type().category().empty()) {
      referral.set_category(values.need_type().category());
    }
  }
  if (values.has_risk()) {
    PutSection(referral, "RISK", facts, [&](v1::Section& s) { *s.mutable_risk() = values.risk(); });
  }
  if (values.has_needs()) PutNeeds(referral, values.needs(), facts);
  if (values.has_availability()) {
    PutSection(referral, "AVAILABILITY", facts,
               [&](v1::Section& s) { *s.mutable_availability() = values.availability(); });
  }
  if (values.has_contact()) {
    PutSection(referral, "CONTACT", facts,
               [&](v1::Section& s) { *s.mutable_contact() = values.contact(); });
  }
  if (values.has_location()) {
    v1::Location* location = referral.mutable_location();
    if (topic == "RELEASE_DATE") {
      location->set_release_on(values.location().release_on());
    } else {
      location->set_kind(values.location().kind());
      location->set_establishment(values.location().establishment());
    }
  }
  if (values.has_responsible_officer()) {
    *referral.mutable_responsible_officer() = values.responsible_officer();
  }
}

}  // namespace

void Apply(v1::Referral& referral, const v1::ReferralAmended& event, const EventFacts& facts) {
  if (event.topic() == "NEED_TYPE" && !event.need().empty()) referral.set_need(event.need());
  if (event.topic() == "SENTENCE_LINK") {
    referral.set_sentence_key(event.sentence_key());
    referral.set_requirement_key(event.requirement_key());
    referral.set_sentence_version(event.sentence_version());
    referral.set_order_kind(event.order_kind());
    referral.clear_end_amended_at_version();
  }
  if (event.topic() == "SENTENCE_END") {
    referral.set_end_on(event.end_on());
    referral.set_open_ended(event.open_ended());
    referral.set_end_amended_at_version(event.sentence_version());
  }
  if (event.topic() == "COMPLETION_TARGET") {
    referral.set_completion_target(event.completion_target());
  }
  if (!event.new_slot_key().empty()) referral.set_slot_key(event.new_slot_key());
  PutValues(referral, event.values(), event.topic(), facts);
}
void Apply(v1::Referral& referral, const v1::DeliveryRequirementsChanged& event,
           const EventFacts&) {
  *referral.mutable_tokens() = event.tokens();
}
void Apply(v1::Referral& referral, const v1::DecisionReopened& event, const EventFacts&) {
  EndRound(referral, event.open_round(), v1::Round::RESCINDED);
  if (event.cause() == "ESTIMATE") referral.set_estimate_retried(true);
  referral.clear_review_on();
  referral.clear_overridden_criteria();
  referral.set_state(v1::SUBMITTED);
}
void Apply(v1::Referral& referral, const v1::RouteReviewRaised& event, const EventFacts&) {
  *referral.mutable_route_review() = event.review();
}
void Apply(v1::Referral& referral, const v1::RouteReviewCleared&, const EventFacts&) {
  referral.clear_route_review();
}
// A question to those who know programmes; nothing changes here.
void Apply(v1::Referral&, const v1::EstimateRetryDue&, const EventFacts&) {}

void Apply(v1::Referral& referral, const v1::TransferRequested& event, const EventFacts&) {
  v1::Transfer* transfer = referral.mutable_transfer();
  transfer->set_to_area(event.to_area());
  transfer->set_requested_on(event.on());
  transfer->set_code(event.code());
  transfer->set_requested_by(event.requested_by());
}
void Apply(v1::Referral& referral, const v1::TransferCancelled&, const EventFacts&) {
  referral.clear_transfer();
}
void Apply(v1::Referral& referral, const v1::TransferRefused&, const EventFacts&) {
  referral.clear_transfer();
}
// The seal comes with ReferralHandedOff in the same commit.
void Apply(v1::Referral&, const v1::TransferAccepted&, const EventFacts&) {}
void Apply(v1::Referral& referral, const v1::ReferralHandedOff& event, const EventFacts& facts) {
  EndRound(referral, event.open_round(),
           event.offer_open() ? v1::Round::RESCINDED : v1::Round::TRANSFERRED);
  referral.mutable_transfer()->set_handed_off(true);
  referral.mutable_transfer()->set_sealed_version(facts.version.value());
  referral.set_state(v1::MOVED);
}
void Apply(v1::Handoff& handoff, const v1::HandoffConfirmed& event, const EventFacts&) {
  handoff.set_to_area(event.to_area());
  handoff.set_version(event.version());
}
// REF-95: the case as the source had it, without a holder unless nothing was given out yet.
void Apply(v1::Referral& referral, const v1::ReferralReceived& event, const EventFacts& facts) {
  const std::string id = referral.id();
  referral = event.snapshot();
  referral.set_id(id);
  referral.set_area(event.to_area());
  if (!event.pdu().empty()) referral.set_pdu(event.pdu());
  referral.set_state(event.resume_state());
  referral.clear_transfer();
  if (referral.holder_org().empty()) return;
  if (referral.holdings_size() > 0) {
    referral.mutable_holdings()->rbegin()->set_to(FormatDate(LocalDate(facts.recorded_at)));
  }
  referral.clear_holder_org();
  referral.clear_caseworkers();
  referral.clear_return_request();
  referral.mutable_delivery()->clear_arranged_on();
}

}  // namespace pdp::referral
