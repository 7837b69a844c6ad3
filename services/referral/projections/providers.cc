#include "services/referral/projections/providers.h"

#include "absl/strings/str_cat.h"
#include "pdp/referral/v1/events.pb.h"

namespace pdp::referral {

absl::Status Providers::Project(const projection::RecordedEvent& recorded,
                                projection::RowWriter& rows) {
  const auto& event = recorded.As<v1::Event>();
  if (!event.has_organisation_contracted()) return absl::OkStatus();
  const v1::Contracted& contract = event.organisation_contracted().contract();
  rows.Put(absl::StrCat(contract.org(), "/", contract.contract_id()), contract);
  return absl::OkStatus();
}

}  // namespace pdp::referral
