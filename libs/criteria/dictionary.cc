#include "libs/criteria/dictionary.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace pdp::criteria {
namespace {

using Type = Field::Type;

constexpr absl::string_view kYesNo = "YES NO";
constexpr absl::string_view kLevel = "LOW MEDIUM HIGH VERY_HIGH";

constexpr Field kFields[] = {
    // Who the person is, on the decision date.
    {"age", Type::kNumber, ""},
    {"sex", Type::kCode, "M F"},
    {"woman", Type::kCode, kYesNo},
    // Risk, in basis points, levels and assessment items.
    {"ogrs3_bp", Type::kNumber, ""},
    {"ovp_bp", Type::kNumber, ""},
    {"sara", Type::kCode, kLevel},
    {"rosh", Type::kCode, kLevel},
    {"item_2_6", Type::kItem, ""},
    {"item_7_2", Type::kItem, ""},
    {"item_11_3", Type::kItem, ""},
    {"item_11_4", Type::kItem, ""},
    {"item_11_6", Type::kItem, ""},
    {"item_11_7", Type::kItem, ""},
    {"item_11_9", Type::kItem, ""},
    {"item_12_1", Type::kItem, ""},
    {"tb_rosh", Type::kCode, kYesNo},
    {"att_rosh", Type::kCode, kYesNo},
    {"acute_mh", Type::kCode, kYesNo},
    {"substance_stable", Type::kCode, kYesNo},
    // What the person can take part in.
    {"learning_difficulty", Type::kCode, "NO SUSPECTED CONFIRMED DECLINED"},
    {"reads_simple", Type::kCode, kYesNo},
    // The offences and the order.
    {"partner_sex", Type::kCode, "F M NONE"},
    {"domestic_abuse_index", Type::kCode, kYesNo},
    {"domestic_abuse_history", Type::kCode, kYesNo},
    {"order_kind", Type::kCode, "COMMUNITY SUSPENDED LICENCE OTHER"},
};

absl::Status Invalid(absl::string_view name, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("CRITERION_INVALID: ", name, " ", why));
}

}  // namespace

absl::Span<const Field> Fields() { return kFields; }

const Field* FindField(absl::string_view name) {
  for (const Field& field : kFields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

bool HasCode(const Field& field, absl::string_view code) {
  for (const absl::string_view known : absl::StrSplit(field.codes, ' ')) {
    if (known == code && !code.empty()) return true;
  }
  return false;
}

absl::Status CheckFact(absl::string_view name, const FactValue& value) {
  const Field* field = FindField(name);
  if (field == nullptr) return Invalid(name, "is not a fact that a criterion may read");
  if (std::holds_alternative<std::monostate>(value)) return absl::OkStatus();
  if (field->type == Type::kCode) {
    const std::string* code = std::get_if<std::string>(&value);
    if (code != nullptr && HasCode(*field, *code)) return absl::OkStatus();
    return Invalid(name, absl::StrCat("is one of ", field->codes));
  }
  const int64_t* number = std::get_if<int64_t>(&value);
  if (number == nullptr) return Invalid(name, "is a number");
  if (field->type == Type::kItem && (*number < kItemMin || *number > kItemMax)) {
    return Invalid(name, absl::StrCat("is from ", kItemMin, " to ", kItemMax));
  }
  return absl::OkStatus();
}

}  // namespace pdp::criteria
