#ifndef PDP_LIBS_CRITERIA_DICTIONARY_H_
#define PDP_LIBS_CRITERIA_DICTIONARY_H_

#include <cstdint>
#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

// The typed field dictionary of criteria (REF-12, PRG-5): the only facts a rule may read.
// Ethnicity, religion and their like are not among them, so no rule can ever depend on them.
namespace pdp::criteria {

// A fact: unknown, a number or a code. YES and NO are codes.
using FactValue = std::variant<std::monostate, int64_t, std::string>;

struct Field {
  enum class Type {
    kNumber,  // any whole number: years, basis points
    kItem,    // an assessment item, kItemMin to kItemMax
    kCode,    // one of `codes`
  };
  absl::string_view name;
  Type type;
  // Separated by blanks.
  absl::string_view codes;
};

inline constexpr int64_t kItemMin = 0;
inline constexpr int64_t kItemMax = 2;

// nullptr: no rule may read it.
const Field* FindField(absl::string_view name);
bool HasCode(const Field& field, absl::string_view code);
absl::Span<const Field> Fields();

// InvalidArgument "CRITERION_INVALID: ..." for a name outside the dictionary or a value that is not
// of its type. Unknown is a value of every type.
absl::Status CheckFact(absl::string_view name, const FactValue& value);

}  // namespace pdp::criteria

#endif  // PDP_LIBS_CRITERIA_DICTIONARY_H_
