#ifndef PDP_LIBS_BACKUP_BACKUP_H_
#define PDP_LIBS_BACKUP_BACKUP_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/backup/files.h"
#include "libs/base/sha256_stream.h"
#include "pdp/common/v1/backup.pb.h"

// Backups of one service process on an embedded log: a folder of files with a manifest. README.md
// says what is in one and why the keys are not. Blocking; not thread-safe.

namespace pdp::backup {

using common::v1::BackupManifest;

// Receives a backup as the service streams it. Everything is written beside `folder` and gets its
// name last, so a folder of that name is a whole backup, on the disk, whose log has been read.
class BackupWriter {
 public:
  // FailedPrecondition when there is anything of that name.
  static absl::StatusOr<std::unique_ptr<BackupWriter>> Begin(const std::string& folder);
  // Removes what was not finished.
  ~BackupWriter();

  // InvalidArgument for a name that is none of a backup's.
  absl::Status Add(const common::v1::BackupData& data);
  // The manifest as kept: with the ends of the log. DataLoss when what arrived is not what was
  // sent, or its log is not whole or ends before the cells stood when the backup began.
  absl::StatusOr<BackupManifest> Finish(BackupManifest manifest);

 private:
  explicit BackupWriter(std::string folder);
  absl::Status CloseFile();

  const std::string folder_, partial_;
  std::string name_;
  std::optional<NewFile> file_;
  std::unique_ptr<Sha256Stream> sha256_;
  std::map<std::string, FileDigest> written_;
  bool finished_ = false;
};

// The manifest of a backup, its form and its own digest checked.
//   NotFound            there is no finished backup in `folder`
//   FailedPrecondition  a format that this program does not read, or `service` is not whose it is
//   DataLoss            the manifest was altered
absl::StatusOr<BackupManifest> ReadManifest(const std::string& folder, const std::string& service);

// Every file of the backup, byte by byte, then every record of its log. Besides ReadManifest's
// errors: DataLoss names what is missing, cut short, altered, or there and not of the backup.
absl::StatusOr<BackupManifest> VerifyBackup(const std::string& folder, const std::string& service);

struct RestoreOptions {
  std::string folder;
  std::string service;
  // The copy of the keys (privacy::KeyCopy): of the same vault, and not older than the backup.
  std::string key_file;
  // The data folder of the new machine: must not exist, or be empty.
  std::string to;
  // Persons whose erasure was ordered after the copy of the keys was last brought up to date.
  std::vector<std::string> erased;
};
struct Restored {
  BackupManifest manifest;
  // Persons without a key in the restored vault.
  uint64_t erased = 0;
};
// Verifies and copies; what was written gets the name `to` last. FailedPrecondition when `to` holds
// anything or the keys do not fit; DataLoss as of VerifyBackup.
absl::StatusOr<Restored> Restore(const RestoreOptions& options);

}  // namespace pdp::backup

#endif  // PDP_LIBS_BACKUP_BACKUP_H_
