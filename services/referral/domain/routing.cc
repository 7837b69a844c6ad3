#include "services/referral/domain/routing.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/criteria/verdict.h"
#include "services/referral/domain/routing_facts.h"

namespace pdp::referral {
namespace {

using criteria::Evaluation;
using criteria::Item;
using criteria::kFalse;
using criteria::kTrue;
using criteria::kUnknown;
using criteria::Truth;
using criteria::Verdict;
using v1::CatalogueVersion;
using v1::Decision;

struct TriedVersion {
  const CatalogueVersion* version;
  std::vector<Item> items;
  Verdict verdict;
};

struct Step {
  std::string route;
  std::vector<TriedVersion> tried;
  // Index into tried; -1: CATALOGUE_GAP.
  int best = -1;
  Verdict verdict = Verdict::kNotEligible;
};

constexpr absl::string_view kInTime = "NOT_FEASIBLE_IN_TIME";
constexpr int kShortOrderMonths = 9;

bool IsAdvisory(const Item& item) {
  return item.criterion_class == criteria::Class::kAdvisory;
}

Item BuiltIn(absl::string_view id, Evaluation evaluation, absl::string_view rule) {
  return {.id = std::string(id),
          .criterion_class = criteria::Class::kBuiltIn,
          .evaluation = std::move(evaluation),
          .rule = std::string(rule),
          .in_time = id == kInTime};
}

// One run of the ladder of one need over one set of facts.
class Ladder {
 public:
  Ladder(const RoutingInputs& inputs, const Policy& policy, criteria::Context& context,
         Decision& decision)
      : inputs_(inputs), policy_(policy), context_(context), decision_(decision) {
    context_.gate = [this](absl::string_view route) { return RuledOut(std::string(route)); };
  }

  // Walks the routes; true when the decision is made. False: no step is left.
  bool Walk(const std::vector<std::string>& routes) {
    for (const std::string& route : routes) {
      const Step& step = Try(route);
      switch (step.verdict) {
        case Verdict::kEligible:
          Choose(step);
          return true;
        case Verdict::kInsufficientInformation:
          decision_.set_outcome(Decision::NEEDS_INFORMATION);
          AddItems(step, kUnknown, decision_.mutable_unknown());
          return true;
        case Verdict::kInfeasible:
        case Verdict::kNotEligible:
        case Verdict::kRetainedByNps:  // decided before the ladder (REF-42)
          AddReasons(step);
          break;
      }
    }
    return false;
  }

  // REF-51: nothing is left, and the last structured intervention fails only for now.
  bool LastIsNotNow(const std::vector<std::string>& routes) {
    if (routes.empty()) return false;
    const Step& step = Try(routes.back());
    if (RouteKind(step.route, inputs_.catalogue) != "SI" || step.best < 0) return false;
    bool any = false;
    for (const Item& item : step.tried[step.best].items) {
      if (IsAdvisory(item) || item.evaluation.result != kFalse) continue;
      if (item.id != "O8" && item.id != "O9") return false;
      any = true;
    }
    return any;
  }

 private:
  const Step& Try(const std::string& route) {
    if (const auto it = steps_.find(route); it != steps_.end()) return it->second;
    Step& step = steps_[route];
    step.route = route;
    for (const CatalogueVersion* version : OpenVersions(route)) {
      TriedVersion tried{version, Items(*version), Verdict::kNotEligible};
      tried.verdict = criteria::Judge(tried.items);
      if (step.best < 0 || tried.verdict < step.verdict) {
        step.best = static_cast<int>(step.tried.size());
        step.verdict = tried.verdict;
      }
      Trace(tried);
      step.tried.push_back(std::move(tried));
    }
    return step;
  }

