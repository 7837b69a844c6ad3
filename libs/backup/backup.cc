#include "libs/backup/backup.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/util/json_util.h"
#include "libs/base/area.h"
#include "libs/base/status_macros.h"
#include "libs/log/rocks_source.h"
#include "libs/log/verify.h"
#include "libs/privacy/key_copy.h"

namespace pdp::backup {
namespace {

constexpr uint32_t kFormat = 1;
constexpr char kManifest[] = "manifest.json", kManifestDigest[] = "manifest.sha256";
constexpr char kKeyFile[] = "keys/keys.v1";

// What RocksDB calls its files, in one of our two folders: nothing else is written or read.
bool IsFileName(absl::string_view name) {
  const std::vector<absl::string_view> parts = absl::StrSplit(name, '/');
  if (parts.size() != 2 || (parts[0] != "log" && parts[0] != "views")) return false;
  if (parts[1].empty() || parts[1][0] == '.') return false;
  return std::all_of(parts[1].begin(), parts[1].end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '.' || c == '-' || c == '_';
  });
}

absl::StatusOr<std::vector<common::v1::BackupCell>> EndsOf(const std::string& log_folder) {
  std::vector<common::v1::BackupCell> ends;
  for (const Area area : Area::All()) {
    ASSIGN_OR_RETURN(const auto source, log::OpenRocksRawSource(log_folder, area));
    ASSIGN_OR_RETURN(const log::VerifyReport report, log::Verify(area, *source));
    if (report.damage.has_value()) {
      return absl::DataLossError(absl::StrCat(
          "the log of ", area.code(), " is damaged at index ", report.damage->index, " (epoch ",
          report.damage->epoch, ", seq ", report.damage->seq, "): ", report.damage->what));
    }
    if (report.records == 0) continue;
    common::v1::BackupCell& end = ends.emplace_back();
    end.mutable_position()->set_area(std::string(area.code()));
    end.mutable_position()->set_epoch(report.epoch);
    end.mutable_position()->set_seq(report.seq);
    end.set_hash_hex(report.hash_hex);
    end.set_records(report.records);
  }
  return ends;
}

const common::v1::BackupCell* CellOf(
    const google::protobuf::RepeatedPtrField<common::v1::BackupCell>& cells,
    const std::string& area) {
  for (const common::v1::BackupCell& cell : cells) {
    if (cell.position().area() == area) return &cell;
  }
  return nullptr;
}

// The log must hold everything that was acknowledged when the backup began.
absl::Status ReachesTheBeginning(const BackupManifest& manifest) {
  for (const common::v1::BackupCell& began : manifest.began()) {
    if (began.position().epoch() == 0) continue;
    const common::v1::BackupCell* end = CellOf(manifest.ends(), began.position().area());
    const uint64_t seq = end == nullptr ? 0 : end->position().seq();
    const bool same = seq == began.position().seq() && end != nullptr &&
                      end->position().epoch() == began.position().epoch();
    if (end == nullptr || seq < began.position().seq() ||
        (same && end->hash_hex() != began.hash_hex())) {
      return absl::DataLossError(absl::StrCat(
          "the copy of ", began.position().area(), " ends at seq ", seq,
          " and the cell stood at seq ", began.position().seq(), " when the backup began"));
    }
  }
  return absl::OkStatus();
}

absl::Status SameEnds(const BackupManifest& manifest,
                      const std::vector<common::v1::BackupCell>& found) {
  for (const common::v1::BackupCell& end : found) {
    const common::v1::BackupCell* told = CellOf(manifest.ends(), end.position().area());
    if (told == nullptr || told->SerializeAsString() != end.SerializeAsString()) {
      return absl::DataLossError(absl::StrCat("the log of ", end.position().area(),
                                              " does not end where its manifest says"));
    }
  }
  if (found.size() == static_cast<size_t>(manifest.ends_size())) return absl::OkStatus();
  return absl::DataLossError("the manifest names an area that the log does not have");
}

absl::Status CheckFile(const common::v1::BackupFile& file, const FileDigest& found) {
  if (found.bytes != file.bytes()) {
    return absl::DataLossError(absl::StrCat(file.name(), " has ", found.bytes, " bytes, not ",
                                            file.bytes()));
  }
  if (found.sha256.hex() != file.sha256_hex()) {
    return absl::DataLossError(absl::StrCat(file.name(), " was altered: its SHA-256 is ",
                                            found.sha256.hex()));
  }
  return absl::OkStatus();
}

// Exactly the files of the manifest are there.
absl::Status CheckNames(const std::string& folder, const BackupManifest& manifest) {
  std::vector<std::string> wanted = {kManifest, kManifestDigest};
  for (const common::v1::BackupFile& file : manifest.files()) {
    if (!IsFileName(file.name())) {
      return absl::DataLossError(absl::StrCat("'", file.name(), "' is no file of a backup"));
    }
    wanted.push_back(file.name());
  }
  std::sort(wanted.begin(), wanted.end());
  ASSIGN_OR_RETURN(const std::vector<std::string> found, FilesBelow(folder));
  for (const std::string& name : wanted) {
    if (!std::binary_search(found.begin(), found.end(), name)) {
      return absl::DataLossError(absl::StrCat(name, " is missing"));
    }
  }
  for (const std::string& name : found) {
    if (!std::binary_search(wanted.begin(), wanted.end(), name)) {
      return absl::DataLossError(absl::StrCat(name, " is not of this backup"));
    }
  }
  return absl::OkStatus();
}

absl::Status RemoveAll(const std::string& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);
  if (error) return absl::UnavailableError(absl::StrCat("removing ", path, ": ", error.message()));
  return absl::OkStatus();
}

