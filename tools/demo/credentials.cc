#include "tools/demo/credentials.h"

#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/text_format.h"
#include "libs/base/hash.h"
#include "libs/base/random.h"
#include "libs/base/status_macros.h"
#include "pdp/gateway/v1/credentials.pb.h"

namespace pdp::demo {
namespace {

constexpr char kIssuer[] = "https://demonstration.invalid";
constexpr char kAudience[] = "pdp-gateway";
constexpr char kKeyId[] = "demonstration-1";
constexpr int kAuthorityDays = 365, kLeafDays = 60, kRenewDays = 2;
constexpr absl::Duration kTokenLife = absl::Seconds(600);

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const { Free(object); }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Bio = std::unique_ptr<BIO, Deleter<BIO_free>>;

std::string Content(const Bio& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

std::string Base64Url(absl::string_view bytes) {
  std::string text = absl::WebSafeBase64Escape(bytes);
  while (!text.empty() && text.back() == '=') text.pop_back();
  return text;
}

std::string Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Whole or not at all; `mode` from the first byte on.
absl::Status Write(const std::string& path, absl::string_view text, mode_t mode) {
  const std::string fresh = path + ".new";
  const auto failed = [&] { return absl::InternalError(absl::StrCat("cannot write ", path)); };
  std::error_code ignored;
  std::filesystem::remove(fresh, ignored);
  const int fd = open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd < 0) return failed();
  const bool whole = write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (close(fd) != 0 || !whole || rename(fresh.c_str(), path.c_str()) != 0) return failed();
  return absl::OkStatus();
}

constexpr mode_t kOwnerOnly = 0600, kForAll = 0644;

absl::StatusOr<Key> ReadKey(const std::string& path) {
  const std::string text = Read(path);
  const Bio in(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  Key key(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr));
  if (key == nullptr) return absl::NotFoundError(absl::StrCat(path, " holds no key"));
  return key;
}

absl::StatusOr<Certificate> ReadCertificate(const std::string& path) {
  const std::string text = Read(path);
  const Bio in(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  Certificate certificate(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) {
    return absl::NotFoundError(absl::StrCat(path, " holds no certificate"));
  }
  return certificate;
}

absl::Status WriteKey(const std::string& path, const Key& key) {
  const Bio out(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return absl::InternalError(absl::StrCat("no key for ", path));
  }
  return Write(path, Content(out), kOwnerOnly);
}

// A certificate and its key as <stem>.pem and <stem>.key; the key first, so that a certificate
// always has one. Without an issuer it signs itself.
struct Issue {
  std::string stem, common_name;
  int days = kLeafDays;
  // OpenSSL's form of the extensions: {NID, value}.
  std::vector<std::pair<int, std::string>> extensions;
};

absl::Status Make(const Issue& issue, X509* issuer, EVP_PKEY* issuer_key) {
  const Key key(EVP_EC_gen("P-256"));
  const Certificate made(X509_new());
  if (key == nullptr || made == nullptr) return absl::InternalError("OpenSSL makes no key");
  const std::string serial = Random::System().Bytes(8);
  uint64_t number = 0;
  for (const unsigned char byte : serial) number = number << 8 | byte;
  X509_set_version(made.get(), 2);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(made.get()), number >> 1);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 86'400L * issue.days);
  X509_set_pubkey(made.get(), key.get());
  X509_NAME* name = X509_get_subject_name(made.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(issue.common_name.c_str()), -1,
                             -1, 0);
  X509_set_issuer_name(made.get(), issuer == nullptr ? name : X509_get_subject_name(issuer));
  for (const auto& [nid, value] : issue.extensions) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer == nullptr ? made.get() : issuer, made.get(), nullptr, nullptr,
                   0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
    if (extension == nullptr) return absl::InternalError(absl::StrCat("no extension ", value));
    X509_add_ext(made.get(), extension, -1);
    X509_EXTENSION_free(extension);
  }
  if (X509_sign(made.get(), issuer_key == nullptr ? key.get() : issuer_key, EVP_sha256()) <= 0) {
    return absl::InternalError(absl::StrCat("cannot sign ", issue.stem));
  }
  const Bio out(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(out.get(), made.get());
  RETURN_IF_ERROR(WriteKey(issue.stem + ".key", key));
  return Write(issue.stem + ".pem", Content(out), kForAll);
}

// Signed by `issuer`, of this key, and good for some days more.
bool Good(const std::string& stem, EVP_PKEY* issuer_key) {
  const auto certificate = ReadCertificate(stem + ".pem");
  const auto key = ReadKey(stem + ".key");
  if (!certificate.ok() || !key.ok()) return false;
  time_t soon = absl::ToTimeT(absl::Now() + absl::Hours(24 * kRenewDays));
  return X509_check_private_key(certificate->get(), key->get()) == 1 &&
         X509_verify(certificate->get(), issuer_key == nullptr ? key->get() : issuer_key) == 1 &&
         X509_cmp_time(X509_get0_notAfter(certificate->get()), &soon) > 0;
}

std::string Thumbprint(const Certificate& certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate.get(), &der);
  if (size <= 0) return "";
  std::string text = Base64Url(
      Sha256({reinterpret_cast<const char*>(der), static_cast<size_t>(size)}).view());
  OPENSSL_free(der);
  return text;
}

}  // namespace

const std::vector<GatewayClientId>& Credentials::Clients() {
  static const auto* const clients = [] {
    auto* list = new std::vector<GatewayClientId>;
    for (const char* org : {"P01", "S01", "S02", "X01"}) {
      list->push_back({absl::StrCat(org, "-delivery"), org, {"DELIVERY", "READER"}});
      list->push_back({absl::StrCat(org, "-finance"), org, {"FINANCE", "READER"}});
      list->push_back({absl::StrCat(org, "-admin"), org, {"ADMIN"}});
    }
    return list;
  }();
  return *clients;
}

