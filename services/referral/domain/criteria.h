#ifndef PDP_SERVICES_REFERRAL_DOMAIN_CRITERIA_H_
#define PDP_SERVICES_REFERRAL_DOMAIN_CRITERIA_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "libs/base/calendar.h"
#include "pdp/referral/v1/types.pb.h"

// The criteria evaluator (REF-45, REF-48): three-valued (Kleene), over rules that are data. It
// knows no programme. Integers only (REF-56).
//
//   rule  := name op value              ogrs3_bp >= 5000, sex = M, learning_difficulty != CONFIRMED
//          | all(rule, ...) | any(rule, ...) | not(rule)
//          | sum(name, ...) >= number   each part 0 to 2, a missing one counts as unknown (REF-49)
//          | months_left >= number      end >= date + months, clamped to the month's end
//          | gate(route)                the accredited programme is ruled out (REF-44)
//   op    := = | != | >= | <= | > | <
namespace pdp::referral {

// A fact: unknown, a number or a code. YES and NO are codes.
using FactValue = std::variant<std::monostate, int64_t, std::string>;

v1::Truth And(v1::Truth a, v1::Truth b);
v1::Truth Or(v1::Truth a, v1::Truth b);
v1::Truth Not(v1::Truth a);

struct CriteriaContext {
  std::map<std::string, FactValue, std::less<>> facts;
  Date decided_on;
  // Open ended passes every months_left; neither: unknown.
  std::optional<Date> end_on;
  bool open_ended = false;
  // The truth of "this accredited programme is ruled out".
  std::function<v1::Truth(absl::string_view route)> gate;
};

struct Evaluation {
  v1::Truth result = v1::TRUTH_UNKNOWN;
  // What was read, "name=value", in order of reading, each once; "?" when unknown.
  std::vector<std::string> inputs;
};

// CRITERION_INVALID (InvalidArgument) for a malformed rule or a fact outside the dictionary.
absl::Status CheckRule(absl::string_view rule);
// `rule` must have passed CheckRule. Evaluates every part: the trace is complete.
Evaluation Evaluate(absl::string_view rule, const CriteriaContext& context);

// The names a rule may read; ethnicity and the like are not among them (REF-12).
bool IsCriterionInput(absl::string_view name);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_DOMAIN_CRITERIA_H_
