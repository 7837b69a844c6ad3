#include "libs/privacy/key_copy.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "absl/strings/str_cat.h"
#include "libs/base/hash.h"
#include "libs/base/status_macros.h"
#include "libs/privacy/key_slot.h"
#include "libs/privacy/subject.h"

namespace pdp::privacy {
namespace {

absl::Status DiskError(absl::string_view what) {
  return absl::UnavailableError(absl::StrCat("copy of the keys: ", what, ": ",
                                             std::strerror(errno)));
}

absl::StatusOr<std::optional<Slot>> SlotAt(uint64_t index, absl::string_view bytes) {
  auto slot = DecodeSlot(bytes);
  if (slot.ok()) return slot;
  return absl::DataLossError(absl::StrCat("slot ", index, " of the keys is damaged"));
}

}  // namespace

std::string VaultId(absl::string_view header_slot) { return Sha256(header_slot).hex(); }

absl::StatusOr<std::unique_ptr<KeyCopy>> KeyCopy::Open(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return DiskError(absl::StrCat("open ", path));
  std::unique_ptr<KeyCopy> copy(new KeyCopy(fd));
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    return absl::FailedPreconditionError("another process uses this copy of the keys");
  }
  RETURN_IF_ERROR(copy->Load());
  return copy;
}

KeyCopy::~KeyCopy() { close(fd_); }

absl::Status KeyCopy::Load() {
  struct stat info;
  if (fstat(fd_, &info) != 0) return DiskError("fstat");
  // A copy that was cut short in the middle of a slot never synced it: the next update writes it.
  slots_ = static_cast<uint64_t>(info.st_size) / kSlotBytes;
  std::string bytes(kSlotBytes, '\0');
  for (uint64_t i = 0; i < slots_; ++i) {
    if (pread(fd_, bytes.data(), kSlotBytes, static_cast<off_t>(i * kSlotBytes)) !=
        static_cast<ssize_t>(kSlotBytes)) {
      return DiskError("pread");
    }
    ASSIGN_OR_RETURN(const std::optional<Slot> slot, SlotAt(i, bytes));
    if (i == 0) {
      if (!slot.has_value() || slot->state != kSlotHeader) {
        return absl::DataLossError("the copy of the keys does not begin with a vault's header");
      }
      vault_id_ = VaultId(bytes);
      continue;
    }
    if (!slot.has_value()) continue;
    slot_of_[slot->subject] = i;
    destroyed_ += slot->state == kSlotDestroyed ? 1 : 0;
  }
  return absl::OkStatus();
}

absl::Status KeyCopy::Put(uint64_t slot, absl::string_view bytes) {
  const off_t at = static_cast<off_t>(slot * kSlotBytes);
  if (pwrite(fd_, bytes.data(), bytes.size(), at) != static_cast<ssize_t>(bytes.size())) {
    return DiskError("pwrite");
  }
  slots_ = std::max(slots_, slot + 1);
  return absl::OkStatus();
}

absl::Status KeyCopy::Update(uint64_t from_slot, absl::string_view slots) {
  if (slots.size() % kSlotBytes != 0 || from_slot > slots_) {
    return absl::InvalidArgumentError("slots of the vault are missing");
  }
  for (uint64_t i = from_slot; !slots.empty(); ++i, slots.remove_prefix(kSlotBytes)) {
    const absl::string_view bytes = slots.substr(0, kSlotBytes);
    ASSIGN_OR_RETURN(const std::optional<Slot> slot, SlotAt(i, bytes));
    if (i == 0) {
      if (!slot.has_value() || slot->state != kSlotHeader) {
        return absl::DataLossError("the keys do not begin with a vault's header");
      }
      if (!vault_id_.empty() && vault_id_ != VaultId(bytes)) {
        return absl::FailedPreconditionError("these are the keys of another vault");
      }
      vault_id_ = VaultId(bytes);
      RETURN_IF_ERROR(Put(0, bytes));
      continue;
    }
    std::string before(kSlotBytes, '\0');
    if (i < slots_) {
      if (pread(fd_, before.data(), kSlotBytes, static_cast<off_t>(i * kSlotBytes)) !=
          static_cast<ssize_t>(kSlotBytes)) {
        return DiskError("pread");
      }
      if (bytes == before) continue;
    }
    ASSIGN_OR_RETURN(const std::optional<Slot> mine, SlotAt(i, before));
    if (mine.has_value() && slot.has_value() && mine->subject != slot->subject) {
      return absl::FailedPreconditionError(
          absl::StrCat("slot ", i, " is another person's in this copy of the keys"));
    }
    if (mine.has_value() && mine->state == kSlotDestroyed) {
      ++revived_;
      continue;
    }
    RETURN_IF_ERROR(Put(i, bytes));
    if (!slot.has_value()) continue;
    slot_of_[slot->subject] = i;
    destroyed_ += slot->state == kSlotDestroyed ? 1 : 0;
  }
  return absl::OkStatus();
}

absl::Status KeyCopy::Destroy(absl::string_view subject) {
  RETURN_IF_ERROR(CheckSubject(subject));
  if (slots_ == 0) return absl::FailedPreconditionError("a copy of no vault");
  const auto [it, fresh] = slot_of_.try_emplace(std::string(subject), slots_);
  const std::string bytes = EncodeSlot(Slot{kSlotDestroyed, std::string(subject), "", ""});
  std::string before(kSlotBytes, '\0');
  if (!fresh && pread(fd_, before.data(), kSlotBytes,
                      static_cast<off_t>(it->second * kSlotBytes)) !=
                    static_cast<ssize_t>(kSlotBytes)) {
    return DiskError("pread");
  }
  if (before == bytes) return absl::OkStatus();
  ++destroyed_;
  return Put(it->second, bytes);
}

absl::Status KeyCopy::Sync() {
  return fdatasync(fd_) == 0 ? absl::OkStatus() : DiskError("fdatasync");
}

}  // namespace pdp::privacy
