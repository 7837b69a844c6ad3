#include "services/referral/domain/routed.h"
#include "services/referral/domain/routing.h"

// OverrideDecision, ResolveConflict (REF-50, REF-52): a person's route against the computed one.
namespace pdp::referral {
namespace {

constexpr int kNoteMin = 20;

const v1::CatalogueVersion* VersionOf(const v1::Catalogue& catalogue,
                                      absl::string_view version_ref) {
  for (const v1::CatalogueVersion& version : catalogue.versions()) {
    if (absl::string_view(version.version_ref()) == version_ref) return &version;
  }
  return nullptr;
}

bool IsKnownRoute(const v1::Catalogue& catalogue, const std::string& route) {
  for (const v1::CatalogueVersion& version : catalogue.versions()) {
    if (version.route() == route) return true;
  }
  return false;
}

struct Choice {
  std::string version_ref;
  std::vector<std::string> overridden;
};

// REF-52: the first tried version of the route whose false items are all of class O, with nothing
// unknown that is required. nullopt: the route cannot be had by hand.
std::optional<Choice> Overridable(const v1::Decision& decision, const v1::Catalogue& catalogue,
                                  const std::string& route) {
  std::vector<Choice> choices;
  std::vector<bool> barred;
  for (const common::v1::TraceItem& item : decision.trace()) {
    const v1::CatalogueVersion* version = VersionOf(catalogue, item.version_ref());
    if (version == nullptr || version->route() != route) continue;
    if (choices.empty() || choices.back().version_ref != item.version_ref()) {
      choices.push_back({.version_ref = item.version_ref(), .overridden = {}});
      barred.push_back(false);
    }
    const bool advisory = item.criterion_class() == "A";
    if (item.result() == common::v1::TRUTH_TRUE || advisory) continue;
    if (item.result() == common::v1::TRUTH_FALSE && item.criterion_class() == "O") {
      choices.back().overridden.push_back(item.item());
    } else {
      barred.back() = true;
    }
  }
  for (size_t i = 0; i < choices.size(); ++i) {
    if (!barred[i] && !choices[i].overridden.empty()) return choices[i];
  }
  return std::nullopt;
}

// Domestic abuse in the index or in any other live sentence, as the decision saw it.
bool DomesticAbuse(const v1::NatFacts& facts) {
  RoutingInputs inputs;
  inputs.sentence = facts.sentence();
  for (const v1::Sentence& sentence : facts.live_sentences()) {
    inputs.live_sentences.push_back(sentence);
  }
  return HasDomesticAbuse(inputs);
}

template <typename Command>
void EmitChosen(Recorder& record, const v1::Referral& before, const Command& command,
                const std::string& route, const std::string& version_ref, const Facts& facts) {
  const v1::NatFacts& nat = command.facts();
  v1::Decision decision = before.decision();
  decision.set_route(route);
  decision.set_version_ref(version_ref);
  EmitRouted(record, before,
             {.person = NewestFacts(nat.person(), before),
              .domestic_abuse = DomesticAbuse(nat),
              .route_kind = RouteKind(route, &command.catalogue()),
              .person_access = nat.person().access()},
             decision, PolicyNow(facts));
}

}  // namespace

Verdict Handle(Unit& unit, const v1::OverrideDecision& command, const Facts& facts) {
  const AggregateId id = ReferralId(command.referral_id());
  if (auto refused = AdmitReferral(unit, facts, id, {"AM"})) return *refused;
  const v1::Referral before = ReferralAt(unit, id);
  if (auto refused = RequireCode("decision_override", command.code())) return *refused;
  if (auto refused = RequireState(before, {v1::REVIEW})) return *refused;
  const bool unpaid_work = command.route() == "UPW" || before.line() == "UPW";
  if (command.route() != "UPW" && !IsKnownRoute(command.catalogue(), command.route())) {
    return decider::Reject("ROUTE_UNKNOWN");
  }
  const std::optional<Choice> choice =
      unpaid_work ? std::nullopt
                  : Overridable(before.decision(), command.catalogue(), command.route());
  if (!choice) return decider::Reject("ROUTE_NOT_OVERRIDABLE");
  if (auto refused = RequireNote(command.note(), kNoteMin)) return *refused;
  v1::DecisionOverridden event;
  event.set_crn(before.origin_crn());
  event.set_decision_id(before.decision().id());
  event.set_from_route(before.decision().route());
  event.set_to_route(command.route());
  event.set_version_ref(choice->version_ref);
  event.set_code(command.code());
  event.set_note(command.note());
  for (const std::string& item : choice->overridden) event.add_overridden_criteria(item);
  Recorder record(unit, facts, id);
  record.Emit(std::move(event));
  EmitChosen(record, before, command, command.route(), choice->version_ref, facts);
  return record.Done();
}

Verdict Handle(Unit& unit, const v1::ResolveConflict& command, const Facts& facts) {
  const AggregateId id = ReferralId(command.referral_id());
  const bool as_ordered = command.choice() == "DELIVER_AS_ORDERED";
  if (auto refused = as_ordered ? AdmitReferral(unit, facts, id, {"AM"})
                                : AdmitReferral(unit, facts, id, {"RO"})) {
    return *refused;
  }
  const v1::Referral before = ReferralAt(unit, id);
  if (FindCode("conflict_choice", command.choice()) == nullptr) {
    return decider::ValidationFailed(
        {{.code = "UNKNOWN_CODE", .field = "choice", .detail = command.choice()}});
  }
  if (auto refused = RequireState(before, {v1::CONFLICT})) return *refused;
  v1::CourtConflictResolved event;
  event.set_crn(before.origin_crn());
  event.set_decision_id(before.decision().id());
  event.set_choice(command.choice());
  event.set_note(command.note());
  std::optional<Choice> choice;
  if (as_ordered) {
    // To the accredited programme, under the rule of REF-52.
    for (const common::v1::TraceItem& item : before.decision().trace()) {
      const v1::CatalogueVersion* version = VersionOf(command.catalogue(), item.version_ref());
      if (version == nullptr || version->route_kind() != "AP") continue;
      choice = Overridable(before.decision(), command.catalogue(), version->route());
      if (choice) {
        event.set_route(version->route());
        break;
      }
    }
    if (!choice) return decider::Reject("ROUTE_NOT_OVERRIDABLE");
    event.set_version_ref(choice->version_ref);
    for (const std::string& item : choice->overridden) event.add_overridden_criteria(item);
  }
  if (auto refused = RequireNote(command.note(), kNoteMin)) return *refused;
  Recorder record(unit, facts, id);
  const std::string route = event.route(), version_ref = event.version_ref();
  record.Emit(std::move(event));
  if (as_ordered) EmitChosen(record, before, command, route, version_ref, facts);
  if (command.choice() == "SEEK_VARIATION") {
    v1::ReferralDeferred deferred;
    deferred.set_decision_id(before.decision().id());
    deferred.set_review_on(
        FormatDate(Today(facts) + static_cast<int>(PolicyNow(facts).Int("defer.days"))));
    record.Emit(std::move(deferred));
  }
  return record.Done();
}

}  // namespace pdp::referral
