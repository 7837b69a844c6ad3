#include "services/unpaid_work/domain/policy.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "libs/base/check.h"

namespace pdp::unpaid_work {

namespace embedded {
extern const absl::string_view kPolicy;
extern const absl::string_view kCodes;
}  // namespace embedded

namespace {

template <typename Message>
const Message* Parse(absl::string_view text) {
  auto* message = new Message;
  PDP_CHECK(google::protobuf::TextFormat::ParseFromString(std::string(text), message),
            "shipped reference data is malformed");
  return message;
}

}  // namespace

const v1::PolicySet& ShippedPolicySet() {
  static const auto* const set = Parse<v1::PolicySet>(embedded::kPolicy);
  return *set;
}

const v1::CodeTables& ShippedCodes() {
  static const auto* const tables = Parse<v1::CodeTables>(embedded::kCodes);
  return *tables;
}

const std::string& PolicyVersion() { return ShippedPolicySet().version(); }

std::optional<std::string> Policy::Find(absl::string_view key) const {
  const std::string on = FormatDate(on_);
  const v1::PolicyRow* best = nullptr;
  for (const v1::PolicyRow& row : ShippedPolicySet().rows()) {
    if (absl::string_view(row.key()) != key || row.effective_from().empty() ||
        row.effective_from() > on) {
      continue;
    }
    if (best == nullptr || row.effective_from() >= best->effective_from()) best = &row;
  }
  if (best == nullptr) return std::nullopt;
  return best->value();
}

std::optional<int64_t> Policy::IntOrNone(absl::string_view key) const {
  const std::optional<std::string> value = Find(key);
  PDP_CHECK(value.has_value(), absl::StrCat("no policy row in force for ", key));
  if (*value == "NONE") return std::nullopt;
  int64_t number = 0;
  PDP_CHECK(absl::SimpleAtoi(*value, &number), absl::StrCat("not a number: ", key));
  return number;
}

int64_t Policy::Int(absl::string_view key) const {
  const std::optional<int64_t> number = IntOrNone(key);
  PDP_CHECK(number.has_value(), absl::StrCat("NONE is no number here: ", key));
  return *number;
}

const v1::OutcomeCode* FindOutcome(absl::string_view code) {
  for (const v1::OutcomeCode& row : ShippedCodes().outcomes()) {
    if (absl::string_view(row.code()) == code) return &row;
  }
  return nullptr;
}

const v1::ListedCode* FindCode(absl::string_view list, absl::string_view code) {
  for (const v1::CodeTables::List& candidate : ShippedCodes().lists()) {
    if (absl::string_view(candidate.name()) != list) continue;
    for (const v1::ListedCode& row : candidate.codes()) {
      if (absl::string_view(row.code()) == code) return &row;
    }
  }
  return nullptr;
}

bool KnownCode(absl::string_view list, absl::string_view code) {
  return FindCode(list, code) != nullptr;
}

}  // namespace pdp::unpaid_work
