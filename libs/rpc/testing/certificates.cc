#include "libs/rpc/testing/certificates.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"

namespace pdp::rpc::testing {
namespace {

void WriteKey(const std::string& path, EVP_PKEY* key) {
  BIO* out = BIO_new_file(path.c_str(), "w");
  PDP_CHECK(PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr) == 1, path);
  BIO_free(out);
}

void WriteCertificate(const std::string& path, X509* certificate) {
  BIO* out = BIO_new_file(path.c_str(), "w");
  PDP_CHECK(PEM_write_bio_X509(out, certificate) == 1, path);
  BIO_free(out);
}

void Extend(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  PDP_CHECK(extension != nullptr, value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

X509* NewCertificate(long serial, const std::string& common_name, EVP_PKEY* key, X509* issuer) {
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 86'400);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1,
                                 0);
  X509_set_issuer_name(certificate, issuer == nullptr ? name : X509_get_subject_name(issuer));
  return certificate;
}

}  // namespace

TestAuthority::TestAuthority() {
  std::string pattern = (std::filesystem::temp_directory_path() / "pdp_ca_XXXXXX").string();
  PDP_CHECK(mkdtemp(pattern.data()) != nullptr, "no temporary folder");
  folder_ = pattern;
  ca_file_ = folder_ + "/ca.pem";
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = NewCertificate(serial_++, "test authority", key, nullptr);
  Extend(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
  PDP_CHECK(X509_sign(certificate, key, EVP_sha256()) > 0, "cannot sign");
  WriteCertificate(ca_file_, certificate);
  ca_certificate_ = certificate;
  ca_key_ = key;
}

TestAuthority::~TestAuthority() {
  X509_free(static_cast<X509*>(ca_certificate_));
  EVP_PKEY_free(static_cast<EVP_PKEY*>(ca_key_));
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

TestAuthority::Pair TestAuthority::Issue(const std::string& common_name, const std::string& uri) {
  auto* issuer = static_cast<X509*>(ca_certificate_);
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = NewCertificate(serial_, common_name, key, issuer);
  Extend(certificate, issuer, NID_subject_alt_name,
         absl::StrCat("DNS:localhost,IP:127.0.0.1", uri.empty() ? "" : ",URI:", uri));
  PDP_CHECK(X509_sign(certificate, static_cast<EVP_PKEY*>(ca_key_), EVP_sha256()) > 0,
      "cannot sign");
  const Pair pair{.certificate_file = absl::StrCat(folder_, "/", serial_, ".pem"),
                  .key_file = absl::StrCat(folder_, "/", serial_, ".key")};
  ++serial_;
  WriteCertificate(pair.certificate_file, certificate);
  WriteKey(pair.key_file, key);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return pair;
}

std::string TestAuthority::Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void TestAuthority::Write(const std::string& path, absl::string_view text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
}

}  // namespace pdp::rpc::testing
