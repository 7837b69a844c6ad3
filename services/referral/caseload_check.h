#ifndef PDP_SERVICES_REFERRAL_CASELOAD_CHECK_H_
#define PDP_SERVICES_REFERRAL_CASELOAD_CHECK_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "pdp/common/v1/common.pb.h"
#include "pdp/referral/v1/queries.pb.h"

namespace pdp::referral {

// What the rules say to a line of a caseload file, without writing anything: the line is decided
// command by command on records of its own, as if nobody had ever been registered, and goes on past
// what is refused, so every wrong field of all its parts is named. A rule about a whole part
// (HOURS_OUT_OF_BOUNDS, DATE_ORDER) names the part. Whether the person is registered already is not
// asked: the commands say that. `home_area`: the area the file is of; empty: any. Empty: the line
// can be carried out. Pure.
std::vector<v1::CaseloadFault> CheckLine(const v1::CaseloadLine& line,
                                         const common::v1::Actor& actor,
                                         const std::string& home_area, absl::Time now);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_CASELOAD_CHECK_H_