  // REF-44: ruled out is NOT_ELIGIBLE or not finishable in time; missing data never opens the gate.
  Truth RuledOut(const std::string& route) {
    switch (Try(route).verdict) {
      case Verdict::kEligible:
        return kFalse;
      case Verdict::kInsufficientInformation:
        return kUnknown;
      case Verdict::kInfeasible:
        return policy_.Text("si.infeasible_counts") == "true" ? kTrue : kFalse;
      case Verdict::kNotEligible:
      case Verdict::kRetainedByNps:
        return kTrue;
    }
    return kUnknown;
  }

  // REF-45, REF-55: published, open on the date, women-only ones first and for a woman only.
  std::vector<const CatalogueVersion*> OpenVersions(const std::string& route) const {
    const std::string on = FormatDate(inputs_.decided_on);
    const bool woman = IsWoman(inputs_.person.identity, policy_);
    std::vector<const CatalogueVersion*> open;
    for (const CatalogueVersion& version : inputs_.catalogue->versions()) {
      if (version.route() != route || (version.women_only() && !woman)) continue;
      if (version.open_from().empty() || version.open_from() > on) continue;
      if (!version.open_to().empty() && version.open_to() < on) continue;
      const bool counts = version.route_kind() != "SI" ||
                          (version.planned_sessions() >= policy_.Int("si.min_sessions") &&
                           version.outcomes_stated());
      if (counts) open.push_back(&version);
    }
    std::sort(open.begin(), open.end(), [](const CatalogueVersion* a, const CatalogueVersion* b) {
      if (a->women_only() != b->women_only()) return a->women_only();
      return a->version_ref() < b->version_ref();
    });
    return open;
  }

  // REF-45, in order.
  std::vector<Item> Items(const CatalogueVersion& version) {
    std::vector<Item> items;
    items.push_back(BuiltIn("NOT_ENABLED", Enabled(version), "a live requirement allows it"));
    items.push_back(BuiltIn("NOT_SUITABLE", Suitable(version), "not refused by programmes"));
    for (Item& item : criteria::EvaluateCriteria(version.criteria(), context_)) {
      items.push_back(std::move(item));
    }
    items.push_back(BuiltIn(kInTime, InTime(version), "estimate + buffer <= end"));
    return items;
  }

  Evaluation Enabled(const CatalogueVersion& version) const {
    const bool si = version.route_kind() == "SI";
    Evaluation evaluation{kFalse, {}};
    for (const v1::Requirement& requirement : inputs_.sentence.requirements()) {
      if (requirement.status() != v1::REQUIREMENT_LIVE) continue;
      evaluation.inputs.push_back(absl::StrCat("requirement_", requirement.no(), "=",
                                               requirement.kind()));
      const bool enables = requirement.kind() == "RAR" || requirement.kind() == "LICENCE" ||
                           (requirement.kind() == "AP" && !si);
      if (enables) evaluation.result = kTrue;
    }
    return evaluation;
  }

  Evaluation Suitable(const CatalogueVersion& version) const {
    const auto& refused = inputs_.not_suitable;
    const bool found =
        std::find(refused.begin(), refused.end(), version.version_ref()) != refused.end();
    return {found ? kFalse : kTrue, {}};
  }

  // REF-47.
  Evaluation InTime(const CatalogueVersion& version) {
    const auto live = inputs_.estimates.find(version.version_ref());
    const std::optional<Date> answer =
        live == inputs_.estimates.end() ? std::nullopt : ParseDate(live->second);
    const Date estimate = answer ? *answer
                                 : inputs_.decided_on + policy_.Int("est.lead_days") +
                                       7 * version.span_weeks();
    v1::EstimateUsed* used = decision_.add_estimates();
    used->set_version_ref(version.version_ref());
    used->set_date(FormatDate(estimate));
    used->set_source(answer ? "LIVE" : "DEFAULT");
    Evaluation evaluation{kTrue, {absl::StrCat("estimate=", FormatDate(estimate))}};
    if (context_.open_ended) {
      evaluation.inputs.push_back("end_on=open");
      return evaluation;
    }
    evaluation.inputs.push_back(
        absl::StrCat("end_on=", context_.end_on ? FormatDate(*context_.end_on) : "?"));
    if (!context_.end_on) {
      evaluation.result = kUnknown;
      return evaluation;
    }
    const Date needed =
        estimate + policy_.Int(absl::StrCat("elig.finish_buffer_days.", version.route_kind()));
    if (needed > *context_.end_on) evaluation.result = kFalse;
    return evaluation;
  }

