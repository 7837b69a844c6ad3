#include "services/gateway/gateway.h"

#include <filesystem>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "libs/base/hash.h"
#include "libs/base/status_matchers.h"
#include "libs/rpc/testing/certificates.h"
#include "pdp/gateway/v1/gateway_service.grpc.pb.h"
#include "pdp/referral/v1/public_events.pb.h"
#include "services/gateway/testing/fake_services.h"
#include "services/gateway/testing/tokens.h"

namespace pdp::gateway {
namespace {

using rpc::testing::TestAuthority;

constexpr char kUuid[] = "123e4567-e89b-42d3-a456-426614174000";
constexpr char kUuid2[] = "123e4567-e89b-42d3-a456-426614174001";

// A gateway over mTLS, with fake services behind. Clients: a (ORG-A, everything), a-reader (ORG-A,
// no DELIVERY), b (ORG-B), p (the prime ORG-P), x (a stranger with a good certificate).
class GatewayTest : public ::testing::Test {
 protected:
  GatewayTest() {
    referral_server_.Add(&referral_);
    EXPECT_OK(referral_server_.Start());
    subcontractor_server_.Add(&subcontractor_);
    EXPECT_OK(subcontractor_server_.Start());
    const std::string all =
        "functions: ADMIN functions: FINANCE functions: DELIVERY functions: READER";
    std::string registry = absl::StrCat(
        "issuer: 'https://issuer' audience: 'pdp-gateway' keys { kid: 'k' alg: 'EdDSA' "
        "public_key_pem: '",
        absl::StrReplaceAll(signer_.PublicPem(), {{"\n", "\\n"}}), "' }\n");
    for (const auto& [client, tenant, functions] :
         {std::tuple<std::string, std::string, std::string>{"a", "ORG-A", all},
          {"a-reader", "ORG-A", "functions: READER"}, {"b", "ORG-B", all}, {"p", "ORG-P", all},
          {"x", "ORG-X", all}}) {
      absl::StrAppend(&registry, "clients { client_id: '", client, "' tenant: '", tenant,
                      "' san_uris: 'spiffe://", client, "' ", functions, " }\n");
    }
    const std::string& folder = authority_.folder();
    TestAuthority::Write(folder + "/credentials", registry);
    TestAuthority::Write(folder + "/key", std::string(64, 'a') + "\n");
    const auto pair = authority_.Issue("gateway");
    Options options;
    options.server.tls = rpc::TlsOptions{pair.certificate_file, pair.key_file, authority_.ca_file(),
                                         /*require_client_certificate=*/false};
    options.credentials_file = folder + "/credentials";
    options.token_key_file = folder + "/key";
    options.access_log_file = folder + "/access.log";
    options.peers = {{"referral", absl::StrCat("127.0.0.1:", referral_server_.port())},
                     {"subcontractor", absl::StrCat("127.0.0.1:", subcontractor_server_.port())}};
    options.watch.heartbeat = absl::Milliseconds(300);
    auto gateway = Gateway::Start(options);
    EXPECT_OK(gateway);
    gateway_ = *std::move(gateway);
  }
  ~GatewayTest() override { gateway_->Stop(); }

  std::shared_ptr<grpc::Channel> As(const std::string& client) {
    auto& channel = channels_[client];
    if (channel == nullptr) {
      rpc::ClientTls tls{.ca_file = authority_.ca_file()};
      if (!client.empty()) {
        const auto pair = authority_.Issue(client, "spiffe://" + client);
        tls.certificate_file = pair.certificate_file;
        tls.key_file = pair.key_file;
      }
      channel = *rpc::MakeChannel(absl::StrCat("localhost:", gateway_->port()), tls);
    }
    return channel;
  }