absl::StatusOr<Credentials> Credentials::Open(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  if (error) return absl::InternalError(absl::StrCat("cannot make ", folder));
  Credentials credentials(folder);
  RETURN_IF_ERROR(credentials.MakeMissing());
  return credentials;
}

absl::Status Credentials::MakeMissing() {
  const std::string authority = folder_ + "/ca";
  if (!Good(authority, nullptr)) {
    RETURN_IF_ERROR(Make({authority,
                          "PDP demonstration authority",
                          kAuthorityDays,
                          {{NID_basic_constraints, "critical,CA:TRUE"},
                           {NID_key_usage, "critical,keyCertSign,cRLSign"}}},
                         nullptr, nullptr));
  }
  ASSIGN_OR_RETURN(const Certificate issuer, ReadCertificate(authority + ".pem"));
  ASSIGN_OR_RETURN(const Key issuer_key, ReadKey(authority + ".key"));
  const auto leaf = [&](const std::string& name, const std::string& names, const char* usage) {
    const std::string stem = absl::StrCat(folder_, "/", name);
    if (Good(stem, issuer_key.get())) return absl::OkStatus();
    return Make({stem,
                 name,
                 kLeafDays,
                 {{NID_subject_alt_name, names}, {NID_ext_key_usage, usage}}},
                issuer.get(), issuer_key.get());
  };
  RETURN_IF_ERROR(leaf("server", "DNS:localhost,IP:127.0.0.1", "serverAuth"));
  for (const GatewayClientId& client : Clients()) {
    RETURN_IF_ERROR(leaf(client.organisation,
                         absl::StrCat("URI:urn:pdp:organisation:", client.organisation),
                         "clientAuth"));
  }
  const std::string signing = folder_ + "/signing.key";
  if (!ReadKey(signing).ok()) {
    const Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    RETURN_IF_ERROR(WriteKey(signing, key));
  }
  if (const std::string seal = folder_ + "/seal.key"; Read(seal).size() != 65) {
    RETURN_IF_ERROR(Write(
        seal, absl::BytesToHexString(Random::System().Bytes(32)) + "\n", kOwnerOnly));
  }
  gateway::v1::CredentialRegistry registry;
  registry.set_issuer(kIssuer);
  registry.set_audience(kAudience);
  ASSIGN_OR_RETURN(const Key key, ReadKey(signing));
  const Bio out(BIO_new(BIO_s_mem()));
  PEM_write_bio_PUBKEY(out.get(), key.get());
  auto* verify = registry.add_keys();
  verify->set_kid(kKeyId);
  verify->set_alg("EdDSA");
  verify->set_public_key_pem(Content(out));
  for (const GatewayClientId& known : Clients()) {
    auto* client = registry.add_clients();
    client->set_client_id(known.id);
    client->set_tenant(known.organisation);
    for (const std::string& name : known.functions) {
      common::v1::Function function;
      if (common::v1::Function_Parse(name, &function)) client->add_functions(function);
    }
    client->set_certificate_bound(true);
  }
  std::string text;
  google::protobuf::TextFormat::PrintToString(registry, &text);
  const std::string path = folder_ + "/registry.textproto";
  return Read(path) == text ? absl::OkStatus() : Write(path, text, kForAll);
}

rpc::ClientTls Credentials::TlsOf(const std::string& organisation) const {
  return {.ca_file = folder_ + "/ca.pem",
          .certificate_file = absl::StrCat(folder_, "/", organisation, ".pem"),
          .key_file = absl::StrCat(folder_, "/", organisation, ".key")};
}

absl::StatusOr<std::string> Credentials::Token(const std::string& client_id,
                                               absl::Time now) const {
  std::string organisation, known;
  for (const GatewayClientId& client : Clients()) {
    if (client.id == client_id) organisation = client.organisation;
    absl::StrAppend(&known, " ", client.id);
  }
  if (organisation.empty()) {
    return absl::NotFoundError(absl::StrCat("no client '", client_id, "'; clients:", known));
  }
  ASSIGN_OR_RETURN(const Certificate certificate,
                   ReadCertificate(absl::StrCat(folder_, "/", organisation, ".pem")));
  ASSIGN_OR_RETURN(const Key key, ReadKey(folder_ + "/signing.key"));
  const int64_t issued = absl::ToUnixSeconds(now);
  const std::string signed_text = absl::StrCat(
      Base64Url(absl::StrCat("{\"alg\":\"EdDSA\",\"typ\":\"JWT\",\"kid\":\"", kKeyId, "\"}")), ".",
      Base64Url(absl::StrCat("{\"iss\":\"", kIssuer, "\",\"aud\":\"", kAudience,
                             "\",\"client_id\":\"", client_id, "\",\"iat\":", issued,
                             ",\"exp\":", issued + absl::ToInt64Seconds(kTokenLife),
                             ",\"cnf\":{\"x5t#S256\":\"", Thumbprint(certificate), "\"}}")));
  const std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  unsigned char signature[64];
  size_t size = sizeof(signature);
  if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), signature, &size,
                     reinterpret_cast<const unsigned char*>(signed_text.data()),
                     signed_text.size()) != 1) {
    return absl::InternalError("cannot sign a token");
  }
  return absl::StrCat(signed_text, ".",
                      Base64Url({reinterpret_cast<const char*>(signature), size}));
}

}  // namespace pdp::demo
