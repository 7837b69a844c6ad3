#include "services/gateway/authenticator.h"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "libs/base/hash.h"
#include "libs/base/log.h"
#include "libs/base/status_macros.h"
#include "nlohmann/json.hpp"

namespace pdp::gateway {
namespace {

constexpr absl::Duration kSkew = absl::Seconds(60);
constexpr absl::Duration kLifetimeMax = absl::Seconds(600);
constexpr size_t kVerifiedMax = 10'000;

absl::Status Refuse(absl::string_view reason, absl::string_view detail) {
  return absl::UnauthenticatedError(absl::StrCat(reason, ": ", detail));
}

std::string WithoutPadding(absl::string_view bytes) {
  std::string text = absl::WebSafeBase64Escape(bytes);
  while (!text.empty() && text.back() == '=') text.pop_back();
  return text;
}

// What a trusted proxy forwards: Hash (hexadecimal SHA-256 of the certificate) and URI names of the
// last hop, `Hash=...;URI=...`, elements separated by commas.
struct Forwarded {
  std::string thumbprint;
  std::vector<std::string> names;
};
Forwarded ParseForwarded(absl::string_view header) {
  Forwarded forwarded;
  const std::vector<absl::string_view> elements = absl::StrSplit(header, ',');
  for (absl::string_view pair : absl::StrSplit(elements.back(), ';')) {
    const std::vector<std::string> parts = absl::StrSplit(pair, absl::MaxSplits('=', 1));
    if (parts.size() != 2) continue;
    std::string value = parts[1];
    if (value.size() >= 2 && value.front() == '"') value = value.substr(1, value.size() - 2);
    if (parts[0] == "Hash") forwarded.thumbprint = WithoutPadding(absl::HexStringToBytes(value));
    if (parts[0] == "URI") forwarded.names.push_back(value);
  }
  return forwarded;
}

Principal PrincipalOf(const v1::Client& client) {
  Principal principal{.tenant = client.tenant(), .client = client.client_id(),
                      .standing = client.standing()};
  for (const int function : client.functions()) {
    principal.functions.push_back(static_cast<common::v1::Function>(function));
  }
  principal.areas.assign(client.areas().begin(), client.areas().end());
  return principal;
}

}  // namespace

bool Principal::Has(common::v1::Function function) const {
  return std::find(functions.begin(), functions.end(), function) != functions.end();
}

std::string CertificateThumbprint(const std::string& pem) {
  BIO* in = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  X509* certificate = PEM_read_bio_X509(in, nullptr, nullptr, nullptr);
  BIO_free(in);
  if (certificate == nullptr) return "";
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  std::string text;
  if (size > 0) {
    text = WithoutPadding(
        Sha256(absl::string_view(reinterpret_cast<const char*>(der), size)).view());
  }
  OPENSSL_free(der);
  X509_free(certificate);
  return text;
}

absl::StatusOr<Principal> Authenticator::Authenticate(const Evidence& evidence) {
  const std::shared_ptr<const Credentials> credentials = file_.Refreshed();
  if (file_.stale()) return Refuse("TOKEN_INVALID", "the credential registry is out of date");
  std::string thumbprint =
      evidence.certificate_pem.empty() ? "" : CertificateThumbprint(evidence.certificate_pem);
  std::vector<std::string> names = evidence.names;
  if (!evidence.forwarded_certificate.empty()) {
    const auto& trusted = credentials->registry.trusted_proxies();
    const bool proxy = !thumbprint.empty() &&
                       std::any_of(names.begin(), names.end(), [&](const std::string& name) {
                         return std::find(trusted.begin(), trusted.end(), name) != trusted.end();
                       });
    if (proxy) {
      Forwarded forwarded = ParseForwarded(evidence.forwarded_certificate);
      thumbprint = forwarded.thumbprint;
      names = std::move(forwarded.names);
    } else {
      absl::MutexLock lock(&mutex_);
      ++ignored_forwards_;
    }
  }
  const v1::Client* by_certificate = nullptr;
  if (!thumbprint.empty()) {
    for (const std::string& name : names) {
      const auto it = credentials->by_san.find(name);
      if (it != credentials->by_san.end()) by_certificate = it->second;
    }
  }
  if (evidence.authorization.empty()) {
    if (by_certificate != nullptr) return PrincipalOf(*by_certificate);
    if (!thumbprint.empty() && !names.empty()) {
      return Refuse("CLIENT_UNKNOWN", "the certificate stands for no registered client");
    }
    return Refuse("TOKEN_MISSING", "a client certificate or a bearer token is needed");
  }
  absl::string_view token = evidence.authorization;
  if (!absl::ConsumePrefix(&token, "Bearer ") && !absl::ConsumePrefix(&token, "bearer ")) {
    return Refuse("TOKEN_INVALID", "the authorization header holds no bearer token");
  }
  ASSIGN_OR_RETURN(const Claims claims, Verify(std::string(token)));
  const auto client = credentials->by_client_id.find(claims.client_id);
  if (client == credentials->by_client_id.end()) {
    return Refuse("CLIENT_UNKNOWN", "the token's client is not registered");
  }
  if (client->second->certificate_bound() || !claims.thumbprint.empty()) {
    if (claims.thumbprint.empty() || claims.thumbprint != thumbprint) {
      return Refuse("TOKEN_NOT_BOUND",
          "the token is not bound to the certificate of the connection");
    }
  }
  // A certificate of one client with a token of another: whose call is it? Nobody's.
  if (by_certificate != nullptr && by_certificate->tenant() != client->second->tenant()) {
    return Refuse("TOKEN_NOT_BOUND", "token and certificate belong to different tenants");
  }
  return PrincipalOf(*client->second);
}

absl::StatusOr<Authenticator::Claims> Authenticator::Verify(const std::string& token) {
  std::shared_ptr<const Credentials> credentials = file_.Current();
  const std::string hash(Sha256(token).view());
  const absl::Time now = clock_.Now();
  {
    absl::MutexLock lock(&mutex_);
    if (verified_by_ != credentials) {
      verified_.clear();
      verified_by_ = credentials;
    }
    const auto it = verified_.find(hash);
    if (it != verified_.end()) {
      if (now <= it->second.expires_at + kSkew) return it->second;
      verified_.erase(it);
      return Refuse("TOKEN_EXPIRED", "get a new token");
    }
  }
  const absl::StatusOr<Jws> jws = ParseJws(token);
  if (!jws.ok()) return Refuse("TOKEN_INVALID", jws.status().message());
  auto key = credentials->keys.find(jws->kid);
  if (key == credentials->keys.end()) {
    credentials = file_.Refreshed();
    key = credentials->keys.find(jws->kid);
    if (key == credentials->keys.end()) return Refuse("TOKEN_INVALID", "its key is not known");
  }
  if (jws->alg != key->second.alg() || !key->second.Verify(jws->signed_bytes, jws->signature)) {
    return Refuse("TOKEN_INVALID", "the signature does not hold");
  }
  ASSIGN_OR_RETURN(const Claims claims, ReadClaims(jws->payload, *credentials));
  absl::MutexLock lock(&mutex_);
  if (verified_.size() >= kVerifiedMax) verified_.clear();
  if (verified_by_ == credentials) verified_.emplace(hash, claims);
  return claims;
}

absl::StatusOr<Authenticator::Claims> Authenticator::ReadClaims(const std::string& payload,
                                                                const Credentials& credentials) {
  const auto json = nlohmann::json::parse(payload, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return Refuse("TOKEN_INVALID", "the claims are not a JSON object");
  const auto text = [&](const char* name) {
    const auto it = json.find(name);
    return it != json.end() && it->is_string() ? it->get<std::string>() : std::string();
  };
  const auto time = [&](const char* name) {
    const auto it = json.find(name);
    // Integers of a sane size only: the arithmetic below must not overflow.
    if (it == json.end() || !it->is_number_integer()) return absl::InfinitePast();
    const int64_t seconds = it->get<int64_t>();
    if (seconds < 0 || seconds > 253'402'300'799) return absl::InfinitePast();
    return absl::FromUnixSeconds(seconds);
  };
  if (text("iss") != credentials.registry.issuer()) return Refuse("TOKEN_INVALID", "wrong issuer");
  bool audience = text("aud") == credentials.registry.audience();
  if (const auto it = json.find("aud"); it != json.end() && it->is_array()) {
    audience = it->size() == 1 && (*it)[0] == credentials.registry.audience();
  }
  if (!audience) return Refuse("TOKEN_INVALID", "wrong audience");
  const absl::Time issued = time("iat"), expires = time("exp"), now = clock_.Now();
  if (issued == absl::InfinitePast() || expires == absl::InfinitePast()) {
    return Refuse("TOKEN_INVALID", "iat and exp are needed");
  }
  if (expires - issued > kLifetimeMax || expires <= issued) {
    return Refuse("TOKEN_INVALID", "a token lives 600 s at most");
  }
  if (issued > now + kSkew) return Refuse("TOKEN_INVALID", "the token comes from the future");
  if (json.contains("nbf") && time("nbf") > now + kSkew) {
    return Refuse("TOKEN_INVALID", "the token is not valid yet");
  }
  if (now > expires + kSkew) return Refuse("TOKEN_EXPIRED", "get a new token");
  Claims claims{.client_id = text("client_id"), .expires_at = expires};
  if (claims.client_id.empty()) claims.client_id = text("sub");
  if (const auto cnf = json.find("cnf"); cnf != json.end() && cnf->is_object()) {
    const auto thumbprint = cnf->find("x5t#S256");
    if (thumbprint != cnf->end() && thumbprint->is_string()) {
      claims.thumbprint = thumbprint->get<std::string>();
    }
  }
  return claims;
}

uint64_t Authenticator::ignored_forwards() const {
  absl::MutexLock lock(&mutex_);
  return ignored_forwards_;
}

}  // namespace pdp::gateway
