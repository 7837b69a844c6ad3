#include "services/referral/domain/policy.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/text_format.h"
#include "libs/base/check.h"

namespace pdp::referral {

namespace embedded {
extern const absl::string_view kPolicy;
extern const absl::string_view kCodeLists;
}  // namespace embedded

namespace {

template <typename Message>
Message Parse(absl::string_view text) {
  Message message;
  PDP_CHECK(google::protobuf::TextFormat::ParseFromString(std::string(text), &message),
            "shipped reference data is malformed");
  return message;
}

}  // namespace

const v1::PolicySet& ShippedPolicySet() {
  static const auto* const set = new v1::PolicySet(Parse<v1::PolicySet>(embedded::kPolicy));
  return *set;
}
const v1::CodeLists& ShippedCodeLists() {
  static const auto* const lists =
      new v1::CodeLists(Parse<v1::CodeLists>(embedded::kCodeLists));
  return *lists;
}

Policy Policy::Shipped(Date on) { return Policy(ShippedPolicySet(), on); }

std::optional<std::string> Policy::Find(absl::string_view key) const {
  const v1::PolicyRow* best = nullptr;
  const std::string on = FormatDate(on_);
  for (const v1::PolicyRow& row : set_->rows()) {
    if (absl::string_view(row.key()) != key || row.effective_from().empty() ||
        row.effective_from() > on) {
      continue;
    }
    if (best == nullptr || row.effective_from() >= best->effective_from()) best = &row;
  }
  if (best == nullptr) return std::nullopt;
  return best->value();
}

std::string Policy::Text(absl::string_view key) const {
  std::optional<std::string> value = Find(key);
  PDP_CHECK(value.has_value(), absl::StrCat("no policy row in force for ", key));
  return *std::move(value);
}

int64_t Policy::Int(absl::string_view key) const {
  int64_t value = 0;
  PDP_CHECK(absl::SimpleAtoi(Text(key), &value), absl::StrCat("not a number: ", key));
  return value;
}

std::vector<std::string> Policy::List(absl::string_view key) const {
  return absl::StrSplit(Text(key), ',', absl::SkipEmpty());
}

bool Policy::Covers() const {
  const std::string on = FormatDate(on_);
  for (const v1::PolicyRow& row : set_->rows()) {
    if (!row.effective_from().empty() && row.effective_from() <= on) return true;
  }
  return false;
}

const v1::CodeList::Code* FindCode(absl::string_view list, absl::string_view code) {
  for (const v1::CodeList& candidate : ShippedCodeLists().lists()) {
    if (absl::string_view(candidate.name()) != list) continue;
    for (const v1::CodeList::Code& row : candidate.codes()) {
      if (absl::string_view(row.code()) == code) return &row;
    }
  }
  return nullptr;
}

std::string MapCode(absl::string_view list, absl::string_view code) {
  const v1::CodeList::Code* row = FindCode(list, code);
  return row == nullptr ? "" : row->maps_to();
}

}  // namespace pdp::referral
