#ifndef PDP_SERVICES_UNPAID_WORK_DOMAIN_SESSION_CAPACITY_H_
#define PDP_SERVICES_UNPAID_WORK_DOMAIN_SESSION_CAPACITY_H_

#include "services/unpaid_work/domain/checks.h"
#include "services/unpaid_work/domain/unpaid_work.h"

namespace pdp::unpaid_work {

struct Capacity {
  int32_t seats = 0;
  int32_t overbook = 0;
};

// UPW-44: C is what is planned, for GROUP at most group.max a supervisor (before assignment: one);
// O by the project's turn-out as at the day the command occurred, GROUP only.
Capacity CapacityOf(const v1::Project& project, v1::Kind kind, int planned, int supervisors,
                    Date session_date, const Facts& facts);

}  // namespace pdp::unpaid_work

#endif  // PDP_SERVICES_UNPAID_WORK_DOMAIN_SESSION_CAPACITY_H_
