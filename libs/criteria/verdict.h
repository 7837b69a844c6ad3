#ifndef PDP_LIBS_CRITERIA_VERDICT_H_
#define PDP_LIBS_CRITERIA_VERDICT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "libs/criteria/criteria.h"

// From the criteria of one published version to its verdict (REF-45, PRG-6).
namespace pdp::criteria {

// Better before worse, as a step takes the best of its versions (REF-45).
enum class Verdict {
  kEligible,
  kInsufficientInformation,
  kInfeasible,
  kNotEligible,
  kRetainedByNps,
};
// ELIGIBLE, INSUFFICIENT_INFORMATION, INFEASIBLE, NOT_ELIGIBLE, RETAINED_BY_NPS (interfaces, C5).
absl::string_view VerdictCode(Verdict verdict);

enum class Class : char { kRequired = 'R', kOverridable = 'O', kAdvisory = 'A', kBuiltIn = 'G' };

struct Item {
  std::string id;
  Class criterion_class = Class::kRequired;
  Evaluation evaluation;
  std::string rule;
  // "Can it be finished in time": false makes a version INFEASIBLE, not NOT_ELIGIBLE.
  bool in_time = false;
  // Counts only for class O; the item stays in the trace (PRG-11).
  bool overridden = false;
};

using Criteria = google::protobuf::RepeatedPtrField<common::v1::Criterion>;

// InvalidArgument "CRITERION_INVALID: <id>: ..." naming every bad criterion: an id that does not
// begin with R, O or A, an id used twice, a rule that CheckRule refuses.
absl::Status CheckCriteria(const Criteria& criteria);

// Every criterion in order. `overridden`: ids overridden for this person; those of another class
// than O are not (nothing but O may be).
std::vector<Item> EvaluateCriteria(const Criteria& criteria, const Context& context,
                                   absl::Span<const std::string> overridden = {});

// The order of the verdicts: retained; any item that counts false; any unknown; not in time.
// Advisory and overridden items never count.
Verdict Judge(absl::Span<const Item> items, bool retained = false);

// Whether the item can stop a version at all.
bool Counts(const Item& item);

common::v1::TraceItem ToTrace(absl::string_view version_ref, const Item& item);

}  // namespace pdp::criteria

#endif  // PDP_LIBS_CRITERIA_VERDICT_H_
