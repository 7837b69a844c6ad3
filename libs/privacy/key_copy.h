#ifndef PDP_LIBS_PRIVACY_KEY_COPY_H_
#define PDP_LIBS_PRIVACY_KEY_COPY_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace pdp::privacy {

// The one copy of a key vault: a file of the vault's own format that is brought up to date in
// place, so that a key destroyed in the vault is overwritten here as well. There is never an older
// copy beside it: the newest one opens every backup of the log, and none brings back a key that was
// destroyed before it was last updated. Keys stay wrapped; no key-encryption key is needed here.
//
//   ASSIGN_OR_RETURN(auto copy, KeyCopy::Open(path));       // made when missing
//   for (uint64_t at = 0;; at += bytes.size() / kSlotBytes) {
//     bytes = vault.Export(at, 4096); if (bytes.empty()) break;
//     RETURN_IF_ERROR(copy->Update(at, bytes));
//   }
//   RETURN_IF_ERROR(copy->Sync());
//
// Not thread-safe; one process at a time (FailedPrecondition). Nothing is durable before Sync.
class KeyCopy {
 public:
  // `path`: the file. DataLoss names the first damaged slot.
  static absl::StatusOr<std::unique_ptr<KeyCopy>> Open(const std::string& path);
  ~KeyCopy();
  KeyCopy(const KeyCopy&) = delete;
  KeyCopy& operator=(const KeyCopy&) = delete;

  // Takes over the slots of the vault from `from_slot` on. A key that is destroyed here and not in
  // the vault stays destroyed: `revived` counts them, and somebody must destroy them there again.
  //   FailedPrecondition  the slots are of another vault
  //   DataLoss            a slot is damaged
  absl::Status Update(uint64_t from_slot, absl::string_view slots);
  // Destroys the key of `subject`, in place; bars one that has none.
  absl::Status Destroy(absl::string_view subject);
  absl::Status Sync();

  // Tells vaults apart; empty when nothing was ever taken over.
  const std::string& vault_id() const { return vault_id_; }
  // Slots with the header: a vault that had as many when a log was copied has the keys for it.
  uint64_t slots() const { return slots_; }
  uint64_t destroyed() const { return destroyed_; }
  uint64_t revived() const { return revived_; }

 private:
  explicit KeyCopy(int fd) : fd_(fd) {}
  absl::Status Load();
  absl::Status Put(uint64_t slot, absl::string_view bytes);

  const int fd_;
  std::string vault_id_;
  uint64_t slots_ = 0;
  uint64_t destroyed_ = 0;
  uint64_t revived_ = 0;
  absl::flat_hash_map<std::string, uint64_t> slot_of_;
};

// The identity of the vault whose header slot this is.
std::string VaultId(absl::string_view header_slot);

}  // namespace pdp::privacy

#endif  // PDP_LIBS_PRIVACY_KEY_COPY_H_
