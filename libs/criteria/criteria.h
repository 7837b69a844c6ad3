#ifndef PDP_LIBS_CRITERIA_CRITERIA_H_
#define PDP_LIBS_CRITERIA_CRITERIA_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/base/calendar.h"
#include "libs/criteria/dictionary.h"
#include "pdp/common/v1/criteria.pb.h"

// The one criteria evaluator (interfaces, C5): three-valued (Kleene), over rules that are data. It
// knows facts and dates, and no programme. Whole numbers only (REF-56); pure.
//
//   rule  := name op value              ogrs3_bp >= 5000, sex = M, learning_difficulty != CONFIRMED
//          | name in (value, ...)       sara in (MEDIUM, HIGH)
//          | all(rule, ...) | any(rule, ...) | not(rule)
//          | sum(name, ...) >= number   items 0 to 2, a missing one counts as unknown (PRG-7)
//          | months_left >= number      end >= date + months, clamped to the month's end
//          | gate(route)                that accredited programme is ruled out (REF-44, PRG-8)
//   op    := = | != | >= | <= | > | <   codes by = and != only
namespace pdp::criteria {

using Truth = common::v1::Truth;
inline constexpr Truth kUnknown = common::v1::TRUTH_UNKNOWN;
inline constexpr Truth kTrue = common::v1::TRUTH_TRUE;
inline constexpr Truth kFalse = common::v1::TRUTH_FALSE;

Truth And(Truth a, Truth b);
Truth Or(Truth a, Truth b);
Truth Not(Truth a);

// What a rule is evaluated against.
struct Context {
  // By names of the dictionary. A fact that is absent, or not of its field's type, is unknown.
  std::map<std::string, FactValue, std::less<>> facts;
  Date decided_on;
  // Open ended passes every months_left; neither: unknown.
  std::optional<Date> end_on;
  bool open_ended = false;
  // The truth of "this accredited programme is ruled out". None: unknown.
  std::function<Truth(absl::string_view route)> gate;
};

struct Evaluation {
  Truth result = kUnknown;
  // What was read, "name=value", in order of reading, each once; "?" when unknown.
  std::vector<std::string> inputs;
  // The names among them that are unknown.
  std::vector<std::string> missing;
};

// InvalidArgument "CRITERION_INVALID: <why> at <column>" for a malformed rule, a fact outside the
// dictionary, or a value that its field cannot have.
absl::Status CheckRule(absl::string_view rule);
// The names of the dictionary that `rule` reads, each once; errors of CheckRule.
absl::StatusOr<std::vector<std::string>> FieldsRead(absl::string_view rule);
// `rule` must have passed CheckRule. Evaluates every part: the trace is complete.
Evaluation Evaluate(absl::string_view rule, const Context& context);

}  // namespace pdp::criteria

#endif  // PDP_LIBS_CRITERIA_CRITERIA_H_
