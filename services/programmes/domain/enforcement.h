#ifndef PDP_SERVICES_PROGRAMMES_DOMAIN_ENFORCEMENT_H_
#define PDP_SERVICES_PROGRAMMES_DOMAIN_ENFORCEMENT_H_

#include <vector>

#include "services/programmes/domain/programmes.h"

// Failures, warnings and the steps that follow from them, per order (PRG-86 to 90). The service
// refers; it never issues a breach.

namespace pdp::programmes {

// The steps of an order as its confirmed failures and live warnings are now, by date (PRG-88, 89).
// A pure function of the state: what is emitted is the difference to before (PRG-90).
std::vector<v1::Step> StepsOf(const v1::Order& order);

// What an outcome of a session on `attendance.date()` means for the order: a failure is raised,
// joined, confirmed, left or rescinded; steps follow (PRG-86, 87).
void FollowOutcome(Unit& unit, const v1::Enrolment& enrolment, const v1::Attendance& attendance,
                   const Facts& facts);

}  // namespace pdp::programmes

#endif  // PDP_SERVICES_PROGRAMMES_DOMAIN_ENFORCEMENT_H_
