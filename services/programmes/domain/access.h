#ifndef PDP_SERVICES_PROGRAMMES_DOMAIN_ACCESS_H_
#define PDP_SERVICES_PROGRAMMES_DOMAIN_ACCESS_H_

#include "pdp/common/v1/common.pb.h"
#include "pdp/programmes/v1/types.pb.h"

namespace pdp::programmes {

// Limited access as referral says it (REF-90); who may see is asked before anything else of a
// person. The platform may; else who is not excluded, and is restricted in where a restricted list
// stands, and, of an organisation and for a person with either list, is cleared or restricted in.
// Exclusion beats all. An empty copy limits nobody.
bool MaySee(const v1::AccessCopy& access, const common::v1::Actor& actor);

}  // namespace pdp::programmes

#endif  // PDP_SERVICES_PROGRAMMES_DOMAIN_ACCESS_H_
