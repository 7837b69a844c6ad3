#ifndef PDP_SERVICES_REFERRAL_DOMAIN_ACCESS_H_
#define PDP_SERVICES_REFERRAL_DOMAIN_ACCESS_H_

#include <optional>

#include "libs/base/area.h"
#include "pdp/common/v1/common.pb.h"
#include "pdp/referral/v1/types.pb.h"

namespace pdp::referral {

// Limited access (REF-90). Allowed is SYS; else who is not excluded, and is restricted in where a
// restricted list stands, and, for a provider's user of a person with either list, is cleared or
// restricted in. Exclusion beats all.
//
//   excluded | restricted | cleared | official          | provider's user
//   no       | none       | any     | allowed           | allowed
//   yes      | any        | any     | denied            | denied
//   no       | not in it  | any     | denied            | denied
//   no       | in it      | any     | allowed           | allowed
//   others   | none       | no      | allowed           | denied
//   others   | none       | yes     | allowed           | allowed
bool MaySee(const v1::AccessLists& lists, const common::v1::Actor& actor);

// The area that an official works in (REF-92): RO, AA and AM carry its code as their organisation.
// nullopt: every area; so those with another organisation, CF, DP and AU, who work for all areas,
// and the platform.
std::optional<Area> AreaOf(const common::v1::Actor& actor);
// An official of one area, and not of this one.
bool WorksElsewhere(const common::v1::Actor& actor, Area area);

// Fields of v1.Identity that few may read and no rule may (REF-12).
inline constexpr const char* kProtectedFields[] = {"ethnicity", "religion", "sexual_orientation",
                                                   "marital_status", "pregnancy"};

// Whether the person has an excluded or a restricted list at all.
bool IsLimited(const v1::AccessLists& lists);

// Whether an organisation has somebody who may see a limited person; always for others.
bool HasClearedUser(const v1::AccessLists& lists, const std::string& org);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_DOMAIN_ACCESS_H_
