#include "libs/host/backup_stream.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "libs/base/sha256_stream.h"
#include "libs/base/status_macros.h"
#include "libs/base/timestamp.h"
#include "libs/engine/cell.h"
#include "libs/host/stream_work.h"
#include "libs/privacy/key_copy.h"
#include "libs/privacy/key_slot.h"
#include "libs/rpc/status.h"

namespace pdp::host {
namespace {

using common::v1::BackupManifest;
using common::v1::BackupPart;

constexpr uint32_t kFormat = 1;
constexpr size_t kPieceBytes = 1 << 20;
constexpr size_t kSlotsAtOnce = 4096;

class BackupStream final : public grpc::ServerWriteReactor<BackupPart> {
 public:
  BackupStream(BackupParts parts, const common::v1::BackupRequest& request,
               std::function<void()> ended)
      : parts_(std::move(parts)),
        request_(request),
        ended_(std::move(ended)),
        work_([this] {
          absl::Status status = Send();
          std::error_code ignored;
          std::filesystem::remove_all(parts_.folder, ignored);
          ended_();
          Finish(rpc::ToStatus(status, parts_.service));
        }) {}

  void OnWriteDone(bool ok) override {
    absl::MutexLock lock(&mutex_);
    writing_ = false;
    gone_ |= !ok;
  }
  void OnCancel() override {
    absl::MutexLock lock(&mutex_);
    gone_ = true;
  }
  void OnDone() override {
    EndWork(work_);
    delete this;
  }

 private:
  absl::Status Send() {
    BackupManifest manifest;
    manifest.set_format(kFormat);
    manifest.set_service(parts_.service);
    if (!request_.keys_only()) {
      manifest.set_with_views(request_.with_views());
      for (const Area area : parts_.cells->areas()) {
        const engine::CellInfo info = parts_.cells->cell(area)->info();
        common::v1::BackupCell& cell = *manifest.add_began();
        *cell.mutable_position() = info.position;
        cell.set_hash_hex(info.hash.hex());
      }
      RETURN_IF_ERROR(Copy(manifest));
      if (request_.with_views()) RETURN_IF_ERROR(SendFolder("views", manifest));
      RETURN_IF_ERROR(SendFolder("log", manifest));
    }
    RETURN_IF_ERROR(SendKeys(manifest));
    BackupPart last;
    *last.mutable_manifest() = std::move(manifest);
    return Write(std::move(last));
  }

  absl::Status Copy(BackupManifest& manifest) {
    std::error_code error;
    std::filesystem::remove_all(parts_.folder, error);  // of a process that was killed
    std::filesystem::create_directories(parts_.folder, error);
    if (error) {
      return absl::UnavailableError(absl::StrCat("cannot make ", parts_.folder, ": ",
                                                 error.message()));
    }
    if (request_.with_views()) RETURN_IF_ERROR(parts_.views->Checkpoint(parts_.folder + "/views"));
    RETURN_IF_ERROR(parts_.log->Checkpoint(parts_.folder + "/log"));
    *manifest.mutable_taken_at() = ToTimestamp(parts_.clock->Now());
    return absl::OkStatus();
  }

  absl::Status SendFolder(const std::string& name, BackupManifest& manifest) {
    std::vector<std::string> files;
    std::error_code error;
    const std::string folder = absl::StrCat(parts_.folder, "/", name);
    for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end;
         it.increment(error)) {
      files.push_back(it->path().filename().string());
    }
    if (error) return absl::UnavailableError(absl::StrCat("cannot list ", folder));
    std::sort(files.begin(), files.end());
    for (const std::string& file : files) {
      common::v1::BackupFile& told = *manifest.add_files();
      told.set_name(absl::StrCat(name, "/", file));
      RETURN_IF_ERROR(SendFile(absl::StrCat(folder, "/", file), told));
    }
    return absl::OkStatus();
  }

  absl::Status SendFile(const std::string& path, common::v1::BackupFile& told) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return absl::UnavailableError(absl::StrCat("cannot read ", path));
    Sha256Stream sha256;
    uint64_t bytes = 0;
    do {
      BackupPart part;
      part.mutable_data()->set_name(told.name());
      std::string& piece = *part.mutable_data()->mutable_bytes();
      piece.resize(kPieceBytes);
      in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
      piece.resize(static_cast<size_t>(in.gcount()));
      if (in.bad()) return absl::UnavailableError(absl::StrCat("cannot read ", path));
      bytes += piece.size();
      sha256.Add(piece);
      RETURN_IF_ERROR(Write(std::move(part)));
    } while (in);
    told.set_bytes(bytes);
    told.set_sha256_hex(sha256.Finish().hex());
    return absl::OkStatus();
  }

  // After the log: a key is on the disk before anything that is sealed under it.
  absl::Status SendKeys(BackupManifest& manifest) {
    uint64_t at = 0;
    while (true) {
      ASSIGN_OR_RETURN(std::string slots, parts_.vault->Export(at, kSlotsAtOnce));
      if (slots.empty()) break;
      if (at == 0) {
        manifest.set_vault_id(
            privacy::VaultId(absl::string_view(slots).substr(0, privacy::kSlotBytes)));
      }
      BackupPart part;
      part.mutable_keys()->set_from_slot(at);
      at += slots.size() / privacy::kSlotBytes;
      *part.mutable_keys()->mutable_slots() = std::move(slots);
      RETURN_IF_ERROR(Write(std::move(part)));
    }
    manifest.set_vault_slots(at);
    return absl::OkStatus();
  }

  // Waits until it has been sent.
  absl::Status Write(BackupPart part) {
    {
      absl::MutexLock lock(&mutex_);
      if (gone_) return absl::CancelledError("nobody reads the backup any more");
      writing_ = true;
    }
    current_ = std::move(part);
    StartWrite(&current_);
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(
        +[](BackupStream* stream) ABSL_EXCLUSIVE_LOCKS_REQUIRED(stream->mutex_) {
          return !stream->writing_;
        },
        this));
    return gone_ ? absl::CancelledError("nobody reads the backup any more") : absl::OkStatus();
  }

  const BackupParts parts_;
  const common::v1::BackupRequest request_;
  const std::function<void()> ended_;
  BackupPart current_;
  absl::Mutex mutex_;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool gone_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread work_;
};

}  // namespace

grpc::ServerWriteReactor<BackupPart>* StartBackup(BackupParts parts,
                                                  const common::v1::BackupRequest& request,
                                                  std::function<void()> ended) {
  return new BackupStream(std::move(parts), request, std::move(ended));
}

}  // namespace pdp::host
