#ifndef PDP_TOOLS_PDPCTL_SUBJECT_BUNDLE_H_
#define PDP_TOOLS_PDPCTL_SUBJECT_BUNDLE_H_

#include <string>
#include <vector>

#include "pdp/referral/v1/queries.pb.h"
#include "tools/pdpctl/operator.h"

namespace pdp::pdpctl {

// The subject bundle of an access request as text (REF-101): its records one after another, what
// happened to each in order, field by field, with what was withheld and why.
std::string BundleText(const std::vector<referral::v1::BundleSection>& sections,
                       const referral::v1::BundleEnd& end);

// Fetches it into the file of --file, or prints it. Asks as the data-protection officer --as unless
// --roles says otherwise. DataLoss when what came is not what the service hashed; the file is then
// not written.
grpc::Status FetchBundle(Session& session, const std::string& request_id);

}  // namespace pdp::pdpctl

#endif  // PDP_TOOLS_PDPCTL_SUBJECT_BUNDLE_H_
