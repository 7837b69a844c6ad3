#include "services/referral/domain/reconsider.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

#include "services/referral/domain/routing_inputs.h"
#include "services/referral/domain/tokens.h"

namespace pdp::referral {
namespace {

using v1::Decision;

constexpr absl::string_view kEstimate = "ESTIMATE";

// The live answers the decision was taken on, newer ones over them.
google::protobuf::RepeatedPtrField<v1::Estimate> LiveEstimates(const Decision& decision,
                                                              const Occasion& occasion) {
  google::protobuf::RepeatedPtrField<v1::Estimate> live;
  for (const v1::EstimateUsed& used : decision.estimates()) {
    if (used.source() != "LIVE") continue;
    v1::Estimate* estimate = live.Add();
    estimate->set_version_ref(used.version_ref());
    estimate->set_date(used.date());
  }
  live.MergeFrom(occasion.estimates);
  return live;
}

Decision Again(const v1::Referral& referral, const Occasion& occasion, const Policy& policy,
               Date today) {
  const Date decided_on = ParseDate(referral.decision().decided_on()).value_or(today);
  const auto live = LiveEstimates(referral.decision(), occasion);
  return DecideRouting(InputsOf(occasion.nat, occasion.catalogue, live, referral, decided_on),
                       policy);
}

// The computed route; one chosen by hand stands beside its outcome.
bool IsOtherRoute(const Decision& was, const Decision& is) {
  if (was.outcome() != is.outcome()) return true;
  return is.outcome() == Decision::ROUTED && was.route() != is.route();
}

template <typename List>
bool Same(const List& one, const List& other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end());
}

// REF-57: "a changed decision input" is one that the decision hashes; a changed rule counts when
// the answer changes with it. Unpaid work reads the requirement and the order alone (REF-46).
bool IsOtherDecision(const v1::Referral& referral, const Decision& is, const Occasion& occasion) {
  const Decision& was = referral.decision();
  const bool by_fact = referral.line() == "PROGRAMME" && occasion.cause.rfind("POLICY:", 0) != 0 &&
                       occasion.cause.rfind("CODES:", 0) != 0 &&
                       occasion.cause.rfind("CATALOGUE:", 0) != 0 && occasion.cause != kEstimate;
  if (by_fact && was.inputs_hash() != is.inputs_hash()) return true;
  return IsOtherRoute(was, is) || was.version_ref() != is.version_ref() ||
         !Same(was.reasons(), is.reasons()) || !Same(was.unknown(), is.unknown());
}

void Reopen(Recorder& record, const v1::Referral& now, const Occasion& occasion) {
  if (const v1::Round* offer = OpenOffer(now)) {
    v1::OfferRescinded rescinded;
    rescinded.set_round(offer->round());
    rescinded.set_apportionment_id(offer->apportionment_id());
    rescinded.set_org(offer->org());
    rescinded.set_decide_again(true);
    rescinded.set_cause(occasion.cause);
    return record.Emit(std::move(rescinded));
  }
  v1::DecisionReopened reopened;
  reopened.set_decision_id(now.decision().id());
  reopened.set_cause(occasion.cause);
  if (now.state() == v1::ROUTED) reopened.set_open_round(NextRound(now));
  record.Emit(std::move(reopened));
}

void Review(Recorder& record, const v1::Referral& now, const Decision& is, const Occasion& occasion,
            Date today) {
  const bool raised = now.has_route_review();
  if (!IsOtherRoute(now.decision(), is)) {
    if (!raised) return;
    v1::RouteReviewCleared cleared;
    cleared.set_cause(occasion.cause);
    return record.Emit(std::move(cleared));
  }
  if (raised && now.route_review().outcome() == is.outcome() &&
      now.route_review().route() == is.route()) {
    return;
  }
  v1::RouteReviewRaised event;
  event.mutable_review()->set_raised_on(FormatDate(today));
  event.mutable_review()->set_cause(occasion.cause);
  event.mutable_review()->set_outcome(is.outcome());
  event.mutable_review()->set_route(is.route());
  record.Emit(std::move(event));
}

// REF-13.
void ChangeTokens(Recorder& record, const v1::Referral& now, const Occasion& occasion,
                  const Policy& policy) {
  const std::vector<std::string> tokens =
      DeriveTokens(NewestFacts(occasion.nat.person(), now),
                   RouteKind(now.decision().route(), &occasion.catalogue), policy);
  v1::DeliveryRequirementsChanged event;
  const auto has = [](const auto& list, const std::string& token) {
    return std::find(list.begin(), list.end(), token) != list.end();
  };
  for (const std::string& token : tokens) {
    if (!has(now.tokens(), token)) event.add_added(token);
    event.add_tokens(token);
  }
  for (const std::string& token : now.tokens()) {
    if (!has(tokens, token)) event.add_removed(token);
  }
  if (event.added().empty() && event.removed().empty()) return;
  record.Emit(std::move(event));
}

}  // namespace