absl::Status Rename(const std::string& from, const std::string& to) {
  std::error_code error;
  std::filesystem::rename(from, to, error);
  if (error) return absl::UnavailableError(absl::StrCat("naming ", to, ": ", error.message()));
  const std::string parent = std::filesystem::path(to).parent_path().string();
  return SyncFolder(parent.empty() ? "." : parent);
}

std::string WithoutSlash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

}  // namespace

BackupWriter::BackupWriter(std::string folder)
    : folder_(std::move(folder)), partial_(folder_ + ".partial") {}

absl::StatusOr<std::unique_ptr<BackupWriter>> BackupWriter::Begin(const std::string& folder) {
  const std::string name = WithoutSlash(folder);
  if (name.empty()) return absl::InvalidArgumentError("a backup needs a folder");
  if (std::filesystem::exists(name)) {
    return absl::FailedPreconditionError(absl::StrCat(name, " is there already"));
  }
  std::unique_ptr<BackupWriter> writer(new BackupWriter(name));
  RETURN_IF_ERROR(RemoveAll(writer->partial_));
  RETURN_IF_ERROR(MakeFolder(writer->partial_ + "/log"));
  return writer;
}

BackupWriter::~BackupWriter() {
  if (!finished_) RemoveAll(partial_).IgnoreError();
}

absl::Status BackupWriter::Add(const common::v1::BackupData& data) {
  if (!IsFileName(data.name())) {
    return absl::InvalidArgumentError(absl::StrCat("'", data.name(), "' is no file of a backup"));
  }
  if (data.name() != name_) {
    RETURN_IF_ERROR(CloseFile());
    if (absl::StartsWith(data.name(), "views/")) RETURN_IF_ERROR(MakeFolder(partial_ + "/views"));
    ASSIGN_OR_RETURN(NewFile file, NewFile::Create(absl::StrCat(partial_, "/", data.name())));
    file_.emplace(std::move(file));
    name_ = data.name();
    sha256_ = std::make_unique<Sha256Stream>();
  }
  written_[name_].bytes += data.bytes().size();
  sha256_->Add(data.bytes());
  return file_->Append(data.bytes());
}

absl::Status BackupWriter::CloseFile() {
  if (!file_.has_value()) return absl::OkStatus();
  absl::Status closed = file_->Close();
  file_.reset();
  written_[name_].sha256 = sha256_->Finish();
  return closed;
}

absl::StatusOr<BackupManifest> BackupWriter::Finish(BackupManifest manifest) {
  RETURN_IF_ERROR(CloseFile());
  if (manifest.format() != kFormat) {
    return absl::FailedPreconditionError(
        absl::StrCat("the service writes format ", manifest.format(), ", not ", kFormat));
  }
  for (const common::v1::BackupFile& file : manifest.files()) {
    const auto it = written_.find(file.name());
    if (it == written_.end()) {
      return absl::DataLossError(absl::StrCat(file.name(), " did not arrive"));
    }
    RETURN_IF_ERROR(CheckFile(file, it->second));
  }
  if (written_.size() != static_cast<size_t>(manifest.files_size())) {
    return absl::DataLossError("a file arrived that the manifest does not name");
  }
  ASSIGN_OR_RETURN(const std::vector<common::v1::BackupCell> ends, EndsOf(partial_ + "/log"));
  manifest.mutable_ends()->Assign(ends.begin(), ends.end());
  RETURN_IF_ERROR(ReachesTheBeginning(manifest));

  google::protobuf::util::JsonPrintOptions print;
  print.add_whitespace = true;
  print.always_print_primitive_fields = true;
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(manifest, &text, print).ok()) {
    return absl::InternalError("the manifest cannot be written");
  }
  RETURN_IF_ERROR(WriteFile(absl::StrCat(partial_, "/", kManifest), text));
  RETURN_IF_ERROR(WriteFile(absl::StrCat(partial_, "/", kManifestDigest),
                            absl::StrCat(Sha256(text).hex(), "  ", kManifest, "\n")));
  for (const char* below : {"/log", "/views", ""}) {
    if (std::filesystem::exists(partial_ + below)) RETURN_IF_ERROR(SyncFolder(partial_ + below));
  }
  RETURN_IF_ERROR(CheckNames(partial_, manifest));
  RETURN_IF_ERROR(Rename(partial_, folder_));
  finished_ = true;
  return manifest;
}

