#include "services/referral/protected.h"

#include <algorithm>

#include "services/referral/query_access.h"

namespace pdp::referral {

bool MayReadProtected(const common::v1::Actor& actor, const Caseworkers& assigned) {
  for (const char* role : {"SYS", "RO", "AA", "DP"}) {
    if (HasRole(actor, role)) return true;
  }
  return std::any_of(assigned.begin(), assigned.end(),
                     [&](const v1::Caseworker& one) { return one.id() == actor.id(); });
}

void HideProtected(v1::Identity* identity) {
  identity->clear_ethnicity();
  identity->clear_religion();
  identity->clear_sexual_orientation();
  identity->clear_marital_status();
  identity->clear_pregnancy();
}

void HideProtected(google::protobuf::Map<std::string, v1::Section>* sections) {
  for (auto& [name, section] : *sections) {
    if (section.has_person()) section.mutable_person()->clear_ethnicity();
  }
}

bool IsProtected(absl::string_view field_path) {
  const absl::string_view field = field_path.substr(field_path.rfind('.') + 1);
  for (const absl::string_view name :
       {"ethnicity", "religion", "sexual_orientation", "marital_status", "pregnancy"}) {
    if (field == name) return true;
  }
  return false;
}

}  // namespace pdp::referral
