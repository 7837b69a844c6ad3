#ifndef PDP_SERVICES_REFERRAL_PROJECTIONS_CASE_LISTS_H_
#define PDP_SERVICES_REFERRAL_PROJECTIONS_CASE_LISTS_H_

#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "pdp/referral/v1/queries.pb.h"

// The lists that follow from the row of one referral: pure, so a change of a row is the difference
// of two of these maps. <order> is <breached><due_on><stratum><submitted_at><id>: the order of
// CaseList.
//
//   o/<order>                     every referral
//   l/<list>/<value>/<order>      those of one state, organisation, caseworker, pdu, route
//   d/<last saved>/<id>           drafts
//   k/<due_on>/<id>/<clock>/<n>   clocks that run, or were missed and have not stopped
//   u/<since>/<id>                unplaced
//   q/<since>/<id>                a return waits for the area manager
//   t/<since>/<id>                other open referrals of the person and line were there
//   x/<to area>/<due_on>/<id>     a transfer there has not been answered
//   f/<reference>                 by reference
namespace pdp::referral {

// What a list is of; the filter of CaseList that leaves the fewest rows is read.
enum class CaseListOf { kState, kOrg, kCaseworker, kPdu, kRoute };

inline constexpr char kAllCases[] = "o/";
inline constexpr char kDrafts[] = "d/";
inline constexpr char kClockList[] = "k/";
inline constexpr char kUnplaced[] = "u/";
inline constexpr char kReturns[] = "q/";
inline constexpr char kDuplicates[] = "t/";
inline constexpr char kReferences[] = "f/";
inline constexpr char kTransfers[] = "x/";

// Prefix of the list of one value.
std::string ListPrefix(CaseListOf list, absl::string_view value);

// Every list row of a referral: what is shown and filtered by, without clocks but its own.
std::map<std::string, v1::CaseRow> ListRows(const v1::CaseRow& row);

// DISCARDED, EXPIRED, CLOSED, ENDED, CONCLUDED, MOVED: nobody waits for it.
bool IsOver(v1::ReferralState state);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_PROJECTIONS_CASE_LISTS_H_
