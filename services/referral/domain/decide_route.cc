#include "absl/strings/str_cat.h"
#include "libs/base/timestamp.h"
#include "libs/criteria/criteria.h"
#include "services/referral/domain/difficulty.h"
#include "services/referral/domain/form.h"
#include "services/referral/domain/recorder.h"
#include "services/referral/domain/routed.h"
#include "services/referral/domain/routing.h"
#include "services/referral/domain/routing_inputs.h"
#include "services/referral/domain/tokens.h"

// DecideRoute, ProvideInformation, ConfirmDecision (REF-40 to REF-59).
namespace pdp::referral {
namespace {

using v1::Decision;

// POLICY_NOT_COVERED, CATALOGUE_NOT_READY.
std::optional<Rejected> CheckReady(const v1::DecideRoute& command, const v1::Referral& referral,
                                   const Policy& policy) {
  const bool programme = referral.line() == "PROGRAMME";
  const bool needs_ladder = programme && !referral.need().empty();
  if (!policy.Covers() ||
      (needs_ladder && !policy.Find(absl::StrCat("ladder.", referral.need())))) {
    return decider::Reject("POLICY_NOT_COVERED");
  }
  if (!programme) return std::nullopt;
  if (command.catalogue().versions().empty()) return decider::Reject("CATALOGUE_NOT_READY");
  for (const v1::CatalogueVersion& version : command.catalogue().versions()) {
    for (const common::v1::Criterion& criterion : version.criteria()) {
      if (!criteria::CheckRule(criterion.rule()).ok()) {
        Rejected rejected = decider::Reject("CATALOGUE_NOT_READY");
        rejected.violations.push_back({.code = "CRITERION_INVALID",
                                       .subject = version.version_ref(),
                                       .field = criterion.id()});
        return rejected;
      }
    }
  }
  return std::nullopt;
}

void EmitClosed(Recorder& record, const v1::Referral& before, Decision::Outcome outcome) {
  v1::ReferralClosed closed;
  closed.set_crn(before.origin_crn());
  closed.set_outcome(outcome);
  closed.set_category(before.category());
  closed.set_slot_key(before.slot_key());
  record.Emit(std::move(closed));
}

void EmitOutcome(Recorder& record, const v1::Referral& before, const v1::DecideRoute& command,
                 const RoutingInputs& inputs, const Decision& decision, const Policy& policy) {
  switch (decision.outcome()) {
    case Decision::ROUTED:
      return EmitRouted(record, before,
                        {.person = inputs.person,
                         .domestic_abuse = HasDomesticAbuse(inputs),
                         .route_kind = RouteKind(decision.route(), inputs.catalogue),
                         .person_access = command.facts().person().access()},
                        decision, policy);
    case Decision::NEEDS_INFORMATION: {
      v1::InformationRequested event;
      event.set_decision_id(decision.id());
      *event.mutable_unknown() = decision.unknown();
      return record.Emit(std::move(event));
    }
    case Decision::NOT_ELIGIBLE: {
      // REF-53: waits for a human.
      v1::DecisionHeldForReview event;
      event.set_decision_id(decision.id());
      *event.mutable_reasons() = decision.reasons();
      return record.Emit(std::move(event));
    }
    case Decision::DEFERRED: {
      v1::ReferralDeferred event;
      event.set_decision_id(decision.id());
      event.set_review_on(decision.review_on());
      return record.Emit(std::move(event));
    }
    case Decision::COURT_CONFLICT: {
      v1::CourtConflictRaised event;
      event.set_decision_id(decision.id());
      *event.mutable_reasons() = decision.reasons();
      return record.Emit(std::move(event));
    }
    case Decision::RETAINED_NPS:
    case Decision::SIGNPOSTED:
      return EmitClosed(record, before, decision.outcome());
    case Decision::OUTCOME_UNSPECIFIED:
    case v1::Decision_Outcome_Decision_Outcome_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::Decision_Outcome_Decision_Outcome_INT_MAX_SENTINEL_DO_NOT_USE_:
      return;
  }
}

}  // namespace

void EmitRouted(Recorder& record, const v1::Referral& before, const Routed& routed_to,
                const Decision& decision, const Policy& policy) {
  // REF-59: fixed at the first ReferralRouted, kept for every later one.
  v1::Difficulty difficulty = before.difficulty();
  const bool first = !before.has_difficulty();
  if (first) difficulty = AssessDifficulty(routed_to.person, routed_to.domestic_abuse);
  v1::ReferralRouted routed;
  routed.set_decision_id(decision.id());
  routed.set_route(decision.route());
  routed.set_version_ref(decision.version_ref());
  routed.set_pdu(before.pdu());
  for (const std::string& token :
       DeriveTokens(routed_to.person, routed_to.route_kind, policy)) {
    routed.add_tokens(token);
  }
  *routed.mutable_flags() = decision.flags();
  routed.set_stratum(difficulty.stratum());
  routed.set_instrument(difficulty.instrument());
  routed.set_next_round(NextRound(before));
  *routed.mutable_access() = routed_to.person_access;
  if (first) {
    v1::DifficultyAssessed assessed;
    assessed.set_crn(before.origin_crn());
    *assessed.mutable_difficulty() = std::move(difficulty);
    record.Emit(std::move(assessed));
  }
  record.Emit(std::move(routed));
}

Verdict Handle(Unit& unit, const v1::DecideRoute& command, const Facts& facts) {
  const AggregateId id = ReferralId(command.referral_id());
  if (auto refused = AdmitReferral(unit, facts, id, {"SYS"})) return *refused;
  const v1::Referral before = ReferralAt(unit, id);
  if (auto refused = RequireState(before, {v1::SUBMITTED})) return *refused;
  if (!IsPersons(command.facts().person(), before.origin_crn())) {
    return decider::NotFound(PersonId(before.origin_crn()));
  }
  const Policy policy = PolicyNow(facts);
  if (auto refused = CheckReady(command, before, policy)) return *refused;
  const RoutingInputs inputs = InputsOf(command.facts(), command.catalogue(),
                                        command.estimates(), before, Today(facts));
  Decision decision = DecideRouting(inputs, policy);
  decision.set_id(absl::StrCat(before.id(), "/", before.decisions() + 1));
  decision.set_person_version(command.facts().person_version());
  decision.set_sentence_version(command.facts().sentence_version());
  Recorder record(unit, facts, id);
  v1::EligibilityDecided decided;
  decided.set_crn(before.origin_crn());
  *decided.mutable_decision() = decision;
  *decided.mutable_estimate_retry_at() =
      ToTimestamp(MinutesOn(facts.recorded_at, policy, kEstimateRetry));
  record.Emit(std::move(decided));
  EmitOutcome(record, before, command, inputs, decision, policy);
  v1::Reply reply;
  reply.mutable_decide_route()->set_outcome(decision.outcome());
  reply.mutable_decide_route()->set_route(decision.route());
  return record.Done(std::move(reply));
}

Verdict Handle(Unit& unit, const v1::ProvideInformation& command, const Facts& facts) {
  const AggregateId id = ReferralId(command.referral_id());
  if (auto refused = AdmitReferral(unit, facts, id, {"RO", "AA"})) return *refused;
  const v1::Referral& referral = ReferralAt(unit, id);
  std::vector<Violation> found;
  for (const v1::Section& section : command.sections()) {
    if (SectionName(section).empty()) {
      found.push_back({.code = "FIELD_MISSING", .field = "sections"});
    }
    for (Violation& v :
         CheckNeeds(section.needs(), Today(facts), PolicyNow(facts), "sections.needs")) {
      found.push_back(std::move(v));
    }
    const std::string reason = CheckRisk(section.risk(), Today(facts));
    if (!reason.empty()) found.push_back({.code = reason, .field = "sections.risk"});
  }
  if (!found.empty()) return decider::ValidationFailed(std::move(found));
  if (auto refused = RequireState(referral, {v1::NEEDS_INFO, v1::REVIEW, v1::DEFERRED})) {
    return *refused;
  }
  v1::InformationProvided event;
  event.set_crn(referral.origin_crn());
  for (const v1::Section& given : command.sections()) {
    const std::string name = SectionName(given);
    v1::Section section = given, old;
    const auto it = referral.sections().find(name);
    if (it != referral.sections().end()) old = it->second;
    section.clear_saved_at();
    old.clear_saved_at();
    if (section.SerializeAsString() == old.SerializeAsString()) continue;
    *section.mutable_saved_at() = ToTimestamp(facts.recorded_at);
    event.add_changed_fields(name);
    (*event.mutable_sections())[name] = std::move(section);
  }
  // The person or the sentence record was completed instead.
  const bool newer = command.facts().person_version() > referral.decision().person_version() ||
                     command.facts().sentence_version() > referral.decision().sentence_version();
  if (event.changed_fields().empty() && !newer) return decider::Reject("NOTHING_TO_CHANGE");
  event.set_person_version(command.facts().person_version());
  event.set_sentence_version(command.facts().sentence_version());
  Recorder record(unit, facts, id);
  record.Emit(std::move(event));
  return record.Done();
}

Verdict Handle(Unit& unit, const v1::ConfirmDecision& command, const Facts& facts) {
  const AggregateId id = ReferralId(command.referral_id());
  if (auto refused = AdmitReferral(unit, facts, id, {"RO", "AM"})) return *refused;
  const v1::Referral before = ReferralAt(unit, id);
  if (auto refused = RequireState(before, {v1::REVIEW})) return *refused;
  // REF-53: a human other than the submitter.
  if (facts.actor.id() == before.submitted_by()) return decider::Reject("SUBMITTER_CANNOT_CONFIRM");
  Recorder record(unit, facts, id);
  v1::DecisionConfirmed confirmed;
  confirmed.set_crn(before.origin_crn());
  confirmed.set_decision_id(before.decision().id());
  confirmed.set_note(command.note());
  confirmed.set_confirmed_by(facts.actor.id());
  record.Emit(std::move(confirmed));
  EmitClosed(record, before, Decision::NOT_ELIGIBLE);
  return record.Done();
}

}  // namespace pdp::referral
