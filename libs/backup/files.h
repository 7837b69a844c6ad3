#ifndef PDP_LIBS_BACKUP_FILES_H_
#define PDP_LIBS_BACKUP_FILES_H_

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/base/hash.h"

// Files of a backup, written so that they are on the disk when a call has returned. Internal to
// this library. Unavailable names what the disk refused.

namespace pdp::backup {

struct FileDigest {
  uint64_t bytes = 0;
  Digest sha256;
};

// A new file, readable by its owner only.
class NewFile {
 public:
  static absl::StatusOr<NewFile> Create(const std::string& path);
  NewFile(NewFile&& other) noexcept : path_(std::move(other.path_)), fd_(other.fd_) {
    other.fd_ = -1;
  }
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile();

  absl::Status Append(absl::string_view bytes);
  // Syncs and closes.
  absl::Status Close();

 private:
  NewFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  std::string path_;
  int fd_;
};

// Gives the bytes of a file in pieces of at most 1 MiB, until `take` fails.
absl::Status ReadPieces(const std::string& path,
                        absl::FunctionRef<absl::Status(absl::string_view piece)> take);
absl::StatusOr<FileDigest> DigestOf(const std::string& path);
absl::StatusOr<FileDigest> CopyFile(const std::string& from, const std::string& to);
absl::Status WriteFile(const std::string& path, absl::string_view bytes);
absl::StatusOr<std::string> ReadWhole(const std::string& path);

absl::Status MakeFolder(const std::string& path);
// Makes the names of its files durable.
absl::Status SyncFolder(const std::string& path);
// Paths of all files below, relative, ascending.
absl::StatusOr<std::vector<std::string>> FilesBelow(const std::string& path);

}  // namespace pdp::backup

#endif  // PDP_LIBS_BACKUP_FILES_H_