absl::StatusOr<BackupManifest> ReadManifest(const std::string& folder, const std::string& service) {
  const std::string path = absl::StrCat(folder, "/", kManifest);
  if (!std::filesystem::exists(path)) {
    return absl::NotFoundError(absl::StrCat("there is no finished backup in ", folder));
  }
  ASSIGN_OR_RETURN(const std::string text, ReadWhole(path));
  const absl::StatusOr<std::string> digest =
      ReadWhole(absl::StrCat(folder, "/", kManifestDigest));
  if (!digest.ok() || !absl::StartsWith(*digest, Sha256(text).hex())) {
    return absl::DataLossError(absl::StrCat(kManifest, " was altered: ", kManifestDigest,
                                            " does not fit it"));
  }
  BackupManifest manifest;
  if (!google::protobuf::util::JsonStringToMessage(text, &manifest).ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat(kManifest, " is of a newer program, or of none"));
  }
  if (manifest.format() != kFormat) {
    return absl::FailedPreconditionError(absl::StrCat(
        "a backup of format ", manifest.format(), "; this program reads ", kFormat));
  }
  if (manifest.service() != service) {
    return absl::FailedPreconditionError(
        absl::StrCat("this is a backup of ", manifest.service(), ", not of ", service));
  }
  return manifest;
}

absl::StatusOr<BackupManifest> VerifyBackup(const std::string& folder,
                                            const std::string& service) {
  ASSIGN_OR_RETURN(BackupManifest manifest, ReadManifest(folder, service));
  RETURN_IF_ERROR(CheckNames(folder, manifest));
  for (const common::v1::BackupFile& file : manifest.files()) {
    ASSIGN_OR_RETURN(const FileDigest digest, DigestOf(absl::StrCat(folder, "/", file.name())));
    RETURN_IF_ERROR(CheckFile(file, digest));
  }
  ASSIGN_OR_RETURN(const auto ends, EndsOf(folder + "/log"));
  RETURN_IF_ERROR(SameEnds(manifest, ends));
  RETURN_IF_ERROR(ReachesTheBeginning(manifest));
  return manifest;
}

absl::StatusOr<Restored> Restore(const RestoreOptions& options) {
  const std::string to = WithoutSlash(options.to);
  std::error_code error;
  if (std::filesystem::exists(to) && !std::filesystem::is_empty(to, error)) {
    return absl::FailedPreconditionError(
        absl::StrCat(to, " is not empty: a restore goes to an empty folder only"));
  }
  ASSIGN_OR_RETURN(BackupManifest manifest, ReadManifest(options.folder, options.service));
  RETURN_IF_ERROR(CheckNames(options.folder, manifest));
  if (!std::filesystem::exists(options.key_file)) {
    return absl::NotFoundError(absl::StrCat("there is no copy of the keys: ", options.key_file));
  }
  const std::string partial = to + ".partial";
  RETURN_IF_ERROR(RemoveAll(partial));
  for (const char* below : {"/log", "/keys"}) RETURN_IF_ERROR(MakeFolder(partial + below));
  if (manifest.with_views()) RETURN_IF_ERROR(MakeFolder(partial + "/views"));
  const absl::StatusOr<uint64_t> erased = [&]() -> absl::StatusOr<uint64_t> {
    RETURN_IF_ERROR(
        CopyFile(options.key_file, absl::StrCat(partial, "/", kKeyFile)).status());
    ASSIGN_OR_RETURN(const auto keys,
                     privacy::KeyCopy::Open(absl::StrCat(partial, "/", kKeyFile)));
    if (keys->vault_id() != manifest.vault_id()) {
      return absl::FailedPreconditionError("the keys are those of another vault");
    }
    if (keys->slots() < manifest.vault_slots()) {
      return absl::FailedPreconditionError(absl::StrCat(
          "the copy of the keys is older than the backup: it lacks ",
          manifest.vault_slots() - keys->slots(), " persons' keys"));
    }
    for (const std::string& subject : options.erased) {
      RETURN_IF_ERROR(keys->Destroy(subject));
    }
    RETURN_IF_ERROR(keys->Sync());
    for (const common::v1::BackupFile& file : manifest.files()) {
      ASSIGN_OR_RETURN(const FileDigest digest,
                       CopyFile(absl::StrCat(options.folder, "/", file.name()),
                                absl::StrCat(partial, "/", file.name())));
      RETURN_IF_ERROR(CheckFile(file, digest));
    }
    ASSIGN_OR_RETURN(const auto ends, EndsOf(partial + "/log"));
    RETURN_IF_ERROR(SameEnds(manifest, ends));
    RETURN_IF_ERROR(ReachesTheBeginning(manifest));
    for (const char* below : {"/log", "/keys", "/views", ""}) {
      if (std::filesystem::exists(partial + below)) RETURN_IF_ERROR(SyncFolder(partial + below));
    }
    return keys->destroyed();
  }();
  if (!erased.ok()) {
    RemoveAll(partial).IgnoreError();
    return erased.status();
  }
  std::filesystem::remove(to, error);  // the empty folder
  RETURN_IF_ERROR(Rename(partial, to));
  return Restored{std::move(manifest), *erased};
}

}  // namespace pdp::backup
