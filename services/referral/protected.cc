#include "services/referral/protected.h"

#include <algorithm>
#include <iterator>

#include "services/referral/domain/access.h"
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
  for (const char* name : kProtectedFields) {
    identity->GetReflection()->ClearField(identity,
                                          identity->GetDescriptor()->FindFieldByName(name));
  }
}

void HideProtected(google::protobuf::Map<std::string, v1::Section>* sections) {
  for (auto& [name, section] : *sections) {
    if (section.has_person()) section.mutable_person()->clear_ethnicity();
  }
}

bool IsProtected(absl::string_view field_path) {
  const absl::string_view field = field_path.substr(field_path.rfind('.') + 1);
  return std::find(std::begin(kProtectedFields), std::end(kProtectedFields), field) !=
         std::end(kProtectedFields);
}

}  // namespace pdp::referral
