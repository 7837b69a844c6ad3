#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/timestamp.h"
#include "services/referral/domain/apply.h"
#include "services/referral/domain/commands.h"

namespace pdp::referral {
namespace {

constexpr int kFactSourcesMax = 64;
constexpr int kPostingsMax = 64;

std::string DateOf(const EventFacts& facts) { return FormatDate(LocalDate(facts.recorded_at)); }

v1::Round* LastRound(v1::Referral& referral, int round) {
  for (v1::Round& candidate : *referral.mutable_rounds()) {
    if (candidate.round() == round) return &candidate;
  }
  return nullptr;
}

void CloseRound(v1::Referral& referral, int round, v1::Round::Result result,
                const std::string& code) {
  if (v1::Round* found = LastRound(referral, round)) {
    found->set_result(result);
    found->set_code(code);
  }
}

void MergeSections(v1::Referral& referral,
                   const google::protobuf::Map<std::string, v1::Section>& sections) {
  for (const auto& [name, section] : sections) (*referral.mutable_sections())[name] = section;
}

// The need as NEED_TYPE now says.
void TakeNeed(v1::Referral& referral) {
  const auto it = referral.sections().find("NEED_TYPE");
  if (it == referral.sections().end()) return;
  if (!it->second.need_type().need().empty()) referral.set_need(it->second.need_type().need());
  if (!it->second.need_type().category().empty()) {
    referral.set_category(it->second.need_type().category());
  }
}

template <typename E>
void Remember(v1::Referral& referral, const E& event, absl::string_view kind) {
  if (event.source_event_id().empty()) return;
  auto* sources = referral.mutable_fact_sources();
  sources->Add(absl::StrCat(kind, "@", event.source_event_id()));
  if (sources->size() > kFactSourcesMax) sources->DeleteSubrange(0, 1);
}

void EndHolding(v1::Referral& referral, const std::string& on) {
  if (!referral.holdings().empty()) referral.mutable_holdings()->rbegin()->set_to(on);
  referral.clear_holder_org();
  referral.clear_caseworkers();
}

}  // namespace

void Apply(v1::Referral& referral, const v1::ReferralOpened& event, const EventFacts& facts) {
  referral.set_state(v1::DRAFT);
  referral.set_reference(event.reference());
  referral.set_origin_crn(event.crn());
  referral.set_origin(event.origin());
  referral.set_line(event.line());
  referral.set_need(event.need());
  referral.set_category(event.category());
  referral.set_sentence_key(event.sentence_key());
  referral.set_requirement_key(event.requirement_key());
  referral.set_area(event.area());
  referral.set_pdu(event.pdu());
  referral.set_opened_by(event.opened_by());
  referral.set_slot_key(event.slot_key());
  referral.set_last_saved_on(DateOf(facts));
  referral.set_draft_expires_on(event.expires_on());
  MergeSections(referral, event.sections());
}
void Apply(v1::Referral&, const v1::PossibleDuplicateFlagged&, const EventFacts&) {}
void Apply(v1::Referral& referral, const v1::DraftSectionSaved& event, const EventFacts& facts) {
  (*referral.mutable_sections())[event.section()] = event.value();
  referral.set_last_saved_on(DateOf(facts));
  referral.set_draft_expires_on(event.expires_on());
}
// REF-32: what was written in the draft is gone with it.
void Apply(v1::Referral& referral, const v1::DraftExpired&, const EventFacts&) {
  referral.set_state(v1::EXPIRED);
  referral.clear_sections();
}
// REF-32: discarded like expired.
void Apply(v1::Referral& referral, const v1::DraftDiscarded&, const EventFacts&) {
  referral.set_state(v1::DISCARDED);
  referral.clear_sections();
}
void Apply(v1::Referral&, const v1::DuplicateOverridden&, const EventFacts&) {}
void Apply(v1::Referral& referral, const v1::ReferralSubmitted& event, const EventFacts& facts) {
  referral.set_state(v1::SUBMITTED);
  *referral.mutable_sections() = event.snapshot();
  referral.set_need(event.need());
  referral.set_category(event.category());
  referral.set_slot_key(event.slot_key());
  referral.set_submitted_by(event.submitted_by());
  referral.set_submitted_on(event.submitted_on());
  *referral.mutable_submitted_at() = ToTimestamp(facts.recorded_at);
  referral.set_person_version(event.person_version());
  referral.set_sentence_version(event.sentence_version());
  referral.set_order_kind(event.order_kind());
  referral.set_end_on(event.end_on());
  referral.set_open_ended(event.open_ended());
}

void Apply(v1::Referral& referral, const v1::EligibilityDecided& event, const EventFacts&) {
  *referral.mutable_decision() = event.decision();
  referral.set_decisions(referral.decisions() + 1);
}
void Apply(v1::Referral& referral, const v1::InformationRequested&, const EventFacts&) {
  referral.set_state(v1::NEEDS_INFO);
}
void Apply(v1::Referral& referral, const v1::InformationProvided& event, const EventFacts&) {
  referral.set_state(v1::SUBMITTED);
  MergeSections(referral, event.sections());
  TakeNeed(referral);
  referral.clear_review_on();
}
void Apply(v1::Referral& referral, const v1::DecisionHeldForReview&, const EventFacts&) {
  referral.set_state(v1::REVIEW);
}
void Apply(v1::Referral&, const v1::DecisionConfirmed&, const EventFacts&) {}
void Apply(v1::Referral& referral, const v1::DecisionOverridden& event, const EventFacts&) {
  referral.mutable_decision()->set_route(event.to_route());
  referral.mutable_decision()->set_version_ref(event.version_ref());
  *referral.mutable_overridden_criteria() = event.overridden_criteria();
}
void Apply(v1::Referral& referral, const v1::CourtConflictResolved& event, const EventFacts&) {
  if (event.choice() == "DELIVER_AS_ORDERED") {
    referral.mutable_decision()->set_route(event.route());
    referral.mutable_decision()->set_version_ref(event.version_ref());
    *referral.mutable_overridden_criteria() = event.overridden_criteria();
  }
  // The state after SEEK_VARIATION and DELIVER_AS_ORDERED comes with the event that follows.
  if (event.choice() != "PROCEED_ALTERNATIVE") return;
  referral.set_proceed_alternative(true);
  referral.set_state(v1::SUBMITTED);
}
void Apply(v1::Referral& referral, const v1::ReferralDeferred& event, const EventFacts&) {
  referral.set_state(v1::DEFERRED);
  referral.set_review_on(event.review_on());
}
void Apply(v1::Referral& referral, const v1::DeferralReviewDue&, const EventFacts&) {
  referral.set_state(v1::SUBMITTED);
  referral.clear_review_on();
}
void Apply(v1::Referral& referral, const v1::CourtConflictRaised&, const EventFacts&) {
  referral.set_state(v1::CONFLICT);
}
void Apply(v1::Referral& referral, const v1::ReferralRouted& event, const EventFacts&) {
  referral.set_state(v1::ROUTED);
  *referral.mutable_tokens() = event.tokens();
}
void Apply(v1::Referral& referral, const v1::DifficultyAssessed& event, const EventFacts&) {
  *referral.mutable_difficulty() = event.difficulty();
}
void Apply(v1::Referral& referral, const v1::ReferralClosed&, const EventFacts&) {
  referral.set_state(v1::CLOSED);
}

void Apply(v1::Referral& referral, const v1::ReferralOffered& event, const EventFacts&) {
  referral.set_state(v1::OFFERED);
  v1::Round* round = referral.add_rounds();
  round->set_round(event.round());
  round->set_apportionment_id(event.apportionment_id());
  round->set_org(event.org());
  round->set_last_resort(event.last_resort());
  *round->mutable_offered_at() = event.offered_at();
  round->set_respond_on(event.respond_on());
  *round->mutable_expires_at() = event.expires_at();
}
void Apply(v1::Referral& referral, const v1::OfferDeclined& event, const EventFacts&) {
  CloseRound(referral, event.round(), v1::Round::DECLINED, event.code());
  referral.set_state(v1::ROUTED);
}
void Apply(v1::Referral& referral, const v1::OfferLapsed& event, const EventFacts&) {
  CloseRound(referral, event.round(), v1::Round::EXPIRED, "");
  referral.set_state(v1::ROUTED);
}
void Apply(v1::Referral& referral, const v1::OfferRescinded& event, const EventFacts&) {
  CloseRound(referral, event.round(), v1::Round::RESCINDED, "");
  referral.set_state(event.decide_again() ? v1::SUBMITTED : v1::ROUTED);
}
// The round of the direct allocation; ReferralAccepted closes it.
void Apply(v1::Referral& referral, const v1::ReferralDirected& event, const EventFacts&) {
  v1::Round* round = referral.add_rounds();
  round->set_round(event.round());
  round->set_apportionment_id(event.apportionment_id());
  round->set_org(event.org());
  round->set_code(event.code());
}
void Apply(v1::Referral& referral, const v1::ReturnRequested& event, const EventFacts&) {
  v1::ReturnRequest* request = referral.mutable_return_request();
  request->set_org(event.org());
  request->set_code(event.code());
  request->set_note(event.note());
  request->set_requested_on(event.on());
}
void Apply(v1::Referral& referral, const v1::ReturnRefused&, const EventFacts&) {
  referral.clear_return_request();
}
void Apply(v1::Referral& referral, const v1::EnforcementReported& event, const EventFacts&) {
  v1::Enforcement* found = nullptr;
  for (v1::Enforcement& known : *referral.mutable_enforcement()) {
    if (known.service() == event.service() && known.enforcement_id() == event.enforcement_id()) {
      found = &known;
    }
  }
  if (found == nullptr) found = referral.add_enforcement();
  found->set_service(event.service());
  found->set_enforcement_id(event.enforcement_id());
  found->set_kind(event.kind());
  found->set_order_id(event.order_id());
  found->set_raised_on(event.on());
  found->set_decide_by(event.decide_by());
  found->clear_withdrawn_on();
}
void Apply(v1::Referral& referral, const v1::EnforcementWithdrawn& event, const EventFacts&) {
  for (v1::Enforcement& known : *referral.mutable_enforcement()) {
    if (known.service() == event.service() && known.enforcement_id() == event.enforcement_id()) {
      known.set_withdrawn_on(event.on());
    }
  }
}
void Apply(v1::Referral& referral, const v1::PlacementFailed& event, const EventFacts&) {
  v1::Round* round = referral.add_rounds();
  round->set_round(event.round());
  round->set_apportionment_id(event.apportionment_id());
  round->set_result(v1::Round::NO_PLACEMENT);
  *round->mutable_exclusions() = event.exclusions();
  referral.set_state(v1::UNPLACED);
}
void Apply(v1::Referral& referral, const v1::PlacementRetried&, const EventFacts&) {
  referral.set_state(v1::ROUTED);
}
void Apply(v1::Referral& referral, const v1::ReferralAccepted& event, const EventFacts&) {
  CloseRound(referral, event.round(), v1::Round::ACCEPTED, "");
  referral.set_state(v1::ACCEPTED);
  referral.set_holder_org(event.org());
  referral.set_accepted_on(event.on());
  v1::Holding* holding = referral.add_holdings();
  holding->set_org(event.org());
  holding->set_from(event.on());
}
void Apply(v1::Referral& referral, const v1::ReferralReturned& event, const EventFacts&) {
  CloseRound(referral, event.round(), v1::Round::RETURNED, event.code());
  if (!event.version_refused().empty()) referral.add_not_suitable(event.version_refused());
  EndHolding(referral, event.on());
  referral.clear_return_request();
  // The next holder arranges anew; that delivery had started stays true.
  referral.mutable_delivery()->clear_arranged_on();
  referral.set_state(event.code() == "WRONG_ROUTE" ? v1::SUBMITTED : v1::ROUTED);
}
void Apply(v1::Referral& referral, const v1::CaseworkerAssigned& event, const EventFacts&) {
  if (referral.state() == v1::ACCEPTED) referral.set_state(v1::ASSIGNED);
  for (v1::Caseworker& caseworker : *referral.mutable_caseworkers()) {
    if (caseworker.id() != event.caseworker().id()) continue;
    caseworker = event.caseworker();
    return;
  }
  *referral.add_caseworkers() = event.caseworker();
}
void Apply(v1::Referral& referral, const v1::CaseworkerUnassigned& event, const EventFacts&) {
  auto* caseworkers = referral.mutable_caseworkers();
  for (int i = 0; i < caseworkers->size(); ++i) {
    if (caseworkers->Get(i).id() == event.id()) return caseworkers->DeleteSubrange(i, 1);
  }
}
void Apply(v1::CaseworkerRecord& caseworker, const v1::CaseworkerPosted& event,
           const EventFacts&) {
  if (caseworker.org() != event.org()) caseworker.Clear();
  caseworker.set_org(event.org());
  if (caseworker.referral_ids_size() == kPostingsMax) {
    caseworker.mutable_referral_ids()->DeleteSubrange(0, 1);
  }
  caseworker.add_referral_ids(event.referral_id());
}

void Apply(v1::Referral& referral, const v1::AppointmentArranged& event, const EventFacts&) {
  Remember(referral, event, "ARRANGED");
  if (!event.former_holder()) referral.mutable_delivery()->set_arranged_on(event.on());
}
void Apply(v1::Referral& referral, const v1::AppointmentHeld& event, const EventFacts&) {
  Remember(referral, event, "HELD");
  if (!event.former_holder()) referral.mutable_delivery()->set_held_on(event.on());
}
void Apply(v1::Referral& referral, const v1::DeliveryStarted& event, const EventFacts&) {
  Remember(referral, event, "STARTED");
  if (event.former_holder()) return;
  if (referral.delivery().started_on().empty()) {
    referral.mutable_delivery()->set_started_on(event.on());
  }
  referral.mutable_delivery()->set_starts(referral.delivery().starts() + 1);
  referral.set_state(v1::IN_DELIVERY);
}
void Apply(v1::Referral& referral, const v1::DeliveryEnded& event, const EventFacts&) {
  Remember(referral, event, event.cause());
  if (event.former_holder()) return;
  v1::Ending* ended = referral.mutable_ended();
  referral.clear_return_request();
  ended->set_cause(event.cause());
  ended->set_code(event.code());
  ended->set_delivery_class(event.delivery_class());
  ended->set_phase(event.phase());
  ended->set_on(event.on());
  ended->set_report_due(event.report_due());
  if (event.cause() == "COMPLETED") referral.mutable_delivery()->set_completed_on(event.on());
  referral.set_state(v1::ENDED);
}
void Apply(v1::Referral& referral, const v1::DeliveryReported& event, const EventFacts&) {
  Remember(referral, event, "REPORTED");
  if (!event.former_holder()) referral.mutable_delivery()->set_reported_on(event.on());
}
void Apply(v1::Referral& referral, const v1::ReferralWithdrawn& event, const EventFacts&) {
  if (event.open_round() > 0) {
    CloseRound(referral, event.open_round(), v1::Round::WITHDRAWN_BEFORE_START, event.code());
  }
}
void Apply(v1::Referral& referral, const v1::ReferralConcluded& event, const EventFacts&) {
  referral.set_concluded_on(event.on());
  referral.set_state(v1::CONCLUDED);
}
void Apply(v1::Referral& referral, const v1::ReferralReopened& event, const EventFacts&) {
  Remember(referral, event, "REOPENED");
  referral.clear_ended();
  referral.clear_concluded_on();
  referral.mutable_delivery()->clear_completed_on();
  referral.mutable_delivery()->clear_reported_on();
  referral.set_state(v1::IN_DELIVERY);
}

void ApplyClock(v1::Referral& referral, const v1::SlaClock& clock) {
  for (v1::SlaClock& known : *referral.mutable_clocks()) {
    if (known.code() != clock.code() || known.n() != clock.n()) continue;
    known = clock;
    return;
  }
  *referral.add_clocks() = clock;
}
void ApplyPause(v1::Referral& referral, const v1::SlaClockPaused& event) {
  v1::SlaPause* pause = referral.add_pauses();
  pause->set_clock(event.clock().code());
  pause->set_n(event.clock().n());
  pause->set_reason(event.reason());
  pause->set_from(event.from());
  ApplyClock(referral, event.clock());
}
void ApplyResume(v1::Referral& referral, const v1::SlaClockResumed& event) {
  for (v1::SlaPause& pause : *referral.mutable_pauses()) {
    if (pause.clock() == event.clock().code() && pause.n() == event.clock().n() &&
        pause.reason() == event.reason() && pause.to().empty()) {
      pause.set_to(event.to());
    }
  }
  ApplyClock(referral, event.clock());
}

}  // namespace pdp::referral
