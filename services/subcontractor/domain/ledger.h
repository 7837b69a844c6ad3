#ifndef PDP_SERVICES_SUBCONTRACTOR_DOMAIN_LEDGER_H_
#define PDP_SERVICES_SUBCONTRACTOR_DOMAIN_LEDGER_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/subcontractor/domain/subcontractor.h"

// Double entry and the chain of a subcontract (SUB-105 to 107). Debit is positive; every event sums
// to 0, checked where postings are made.

namespace pdp::subcontractor {

// h_0: 64 zeros.
std::string LedgerStart();
// h_n = SHA-256(h_(n-1) + "\n" + one line `subcontract|n|event|account|pence\n` a posting, sorted
// by (account name, amount)), hexadecimal. A posting of 0 is no line.
v1::LedgerLink NextLink(absl::string_view subcontract_id, const v1::LedgerLink& previous,
                        absl::string_view event_id, const std::vector<v1::Posting>& postings);

struct Parties {
  std::string prime_org;
  std::string subcontractor_org;
};
// Accrue: SUB_COST +a, ACCRUED -a. Empty when a is 0.
std::vector<v1::Posting> AccruePostings(const Parties& parties, int64_t amount_pence);

// Emits LedgerPosted on the ledger of the subcontract. Checks that the postings sum to 0.
void PostToLedger(Unit& unit, absl::string_view subcontract_id, absl::string_view event_id,
                  const std::vector<v1::Posting>& postings, absl::string_view month);

std::string ChargeId(absl::string_view fact_id, absl::string_view rule_id);
// Id of the reversal of a charge, in the ledger and on statements.
std::string ReversalId(const v1::Charge& charge);

}  // namespace pdp::subcontractor

#endif  // PDP_SERVICES_SUBCONTRACTOR_DOMAIN_LEDGER_H_
