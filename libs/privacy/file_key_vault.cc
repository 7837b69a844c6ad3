#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "libs/base/status_macros.h"
#include "libs/privacy/aead.h"
#include "libs/privacy/key_slot.h"
#include "libs/privacy/key_vault.h"
#include "libs/privacy/subject.h"

namespace pdp::privacy {
namespace {

// Unwrapped keys kept at most.
constexpr size_t kOpenKeysMax = 16'384;
constexpr char kHeaderSubject[] = "pdp key vault 1";

absl::Status DiskError(absl::string_view what) {
  return absl::UnavailableError(absl::StrCat("key vault: ", what, ": ", std::strerror(errno)));
}

// Locks a file against other processes as long as it lives; nothing when there is none.
class FileLock {
 public:
  explicit FileLock(int fd) : fd_(fd) {
    while (fd_ >= 0 && flock(fd_, LOCK_EX) != 0 && errno == EINTR) {
    }
  }
  ~FileLock() {
    if (fd_ >= 0) flock(fd_, LOCK_UN);
  }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  const int fd_;
};

class FileKeyVault final : public KeyVault {
 public:
  // `lock_fd`: held while slots are made, destroyed and looked for; -1 when nobody shares them.
  FileKeyVault(int fd, int lock_fd, std::string kek, Random& random)
      : fd_(fd), lock_fd_(lock_fd), kek_(std::move(kek)), random_(random) {}
  ~FileKeyVault() override {
    absl::MutexLock lock(&mutex_);
    ForgetOpenKeys();
    close(fd_);
    if (lock_fd_ >= 0) close(lock_fd_);
  }

  // Reads every slot; makes the header of an empty file.
  absl::Status Load() {
    absl::MutexLock lock(&mutex_);
    const FileLock others(lock_fd_);
    ASSIGN_OR_RETURN(const size_t slots, CountSlots());
    if (slots == 0) {
      RETURN_IF_ERROR(Put(0, MakeSlot(kSlotHeader, kHeaderSubject, std::string(kKeyBytes, '\0'))));
      next_slot_ = 1;
      return SyncFile();
    }
    ASSIGN_OR_RETURN(const std::optional<Slot> header, Get(0));
    if (header.has_value() && (header->state != kSlotHeader || !Unwrap(*header).ok())) {
      return absl::PermissionDeniedError("not the key-encryption key of this vault");
    }
    next_slot_ = 1;
    RETURN_IF_ERROR(ReadOn());
    // What was there before us is as durable as it will be, unless another has only just made it.
    if (lock_fd_ < 0) unsynced_ = 0;
    return absl::OkStatus();
  }

  absl::StatusOr<PersonKey> Obtain(absl::string_view subject) override {
    RETURN_IF_ERROR(CheckSubject(subject));
    absl::MutexLock lock(&mutex_);
    if (slots_.contains(subject)) return FindLocked(subject);
    const FileLock others(lock_fd_);
    RETURN_IF_ERROR(ReadOn());
    if (slots_.contains(subject)) return FindLocked(subject);
    PersonKey key{std::string(subject), random_.Bytes(kKeyBytes)};
    RETURN_IF_ERROR(Put(next_slot_, MakeSlot(kSlotKey, subject, key.secret)));
    slots_[key.id] = {next_slot_++, false};
    ++unsynced_;
    return key;
  }

  absl::StatusOr<PersonKey> Find(absl::string_view subject) override {
    RETURN_IF_ERROR(CheckSubject(subject));
    absl::MutexLock lock(&mutex_);
    if (lock_fd_ >= 0 && !slots_.contains(subject)) {
      const FileLock others(lock_fd_);
      RETURN_IF_ERROR(ReadOn());
    }
    return FindLocked(subject);
  }

