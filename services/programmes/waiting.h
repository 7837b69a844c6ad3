#ifndef PDP_SERVICES_PROGRAMMES_WAITING_H_
#define PDP_SERVICES_PROGRAMMES_WAITING_H_

#include <string>

#include "libs/base/calendar.h"
#include "pdp/programmes/v1/queries.pb.h"
#include "pdp/programmes/v1/types.pb.h"

// The figures of a wait, which depend on the day they are asked for. Pure.

namespace pdp::programmes {

// PRG-24 and the bucket of PRG-25 for a latest start (none: an open end) as on `today`.
struct Urgency {
  v1::WaitFlag flag = v1::WAIT_GREEN;
  int bucket = 1;
};
Urgency UrgencyOf(std::optional<Date> latest_start, Date today);

v1::WaitingRow MakeWaiting(const v1::EnrolmentRow& row, Date today);
// Ascending in the order of PRG-25; unique for each enrolment.
std::string WaitingOrder(const v1::WaitingRow& row);

}  // namespace pdp::programmes

#endif  // PDP_SERVICES_PROGRAMMES_WAITING_H_
