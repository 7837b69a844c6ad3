#ifndef PDP_SERVICES_GATEWAY_NAMES_H_
#define PDP_SERVICES_GATEWAY_NAMES_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "libs/base/area.h"

// Names of resources as clients write them. A '/' inside an id is written '~'; the area leads, so
// that a name alone says which cell to ask. Parse functions give nullopt for anything else.

namespace pdp::gateway {

// "<collection>/{area}-{id}", the id in the service's own spelling.
struct AreaName {
  Area area;
  std::string id;
};
std::optional<AreaName> ParseAreaName(absl::string_view collection, absl::string_view name);
std::string FormatAreaName(absl::string_view collection, absl::string_view area_code,
                           absl::string_view id);

// pools/{area}-{service}; also of any name below it.
std::optional<AreaName> ParsePool(absl::string_view name);

// pools/{area}-{service}/offers/{referral_id}~{round}
struct OfferName {
  AreaName pool;
  std::string referral_id;
  int round = 0;
};
std::optional<OfferName> ParseOffer(absl::string_view name);
std::string FormatOffer(absl::string_view pool, absl::string_view referral_id, int round);

// subcontracts/{area}-{id}/statements/{statement_id}
struct StatementName {
  AreaName subcontract;
  std::string statement_id;
};
std::optional<StatementName> ParseStatement(absl::string_view name);

std::string FormatStatement(absl::string_view subcontract, absl::string_view statement_id);

// The first two segments: "subcontracts/N56-S1" of "subcontracts/N56-S1/statements/x".
std::string TopLevel(absl::string_view name);

}  // namespace pdp::gateway

#endif  // PDP_SERVICES_GATEWAY_NAMES_H_
