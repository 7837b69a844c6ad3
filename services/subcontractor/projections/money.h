#ifndef PDP_SERVICES_SUBCONTRACTOR_PROJECTIONS_MONEY_H_
#define PDP_SERVICES_SUBCONTRACTOR_PROJECTIONS_MONEY_H_

#include <string>

#include "libs/projection/projection.h"

namespace pdp::subcontractor {

// Charges, statements and the journal of each subcontract.
//
//   c/{subcontract}/{YYYY-MM}/{charge_id}   v1::ChargeView
//   j/{subcontract}/{n, 16 hex digits}         v1::JournalEntry
//   t/{subcontract}/{YYYY-MM}               v1::StatementView
//   w/{raised on}/{fact}, i/{fact}          v1::ChargeTaskView of a waiting fact; the way to it
class Money final : public projection::Projection {
 public:
  static constexpr char kName[] = "money";
  static constexpr char kTaskPrefix[] = "w/";
  static std::string ChargePrefix(absl::string_view subcontract_id, absl::string_view month);
  static std::string JournalPrefix(absl::string_view subcontract_id);
  static std::string StatementPrefix(absl::string_view subcontract_id);
  std::string name() const override { return kName; }
  uint32_t version() const override { return 2; }
  absl::Status Project(const projection::RecordedEvent& recorded,
                       projection::RowWriter& rows) override;
};

}  // namespace pdp::subcontractor

#endif  // PDP_SERVICES_SUBCONTRACTOR_PROJECTIONS_MONEY_H_
