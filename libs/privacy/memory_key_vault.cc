#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "libs/base/status_macros.h"
#include "libs/privacy/key_vault.h"
#include "libs/privacy/subject.h"

namespace pdp::privacy {
namespace {

class MemoryKeyVault final : public KeyVault {
 public:
  explicit MemoryKeyVault(Random& random) : random_(random) {}

  absl::StatusOr<PersonKey> Obtain(absl::string_view subject) override {
    RETURN_IF_ERROR(CheckSubject(subject));
    absl::MutexLock lock(&mutex_);
    const auto [it, fresh] = keys_.try_emplace(std::string(subject));
    if (fresh) it->second = random_.Bytes(kKeyBytes);
    if (!it->second.has_value()) return absl::NotFoundError("erased");
    return PersonKey{it->first, *it->second};
  }
  absl::StatusOr<PersonKey> Find(absl::string_view subject) override {
    RETURN_IF_ERROR(CheckSubject(subject));
    absl::MutexLock lock(&mutex_);
    const auto it = keys_.find(std::string(subject));
    if (it == keys_.end()) return UnknownSubject();
    if (!it->second.has_value()) return absl::NotFoundError("erased");
    return PersonKey{it->first, *it->second};
  }
  absl::Status Sync() override { return absl::OkStatus(); }
  absl::Status Destroy(absl::string_view subject) override {
    RETURN_IF_ERROR(CheckSubject(subject));
    absl::MutexLock lock(&mutex_);
    keys_[std::string(subject)] = std::nullopt;
    return absl::OkStatus();
  }

 private:
  Random& random_;
  absl::Mutex mutex_;
  // No value: destroyed.
  absl::flat_hash_map<std::string, std::optional<std::string>> keys_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<KeyVault> MakeMemoryKeyVault(Random& random) {
  return std::make_unique<MemoryKeyVault>(random);
}

}  // namespace pdp::privacy
