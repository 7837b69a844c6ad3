#ifndef PDP_SERVICES_UNPAID_WORK_DOMAIN_REQUIREMENT_H_
#define PDP_SERVICES_UNPAID_WORK_DOMAIN_REQUIREMENT_H_

#include <string>

#include "services/unpaid_work/domain/checks.h"
#include "services/unpaid_work/domain/unpaid_work.h"

// What registering, varying and ending a requirement share (UPW-01 to 09, 20).

namespace pdp::unpaid_work {

// Whole hours, inclusive (UPW-02).
struct HoursBounds {
  int64_t min = 0;
  int64_t max = 0;
};
HoursBounds BoundsOf(v1::Origin origin, Date order_date);

// Hours of an occasion when `requirement_id` has `hours` in `group`: the largest of each group
// counts once, terminated requirements do not (UPW-03).
int64_t OccasionHours(const v1::Case& c, const std::string& occasion_id,
                      const std::string& requirement_id, const std::string& group,
                      int64_t hours);
// Most ordered minutes of the members still running, ties the smallest id; empty: none (UPW-05).
std::string ChooseLead(const v1::Case& c, const v1::Group& group);
// GroupLeadSet with the ETE cap of that lead, when anything of it changes (UPW-23, 24).
void EmitLead(Unit& unit, const std::string& crn, const std::string& group_id,
              const std::string& lead, bool fixed, const std::string& follows);
// UPW-04.
void FlagTotality(Unit& unit, const std::string& crn);

}  // namespace pdp::unpaid_work

#endif  // PDP_SERVICES_UNPAID_WORK_DOMAIN_REQUIREMENT_H_
