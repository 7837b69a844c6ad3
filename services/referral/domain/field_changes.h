#ifndef PDP_SERVICES_REFERRAL_DOMAIN_FIELD_CHANGES_H_
#define PDP_SERVICES_REFERRAL_DOMAIN_FIELD_CHANGES_H_

#include <vector>

#include "google/protobuf/message.h"
#include "pdp/referral/v1/types.pb.h"

namespace pdp::referral {

// The typed differences between two messages of one type, field by field in the order of the
// descriptor, down to the leaves (REF-70). A leaf that one side does not have has no value there;
// rows of a list are compared by their place, those of a map by their key; an instant is one text.
//
//   risk.items.i2_6   old: none   new: number 2
//   availability.windows[1].from_min   old: number 540   new: number 600
std::vector<v1::AmendedField> FieldChanges(const google::protobuf::Message& before,
                                          const google::protobuf::Message& after);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_DOMAIN_FIELD_CHANGES_H_