  // The disk works without the lock, so that readers and other cells go on. Syncs are one at a
  // time: whoever waits for one finds its keys written by it, or syncs after it.
  absl::Status Sync() override {
    absl::MutexLock one_at_a_time(&sync_mutex_);
    uint64_t made;
    {
      absl::MutexLock lock(&mutex_);
      made = unsynced_;
    }
    if (made == 0) return absl::OkStatus();
    RETURN_IF_ERROR(SyncFile());
    absl::MutexLock lock(&mutex_);
    unsynced_ -= made;
    return absl::OkStatus();
  }

  absl::Status Destroy(absl::string_view subject) override {
    RETURN_IF_ERROR(CheckSubject(subject));
    absl::MutexLock one_at_a_time(&sync_mutex_);
    absl::MutexLock lock(&mutex_);
    const FileLock others(lock_fd_);
    RETURN_IF_ERROR(ReadOn());
    const auto it = slots_.find(subject);
    const size_t at = it == slots_.end() ? next_slot_++ : it->second.index;
    if (const auto known = open_keys_.find(subject); known != open_keys_.end()) {
      OPENSSL_cleanse(known->second.data(), known->second.size());
      open_keys_.erase(known);
    }
    RETURN_IF_ERROR(Put(at, Slot{kSlotDestroyed, std::string(subject), "", ""}));
    slots_[std::string(subject)] = {at, true};
    return SyncFile();
  }

  absl::StatusOr<std::string> Export(uint64_t from_slot, size_t slots_max) override {
    absl::MutexLock lock(&mutex_);
    const FileLock others(lock_fd_);
    RETURN_IF_ERROR(ReadOn());
    const uint64_t end = next_slot_;
    if (from_slot >= end) return std::string();
    std::string bytes(std::min<uint64_t>(slots_max, end - from_slot) * kSlotBytes, '\0');
    const off_t at = static_cast<off_t>(from_slot * kSlotBytes);
    if (pread(fd_, bytes.data(), bytes.size(), at) != static_cast<ssize_t>(bytes.size())) {
      return DiskError("pread");
    }
    return bytes;
  }

 private:
  struct Place {
    size_t index;
    bool destroyed;
  };

  absl::StatusOr<PersonKey> FindLocked(absl::string_view subject)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto it = slots_.find(subject);
    if (it == slots_.end()) return UnknownSubject();
    if (it->second.destroyed) return absl::NotFoundError("erased");
    if (const auto known = open_keys_.find(subject); known != open_keys_.end()) {
      return PersonKey{known->first, known->second};
    }
    absl::StatusOr<std::optional<Slot>> found = Get(it->second.index);
    if (!found.ok() && lock_fd_ >= 0) {
      // Another may be overwriting it.
      const FileLock others(lock_fd_);
      found = Get(it->second.index);
    }
    RETURN_IF_ERROR(found.status());
    const std::optional<Slot>& slot = *found;
    if (slot.has_value() && slot->subject == subject && slot->state == kSlotDestroyed) {
      it->second.destroyed = true;
      return absl::NotFoundError("erased");
    }
    if (!slot.has_value() || slot->subject != subject) {
      return absl::DataLossError("a slot of the key vault is not the one it was");
    }
    ASSIGN_OR_RETURN(std::string secret, Unwrap(*slot));
    if (lock_fd_ < 0) {
      if (open_keys_.size() >= kOpenKeysMax) ForgetOpenKeys();
      open_keys_[slot->subject] = secret;
    }
    return PersonKey{slot->subject, std::move(secret)};
  }

  void ForgetOpenKeys() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    for (auto& [subject, secret] : open_keys_) OPENSSL_cleanse(secret.data(), secret.size());
    open_keys_.clear();
  }

  // Whole slots of the file; the torn rest of one is unused.
  absl::StatusOr<size_t> CountSlots() const {
    struct stat info;
    if (fstat(fd_, &info) != 0) return DiskError("fstat");
    return static_cast<size_t>(info.st_size) / kSlotBytes;
  }