  // One call as `client`; `headers` are sent beside.
  template <typename Service, typename Request, typename Reply>
  grpc::Status Call(const std::string& client,
                    grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&,
                                                          Reply*),
                    const Request& request, Reply* reply = nullptr,
                    const std::map<std::string, std::string>& headers = {}) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(Clock::System().Now() + absl::Seconds(20)));
    for (const auto& [key, value] : headers) context.AddMetadata(key, value);
    Reply scratch;
    auto stub = Service::NewStub(As(client));
    return (stub.get()->*method)(&context, request, reply == nullptr ? &scratch : reply);
  }
  static std::string Reason(const grpc::Status& status) {
    return status.ok() ? "OK" : rpc::FromStatus(status)->reason;
  }
  static v1::AcceptOfferRequest AcceptRequest(const std::string& offer,
                                              const std::string& request_id = kUuid) {
    v1::AcceptOfferRequest request;
    request.set_name("pools/N56-TSP/offers/" + offer);
    request.set_request_id(request_id);
    return request;
  }
  grpc::Status Accept(const std::string& client, const v1::AcceptOfferRequest& request,
                      v1::AcceptOfferReply* reply = nullptr,
                      const std::map<std::string, std::string>& headers = {}) {
    return Call<v1::Allocations>(client, &v1::Allocations::Stub::AcceptOffer, request, reply,
        headers);
  }

  TestAuthority authority_;
  testing::TestSigner signer_{"EdDSA"};
  testing::FakeReferral referral_;
  testing::FakeSubcontractor subcontractor_;
  rpc::Server referral_server_{rpc::ServerOptions{}};
  rpc::Server subcontractor_server_{rpc::ServerOptions{}};
  std::map<std::string, std::shared_ptr<grpc::Channel>> channels_;
  std::unique_ptr<Gateway> gateway_;
};

