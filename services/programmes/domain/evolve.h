#ifndef PDP_SERVICES_PROGRAMMES_DOMAIN_EVOLVE_H_
#define PDP_SERVICES_PROGRAMMES_DOMAIN_EVOLVE_H_

#include "services/programmes/domain/programmes.h"

namespace pdp::programmes {

// What an event on an enrolment changes; events on other aggregates change nothing here. Total.
void EvolveEnrolment(const v1::Event& event, const EventFacts& facts, v1::Enrolment* enrolment);

}  // namespace pdp::programmes

#endif  // PDP_SERVICES_PROGRAMMES_DOMAIN_EVOLVE_H_
