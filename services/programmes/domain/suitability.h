#ifndef PDP_SERVICES_PROGRAMMES_DOMAIN_SUITABILITY_H_
#define PDP_SERVICES_PROGRAMMES_DOMAIN_SUITABILITY_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/calendar.h"
#include "libs/criteria/verdict.h"
#include "pdp/programmes/v1/types.pb.h"

// Whether a version suits a person (PRG-2, 6 to 11). The route is referral's decision; this is the
// re-check on the same inputs, with the same evaluator and the same catalogue. Pure.

namespace pdp::programmes {

// A fact, and for what was assessed (scores, items, risk levels) the day of the assessment.
struct SuitabilityFact {
  criteria::FactValue value;
  std::optional<Date> assessed_on;
};
struct SuitabilityCase {
  // By names of the field dictionary (libs/criteria/dictionary.h), order_kind among them.
  std::map<std::string, SuitabilityFact, std::less<>> facts;
  Date decided_on;
  // No end and not open ended: unknown.
  std::optional<Date> order_end;
  bool open_ended = false;
  // Convicted of what stays with the national service (PRG-2).
  bool retained = false;
  // Ids of OVERRIDABLE criteria that were overridden for this person (PRG-11).
  std::vector<std::string> overridden;
  // A group that this person may join ends in time (PRG-10, 18 a).
  bool group_in_time = false;
};
struct Suitability {
  criteria::Verdict verdict = criteria::Verdict::kInsufficientInformation;
  std::vector<criteria::Item> trace;
  // Empty for an open end.
  std::optional<Date> latest_start;
  // Facts of the dictionary that are unknown and count, each once.
  std::vector<std::string> missing;
};

// risk.max_age_days: an assessed fact older than this on the decision date is unknown (PRG-7).
inline constexpr int kRiskMaxAgeDays = 365;

Suitability AssessVersion(const v1::ProgrammeVersion& version, const SuitabilityCase& person);
// PRG-8: "this accredited programme is ruled out", over its published versions: true when none is
// possible, NOT_ELIGIBLE or, while si.infeasible_counts, INFEASIBLE; unknown when one lacks facts.
criteria::Truth RuledOut(absl::string_view route, const SuitabilityCase& person);

}  // namespace pdp::programmes

#endif  // PDP_SERVICES_PROGRAMMES_DOMAIN_SUITABILITY_H_
