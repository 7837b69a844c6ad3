#ifndef PDP_SERVICES_REFERRAL_PROTECTED_H_
#define PDP_SERVICES_REFERRAL_PROTECTED_H_

#include "absl/strings/string_view.h"
#include "pdp/common/v1/common.pb.h"
#include "pdp/referral/v1/queries.pb.h"

namespace pdp::referral {

// Ethnicity, religion, sexual orientation, marital status and pregnancy (REF-12): read by RO and
// AA, by DP, by the platform, and by the caseworkers who are assigned to the referral. To others
// who may see the person these fields are empty, whether something is recorded or not.

using Caseworkers = google::protobuf::RepeatedPtrField<v1::Caseworker>;

bool MayReadProtected(const common::v1::Actor& actor, const Caseworkers& assigned = {});

void HideProtected(v1::Identity* identity);
void HideProtected(google::protobuf::Map<std::string, v1::Section>* sections);

// Of a path like `identity.religion`.
bool IsProtected(absl::string_view field_path);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_PROTECTED_H_
