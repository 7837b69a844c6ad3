#ifndef PDP_SERVICES_GATEWAY_AUTH_RULES_H_
#define PDP_SERVICES_GATEWAY_AUTH_RULES_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "pdp/common/v1/options.pb.h"

namespace pdp::gateway {

// Who may call each method, read from the descriptors (GW-4). Immutable; any thread.
class AuthRules {
 public:
  // FailedPrecondition AUTH_RULE_MISSING naming the method for one without a rule, without an
  // effect or party, or whose resource_field is no string field of its request.
  static absl::StatusOr<AuthRules> Read(
      const std::vector<const google::protobuf::ServiceDescriptor*>& services);

  struct Rule {
    common::v1::AuthRule auth;
    const google::protobuf::FieldDescriptor* resource = nullptr;
    // READ, WRITE, or the rule's own class.
    std::string rate_class;
  };
  // `method`: "Allocations.ListOffers". The process ends for a name that was not read.
  const Rule& Of(const std::string& method) const;
  const std::map<std::string, Rule>& all() const { return rules_; }

 private:
  std::map<std::string, Rule> rules_;
};

// The services of the gateway's proto.
std::vector<const google::protobuf::ServiceDescriptor*> GatewayServices();

}  // namespace pdp::gateway

#endif  // PDP_SERVICES_GATEWAY_AUTH_RULES_H_
