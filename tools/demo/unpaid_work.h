#ifndef PDP_TOOLS_DEMO_UNPAID_WORK_H_
#define PDP_TOOLS_DEMO_UNPAID_WORK_H_

#include <string>

#include "absl/status/status.h"
#include "libs/base/calendar.h"
#include "tools/demo/platform.h"

namespace pdp::demo {

struct WorkPlace {
  std::string area, project_id, org;
  // INDUCTION or GROUP, and its project type.
  std::string kind, type_code;
};

// An open project with work on every weekday from `first_day`. Idempotent. Waits until the contract
// of its organisation is known there.
absl::Status OpenWorkPlace(Service& unpaid_work, const WorkPlace& place, Date first_day);

// The work there is in the demonstration area: for each organisation of the UPW pool an induction
// and a group project that are open, a supervisor, and sessions on the working days of the three
// weeks from `first_day`:
//
//   {area}-{org}-IND   09:30 to 12:30, Mondays and Thursdays
//   {area}-{org}-GRP   09:00 to 16:00, other working days; the organisation's supervisor leads it
//
// Idempotent for the same first day. Waits until the organisations' contracts are known there.
absl::Status SetUpUnpaidWork(Service& unpaid_work, const std::string& area, Date first_day);

}  // namespace pdp::demo

#endif  // PDP_TOOLS_DEMO_UNPAID_WORK_H_
