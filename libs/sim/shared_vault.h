#ifndef PDP_LIBS_SIM_SHARED_VAULT_H_
#define PDP_LIBS_SIM_SHARED_VAULT_H_

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "libs/privacy/key_vault.h"

namespace pdp::sim {

// The keys of a service, as its processes share them. A key is durable once a process that holds it
// has synced; when every process that obtained it has died before, it never was.
class KeyStore {
 public:
  explicit KeyStore(Random& random) : random_(random) {}
  struct Key {
    // No value: destroyed.
    std::optional<std::string> secret;
    bool durable = false;
    std::set<std::string> holders;
  };
  std::map<std::string, Key> keys;
  Random& random() { return random_; }
  // What `holder` had not synced is forgotten, unless another holds it too.
  void Forget(const std::string& holder);
  // Destroys the key of a subject, or bars it from getting one.
  void Erase(const std::string& subject);
  // Told of each subject whose key is destroyed.
  std::function<void(const std::string&)> erased;
  // Every key there was: what a judge may know and nobody else.
  std::map<std::string, std::string> ever;
  // Every Obtain of a new key, every Sync and every Destroy by a process fails.
  bool failing = false;

 private:
  Random& random_;
};

// One process's access to the keys.
class SharedVault final : public privacy::KeyVault {
 public:
  SharedVault(KeyStore& store, std::string holder) : store_(store), holder_(std::move(holder)) {}
  absl::StatusOr<privacy::PersonKey> Obtain(absl::string_view subject) override;
  absl::StatusOr<privacy::PersonKey> Find(absl::string_view subject) override;
  absl::Status Sync() override;
  absl::Status Destroy(absl::string_view subject) override;

  // After its process has died nothing it does reaches the store.
  void Die() { dead_ = true; }
  // Called before each Sync and Destroy: a place to crash.
  std::function<void()> seam;

 private:
  KeyStore& store_;
  const std::string holder_;
  bool dead_ = false;
};

}  // namespace pdp::sim

#endif  // PDP_LIBS_SIM_SHARED_VAULT_H_
