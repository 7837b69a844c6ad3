#include "libs/criteria/verdict.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace pdp::criteria {
namespace {

bool IsClass(char letter) { return letter == 'R' || letter == 'O' || letter == 'A'; }

}  // namespace

absl::string_view VerdictCode(Verdict verdict) {
  switch (verdict) {
    case Verdict::kEligible:
      return "ELIGIBLE";
    case Verdict::kInsufficientInformation:
      return "INSUFFICIENT_INFORMATION";
    case Verdict::kInfeasible:
      return "INFEASIBLE";
    case Verdict::kNotEligible:
      return "NOT_ELIGIBLE";
    case Verdict::kRetainedByNps:
      return "RETAINED_BY_NPS";
  }
  return "";
}

absl::Status CheckCriteria(const Criteria& criteria) {
  std::vector<std::string> faults;
  std::set<std::string> seen;
  for (const common::v1::Criterion& criterion : criteria) {
    const std::string& id = criterion.id();
    if (id.empty() || !IsClass(id[0])) {
      faults.push_back(absl::StrCat(id, ": an id begins with R, O or A"));
    } else if (!seen.insert(id).second) {
      faults.push_back(absl::StrCat(id, ": used twice"));
    }
    const absl::Status rule = CheckRule(criterion.rule());
    if (!rule.ok()) {
      absl::string_view why = rule.message();
      why.remove_prefix(std::min(why.size(), why.find(": ") + 2));
      faults.push_back(absl::StrCat(id, ": ", why));
    }
  }
  if (faults.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("CRITERION_INVALID: ", absl::StrJoin(faults, "; ")));
}

std::vector<Item> EvaluateCriteria(const Criteria& criteria, const Context& context,
                                   absl::Span<const std::string> overridden) {
  std::vector<Item> items;
  items.reserve(criteria.size());
  for (const common::v1::Criterion& criterion : criteria) {
    Item& item = items.emplace_back();
    item.id = criterion.id();
    item.criterion_class =
        item.id.empty() || !IsClass(item.id[0]) ? Class::kRequired : Class{item.id[0]};
    item.rule = criterion.rule();
    item.evaluation = Evaluate(criterion.rule(), context);
    item.overridden =
        item.criterion_class == Class::kOverridable &&
        std::find(overridden.begin(), overridden.end(), item.id) != overridden.end();
  }
  return items;
}

bool Counts(const Item& item) {
  return item.criterion_class != Class::kAdvisory && !item.overridden;
}

Verdict Judge(absl::Span<const Item> items, bool retained) {
  if (retained) return Verdict::kRetainedByNps;
  bool unknown = false, late = false;
  for (const Item& item : items) {
    if (!Counts(item)) continue;
    if (item.evaluation.result == kUnknown) unknown = true;
    if (item.evaluation.result != kFalse) continue;
    if (!item.in_time) return Verdict::kNotEligible;
    late = true;
  }
  if (unknown) return Verdict::kInsufficientInformation;
  return late ? Verdict::kInfeasible : Verdict::kEligible;
}

common::v1::TraceItem ToTrace(absl::string_view version_ref, const Item& item) {
  common::v1::TraceItem row;
  row.set_version_ref(std::string(version_ref));
  row.set_item(item.id);
  row.set_criterion_class(std::string(1, static_cast<char>(item.criterion_class)));
  row.set_result(item.evaluation.result);
  for (const std::string& input : item.evaluation.inputs) row.add_inputs(input);
  row.set_rule(item.rule);
  row.set_overridden(item.overridden);
  return row;
}

}  // namespace pdp::criteria