  // Takes in the slots from next_slot_ on: at the start all, later those that others have made.
  // They count as not yet durable, because whoever made them may not have synced them.
  absl::Status ReadOn() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    ASSIGN_OR_RETURN(const size_t slots, CountSlots());
    for (; next_slot_ < slots; ++next_slot_) {
      ASSIGN_OR_RETURN(const std::optional<Slot> slot, Get(next_slot_));
      if (!slot.has_value()) continue;
      slots_[slot->subject] = {next_slot_, slot->state == kSlotDestroyed};
      ++unsynced_;
    }
    return absl::OkStatus();
  }

  Slot MakeSlot(char state, absl::string_view subject, absl::string_view secret) {
    Slot slot{state, std::string(subject), random_.Bytes(kNonceBytes), ""};
    slot.wrapped = AeadSeal(kek_, slot.nonce, subject, secret);
    return slot;
  }
  absl::StatusOr<std::string> Unwrap(const Slot& slot) const {
    return AeadOpen(kek_, slot.nonce, slot.subject, slot.wrapped);
  }

  absl::Status Put(size_t index, const Slot& slot) {
    const std::string bytes = EncodeSlot(slot);
    const off_t at = static_cast<off_t>(index * kSlotBytes);
    if (pwrite(fd_, bytes.data(), bytes.size(), at) != static_cast<ssize_t>(bytes.size())) {
      return DiskError("pwrite");
    }
    return absl::OkStatus();
  }
  // nullopt: never filled.
  absl::StatusOr<std::optional<Slot>> Get(size_t index) const {
    std::string bytes(kSlotBytes, '\0');
    const off_t at = static_cast<off_t>(index * kSlotBytes);
    if (pread(fd_, bytes.data(), bytes.size(), at) != static_cast<ssize_t>(bytes.size())) {
      return DiskError("pread");
    }
    return DecodeSlot(bytes);
  }
  // A failed sync leaves it unknown what is on the disk; asking again would lie (see fsync(2)), so
  // from then on every sync fails until the vault is opened anew.
  absl::Status SyncFile() {
    if (sync_failed_ || fdatasync(fd_) != 0) {
      sync_failed_ = true;
      return DiskError("fdatasync");
    }
    return absl::OkStatus();
  }

  const int fd_, lock_fd_;
  const std::string kek_;
  Random& random_;
  // sync_mutex_ before mutex_.
  absl::Mutex sync_mutex_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Place> slots_ ABSL_GUARDED_BY(mutex_);
  // Keys used lately, unwrapped, so that a command does not read the disk for each of its fields.
  // Overwritten when forgotten: by Destroy, when there are too many, at the end. Never filled when
  // the vault is shared: another may destroy a key at any moment.
  absl::flat_hash_map<std::string, std::string> open_keys_ ABSL_GUARDED_BY(mutex_);
  size_t next_slot_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t unsynced_ ABSL_GUARDED_BY(mutex_) = 0;
  std::atomic<bool> sync_failed_{false};
};

}  // namespace

absl::StatusOr<std::unique_ptr<KeyVault>> OpenFileKeyVault(const std::string& path,
                                                           const std::string& kek, VaultUse use,
                                                           Random& random) {
  if (kek.size() != kKeyBytes) {
    return absl::InvalidArgumentError("a key-encryption key has 32 bytes");
  }
  const bool shared = use == VaultUse::kShared;
  std::error_code error;
  std::filesystem::create_directories(path, error);
  const int fd = open((path + "/keys.v1").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return DiskError("open");
  int lock_fd = -1;
  if (shared) {
    lock_fd = open((path + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock_fd < 0) {
      close(fd);
      return DiskError("open");
    }
  }
  auto vault = std::make_unique<FileKeyVault>(fd, lock_fd, kek, random);
  if (flock(fd, (shared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0) {
    return absl::FailedPreconditionError("another process has the key vault open");
  }
  RETURN_IF_ERROR(vault->Load());
  // The name of a new file must survive a power cut as well.
  const int folder = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return DiskError("open");
  const bool synced = fsync(folder) == 0;
  close(folder);
  if (!synced) return DiskError("fsync");
  return vault;
}

}  // namespace pdp::privacy
