#ifndef PDP_SERVICES_REFERRAL_REFERENCE_SHIPPED_CATALOGUE_H_
#define PDP_SERVICES_REFERRAL_REFERENCE_SHIPPED_CATALOGUE_H_

#include "pdp/programmes/v1/types.pb.h"
#include "pdp/referral/v1/commands.pb.h"

namespace pdp::referral {

// What referral reads of programmes' catalogue (REF-48): the published versions, in its own words.
// Shared criteria content has one owner, programmes (interfaces, C13), and one file.
v1::CatalogueVersion ReadCopy(const programmes::v1::ProgrammeVersion& version);

// The catalogue as shipped; parsed once, never destroyed.
const v1::Catalogue& ShippedCatalogue();

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_REFERENCE_SHIPPED_CATALOGUE_H_
