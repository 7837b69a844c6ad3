#include "services/subcontractor/projections/subcontracts.h"

#include "pdp/subcontractor/v1/events.pb.h"
#include "pdp/subcontractor/v1/queries.pb.h"

namespace pdp::subcontractor {

absl::Status Subcontracts::Project(const projection::RecordedEvent& recorded,
                                   projection::RowWriter& rows) {
  if (recorded.aggregate.kind() != "subcontract") return absl::OkStatus();
  const auto& event = recorded.As<v1::Event>();
  const std::string key(recorded.aggregate.id());
  v1::SubcontractView row;
  rows.Get(key, &row);
  if (event.has_subcontract_proposed()) {
    const v1::SubcontractProposed& proposed = event.subcontract_proposed();
    row.Clear();
    row.set_subcontract_id(proposed.subcontract_id());
    row.set_contract_id(proposed.contract_id());
    row.set_org(proposed.org());
    row.set_prime_org(proposed.prime_org());
    row.set_area(std::string(recorded.area.code()));
    row.set_status(v1::SUBCONTRACT_PROPOSED);
    row.set_version(proposed.version());
    *row.mutable_sheet() = proposed.sheet();
    row.set_sha256_hex(proposed.sha256_hex());
  } else if (event.has_subcontract_signed()) {
    *row.add_signatures() = event.subcontract_signed().signature();
    row.set_status(v1::SUBCONTRACT_PART_SIGNED);
  } else if (event.has_subcontract_activated()) {
    row.set_status(v1::SUBCONTRACT_ACTIVE);
  } else if (event.has_subcontract_rejected()) {
    row.set_status(v1::SUBCONTRACT_REJECTED);
  } else if (event.has_subcontract_lapsed()) {
    row.set_status(v1::SUBCONTRACT_LAPSED);
  } else if (event.has_subcontract_suspended()) {
    row.set_status(v1::SUBCONTRACT_SUSPENDED);
  } else if (event.has_subcontract_resumed()) {
    row.set_status(v1::SUBCONTRACT_ACTIVE);
  } else if (event.has_subcontract_end_noticed()) {
    row.set_ends_on(event.subcontract_end_noticed().on());
  } else if (event.has_subcontract_ended()) {
    row.set_status(v1::SUBCONTRACT_ENDED);
    row.set_ends_on(event.subcontract_ended().to());
  } else {
    return absl::OkStatus();
  }
  rows.Put(key, row);
  return absl::OkStatus();
}

}  // namespace pdp::subcontractor