  void Trace(const TriedVersion& tried) {
    for (const Item& item : tried.items) {
      *decision_.add_trace() = criteria::ToTrace(tried.version->version_ref(), item);
    }
    decision_.add_content_hashes(tried.version->content_hash());
  }

  template <typename Codes>
  static void AddItems(const Step& step, Truth result, Codes* codes) {
    for (const TriedVersion& tried : step.tried) {
      for (const Item& item : tried.items) {
        if (IsAdvisory(item) || item.evaluation.result != result) continue;
        *codes->Add() = absl::StrCat(tried.version->version_ref(), ":", item.id);
      }
    }
  }

  void AddReasons(const Step& step) {
    if (step.best < 0) {
      decision_.add_reasons(absl::StrCat(step.route, ":CATALOGUE_GAP"));
      return;
    }
    AddItems(step, kFalse, decision_.mutable_reasons());
  }

  void Choose(const Step& step) {
    const TriedVersion& chosen = step.tried[step.best];
    decision_.set_outcome(Decision::ROUTED);
    decision_.set_route(step.route);
    decision_.set_version_ref(chosen.version->version_ref());
    for (const Item& item : chosen.items) {
      if (IsAdvisory(item) && item.evaluation.result == kFalse) {
        decision_.add_flags(absl::StrCat(chosen.version->version_ref(), ":", item.id));
      }
    }
    // REF-54.
    if (chosen.version->route_kind() == "SI" && context_.end_on && !context_.open_ended &&
        AddMonths(inputs_.decided_on, kShortOrderMonths) > *context_.end_on) {
      decision_.add_flags("SHORT_ORDER_CHECK");
    }
  }

