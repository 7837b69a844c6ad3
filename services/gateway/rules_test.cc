#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/api/annotations.pb.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "pdp/common/v1/admin_service.pb.h"
#include "pdp/gateway/v1/gateway_service.pb.h"
#include "services/gateway/auth_rules.h"

namespace pdp::gateway {
namespace {

using ::pdp::testing::StatusIs;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;

template <typename F>
void ForEachMethod(F visit) {
  for (const auto* service : GatewayServices()) {
    for (int i = 0; i < service->method_count(); ++i) visit(*service->method(i));
  }
}

TEST(RulesTest, EveryMethodHasARule) {
  ASSERT_OK_AND_ASSIGN(const AuthRules rules, AuthRules::Read(GatewayServices()));
  int methods = 0;
  ForEachMethod([&](const MethodDescriptor&) { ++methods; });
  EXPECT_EQ(rules.all().size(), static_cast<size_t>(methods));
  EXPECT_EQ(rules.Of("Allocations.AcceptOffer").rate_class, "WRITE");
  EXPECT_EQ(rules.Of("Events.WatchEvents").rate_class, "WATCH");
}

TEST(RulesTest, AServiceWithoutRulesDoesNotStart) {
  const auto* admin = common::v1::ListCellsRequest::descriptor()->file()->service(0);
  EXPECT_THAT(AuthRules::Read({admin}),
              StatusIs(absl::StatusCode::kFailedPrecondition, "AUTH_RULE_MISSING"));
}

// GW-3: no request names a tenant or a caller, at any depth.
void ExpectNoCaller(const Descriptor& type, const std::string& path, std::set<std::string>* seen) {
  if (!seen->insert(type.full_name()).second) return;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    for (const char* word : {"tenant", "caller", "actor", "principal", "client", "organisation",
                             "org", "on_behalf", "function"}) {
      EXPECT_FALSE(field.name() == word || absl::StrContains(field.name(), absl::StrCat(word,
          "_id")))
          << path << "." << field.name();
    }
    if (field.message_type() != nullptr) {
      ExpectNoCaller(*field.message_type(), absl::StrCat(path, ".", field.name()), seen);
    }
  }
}
TEST(RulesTest, NoRequestNamesATenantOrACaller) {
  ForEachMethod([](const MethodDescriptor& method) {
    std::set<std::string> seen;
    ExpectNoCaller(*method.input_type(), method.full_name(), &seen);
  });
}

// GW-17.
TEST(RulesTest, EveryMethodHasOneRouteOfTheRightForm) {
  std::set<std::string> routes;
  ForEachMethod([&](const MethodDescriptor& method) {
    ASSERT_TRUE(method.options().HasExtension(google::api::http)) << method.full_name();
    const google::api::HttpRule& http = method.options().GetExtension(google::api::http);
    EXPECT_EQ(http.additional_bindings_size(), 0) << method.full_name();
    const bool read = http.pattern_case() == google::api::HttpRule::kGet;
    const std::string path = read ? http.get() : http.post();
    EXPECT_TRUE(absl::StartsWith(path, "/v1/")) << method.full_name();
    EXPECT_TRUE(routes.insert(absl::StrCat(read ? "GET " : "POST ", path)).second) << path;
    EXPECT_EQ(http.body(), read ? "" : "*") << method.full_name();
    const common::v1::AuthRule& auth = method.options().GetExtension(common::v1::auth);
    EXPECT_EQ(read, auth.effect() == common::v1::READ) << method.full_name();
    for (int i = 0; read && i < method.input_type()->field_count(); ++i) {
      EXPECT_EQ(method.input_type()->field(i)->message_type(), nullptr) << method.full_name();
    }
  });
}

// GW-7: every mutation can be repeated safely.
TEST(RulesTest, EveryMutationHasARequestIdAndNoReadHasOne) {
  ForEachMethod([](const MethodDescriptor& method) {
    const bool write =
        method.options().GetExtension(common::v1::auth).effect() == common::v1::WRITE;
    EXPECT_EQ(write, method.input_type()->FindFieldByName("request_id") != nullptr)
        << method.full_name();
  });
}

}  // namespace
}  // namespace pdp::gateway
