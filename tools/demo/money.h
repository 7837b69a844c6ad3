#ifndef PDP_TOOLS_DEMO_MONEY_H_
#define PDP_TOOLS_DEMO_MONEY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "pdp/subcontractor/v1/types.pb.h"
#include "tools/demo/platform.h"

// What delivery is worth: the charges that facts became, and the statement of a month.

namespace pdp::demo {

// SC-N56-S01: the subcontract of an organisation in the demonstration area.
std::string SubcontractOf(const std::string& area, const std::string& org);

// Every charge of the subcontract whose fact id contains `text`, as the Authority sees them.
absl::StatusOr<std::vector<subcontractor::v1::Charge>> ChargesOf(Platform& platform,
                                                                 const std::string& area,
                                                                 const std::string& org,
                                                                 const std::string& text);

// Empty when the journal of the subcontract balances: each entry's postings sum to 0, the balances
// are the sums of the postings, and every accrued or stated charge is in one entry. Else what is
// wrong.
absl::StatusOr<std::string> LedgerFaults(Platform& platform, const std::string& area,
                                         const std::string& org);

// The statement of a month (YYYY-MM) that is over, as the organisation's finance client reads and
// accepts it at the gateway. Charges of facts that came after the close stand on the next one.
// NotFound while it is not drafted.
struct AcceptedStatement {
  std::string name;
  // It had been accepted already: by its organisation, or by silence (SUB-100).
  bool before = false;
  // Of all its lines.
  std::vector<std::string> charge_ids;
  int64_t net_pence = 0, vat_pence = 0;
};
absl::StatusOr<AcceptedStatement> AcceptStatement(Platform& platform, const std::string& area,
                                                  const std::string& org,
                                                  const std::string& month);

}  // namespace pdp::demo

#endif  // PDP_TOOLS_DEMO_MONEY_H_
