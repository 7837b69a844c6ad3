#ifndef PDP_SERVICES_REFERRAL_PROJECTIONS_IDS_OF_PERSON_H_
#define PDP_SERVICES_REFERRAL_PROJECTIONS_IDS_OF_PERSON_H_

#include <algorithm>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/status_macros.h"
#include "libs/projection/projection.h"
#include "pdp/referral/v1/queries.pb.h"

// What a person has of one kind, in one row: one look-up instead of a search, and for most people
// the filter of the table answers that there is nothing.
namespace pdp::referral {

// Puts `id` in its place; once.
inline void AddIdOfPerson(const std::string& key, const std::string& id,
                          projection::RowWriter& rows) {
  v1::IdsOfPerson row;
  rows.Get(key, &row);
  std::vector<std::string> ids(row.ids().begin(), row.ids().end());
  const auto at = std::lower_bound(ids.begin(), ids.end(), id);
  if (at != ids.end() && *at == id) return;
  ids.insert(at, id);
  row.mutable_ids()->Assign(ids.begin(), ids.end());
  rows.Put(key, row);
}

// Empty when there is no row.
inline absl::StatusOr<std::vector<std::string>> IdsOfPersonAt(const projection::RowReader& rows,
                                                              Area area, absl::string_view key) {
  v1::IdsOfPerson row;
  RETURN_IF_ERROR(rows.Get(area, key, &row).status());
  return std::vector<std::string>(row.ids().begin(), row.ids().end());
}

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_PROJECTIONS_IDS_OF_PERSON_H_
