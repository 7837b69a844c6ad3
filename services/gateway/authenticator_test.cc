#include "services/gateway/authenticator.h"

#include <filesystem>
#include <fstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/rpc/testing/certificates.h"
#include "services/gateway/testing/tokens.h"

namespace pdp::gateway {
namespace {

using ::pdp::testing::StatusIs;
using rpc::testing::TestAuthority;
using testing::TestSigner;

constexpr int64_t kNow = 1'760'000'000;

class AuthenticatorTest : public ::testing::Test {
 protected:
  AuthenticatorTest() {
    cert_pem_ = TestAuthority::Read(authority_.Issue("a", "spiffe://org-a/app").certificate_file);
    Write("");
    auto file = CredentialFile::Open(path(), clock_);
    EXPECT_OK(file);
    file_ = *std::move(file);
    authenticator_ = std::make_unique<Authenticator>(*file_, clock_);
  }
  std::string path() const { return authority_.folder() + "/credentials.txtpb"; }
  static std::string KeyText(const char* kid, const char* alg, const TestSigner& signer) {
    return absl::StrCat("keys { kid: '", kid, "' alg: '", alg, "' public_key_pem: '",
                        absl::StrReplaceAll(signer.PublicPem(), {{"\n", "\\n"}}), "' }\n");
  }
  void Write(const std::string& more) {
    TestAuthority::Write(
        path(),
        absl::StrCat("issuer: 'https://issuer' audience: 'pdp-gateway'\n",
                     KeyText("es", "ES256", es_), KeyText("ps", "PS256", ps_),
                     KeyText("ed", "EdDSA", ed_),
                     "clients { client_id: 'app-a' tenant: 'ORG-A' functions: DELIVERY "
                     "san_uris: 'spiffe://org-a/app' }\n"
                     "clients { client_id: 'bound-a' tenant: 'ORG-A' certificate_bound: true }\n"
                     "clients { client_id: 'app-b' tenant: 'ORG-B' }\n"
                     "trusted_proxies: 'spiffe://pdp/envoy'\n",
                     more));
  }
  static std::string Claims(const std::string& client, const std::string& more = "",
                            int64_t iat = kNow, int64_t exp = kNow + 600,
                            const std::string& iss = "https://issuer",
                            const std::string& aud = "pdp-gateway") {
    return absl::StrCat("{\"iss\":\"", iss, "\",\"aud\":\"", aud, "\",\"iat\":", iat, ",\"exp\":",
        exp,
                        ",\"client_id\":\"", client, "\"", more, "}");
  }
  absl::StatusOr<Principal> With(const std::string& token) {
    return authenticator_->Authenticate({.authorization = "Bearer " + token});
  }

