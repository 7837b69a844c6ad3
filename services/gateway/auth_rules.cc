#include "services/gateway/auth_rules.h"

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "pdp/gateway/v1/gateway_service.pb.h"

namespace pdp::gateway {

using google::protobuf::FieldDescriptor;

absl::StatusOr<AuthRules> AuthRules::Read(
    const std::vector<const google::protobuf::ServiceDescriptor*>& services) {
  AuthRules rules;
  for (const auto* service : services) {
    for (int i = 0; i < service->method_count(); ++i) {
      const auto* method = service->method(i);
      const auto missing = [&](absl::string_view what) {
        return absl::FailedPreconditionError(
            absl::StrCat("AUTH_RULE_MISSING: ", method->full_name(), " ", what));
      };
      if (!method->options().HasExtension(common::v1::auth)) return missing("has no rule");
      Rule rule;
      rule.auth = method->options().GetExtension(common::v1::auth);
      if (rule.auth.party().empty()) return missing("names no party");
      if (rule.auth.effect() == common::v1::EFFECT_UNSPECIFIED) return missing("names no effect");
      if (!rule.auth.resource_field().empty()) {
        rule.resource = method->input_type()->FindFieldByName(rule.auth.resource_field());
        if (rule.resource == nullptr ||
            rule.resource->cpp_type() != FieldDescriptor::CPPTYPE_STRING ||
            rule.resource->is_repeated()) {
          return missing("names a resource that is no string field");
        }
      }
      rule.rate_class = rule.auth.class_();
      if (rule.rate_class.empty()) {
        rule.rate_class = rule.auth.effect() == common::v1::WRITE ? "WRITE" : "READ";
      }
      rules.rules_.emplace(absl::StrCat(service->name(), ".", method->name()), std::move(rule));
    }
  }
  return rules;
}

const AuthRules::Rule& AuthRules::Of(const std::string& method) const {
  const auto it = rules_.find(method);
  PDP_CHECK(it != rules_.end(), method);
  return it->second;
}

std::vector<const google::protobuf::ServiceDescriptor*> GatewayServices() {
  const auto* file = v1::WhoAmIRequest::descriptor()->file();
  std::vector<const google::protobuf::ServiceDescriptor*> services;
  for (int i = 0; i < file->service_count(); ++i) services.push_back(file->service(i));
  return services;
}

}  // namespace pdp::gateway
