#include "libs/rpc/server.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "httplib.h"
#include "libs/base/status_matchers.h"
#include "libs/rpc/auth.h"
#include "libs/rpc/client.h"
#include "libs/rpc/testing/certificates.h"
#include "libs/rpc/testing/test_admin.h"

namespace pdp::rpc {
namespace {

using ::pdp::testing::StatusIs;
using testing::TestAdmin;
using testing::TestAuthority;

grpc::Status TrustedOnly(grpc::CallbackServerContext& context, common::v1::ListCellsReply* reply) {
  const grpc::Status trusted = RequireTrustedPeer(context, "test");
  for (const std::string& name : PeerOf(context).names) reply->add_cells()->set_owner(name);
  return trusted;
}

grpc::Status Ask(const std::shared_ptr<grpc::Channel>& channel,
                 common::v1::ListCellsReply* reply = nullptr,
                 const common::v1::ListCellsRequest& request = {}) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(Clock::System().Now() + absl::Seconds(10)));
  common::v1::ListCellsReply scratch;
  return common::v1::Admin::NewStub(channel)->ListCells(&context, request,
                                                        reply == nullptr ? &scratch : reply);
}

std::shared_ptr<grpc::Channel> Channel(int port, std::optional<ClientTls> tls = std::nullopt) {
  return *MakeChannel(absl::StrCat("localhost:", port), tls);
}

TEST(ServerTest, ServesCallsOnLoopbackWithoutEncryptionAndCountsThem) {
  TestAdmin admin(TrustedOnly);
  Server server(ServerOptions{.metrics_port = 0});
  server.Add(&admin);
  ASSERT_OK(server.Start());
  EXPECT_TRUE(Ask(Channel(server.port())).ok());
  httplib::Client http("127.0.0.1", server.metrics_port());
  const auto up = http.Get("/health");
  ASSERT_TRUE(up);
  EXPECT_EQ(up->status, 200);
  // The meter is read after the call's own end, which the client does not wait for.
  const std::string counted =
      "pdp_rpc_handled_total{method=\"/pdp.common.v1.Admin/ListCells\",code=\"OK\"} 1";
  const absl::Time deadline = Clock::System().Now() + absl::Seconds(10);
  std::string body;
  while (!absl::StrContains(body, counted) && Clock::System().Now() < deadline) {
    body = http.Get("/metrics")->body;
  }
  EXPECT_TRUE(absl::StrContains(body, counted)) << body;
  EXPECT_TRUE(absl::StrContains(body, "le=\"+Inf\"} 1")) << body;
  EXPECT_TRUE(absl::StrContains(
      body, "pdp_rpc_in_flight{method=\"/pdp.common.v1.Admin/ListCells\"} 0")) << body;
}

TEST(ServerTest, RefusesToServeOthersWithoutTls) {
  Server server(ServerOptions{.listen = "0.0.0.0:0"});
  EXPECT_THAT(server.Start(), StatusIs(absl::StatusCode::kInvalidArgument, "without TLS"));
}

TEST(ServerTest, SaysThatItsPortIsTaken) {
  Server first(ServerOptions{});
  ASSERT_OK(first.Start());
  Server second(ServerOptions{.listen = absl::StrCat("127.0.0.1:", first.port())});
  EXPECT_THAT(second.Start(), StatusIs(absl::StatusCode::kUnavailable, "cannot listen"));
}

TEST(ServerTest, NamesTheTlsFileThatItCannotRead) {
  Server server(ServerOptions{.tls = TlsOptions{"/absent.pem", "/absent.key", "/absent-ca.pem"}});
  EXPECT_THAT(server.Start(), StatusIs(absl::StatusCode::kInvalidArgument, "/absent.pem"));
}

class TlsTest : public ::testing::Test {
 protected:
  std::unique_ptr<Server> Serve(TestAdmin& admin, bool require_certificate) {
    const auto pair = authority_.Issue("server");
    auto server = std::make_unique<Server>(ServerOptions{
        .tls = TlsOptions{pair.certificate_file, pair.key_file, authority_.ca_file(),
                          require_certificate}});
    server->Add(&admin);
    EXPECT_OK(server->Start());
    return server;
  }
  ClientTls With(const TestAuthority::Pair& pair) {
    return {.ca_file = authority_.ca_file(), .certificate_file = pair.certificate_file,
            .key_file = pair.key_file};
  }
  TestAuthority authority_;
  TestAdmin admin_{TrustedOnly};
};

TEST_F(TlsTest, APeerWithACertificateOfTheAuthorityIsKnownByItsNames) {
  auto server = Serve(admin_, true);
  common::v1::ListCellsReply reply;
  const grpc::Status status =
      Ask(Channel(server->port(), With(authority_.Issue("gw", "spiffe://pdp/gateway"))), &reply);
  ASSERT_TRUE(status.ok()) << status.error_message();
  std::vector<std::string> names;
  for (const auto& cell : reply.cells()) names.push_back(cell.owner());
  EXPECT_NE(std::find(names.begin(), names.end(), "spiffe://pdp/gateway"), names.end());
}

TEST_F(TlsTest, NobodyComesInWithoutACertificateOrWithAForeignOne) {
  auto server = Serve(admin_, true);
  EXPECT_EQ(Ask(Channel(server->port(), ClientTls{.ca_file = authority_.ca_file()})).error_code(),
            grpc::StatusCode::UNAVAILABLE);
  TestAuthority foreign;
  ClientTls tls = With(foreign.Issue("gw"));
  EXPECT_EQ(Ask(Channel(server->port(), tls)).error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(TlsTest, APeerWithoutACertificateIsNotTrustedEvenWhenItMayConnect) {
  auto server = Serve(admin_, false);
  const grpc::Status status =
      Ask(Channel(server->port(), ClientTls{.ca_file = authority_.ca_file()}));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(FromStatus(status)->reason, "PEER_NOT_TRUSTED");
}

TEST(AuthTest, OnlyAddressesOfThisMachineAreLoopback) {
  for (const char* peer : {"ipv4:127.0.0.1:1", "ipv6:[::1]:1", "ipv6:%5B::1%5D:1", "unix:/tmp/s"}) {
    EXPECT_TRUE(IsLoopback(peer)) << peer;
  }
  for (const char* peer : {"ipv4:10.0.0.1:1", "ipv6:[::2]:1", "", "ipv4:12.7.0.0:1"}) {
    EXPECT_FALSE(IsLoopback(peer)) << peer;
  }
}

}  // namespace
}  // namespace pdp::rpc
