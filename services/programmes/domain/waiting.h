#ifndef PDP_SERVICES_PROGRAMMES_DOMAIN_WAITING_H_
#define PDP_SERVICES_PROGRAMMES_DOMAIN_WAITING_H_

#include "libs/base/calendar.h"
#include "pdp/programmes/v1/types.pb.h"

// How long somebody has waited (PRG-22, 23). Pure.

namespace pdp::programmes {

struct WaitingDays {
  int elapsed = 0;
  // Without the days inside pauses; what the provider lacks never pauses (PRG-23).
  int counted = 0;
};
// PRG-22, on `date`, or on the day of the first attended session if that came earlier.
WaitingDays WaitingOn(const v1::Enrolment& enrolment, Date date);

}  // namespace pdp::programmes

#endif  // PDP_SERVICES_PROGRAMMES_DOMAIN_WAITING_H_
