#ifndef PDP_SERVICES_GATEWAY_VISIBILITY_H_
#define PDP_SERVICES_GATEWAY_VISIBILITY_H_

#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/gateway/authenticator.h"
#include "pdp/common/v1/common.pb.h"
#include "services/gateway/backends.h"

namespace pdp::gateway {

// What a tenant is on a resource (GW-3, GW-6): PRIME, SUBCONTRACTOR, AUTHORITY, AUDITOR; empty: it
// is not visible, and whether it exists is nobody's business. Computed per resource, never stored:
// the services answer from their newest state, so a right that ended is gone at once.
class Visibility {
 public:
  virtual ~Visibility() = default;
  // `name`: a resource name or one below it. Unavailable, DeadlineExceeded: not known.
  virtual absl::StatusOr<std::set<common::v1::Party>> PartiesOn(const Principal& principal,
                                                                const std::string& name,
                                                                absl::Time deadline) = 0;
};

// pools: members and prime of the pool. cases: the holder, as the referral service says under the
// scope of the organisation (REF-92, REF-90). subcontracts: its two sides.
class ServiceVisibility final : public Visibility {
 public:
  explicit ServiceVisibility(Backends& backends) : backends_(backends) {}
  absl::StatusOr<std::set<common::v1::Party>> PartiesOn(const Principal& principal,
                                                        const std::string& name,
                                                        absl::Time deadline) override;

 private:
  Backends& backends_;
};

// The actor of a call to a service: the client acts for its organisation in these roles, codes of
// the service that is called.
common::v1::Actor ActorOf(const Principal& principal, const std::vector<std::string>& roles);

// The roles of a query of the subcontractor service: the functions, and "A" or "X" for the
// Authority and auditors. What the organisation is on the resource that service finds itself.
std::vector<std::string> QueryRoles(const Principal& principal);

}  // namespace pdp::gateway

#endif  // PDP_SERVICES_GATEWAY_VISIBILITY_H_