bool FailedOnDefaultEstimate(const v1::Referral& referral) {
  const bool waits = referral.state() == v1::REVIEW || referral.state() == v1::ROUTED;
  if (!waits || referral.estimate_retried()) return false;
  for (const v1::EstimateUsed& used : referral.decision().estimates()) {
    if (used.source() != "DEFAULT") continue;
    const std::string reason = absl::StrCat(used.version_ref(), ":NOT_FEASIBLE_IN_TIME");
    for (const std::string& given : referral.decision().reasons()) {
      if (given == reason) return true;
    }
  }
  return false;
}

void Reconsider(Recorder& record, const v1::Referral& now, const Occasion& occasion,
                const Policy& policy, Date today) {
  if (!now.has_decision()) return;
  switch (now.state()) {
    case v1::NEEDS_INFO:
    case v1::REVIEW:
    case v1::DEFERRED:
    case v1::CONFLICT:
      if (IsOtherDecision(now, Again(now, occasion, policy, today), occasion)) {
        Reopen(record, now, occasion);
      }
      return;
    case v1::ROUTED:
    case v1::OFFERED:
    case v1::UNPLACED:
      if (IsOtherDecision(now, Again(now, occasion, policy, today), occasion)) {
        return Reopen(record, now, occasion);
      }
      return ChangeTokens(record, now, occasion, policy);
    case v1::ACCEPTED:
    case v1::ASSIGNED:
    case v1::IN_DELIVERY:
      Review(record, now, Again(now, occasion, policy, today), occasion, today);
      return ChangeTokens(record, now, occasion, policy);
    case v1::DRAFT:
    case v1::DISCARDED:
    case v1::EXPIRED:
    case v1::SUBMITTED:  // Decided anyway.
    case v1::CLOSED:
    case v1::ENDED:
    case v1::CONCLUDED:
    case v1::MOVED:
    case v1::REFERRAL_STATE_UNSPECIFIED:
    case v1::ReferralState_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::ReferralState_INT_MAX_SENTINEL_DO_NOT_USE_:
      return;
  }
}

Verdict Handle(Unit& unit, const v1::ReviewRoute& command, const Facts& facts) {
  const AggregateId id = ReferralId(command.referral_id());
  if (auto refused = AdmitReferral(unit, facts, id, {"SYS"})) return *refused;
  const v1::Referral now = ReferralAt(unit, id);
  if (!IsPersons(command.facts().person(), now.origin_crn())) {
    return decider::NotFound(PersonId(now.origin_crn()));
  }
  if (command.cause().empty()) {
    return decider::ValidationFailed({{.code = "FIELD_MISSING", .field = "cause"}});
  }
  // REF-47: once, and only where it still helps.
  const bool late_estimate = command.cause() == kEstimate;
  const bool waits = now.state() == v1::REVIEW || now.state() == v1::ROUTED;
  if (late_estimate && (now.estimate_retried() || !waits)) return StateReply(unit, id);
  Recorder record(unit, facts, id);
  Reconsider(record, now,
             {command.facts(), command.catalogue(), command.estimates(), command.cause()},
             PolicyNow(facts), Today(facts));
  return record.Done();
}

Verdict Handle(Unit& unit, const v1::FlagDuplicates& command, const Facts& facts) {
  const AggregateId id = ReferralId(command.referral_id());
  if (auto refused = AdmitReferral(unit, facts, id, {"SYS"})) return *refused;
  v1::PossibleDuplicateFlagged event;
  for (const std::string& other : command.other_ids()) {
    if (other != command.referral_id()) event.add_other_ids(other);
  }
  if (event.other_ids().empty()) {
    return decider::ValidationFailed({{.code = "FIELD_MISSING", .field = "other_ids"}});
  }
  Recorder record(unit, facts, id);
  record.Emit(std::move(event));
  return record.Done();
}

}  // namespace pdp::referral
