#include "services/gateway/credentials.h"

#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "libs/base/log.h"
#include "libs/base/status_macros.h"

namespace pdp::gateway {
namespace {

constexpr absl::Duration kRefresh = absl::Seconds(30);
constexpr absl::Duration kStale = absl::Hours(1);

}  // namespace

absl::StatusOr<std::shared_ptr<const Credentials>> Credentials::Parse(const std::string& text) {
  auto credentials = std::make_shared<Credentials>();
  v1::CredentialRegistry& registry = credentials->registry;
  const auto wrong = [](const std::string& what) {
    return absl::InvalidArgumentError(absl::StrCat("credential registry: ", what));
  };
  if (!google::protobuf::TextFormat::ParseFromString(text, &registry)) {
    return wrong("not a pdp.gateway.v1.CredentialRegistry in text form");
  }
  if (!registry.keys().empty() && (registry.issuer().empty() || registry.audience().empty())) {
    return wrong("keys need an issuer and an audience");
  }
  for (const v1::SigningKey& key : registry.keys()) {
    absl::StatusOr<VerifyKey> verify = VerifyKey::FromPem(key.alg(), key.public_key_pem());
    if (!verify.ok()) return wrong(absl::StrCat(key.kid(), ": ", verify.status().message()));
    if (!credentials->keys.emplace(key.kid(), *std::move(verify)).second) {
      return wrong(absl::StrCat("key ", key.kid(), " twice"));
    }
  }
  for (const v1::Client& client : registry.clients()) {
    if (client.client_id().empty()) return wrong("a client without an id");
    if (client.tenant().empty()) return wrong(absl::StrCat(client.client_id(), " has no tenant"));
    if (!credentials->by_client_id.emplace(client.client_id(), &client).second) {
      return wrong(absl::StrCat("client ", client.client_id(), " twice"));
    }
    for (const std::string& uri : client.san_uris()) {
      if (!credentials->by_san.emplace(uri, &client).second) {
        return wrong(absl::StrCat("name ", uri, " twice"));
      }
    }
  }
  return std::shared_ptr<const Credentials>(std::move(credentials));
}

absl::StatusOr<std::unique_ptr<CredentialFile>> CredentialFile::Open(const std::string& path,
                                                                     Clock& clock) {
  std::unique_ptr<CredentialFile> file(new CredentialFile(path, clock));
  absl::MutexLock lock(&file->mutex_);
  RETURN_IF_ERROR(file->Reload());
  return file;
}

absl::Status CredentialFile::Reload() {
  tried_at_ = clock_.Now();
  std::ifstream in(path_, std::ios::binary);
  if (!in) return absl::NotFoundError(absl::StrCat("cannot read ", path_));
  std::ostringstream text;
  text << in.rdbuf();
  ASSIGN_OR_RETURN(current_, Credentials::Parse(text.str()));
  read_at_ = tried_at_;
  return absl::OkStatus();
}

std::shared_ptr<const Credentials> CredentialFile::Current() {
  absl::MutexLock lock(&mutex_);
  return current_;
}

std::shared_ptr<const Credentials> CredentialFile::Refreshed() {
  absl::MutexLock lock(&mutex_);
  if (clock_.Now() - tried_at_ >= kRefresh) {
    if (absl::Status status = Reload(); !status.ok()) {
      PDP_LOG(ERROR) << "credentials stay as they were: " << status.message();
    }
  }
  return current_;
}

bool CredentialFile::stale() const {
  absl::MutexLock lock(&mutex_);
  return clock_.Now() - read_at_ > kStale;
}

}  // namespace pdp::gateway
