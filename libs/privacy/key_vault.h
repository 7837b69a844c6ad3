#ifndef PDP_LIBS_PRIVACY_KEY_VAULT_H_
#define PDP_LIBS_PRIVACY_KEY_VAULT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/base/random.h"

namespace pdp::privacy {

inline constexpr size_t kKeyBytes = 32;
// The longest subject (a CRN, a staff id; printable ASCII).
inline constexpr size_t kSubjectBytesMax = 96;

// The key under which the personal data of one person is sealed.
struct PersonKey {
  // What Sealed.key_id holds: the subject itself (identifiers are clear).
  std::string id;
  // 32 bytes. Never stored, never logged.
  std::string secret;
};

// The keys of persons, one each. Destroying a key makes everything sealed under it unreadable, in
// every log, view, topic and backup of them: that is what erasure means here. Thread-safe.
//
// Errors: NotFound "erased" after Destroy, FailedPrecondition "unknown" for a subject that never
// got a key (what is sealed for it was sealed in another vault: that must not pass for erasure),
// InvalidArgument for a subject that is empty, too long or not printable, Unavailable when the disk
// fails, DataLoss when a stored key is damaged.
class KeyVault {
 public:
  virtual ~KeyVault() = default;

  // The key of `subject`, made when there is none. A new key is durable only after Sync.
  virtual absl::StatusOr<PersonKey> Obtain(absl::string_view subject) = 0;
  virtual absl::StatusOr<PersonKey> Find(absl::string_view subject) = 0;

  // On return every key obtained before the call is durable. Called once a group, before the append
  // of anything sealed under a new key; free when no key is new.
  virtual absl::Status Sync() = 0;

  // Irreversible. On return no file holds a byte of the key, wrapped or not, and the subject can
  // never get a key again. OK when already destroyed; a subject without a key is barred from
  // getting one.
  virtual absl::Status Destroy(absl::string_view subject) = 0;

  // For a KeyCopy (key_copy.h): up to `slots_max` slots of the file from `from_slot` on, keys
  // wrapped; empty at the end. FailedPrecondition when the vault is no file.
  virtual absl::StatusOr<std::string> Export(uint64_t from_slot, size_t slots_max) {
    return absl::FailedPreconditionError("this key vault is not a file that can be copied");
  }
};

// Keeps nothing after the process; for tests and the simulator.
std::unique_ptr<KeyVault> MakeMemoryKeyVault(Random& random = Random::System());

// How many processes use one vault.
enum class VaultUse {
  kOneProcess,
  // Replicas of a cell: on one machine, or over a file system that all of them mount and that
  // honours flock. A key that one makes is found by the others.
  kShared,
};

// One file of fixed slots in the folder `path` (made when missing), each key wrapped (AES-256-GCM)
// by the 32-byte key-encryption key `kek`. Destroy overwrites the slot in place and syncs the file
// before it returns. A slot file and not RocksDB, because there a value lives on in write-ahead
// logs and tables until they happen to be collected. Format: README.md.
//   PermissionDenied    `kek` is not the key the vault was made with
//   FailedPrecondition  another process has the vault open and does not share it, or we do not
//   DataLoss            a slot is damaged
absl::StatusOr<std::unique_ptr<KeyVault>> OpenFileKeyVault(const std::string& path,
                                                           const std::string& kek,
                                                           VaultUse use = VaultUse::kOneProcess,
                                                           Random& random = Random::System());

}  // namespace pdp::privacy

#endif  // PDP_LIBS_PRIVACY_KEY_VAULT_H_
