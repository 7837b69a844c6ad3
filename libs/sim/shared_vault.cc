#include "libs/sim/shared_vault.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/mark.h"
#include "libs/privacy/subject.h"

namespace pdp::sim {

void KeyStore::Forget(const std::string& holder) {
  for (auto it = keys.begin(); it != keys.end();) {
    it->second.holders.erase(holder);
    it = !it->second.durable && it->second.holders.empty() ? keys.erase(it) : std::next(it);
  }
}

void KeyStore::Erase(const std::string& subject) {
  Key& key = keys[subject];
  key.secret.reset();
  key.durable = true;
  if (erased) erased(subject);
}

absl::StatusOr<privacy::PersonKey> SharedVault::Obtain(absl::string_view subject) {
  if (absl::Status sound = privacy::CheckSubject(subject); !sound.ok()) return sound;
  const std::string id(subject);
  const auto it = store_.keys.find(id);
  if (it != store_.keys.end()) {
    if (!it->second.secret.has_value()) return absl::NotFoundError("erased");
    if (!dead_) it->second.holders.insert(holder_);
    return privacy::PersonKey{id, *it->second.secret};
  }
  if (store_.failing) return absl::UnavailableError("the vault cannot make a key");
  if (dead_) return privacy::PersonKey{id, std::string(privacy::kKeyBytes, 'd')};
  KeyStore::Key& key = store_.keys[id];
  key.secret = store_.random().Bytes(privacy::kKeyBytes);
  store_.ever[id] = *key.secret;
  key.holders.insert(holder_);
  return privacy::PersonKey{id, *key.secret};
}

absl::StatusOr<privacy::PersonKey> SharedVault::Find(absl::string_view subject) {
  const auto it = store_.keys.find(std::string(subject));
  if (it == store_.keys.end()) return privacy::UnknownSubject();
  if (!it->second.secret.has_value()) return absl::NotFoundError("erased");
  return privacy::PersonKey{it->first, *it->second.secret};
}

absl::Status SharedVault::Sync() {
  if (seam) seam();
  if (dead_) return absl::OkStatus();
  if (store_.failing) return absl::UnavailableError("the vault cannot be synced");
  for (auto& [id, key] : store_.keys) {
    if (key.holders.contains(holder_)) key.durable = true;
  }
  return absl::OkStatus();
}

absl::Status SharedVault::Destroy(absl::string_view subject) {
  if (seam) seam();
  if (dead_) return absl::OkStatus();
  if (store_.failing) {
    PDP_MARK("a_key_could_not_be_destroyed");
    return absl::UnavailableError("the vault cannot destroy a key");
  }
  store_.Erase(std::string(subject));
  return absl::OkStatus();
}

}  // namespace pdp::sim