  TestAuthority authority_;
  TestSigner es_{"ES256"}, ps_{"PS256"}, ed_{"EdDSA"}, stranger_{"ES256"};
  FakeClock clock_{absl::FromUnixSeconds(kNow)};
  std::string cert_pem_;
  std::unique_ptr<CredentialFile> file_;
  std::unique_ptr<Authenticator> authenticator_;
};

TEST_F(AuthenticatorTest, TakesTokensOfAllThreeAlgorithms) {
  for (const auto& [kid, signer] :
       {std::pair<const char*, TestSigner*>{"es", &es_}, {"ps", &ps_}, {"ed", &ed_}}) {
    ASSERT_OK_AND_ASSIGN(const Principal principal, With(signer->Sign(kid, Claims("app-a"))));
    EXPECT_EQ(principal.tenant, "ORG-A") << kid;
    EXPECT_TRUE(principal.Has(common::v1::DELIVERY));
    EXPECT_FALSE(principal.Has(common::v1::FINANCE));
  }
}

TEST_F(AuthenticatorTest, RefusesEveryDefectiveTokenWithItsReason) {
  const std::string good = es_.Sign("es", Claims("app-a"));
  std::string tampered = good;
  tampered[tampered.size() - 3] = tampered[tampered.size() - 3] == 'A' ? 'B' : 'A';
  const std::string none = absl::StrCat(testing::Base64Url("{\"alg\":\"none\",\"kid\":\"es\"}"),
      ".",
                                        testing::Base64Url(Claims("app-a")), ".");
  const struct {
    const char* what;
    std::string token;
    const char* reason;
  } table[] = {
      {"not a token", "abc", "TOKEN_INVALID"},
      {"no signature", none, "TOKEN_INVALID"},
      {"tampered signature", tampered, "TOKEN_INVALID"},
      {"key of a stranger", stranger_.Sign("es", Claims("app-a")), "TOKEN_INVALID"},
      {"unknown key", es_.Sign("other", Claims("app-a")), "TOKEN_INVALID"},
      {"algorithm of another key", es_.Sign("es", Claims("app-a"), "PS256"), "TOKEN_INVALID"},
      {"HMAC with the public key", es_.Sign("es", Claims("app-a"), "HS256"), "TOKEN_INVALID"},
      {"other issuer", es_.Sign("es", Claims("app-a", "", kNow, kNow + 600, "https://issuer/")),
       "TOKEN_INVALID"},
      {"other audience",
       es_.Sign("es", Claims("app-a", "", kNow, kNow + 600, "https://issuer", "other")),
       "TOKEN_INVALID"},
      {"lives 601 s", es_.Sign("es", Claims("app-a", "", kNow, kNow + 601)), "TOKEN_INVALID"},
      {"issued 61 s ahead", es_.Sign("es", Claims("app-a", "", kNow + 61, kNow + 600)),
       "TOKEN_INVALID"},
      {"no times", es_.Sign("es", "{\"iss\":\"https://issuer\",\"aud\":\"pdp-gateway\"}"),
       "TOKEN_INVALID"},
      {"expired 61 s ago", es_.Sign("es", Claims("app-a", "", kNow - 600, kNow - 61)),
       "TOKEN_EXPIRED"},
      {"unknown client", es_.Sign("es", Claims("nobody")), "CLIENT_UNKNOWN"},
      {"client must be bound", es_.Sign("es", Claims("bound-a")), "TOKEN_NOT_BOUND"},
      {"bound to a certificate that is not shown",
       es_.Sign("es", Claims("app-a", ",\"cnf\":{\"x5t#S256\":\"AAAA\"}")), "TOKEN_NOT_BOUND"},
  };
  for (const auto& row : table) {
    EXPECT_THAT(With(row.token), StatusIs(absl::StatusCode::kUnauthenticated,
        row.reason)) << row.what;
  }
  EXPECT_THAT(authenticator_->Authenticate({}),
              StatusIs(absl::StatusCode::kUnauthenticated, "TOKEN_MISSING"));
  EXPECT_THAT(authenticator_->Authenticate({.authorization = "Basic abc"}),
              StatusIs(absl::StatusCode::kUnauthenticated, "TOKEN_INVALID"));
}

TEST_F(AuthenticatorTest, SkewIsSixtySecondsOnBothSides) {
  EXPECT_OK(With(es_.Sign("es", Claims("app-a", "", kNow + 60, kNow + 600))));
  EXPECT_OK(With(es_.Sign("es", Claims("app-a", "", kNow - 600, kNow - 60))));
}

TEST_F(AuthenticatorTest, ARememberedTokenStillExpires) {
  const std::string token = es_.Sign("es", Claims("app-a"));
  EXPECT_OK(With(token));
  clock_.Advance(absl::Seconds(660));
  EXPECT_OK(With(token));
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(With(token), StatusIs(absl::StatusCode::kUnauthenticated, "TOKEN_EXPIRED"));
}

TEST_F(AuthenticatorTest, ABoundTokenNeedsItsOwnCertificate) {
  const std::string claims =
      Claims("bound-a", absl::StrCat(",\"cnf\":{\"x5t#S256\":\"", CertificateThumbprint(cert_pem_),
          "\"}"));
  Evidence evidence{.certificate_pem = cert_pem_, .names = {"spiffe://org-a/app"},
                    .authorization = "Bearer " + es_.Sign("es", claims)};
  EXPECT_OK(authenticator_->Authenticate(evidence));
  evidence.certificate_pem = TestAuthority::Read(authority_.Issue("x").certificate_file);
  EXPECT_THAT(authenticator_->Authenticate(evidence),
              StatusIs(absl::StatusCode::kUnauthenticated, "TOKEN_NOT_BOUND"));
}

TEST_F(AuthenticatorTest, ACertificateAloneStandsForItsClient) {
  ASSERT_OK_AND_ASSIGN(const Principal principal,
                       authenticator_->Authenticate({.certificate_pem = cert_pem_,
                                                     .names = {"localhost",
                                                         "spiffe://org-a/app"}}));
  EXPECT_EQ(principal.client, "app-a");
  EXPECT_THAT(authenticator_->Authenticate({.certificate_pem = cert_pem_, .names = {"spiffe://x"}}),
              StatusIs(absl::StatusCode::kUnauthenticated, "CLIENT_UNKNOWN"));
}

TEST_F(AuthenticatorTest, TokenAndCertificateOfTwoTenantsAreNobody) {
  EXPECT_THAT(authenticator_->Authenticate(
                  {.certificate_pem = cert_pem_, .names = {"spiffe://org-a/app"},
                   .authorization = "Bearer " + es_.Sign("es", Claims("app-b"))}),
              StatusIs(absl::StatusCode::kUnauthenticated, "TOKEN_NOT_BOUND"));
}

TEST_F(AuthenticatorTest, AForwardedCertificateCountsFromATrustedProxyOnly) {
  const std::string header =
      "By=spiffe://pdp/gw;Hash=" + std::string(64, 'a') + ";URI=spiffe://org-a/app";
  Evidence evidence{.certificate_pem = cert_pem_, .names = {"spiffe://pdp/envoy"},
                    .forwarded_certificate = header};
  ASSERT_OK_AND_ASSIGN(const Principal principal, authenticator_->Authenticate(evidence));
  EXPECT_EQ(principal.client, "app-a");
  evidence.names = {"spiffe://somebody"};
  EXPECT_THAT(authenticator_->Authenticate(evidence),
              StatusIs(absl::StatusCode::kUnauthenticated, "CLIENT_UNKNOWN"));
  EXPECT_EQ(authenticator_->ignored_forwards(), 1u);
}

TEST_F(AuthenticatorTest, AnUnknownKeyReloadsTheRegistryEveryThirtySecondsAtMost) {
  TestSigner fresh("EdDSA");
  Write(KeyText("new", "EdDSA", fresh));
  const std::string token = fresh.Sign("new", Claims("app-a"));
  EXPECT_THAT(With(token), StatusIs(absl::StatusCode::kUnauthenticated, "TOKEN_INVALID"));
  clock_.Advance(absl::Seconds(30));
  EXPECT_OK(With(token));
}

TEST_F(AuthenticatorTest, AStaleRegistryServesForAnHour) {
  std::filesystem::remove(path());
  clock_.Advance(absl::Minutes(60));
  EXPECT_OK(authenticator_->Authenticate(
      {.certificate_pem = cert_pem_, .names = {"spiffe://org-a/app"}}));
  clock_.Advance(absl::Minutes(1));
  EXPECT_THAT(authenticator_->Authenticate(
                  {.certificate_pem = cert_pem_, .names = {"spiffe://org-a/app"}}),
              StatusIs(absl::StatusCode::kUnauthenticated, "out of date"));
}

TEST(CredentialsTest, AWrongRegistryIsRefusedWithTheReason) {
  const auto bad = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(Credentials::Parse("nonsense"), StatusIs(bad, "text form"));
  EXPECT_THAT(Credentials::Parse("clients { client_id: 'a' }"), StatusIs(bad, "no tenant"));
  EXPECT_THAT(Credentials::Parse("clients { client_id: 'a' tenant: 't' }"
                                 "clients { client_id: 'a' tenant: 'u' }"),
              StatusIs(bad, "twice"));
  TestSigner es("ES256");
  EXPECT_FALSE(VerifyKey::FromPem("PS256", es.PublicPem()).ok());
  EXPECT_FALSE(VerifyKey::FromPem("HS256", es.PublicPem()).ok());
}

}  // namespace
}  // namespace pdp::gateway