  const RoutingInputs& inputs_;
  const Policy& policy_;
  criteria::Context& context_;
  Decision& decision_;
  std::map<std::string, Step> steps_;
};

// REF-42. True when the decision is made.
bool RetainedByNps(const RoutingInputs& inputs, Decision& decision) {
  bool sexual = false, extremism = false, unknown = false;
  const auto look = [&](const v1::Sentence& sentence) {
    for (const v1::Offence& offence : sentence.offences()) {
      sexual = sexual || offence.sexual() == v1::MARK_YES;
      extremism = extremism || offence.extremism() == v1::MARK_YES;
      unknown = unknown || offence.sexual() == v1::MARK_UNKNOWN ||
                offence.extremism() == v1::MARK_UNKNOWN;
    }
  };
  look(inputs.sentence);
  for (const v1::Sentence& sentence : inputs.live_sentences) look(sentence);
  const v1::Requirement* requirement = SourceRequirement(inputs);
  const bool retained_programme =
      requirement != nullptr &&
      FindCode("retained_programme", requirement->named_route()) != nullptr;
  if (sexual) decision.add_reasons("SEXUAL_OFFENCE");
  if (extremism) decision.add_reasons("EXTREMISM_OFFENCE");
  if (retained_programme) decision.add_reasons("RETAINED_PROGRAMME");
  if (decision.reasons_size() > 0) {
    decision.set_outcome(Decision::RETAINED_NPS);
    return true;
  }
  if (!unknown) return false;
  decision.set_outcome(Decision::NEEDS_INFORMATION);
  decision.add_unknown("OFFENCE_CLASS");
  return true;
}

// REF-46. Time left is no bar.
void DecideUnpaidWork(const RoutingInputs& inputs, Decision& decision) {
  const v1::Requirement* requirement = SourceRequirement(inputs);
  const bool live = requirement != nullptr && requirement->kind() == "UPW" &&
                    requirement->status() == v1::REQUIREMENT_LIVE;
  const v1::CodeList::Code* order_type = FindCode("order_type", inputs.sentence.order_type());
  const bool carries = order_type != nullptr && order_type->upw();
  if (!live) decision.add_reasons("UPW_REQUIREMENT_NOT_LIVE");
  if (!carries) decision.add_reasons("UPW_ORDER_TYPE");
  decision.set_outcome(live && carries ? Decision::ROUTED : Decision::NOT_ELIGIBLE);
  if (decision.outcome() == Decision::ROUTED) decision.set_route("UPW");
}

// REF-54: an EM version is false in R3, the domestic abuse criterion.
bool SuggestsDomesticAbuse(const Decision& decision) {
  for (const common::v1::TraceItem& item : decision.trace()) {
    if (item.item() == "R3" && item.result() == kFalse &&
        item.version_ref().rfind("EM-", 0) == 0) {
      return true;
    }
  }
  return false;
}

// REF-43, 50, 51.
void DecideLadder(const RoutingInputs& inputs, const Policy& policy, criteria::Context& context,
                  Decision& decision) {
  const v1::Requirement* source = SourceRequirement(inputs);
  const std::string named =
      source == nullptr ? "" : MapCode("named_programme", source->named_route());
  std::string need = inputs.need;
  if (need.empty()) need = MapCode("route_need", named);
  const std::vector<std::string> full = policy.List(absl::StrCat("ladder.", need));
  const bool court = source != nullptr && source->kind() == "AP" && !inputs.proceed_alternative;
  std::vector<std::string> routes = full;
  if (court && !named.empty()) {
    routes = {named};
  } else if (court) {
    routes.clear();
    for (const std::string& route : full) {
      if (RouteKind(route, inputs.catalogue) == "AP") routes.push_back(route);
    }
  }
  Ladder ladder(inputs, policy, context, decision);
  if (!ladder.Walk(routes)) {
    if (court) {
      decision.set_outcome(Decision::COURT_CONFLICT);
    } else if (ladder.LastIsNotNow(routes)) {
      decision.set_outcome(Decision::DEFERRED);
      decision.set_review_on(FormatDate(inputs.decided_on + policy.Int("defer.days")));
    } else {
      decision.set_outcome(Decision::NOT_ELIGIBLE);
    }
  }
  if (SuggestsDomesticAbuse(decision)) decision.add_flags("SUGGEST_NEED_DOMESTIC_ABUSE");
}

}  // namespace

std::string RouteKind(const std::string& route, const v1::Catalogue* catalogue) {
  if (catalogue != nullptr) {
    for (const CatalogueVersion& version : catalogue->versions()) {
      if (version.route() == route) return version.route_kind();
    }
  }
  return MapCode("route_kind", route);
}

v1::Decision DecideRouting(const RoutingInputs& inputs, const Policy& policy) {
  Decision decision;
  criteria::Context context = FactsForCriteria(inputs, policy);
  decision.set_decided_on(FormatDate(inputs.decided_on));
  decision.set_policy_version(policy.version());
  decision.set_inputs_hash(HashInputs(inputs, context));
  const criteria::FactValue& age = context.facts["age"];
  // REF-40, in order.
  if (inputs.line == "SIGNPOST") {
    decision.set_outcome(Decision::SIGNPOSTED);
    decision.set_category(inputs.category);
  } else if (std::holds_alternative<std::monostate>(age)) {
    decision.set_outcome(Decision::NEEDS_INFORMATION);
    decision.add_unknown("DATE_OF_BIRTH");
  } else if (std::get<int64_t>(age) < 18) {
    decision.set_outcome(Decision::NOT_ELIGIBLE);
    decision.add_reasons("UNDER_AGE");
  } else if (inputs.line == "UPW") {
    DecideUnpaidWork(inputs, decision);
  } else if (!RetainedByNps(inputs, decision)) {
    DecideLadder(inputs, policy, context, decision);
  }
  return decision;
}

}  // namespace pdp::referral