TEST_F(GatewayTest, KnowsAClientByItsCertificateAndNobodyWithout) {
  v1::WhoAmIReply reply;
  ASSERT_TRUE(Call<v1::Identity>("a", &v1::Identity::Stub::WhoAmI, v1::WhoAmIRequest(),
      &reply).ok());
  EXPECT_EQ(reply.organisation(), "ORG-A");
  EXPECT_EQ(reply.functions_size(), 4);
  const grpc::Status none =
      Call<v1::Identity>("", &v1::Identity::Stub::WhoAmI, v1::WhoAmIRequest(), &reply);
  EXPECT_EQ(none.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(Reason(none), "TOKEN_MISSING");
  EXPECT_EQ(Reason(Call<v1::Identity>("stranger", &v1::Identity::Stub::WhoAmI, v1::WhoAmIRequest(),
                                      &reply)),
            "CLIENT_UNKNOWN");
}

TEST_F(GatewayTest, KnowsAClientWithoutACertificateByItsToken) {
  const int64_t now = absl::ToUnixSeconds(Clock::System().Now());
  const std::string token = signer_.Sign(
      "k", absl::StrCat("{\"iss\":\"https://issuer\",\"aud\":\"pdp-gateway\",\"client_id\":\"b\",",
                        "\"iat\":", now, ",\"exp\":", now + 600, "}"));
  v1::WhoAmIReply reply;
  const auto who = [&](const std::string& client, const std::string& header) {
    return Reason(Call<v1::Identity>(client, &v1::Identity::Stub::WhoAmI, v1::WhoAmIRequest(),
                                     &reply, {{"authorization", header}}));
  };
  EXPECT_EQ(who("", "Bearer " + token), "OK");
  EXPECT_EQ(reply.organisation(), "ORG-B");
  EXPECT_EQ(who("", "Bearer " + token + "x"), "TOKEN_INVALID");
  // The certificate of another tenant beside it.
  EXPECT_EQ(who("a", "Bearer " + token), "TOKEN_NOT_BOUND");
}

// GW-5, for the methods that exist: who gets what on own, other and absent resources.
TEST_F(GatewayTest, TheTenancyMatrixHolds) {
  const auto offers = [&](const std::string& client, const std::string& name) {
    v1::ListOffersRequest request;
    request.set_parent(name);
    return Reason(Call<v1::Allocations, v1::ListOffersRequest, v1::ListOffersReply>(client,
        &v1::Allocations::Stub::ListOffers, request));
  };
  int calls = 0;
  const auto accept = [&](const std::string& client, const std::string& name) {
    // A request id of its own: it is another request.
    const std::string id = absl::StrCat("123e4567-e89b-42d3-a456-4266141740", 10 + calls++);
    return Reason(Accept(client, AcceptRequest(name, id)));
  };
  const auto get_case = [&](const std::string& client, const std::string& name) {
    v1::GetCaseRequest request;
    request.set_name(name);
    return Reason(Call<v1::Cases, v1::GetCaseRequest, v1::Case>(client, &v1::Cases::Stub::Get,
        request));
  };
  const auto subcontract = [&](const std::string& client, const std::string& name) {
    v1::GetSubcontractRequest request;
    request.set_name(name);
    return Reason(Call<v1::Subcontracts, v1::GetSubcontractRequest, v1::Subcontract>(client,
        &v1::Subcontracts::Stub::Get, request));
  };
  const auto statement = [&](const std::string& client, const std::string& name) {
    v1::GetStatementRequest request;
    request.set_name(name);
    return Reason(Call<v1::Money, v1::GetStatementRequest, v1::Statement>(client,
        &v1::Money::Stub::Get, request));
  };
  const auto accept_statement = [&](const std::string& client, const std::string& name) {
    v1::AcceptStatementRequest request;
    request.set_name(name);
    request.set_request_id(kUuid);
    return Reason(Call<v1::Money, v1::AcceptStatementRequest, v1::AcceptStatementReply>(client,
        &v1::Money::Stub::Accept, request));
  };
  const struct {
    std::function<std::string(const std::string&, const std::string&)> call;
    const char* client;
    const char* name;
    const char* expected;
  } table[] = {
      {offers, "a", "pools/N56-TSP", "OK"},
      {offers, "b", "pools/N56-TSP", "OK"},
      {offers, "p", "pools/N56-TSP", "OK"},
      {offers, "x", "pools/N56-TSP", "NOT_VISIBLE"},
      {offers, "a", "pools/N56-BBR", "NOT_VISIBLE"},
      {offers, "a", "nonsense", "NOT_VISIBLE"},
      {offers, "a-reader", "pools/N56-TSP", "FUNCTION_REQUIRED"},
      {offers, "a-reader", "pools/N56-BBR", "NOT_VISIBLE"},
      {accept, "a", "r1~1", "OK"},
      {accept, "a", "r2~1", "NOT_VISIBLE"},
      {accept, "b", "r1~1", "NOT_VISIBLE"},
      {accept, "x", "r1~1", "NOT_VISIBLE"},
      {accept, "a-reader", "r1~1", "FUNCTION_REQUIRED"},
      {get_case, "a", "cases/N56-r9", "OK"},
      {get_case, "b", "cases/N56-r9", "NOT_VISIBLE"},
      {get_case, "a", "cases/N56-r8", "NOT_VISIBLE"},
      {get_case, "a", "cases/X99-r9", "NOT_VISIBLE"},
      {get_case, "a-reader", "cases/N56-r9", "FUNCTION_REQUIRED"},
      {subcontract, "a", "subcontracts/N56-S1", "OK"},
      {subcontract, "a-reader", "subcontracts/N56-S1", "OK"},
      {subcontract, "p", "subcontracts/N56-S1", "OK"},
      {subcontract, "p", "subcontracts/N56-S2", "OK"},
      {subcontract, "b", "subcontracts/N56-S1", "NOT_VISIBLE"},
      {subcontract, "a", "subcontracts/N56-S2", "NOT_VISIBLE"},
      {subcontract, "a", "subcontracts/N56-S9", "NOT_VISIBLE"},
      {statement, "a", "subcontracts/N56-S1/statements/S1~2025-09", "OK"},
      {statement, "p", "subcontracts/N56-S1/statements/S1~2025-09", "OK"},
      {statement, "a", "subcontracts/N56-S1/statements/S1~2025-10", "NOT_FOUND"},
      // A statement of another subcontract under the own one.
      {statement, "a", "subcontracts/N56-S1/statements/S2~2025-09", "NOT_FOUND"},
      {statement, "b", "subcontracts/N56-S1/statements/S1~2025-09", "NOT_VISIBLE"},
      {statement, "b", "subcontracts/N56-S1/statements/S1~2025-10", "NOT_VISIBLE"},
      {accept_statement, "a", "subcontracts/N56-S1/statements/S1~2025-09", "OK"},
      {accept_statement, "a", "subcontracts/N56-S1/statements/S2~2025-09", "NOT_FOUND"},
      // The prime sees it and may not accept for its subcontractor.
      {accept_statement, "p", "subcontracts/N56-S1/statements/S1~2025-09", "NOT_AUTHORISED"},
      {accept_statement, "x", "subcontracts/N56-S1/statements/S1~2025-09", "NOT_VISIBLE"},
  };
  for (const auto& row : table) {
    EXPECT_EQ(row.call(row.client, row.name), row.expected) << row.client << " " << row.name;
  }
  EXPECT_EQ(subcontractor_.roles_, "S FINANCE ");
}

TEST_F(GatewayTest, InvisibleAndAbsentAreTheSameBytes) {
  v1::GetCaseRequest other, absent;
  other.set_name("cases/N56-r9");
  absent.set_name("cases/N56-zz");
  const grpc::Status a = Call<v1::Cases, v1::GetCaseRequest, v1::Case>("b",
      &v1::Cases::Stub::Get, other);
  const grpc::Status b = Call<v1::Cases, v1::GetCaseRequest, v1::Case>("b",
      &v1::Cases::Stub::Get, absent);
  EXPECT_EQ(a.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(a.error_code(), b.error_code());
  EXPECT_EQ(a.error_message(), b.error_message());
  EXPECT_EQ(a.error_details(), b.error_details());
  // The same through the service's refusal of an offer.
  EXPECT_EQ(Accept("a", AcceptRequest("r2~1")).error_details(),
            Accept("x", AcceptRequest("r1~1")).error_details());
}

TEST_F(GatewayTest, AListNeverShowsAnothersRow) {
  v1::ListCasesRequest request;
  request.set_area("N56");
  v1::ListCasesReply reply;
  ASSERT_TRUE(Call<v1::Cases>("a", &v1::Cases::Stub::List, request, &reply).ok());
  ASSERT_EQ(reply.cases_size(), 1);
  EXPECT_EQ(reply.cases(0).name(), "cases/N56-of-ORG-A");
}

TEST_F(GatewayTest, ACommandIsTheTenantsAndRepeatsSafely) {
  v1::AcceptOfferReply reply;
  ASSERT_TRUE(Accept("a", AcceptRequest("r1~1"), &reply).ok());
  EXPECT_EQ(reply.case_name(), "cases/N56-r1");
  ASSERT_TRUE(Accept("a", AcceptRequest("r1~1")).ok());
  const auto headers = referral_.headers();
  ASSERT_EQ(headers.size(), 2u);
  EXPECT_EQ(headers[0].command_id(), headers[1].command_id());
  // GW-7: first 16 bytes of SHA-256(tenant|method|request_id).
  EXPECT_EQ(headers[0].command_id(),
            std::string(Sha256(absl::StrCat("ORG-A|Allocations.AcceptOffer|",
                kUuid)).view().substr(0, 16)));
  EXPECT_EQ(headers[0].tenant(), "ORG-A");
  EXPECT_EQ(headers[0].actor().organisation(), "ORG-A");
  EXPECT_EQ(headers[0].actor().roles(0), "PV");
  const grpc::Status reused = Accept("a", AcceptRequest("r3~1"));
  EXPECT_EQ(reused.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Reason(reused), "REQUEST_ID_REUSED");
}

TEST_F(GatewayTest, RequestIdsComeFromTheFieldOrTheHeader) {
  EXPECT_EQ(Reason(Accept("a", AcceptRequest("r1~1", ""))), "REQUEST_ID_MALFORMED");
  EXPECT_EQ(Reason(Accept("a", AcceptRequest("r1~1", "not-a-uuid"))), "REQUEST_ID_MALFORMED");
  // Version 1 is none.
  EXPECT_EQ(Reason(Accept("a", AcceptRequest("r1~1", "123e4567-e89b-12d3-a456-426614174000"))),
            "REQUEST_ID_MALFORMED");
  EXPECT_EQ(Reason(Accept("a", AcceptRequest("r1~1", ""), nullptr, {{"idempotency-key",
      kUuid}})), "OK");
  EXPECT_EQ(Reason(Accept("a", AcceptRequest("r1~1"), nullptr, {{"idempotency-key", kUuid2}})),
            "REQUEST_ID_CONFLICT");
}

TEST_F(GatewayTest, EtagsGuardAgainstLostUpdates) {
  v1::GetCaseRequest get;
  get.set_name("cases/N56-r9");
  v1::Case found;
  ASSERT_TRUE(Call<v1::Cases>("a", &v1::Cases::Stub::Get, get, &found).ok());
  v1::AssignCaseworkersRequest assign;
  assign.set_name("cases/N56-r9");
  assign.set_request_id(kUuid);
  assign.set_etag(found.etag());
  v1::AssignCaseworkersReply reply;
  ASSERT_TRUE(Call<v1::Cases>("a", &v1::Cases::Stub::AssignCaseworkers, assign, &reply).ok());
  EXPECT_EQ(referral_.headers().back().expected_version(), 4u);
  assign.set_request_id(kUuid2);
  assign.set_etag(reply.etag());
  const grpc::Status stale = Call<v1::Cases>("a", &v1::Cases::Stub::AssignCaseworkers, assign,
      &reply);
  EXPECT_EQ(stale.error_code(), grpc::StatusCode::ABORTED);
  EXPECT_EQ(Reason(stale), "ETAG_MISMATCH");
  assign.set_etag("");
  EXPECT_EQ(Reason(Call<v1::Cases>("a", &v1::Cases::Stub::AssignCaseworkers, assign, &reply,
                                   {{"if-match", "junk"}})),
            "ETAG_MALFORMED");
}

TEST_F(GatewayTest, PagesFollowTheirTokenAndNothingElse) {
  v1::ListOffersRequest request;
  request.set_parent("pools/N56-TSP");
  request.set_page_size(1);
  v1::ListOffersReply first, second;
  const auto list = [&](const std::string& client, v1::ListOffersReply* reply) {
    return Reason(Call<v1::Allocations>(client, &v1::Allocations::Stub::ListOffers, request,
        reply));
  };
  ASSERT_EQ(list("a", &first), "OK");
  EXPECT_EQ(first.offers(0).name(), "pools/N56-TSP/offers/r1~1");
  request.set_page_token(first.next_page_token());
  ASSERT_EQ(list("a", &second), "OK");
  EXPECT_EQ(second.offers(0).name(), "pools/N56-TSP/offers/r3~1");
  EXPECT_EQ(list("b", &second), "PAGE_TOKEN_MISMATCH");
  request.set_page_token("junk");
  EXPECT_EQ(list("a", &second), "PAGE_TOKEN_INVALID");
  request.set_page_token("");
  request.set_page_size(-1);
  EXPECT_EQ(list("a", &second), "PAGE_SIZE_NEGATIVE");
}

TEST_F(GatewayTest, ReasonsOfTheDomainPassUnchanged) {
  v1::DeclineOfferRequest request;
  request.set_name("pools/N56-TSP/offers/r3~1");
  request.set_request_id(kUuid);
  const grpc::Status status = Call<v1::Allocations, v1::DeclineOfferRequest,
      v1::DeclineOfferReply>("a", &v1::Allocations::Stub::DeclineOffer, request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(Reason(status), "STATE_FORBIDS_COMMAND");
  EXPECT_EQ(rpc::FromStatus(status)->domain, "referral");
}

TEST_F(GatewayTest, AServiceThatIsDownIsUnavailableWithRetryInfo) {
  referral_server_.Stop();
  const grpc::Status status = Accept("a", AcceptRequest("r1~1"));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(rpc::FromStatus(status)->retry_after.has_value());
  EXPECT_FALSE(Reason(status).empty());
}

TEST_F(GatewayTest, TheRateOfATenantIsLimitedAndSaysWhenToReturn) {
  grpc::Status status;
  for (int i = 0; i < 60 && status.error_code() != grpc::StatusCode::RESOURCE_EXHAUSTED; ++i) {
    status = Accept("x", AcceptRequest("r1~1"));
  }
  EXPECT_EQ(Reason(status), "QUOTA_EXCEEDED");
  EXPECT_TRUE(rpc::FromStatus(status)->quota);
  EXPECT_GT(*rpc::FromStatus(status)->retry_after, absl::ZeroDuration());
  // Another tenant does not notice.
  EXPECT_EQ(Reason(Accept("a", AcceptRequest("r1~1"))), "OK");
}

TEST_F(GatewayTest, EveryCallIsInTheAccessLogOfItsTenant) {
  (void)Accept("a", AcceptRequest("r2~1"));
  (void)Accept("b", AcceptRequest("r1~1"));
  v1::ListAccessReply reply;
  ASSERT_TRUE(Call<v1::Identity>("a", &v1::Identity::Stub::ListAccess, v1::ListAccessRequest(),
      &reply).ok());
  ASSERT_EQ(reply.records_size(), 1);
  EXPECT_EQ(reply.records(0).method(), "Allocations.AcceptOffer");
  EXPECT_EQ(reply.records(0).reason(), "NOT_VISIBLE");
  EXPECT_EQ(reply.records(0).client(), "a");
  EXPECT_EQ(Reason(Call<v1::Identity>("a-reader", &v1::Identity::Stub::ListAccess,
                                      v1::ListAccessRequest(), &reply)),
            "FUNCTION_REQUIRED");
}

common::v1::CloudEvent Offered(uint64_t seq, const std::string& org) {
  referral::v1::PublicEvent data;
  data.mutable_referral_offered()->set_org(org);
  common::v1::CloudEvent event;
  event.set_id(absl::StrCat("referral/N56/", seq, "/0"));
  event.set_type("pdp.referral.v1.ReferralOffered");
  event.set_area("N56");
  event.set_seq(seq);
  event.set_data(data.SerializeAsString());
  return event;
}

// GW-10 and GW-11.
TEST_F(GatewayTest, AWatchAndItsPollingTwinShowTheSameOwnEvents) {
  for (uint64_t seq = 1; seq <= 40; ++seq) {
    gateway_->hub().Add("referral", Offered(seq, seq % 3 == 0 ? "ORG-B" : "ORG-A"));
  }
  std::vector<std::string> watched, listed;
  grpc::ClientContext context;
  auto stub = v1::Events::NewStub(As("a"));
  auto stream = stub->WatchEvents(&context, v1::WatchEventsRequest());
  v1::EventFrame frame;
  bool heartbeat = false;
  std::string middle;
  while (!heartbeat && stream->Read(&frame)) {
    EXPECT_FALSE(frame.token().empty());
    if (frame.has_event()) watched.push_back(frame.event().id());
    if (watched.size() == 10 && middle.empty()) middle = frame.token();
    heartbeat = frame.has_heartbeat();
  }
  EXPECT_TRUE(heartbeat);
  context.TryCancel();
  EXPECT_EQ(watched.size(), 27u);
  v1::ListEventsRequest request;
  request.set_page_size(7);
  while (true) {
    v1::ListEventsReply reply;
    ASSERT_EQ(Reason(Call<v1::Events>("a", &v1::Events::Stub::ListEvents, request, &reply)), "OK");
    if (reply.frames_size() == 0) break;
    for (const auto& f : reply.frames()) listed.push_back(f.event().id());
    request.set_after(reply.next_token());
  }
  EXPECT_EQ(listed, watched);
  // The watch's token resumes the list.
  request.set_after(middle);
  request.set_page_size(200);
  v1::ListEventsReply rest;
  ASSERT_EQ(Reason(Call<v1::Events>("a", &v1::Events::Stub::ListEvents, request, &rest)), "OK");
  EXPECT_EQ(rest.frames_size(), 17);
  EXPECT_EQ(Reason(Call<v1::Events>("b", &v1::Events::Stub::ListEvents, request, &rest)),
            "RESUME_TOKEN_INVALID");
}

TEST_F(GatewayTest, AllChecksOfAWatchComeBeforeItsFirstFrame) {
  grpc::ClientContext context;
  v1::WatchEventsRequest request;
  request.set_after("junk");
  auto stub = v1::Events::NewStub(As("a"));
  auto stream = stub->WatchEvents(&context, request);
  v1::EventFrame frame;
  EXPECT_FALSE(stream->Read(&frame));
  EXPECT_EQ(Reason(stream->Finish()), "RESUME_TOKEN_INVALID");
}

TEST_F(GatewayTest, ADrainEndsAWatchInBandWithAResumeToken) {
  gateway_->hub().Add("referral", Offered(1, "ORG-A"));
  grpc::ClientContext context;
  auto stub = v1::Events::NewStub(As("a"));
  auto stream = stub->WatchEvents(&context, v1::WatchEventsRequest());
  v1::EventFrame frame;
  ASSERT_TRUE(stream->Read(&frame));
  std::thread stopper([&] { gateway_->Stop(); });
  bool ended = false;
  while (stream->Read(&frame)) ended = frame.has_end();
  EXPECT_TRUE(ended);
  EXPECT_EQ(frame.end().reason(), "DRAINING");
  EXPECT_FALSE(frame.token().empty());
  const grpc::Status status = stream->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(rpc::FromStatus(status)->retry_after.has_value());
  stopper.join();
}

}  // namespace
}  // namespace pdp::gateway
