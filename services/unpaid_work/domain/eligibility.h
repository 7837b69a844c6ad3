#ifndef PDP_SERVICES_UNPAID_WORK_DOMAIN_ELIGIBILITY_H_
#define PDP_SERVICES_UNPAID_WORK_DOMAIN_ELIGIBILITY_H_

#include <string>
#include <vector>

#include "services/unpaid_work/domain/checks.h"
#include "services/unpaid_work/domain/unpaid_work.h"

namespace pdp::unpaid_work {

// UPW-53: why a person may not sit in a session of a project, complete, in the order of the rule.
// Empty: eligible. OUT_OF_AREA is not among them: other areas' projects do not exist in a cell.
std::vector<std::string> MaskCodes(const Unit& unit, const v1::Case& c, const v1::Project& project,
                                   const v1::Session& session);

// Week bits and dated blocks, for [start, end) of a date. Nothing recorded: available.
bool Available(const v1::Case& c, Date date, int start, int end);

// UPW-34, in order; empty: passed. INDUCTION needs only the first.
std::string GateCode(const v1::Case& c, v1::Kind kind);

}  // namespace pdp::unpaid_work

#endif  // PDP_SERVICES_UNPAID_WORK_DOMAIN_ELIGIBILITY_H_
