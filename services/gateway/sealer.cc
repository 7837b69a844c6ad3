#include "services/gateway/sealer.h"

#include <openssl/evp.h>

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/check.h"
#include "libs/base/deterministic_bytes.h"
#include "libs/base/hash.h"

namespace pdp::gateway {
namespace {

constexpr size_t kKeyBytes = 32, kNonceBytes = 12, kTagBytes = 16;
constexpr absl::Duration kPageLifetime = absl::Hours(24);
// Parts of a sealed text are joined by it; no part contains it but the last.
constexpr char kSeparator = '\n';

unsigned char* Out(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* In(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string Base64Url(absl::string_view bytes) {
  std::string text = absl::WebSafeBase64Escape(bytes);
  while (!text.empty() && text.back() == '=') text.pop_back();
  return text;
}

absl::Status Wrong(absl::string_view reason, absl::string_view detail) {
  return absl::InvalidArgumentError(absl::StrCat(reason, ": ", detail));
}

}  // namespace

std::string FilterHash(const google::protobuf::Message& request) {
  std::unique_ptr<google::protobuf::Message> filter(request.New());
  filter->CopyFrom(request);
  for (const char* name : {"page_size", "page_token", "request_id"}) {
    if (const auto* field = filter->GetDescriptor()->FindFieldByName(name)) {
      filter->GetReflection()->ClearField(filter.get(), field);
    }
  }
  return Sha256(DeterministicBytes(*filter)).hex();
}

Sealer::Sealer(std::string key, Clock& clock, Random& random)
    : key_(std::move(key)), clock_(clock), random_(random) {
  PDP_CHECK(key_.size() == kKeyBytes, "the token key has 32 bytes");
}

std::string Sealer::Seal(absl::string_view plain) const {
  const std::string nonce = random_.Bytes(kNonceBytes);
  std::string cipher(plain.size(), '\0'), tag(kTagBytes, '\0');
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  int size = 0;
  bool ok = EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nullptr, In(key_), In(nonce)) == 1;
  ok = ok && EVP_EncryptUpdate(context, Out(cipher), &size, In(plain),
                               static_cast<int>(plain.size())) == 1;
  ok = ok && EVP_EncryptFinal_ex(context, Out(tag), &size) == 1;
  ok = ok && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, kTagBytes, tag.data()) == 1;
  EVP_CIPHER_CTX_free(context);
  PDP_CHECK(ok, "AES-256-GCM failed");
  return Base64Url(absl::StrCat(nonce, tag, cipher));
}

std::optional<std::string> Sealer::Open(absl::string_view token) const {
  std::string raw;
  if (!absl::WebSafeBase64Unescape(token, &raw) || raw.size() < kNonceBytes + kTagBytes ||
      Base64Url(raw) != token) {
    return std::nullopt;
  }
  const absl::string_view all = raw;
  const absl::string_view nonce = all.substr(0, kNonceBytes), cipher = all.substr(28);
  std::string tag(all.substr(kNonceBytes, kTagBytes)), plain(cipher.size(), '\0'), rest(16, '\0');
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  int size = 0;
  bool ok = EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nullptr, In(key_), In(nonce)) == 1;
  ok = ok && EVP_DecryptUpdate(context, Out(plain), &size, In(cipher),
                               static_cast<int>(cipher.size())) == 1;
  ok = ok && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1;
  ok = ok && EVP_DecryptFinal_ex(context, Out(rest), &size) == 1;
  EVP_CIPHER_CTX_free(context);
  if (!ok) return std::nullopt;
  return plain;
}

std::string Sealer::SealPage(absl::string_view tenant, absl::string_view method,
                             const google::protobuf::Message& request,
                             absl::string_view cursor) const {
  if (cursor.empty()) return "";
  return Seal(absl::StrCat("page", std::string(1, kSeparator), tenant, std::string(1, kSeparator),
                           method, std::string(1, kSeparator), FilterHash(request),
                           std::string(1, kSeparator), absl::ToUnixMillis(clock_.Now()),
                           std::string(1, kSeparator), cursor));
}

absl::StatusOr<std::string> Sealer::OpenPage(absl::string_view tenant, absl::string_view method,
                                             const google::protobuf::Message& request,
                                             absl::string_view token) const {
  if (token.empty()) return std::string();
  const std::optional<std::string> plain = Open(token);
  if (!plain.has_value()) return Wrong("PAGE_TOKEN_INVALID", "not a token of this gateway");
  const std::vector<std::string> parts = absl::StrSplit(*plain, absl::MaxSplits(kSeparator, 5));
  int64_t issued_ms = 0;
  if (parts.size() != 6 || parts[0] != "page" || !absl::SimpleAtoi(parts[4], &issued_ms)) {
    return Wrong("PAGE_TOKEN_INVALID", "not a page token");
  }
  if (parts[1] != tenant || parts[2] != method || parts[3] != FilterHash(request)) {
    return Wrong("PAGE_TOKEN_MISMATCH", "the token was given out for another request");
  }
  if (clock_.Now() - absl::FromUnixMillis(issued_ms) > kPageLifetime) {
    return Wrong("PAGE_TOKEN_EXPIRED", "start again with the first page");
  }
  return parts[5];
}

std::string Sealer::SealWatch(absl::string_view tenant, const WatchPosition& position) const {
  std::string text = absl::StrCat("watch", std::string(1, kSeparator), tenant);
  for (const auto& [partition, at] : position) {
    absl::StrAppend(&text, std::string(1, kSeparator), partition.first, "/", partition.second, "/",
                    at.first, "/", at.second);
  }
  return Seal(text);
}

absl::StatusOr<WatchPosition> Sealer::OpenWatch(absl::string_view tenant,
                                                absl::string_view token) const {
  WatchPosition position;
  if (token.empty()) return position;
  const absl::Status wrong = Wrong("RESUME_TOKEN_INVALID", "not a resume token of yours");
  const std::optional<std::string> plain = Open(token);
  if (!plain.has_value()) return wrong;
  const std::vector<std::string> lines = absl::StrSplit(*plain, kSeparator);
  if (lines.size() < 2 || lines[0] != "watch" || lines[1] != tenant) return wrong;
  for (size_t i = 2; i < lines.size(); ++i) {
    const std::vector<std::string> parts = absl::StrSplit(lines[i], '/');
    uint64_t seq = 0;
    uint32_t index = 0;
    if (parts.size() != 4 || !absl::SimpleAtoi(parts[2], &seq) ||
        !absl::SimpleAtoi(parts[3], &index)) {
      return wrong;
    }
    position[{parts[0], parts[1]}] = {seq, index};
  }
  return position;
}

std::string Sealer::Etag(absl::string_view resource, uint64_t version) const {
  const std::string text = absl::StrCat(version);
  const Digest mac = HmacSha256(key_, absl::StrCat("etag\n", resource, "\n", text));
  return Base64Url(absl::StrCat(mac.view().substr(0, 9), text));
}

absl::StatusOr<uint64_t> Sealer::VersionOf(absl::string_view resource,
                                           absl::string_view etag) const {
  std::string raw;
  uint64_t version = 0;
  if (!absl::WebSafeBase64Unescape(etag, &raw) || raw.size() < 10 ||
      !absl::SimpleAtoi(raw.substr(9), &version) || Etag(resource, version) != etag) {
    return Wrong("ETAG_MALFORMED", "not an etag of this resource");
  }
  return version;
}

}  // namespace pdp::gateway
