#include "libs/backup/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "libs/base/sha256_stream.h"
#include "libs/base/status_macros.h"

namespace pdp::backup {
namespace {

constexpr size_t kPieceBytes = 1 << 20;

absl::Status DiskError(absl::string_view what, const std::string& path) {
  return absl::UnavailableError(absl::StrCat(what, " ", path, ": ", std::strerror(errno)));
}

}  // namespace

absl::StatusOr<NewFile> NewFile::Create(const std::string& path) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return DiskError("making", path);
  return NewFile(path, fd);
}

NewFile::~NewFile() {
  if (fd_ >= 0) close(fd_);
}

absl::Status NewFile::Append(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return DiskError("writing", path_);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status NewFile::Close() {
  const int fd = std::exchange(fd_, -1);
  const bool synced = fdatasync(fd) == 0;
  if (close(fd) != 0 || !synced) return DiskError("syncing", path_);
  return absl::OkStatus();
}

absl::Status ReadPieces(const std::string& path,
                        absl::FunctionRef<absl::Status(absl::string_view piece)> take) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return DiskError("opening", path);
  std::string piece(kPieceBytes, '\0');
  absl::Status status;
  while (status.ok()) {
    const ssize_t got = read(fd, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) status = DiskError("reading", path);
    if (got <= 0) break;
    status = take(absl::string_view(piece).substr(0, static_cast<size_t>(got)));
  }
  close(fd);
  return status;
}

absl::StatusOr<FileDigest> DigestOf(const std::string& path) {
  FileDigest digest;
  Sha256Stream sha256;
  RETURN_IF_ERROR(ReadPieces(path, [&](absl::string_view piece) {
    digest.bytes += piece.size();
    sha256.Add(piece);
    return absl::OkStatus();
  }));
  digest.sha256 = sha256.Finish();
  return digest;
}

absl::StatusOr<FileDigest> CopyFile(const std::string& from, const std::string& to) {
  ASSIGN_OR_RETURN(NewFile file, NewFile::Create(to));
  FileDigest digest;
  Sha256Stream sha256;
  RETURN_IF_ERROR(ReadPieces(from, [&](absl::string_view piece) {
    digest.bytes += piece.size();
    sha256.Add(piece);
    return file.Append(piece);
  }));
  RETURN_IF_ERROR(file.Close());
  digest.sha256 = sha256.Finish();
  return digest;
}

absl::Status WriteFile(const std::string& path, absl::string_view bytes) {
  ASSIGN_OR_RETURN(NewFile file, NewFile::Create(path));
  RETURN_IF_ERROR(file.Append(bytes));
  return file.Close();
}

absl::StatusOr<std::string> ReadWhole(const std::string& path) {
  std::string all;
  RETURN_IF_ERROR(ReadPieces(path, [&](absl::string_view piece) {
    absl::StrAppend(&all, piece);
    return absl::OkStatus();
  }));
  return all;
}

absl::Status MakeFolder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return absl::UnavailableError(absl::StrCat("making ", path, ": ", error.message()));
  return absl::OkStatus();
}

absl::Status SyncFolder(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return DiskError("opening", path);
  const bool synced = fsync(fd) == 0;
  close(fd);
  return synced ? absl::OkStatus() : DiskError("syncing", path);
}

absl::StatusOr<std::vector<std::string>> FilesBelow(const std::string& path) {
  std::vector<std::string> files;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator it(path, error), end; !error && it != end;
       it.increment(error)) {
    if (!it->is_directory()) {
      files.push_back(std::filesystem::relative(it->path(), path).string());
    }
  }
  if (error) return absl::UnavailableError(absl::StrCat("listing ", path, ": ", error.message()));
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace pdp::backup
