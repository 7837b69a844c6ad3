#include "services/programmes/domain/suitability.h"

#include <algorithm>

#include "services/programmes/domain/catalogue.h"

namespace pdp::programmes {
namespace {

using criteria::Verdict;

constexpr bool kInfeasibleCounts = true;  // si.infeasible_counts

criteria::Context ContextOf(const SuitabilityCase& person) {
  criteria::Context context;
  for (const auto& [name, fact] : person.facts) {
    const bool stale =
        fact.assessed_on.has_value() && person.decided_on - *fact.assessed_on > kRiskMaxAgeDays;
    if (!stale) context.facts[name] = fact.value;
  }
  context.decided_on = person.decided_on;
  context.end_on = person.order_end;
  context.open_ended = person.open_ended;
  return context;
}

}  // namespace

criteria::Truth RuledOut(absl::string_view route, const SuitabilityCase& person) {
  SuitabilityCase plain = person;
  plain.overridden.clear();  // an override is tied to its own version (PRG-11)
  bool unknown = false, any = false;
  for (const v1::ProgrammeVersion& version : ShippedCatalogue().versions()) {
    if (version.route() != route || version.status() != "PUBLISHED") continue;
    any = true;
    switch (AssessVersion(version, plain).verdict) {
      case Verdict::kEligible:
        return criteria::kFalse;
      case Verdict::kInfeasible:
        if (!kInfeasibleCounts) return criteria::kFalse;
        break;
      case Verdict::kInsufficientInformation:
        unknown = true;
        break;
      case Verdict::kNotEligible:
      case Verdict::kRetainedByNps:
        break;
    }
  }
  return unknown || !any ? criteria::kUnknown : criteria::kTrue;
}

Suitability AssessVersion(const v1::ProgrammeVersion& version, const SuitabilityCase& person) {
  criteria::Context context = ContextOf(person);
  context.gate = [&](absl::string_view route) { return RuledOut(route, person); };
  Suitability result;
  result.trace = criteria::EvaluateCriteria(version.criteria(), context, person.overridden);
  if (person.order_end.has_value()) {
    result.latest_start = LatestStart(version, FormatDate(*person.order_end));
  }
  // PRG-10, as the last item of the trace: it makes a version INFEASIBLE, never NOT_ELIGIBLE.
  criteria::Item in_time;
  in_time.id = "IN_TIME";
  in_time.criterion_class = criteria::Class::kBuiltIn;
  in_time.in_time = true;
  const bool late = result.latest_start.has_value() && person.decided_on > *result.latest_start;
  in_time.evaluation.result = late && !person.group_in_time ? criteria::kFalse : criteria::kTrue;
  result.trace.push_back(std::move(in_time));
  result.verdict = criteria::Judge(result.trace, person.retained);
  for (const criteria::Item& item : result.trace) {
    if (!criteria::Counts(item) || item.evaluation.result != criteria::kUnknown) continue;
    for (const std::string& name : item.evaluation.missing) {
      if (std::find(result.missing.begin(), result.missing.end(), name) == result.missing.end()) {
        result.missing.push_back(name);
      }
    }
  }
  return result;
}

}  // namespace pdp::programmes
