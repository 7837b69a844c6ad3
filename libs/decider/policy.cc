#include "libs/decider/policy.h"

#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/text_format.h"
#include "libs/base/check.h"

namespace pdp::decider {

using common::v1::PolicyRow;
using common::v1::PolicySet;

std::optional<std::string> Policy::Find(absl::string_view key) const {
  const PolicyRow* best = nullptr;
  const std::string on = FormatDate(on_);
  for (const PolicyRow& row : set_->rows()) {
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

bool Policy::Flag(absl::string_view key) const {
  const std::string value = Text(key);
  PDP_CHECK(value == "true" || value == "false", absl::StrCat("neither true nor false: ", key));
  return value == "true";
}

std::vector<std::string> Policy::List(absl::string_view key) const {
  return absl::StrSplit(Text(key), ',', absl::SkipEmpty());
}

bool Policy::Covers() const {
  const std::string on = FormatDate(on_);
  for (const PolicyRow& row : set_->rows()) {
    if (!row.effective_from().empty() && row.effective_from() <= on) return true;
  }
  return false;
}

PolicySet ParsePolicySet(absl::string_view text) {
  PolicySet set;
  PDP_CHECK(google::protobuf::TextFormat::ParseFromString(std::string(text), &set),
            "the shipped policy set is malformed");
  return set;
}

std::vector<std::string> PolicyFaults(const PolicySet& set) {
  std::vector<std::string> faults;
  if (set.name().empty()) faults.push_back("the set has no name");
  if (set.version().empty()) faults.push_back("the set has no version");
  std::set<std::pair<std::string, std::string>> seen;
  for (const PolicyRow& row : set.rows()) {
    const std::string which = absl::StrCat(row.key(), " from ", row.effective_from());
    const auto require = [&](bool holds, absl::string_view what) {
      if (!holds) faults.push_back(absl::StrCat(which, ": ", what));
    };
    require(!row.key().empty(), "no key");
    require(!row.value().empty(), "no value");
    require(!row.basis().empty(), "no basis");
    require(row.source() == "seed" || row.source() == "law" || row.source() == "practice" ||
                row.source() == "ours",
            "source is none of seed, law, practice, ours");
    if (row.effective_from().empty()) {
      require(!row.reason().empty(), "not in force, and no reason why");
      continue;
    }
    require(ParseDate(row.effective_from()).has_value(), "effective_from is no date");
    require(seen.insert({row.key(), row.effective_from()}).second, "twice");
  }
  return faults;
}

}  // namespace pdp::decider
