#ifndef PDP_SERVICES_UNPAID_WORK_PROJECTIONS_LEDGER_H_
#define PDP_SERVICES_UNPAID_WORK_PROJECTIONS_LEDGER_H_

#include <string>

#include "libs/projection/projection.h"
#include "pdp/unpaid_work/v1/queries.pb.h"

namespace pdp::unpaid_work {

// ledger_entries: every posting of every book, for ever (UPW-18).
//
//   {crn}/{requirement}/{n, 16 hex digits}   v1.LedgerEntry
class LedgerView final : public projection::Projection {
 public:
  static constexpr char kName[] = "ledger_entries";
  // No requirement: all books of the person.
  static std::string Prefix(absl::string_view crn, absl::string_view requirement_id);
  std::string name() const override { return kName; }
  uint32_t version() const override { return 1; }
  absl::Status Project(const projection::RecordedEvent& recorded,
                       projection::RowWriter& rows) override;
};

// Adds a posting to the balances of its book, in the order of the accounts. A sum over all entries
// of a book gives its balances; the sum of those is zero.
void Post(const v1::LedgerEntry& entry,
          google::protobuf::RepeatedPtrField<v1::Balance>* balances);

}  // namespace pdp::unpaid_work

#endif  // PDP_SERVICES_UNPAID_WORK_PROJECTIONS_LEDGER_H_
