#include "libs/record/upcaster.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"

namespace pdp::record {

void Upcaster::Add(absl::string_view type, uint32_t from, Lift lift) {
  std::vector<Lift>& chain = lifts_[std::string(type)];
  PDP_CHECK(from == chain.size() + 1,
            absl::StrCat("the lifts of ", type, " are added in order, none left out"));
  PDP_CHECK(lift != nullptr, "a lift does something");
  chain.push_back(std::move(lift));
}

uint32_t Upcaster::Current(absl::string_view type) const {
  const auto found = lifts_.find(type);
  return found == lifts_.end() ? 1 : static_cast<uint32_t>(found->second.size()) + 1;
}

absl::Status Upcaster::LiftToCurrent(absl::string_view type, uint32_t schema,
                                     google::protobuf::Message* event) const {
  const uint32_t version = schema == 0 ? 1 : schema;
  const uint32_t current = Current(type);
  if (version > current) {
    return absl::FailedPreconditionError(
        absl::StrCat("a newer program wrote ", type, " as version ", version,
                     "; this one knows it up to ", current));
  }
  if (version == current) return absl::OkStatus();
  const std::vector<Lift>& chain = lifts_.find(type)->second;
  for (uint32_t at = version; at < current; ++at) chain[at - 1](*event);
  return absl::OkStatus();
}

}  // namespace pdp::record
