#include "tools/pdpctl/backup.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/util/time_util.h"
#include "libs/backup/backup.h"
#include "libs/base/clock.h"
#include "libs/base/status_macros.h"
#include "libs/base/timestamp.h"
#include "libs/privacy/key_copy.h"
#include "pdp/common/v1/admin_service.grpc.pb.h"

namespace pdp::pdpctl {
namespace {

using common::v1::BackupManifest;
using common::v1::BackupPart;

constexpr char kKeyFile[] = "/keys.v1", kUpdated[] = "/updated";

uint64_t BytesOf(const BackupManifest& manifest) {
  uint64_t bytes = 0;
  for (const auto& file : manifest.files()) bytes += file.bytes();
  return bytes;
}

void PrintManifest(const BackupManifest& manifest, std::ostream& out) {
  out << "a backup of " << manifest.service() << ", taken "
      << google::protobuf::util::TimeUtil::ToString(manifest.taken_at()) << ": "
      << manifest.files_size() << " files, " << BytesOf(manifest) << " bytes, "
      << (manifest.with_views() ? "log and views" : "log only") << "\n";
  for (const auto& end : manifest.ends()) {
    out << "  " << end.position().area() << ": " << end.records() << " records, up to epoch "
        << end.position().epoch() << " seq " << end.position().seq() << " hash "
        << end.hash_hex() << "\n";
  }
}

// When the copy of the keys was last brought up to date; "" when that is not known.
std::string UpdatedAt(const std::string& keys) {
  std::string text;
  std::ifstream(keys + kUpdated) >> text;
  return text;
}

// Takes what the service sends, as long as nothing is wrong with it.
class Receiver {
 public:
  Receiver(Session& session, std::unique_ptr<backup::BackupWriter> writer,
           std::unique_ptr<privacy::KeyCopy> keys)
      : session_(session), writer_(std::move(writer)), keys_(std::move(keys)) {}

  absl::Status Take(const BackupPart& part) {
    switch (part.part_case()) {
      case BackupPart::kData:
        bytes_ += part.data().bytes().size();
        if (bytes_ >> 28 != told_) {
          told_ = bytes_ >> 28;
          session_.err << "\r" << (bytes_ >> 20) << " MiB" << std::flush;
        }
        if (writer_ == nullptr) return absl::InternalError("a file came with the keys");
        return writer_->Add(part.data());
      case BackupPart::kKeys:
        return keys_->Update(part.keys().from_slot(), part.keys().slots());
      case BackupPart::kManifest:
        manifest_ = part.manifest();
        return absl::OkStatus();
      case BackupPart::PART_NOT_SET:
        break;
    }
    return absl::InternalError("the service sent what this pdpctl does not know");
  }

  absl::Status Finish() {
    if (told_ > 0) session_.err << "\n";
    if (manifest_.format() == 0) return absl::InternalError("the service sent no manifest");
    RETURN_IF_ERROR(keys_->Sync());
    if (writer_ == nullptr) return absl::OkStatus();
    ASSIGN_OR_RETURN(const BackupManifest kept, writer_->Finish(manifest_));
    PrintManifest(kept, session_.out);
    return absl::OkStatus();
  }

  const privacy::KeyCopy& keys() const { return *keys_; }

 private:
  Session& session_;
  const std::unique_ptr<backup::BackupWriter> writer_;
  const std::unique_ptr<privacy::KeyCopy> keys_;
  BackupManifest manifest_;
  uint64_t bytes_ = 0;
  uint64_t told_ = 0;
};

absl::Status Receive(Session& session, const std::string& folder, grpc::Status* call) {
  const std::string keys = session.arguments.Option("keys");
  std::unique_ptr<backup::BackupWriter> writer;
  if (!folder.empty()) {
    ASSIGN_OR_RETURN(writer, backup::BackupWriter::Begin(folder));
  }
  std::error_code error;
  std::filesystem::create_directories(keys, error);
  if (error) return absl::UnavailableError(absl::StrCat("cannot make ", keys));
  ASSIGN_OR_RETURN(auto copy, privacy::KeyCopy::Open(keys + kKeyFile));
  Receiver receiver(session, std::move(writer), std::move(copy));
  const absl::Time began = Clock::System().Now();

  // As long as it takes: no deadline.
  grpc::ClientContext context;
  common::v1::BackupRequest request;
  request.set_with_views(session.arguments.Option("views", "yes") == "yes");
  request.set_keys_only(folder.empty());
  const auto stub = common::v1::Admin::NewStub(session.channel);
  const auto stream = stub->Backup(&context, request);
  BackupPart part;
  absl::Status taken;
  while (taken.ok() && stream->Read(&part)) taken = receiver.Take(part);
  if (!taken.ok()) context.TryCancel();
  *call = stream->Finish();
  RETURN_IF_ERROR(taken);
  if (!call->ok()) return absl::OkStatus();
  RETURN_IF_ERROR(receiver.Finish());
  std::ofstream(keys + kUpdated, std::ios::trunc)
      << google::protobuf::util::TimeUtil::ToString(ToTimestamp(began)) << "\n";
  session.out << "keys: " << receiver.keys().slots() - 1 << " persons, "
              << receiver.keys().destroyed() << " of them erased\n";
  if (receiver.keys().revived() == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "the service holds keys of ", receiver.keys().revived(), " persons whom this copy of the "
      "keys knows as erased: they stay erased here and must be erased there again"));
}

absl::StatusOr<std::vector<std::string>> ErasedOf(const std::string& path) {
  std::vector<std::string> subjects;
  if (path.empty()) return subjects;
  std::ifstream in(path);
  if (!in) return absl::NotFoundError(absl::StrCat("--erased ", path, " cannot be read"));
  for (std::string line; std::getline(in, line);) {
    const absl::string_view subject = absl::StripAsciiWhitespace(line);
    if (!subject.empty()) subjects.emplace_back(subject);
  }
  return subjects;
}

}  // namespace

BackupResult TakeBackup(Session& session, const std::string& folder) {
  BackupResult result;
  result.here = Receive(session, folder, &result.call);
  return result;
}

absl::Status VerifyFolder(const Arguments& arguments, const std::string& folder,
                          std::ostream& out) {
  ASSIGN_OR_RETURN(const BackupManifest manifest,
                   backup::VerifyBackup(folder, arguments.words[0]));
  PrintManifest(manifest, out);
  out << "whole: every file and every record of the log has been read\n";
  return absl::OkStatus();
}

absl::Status RestoreFolder(const Arguments& arguments, const std::string& folder,
                           std::ostream& out) {
  backup::RestoreOptions options;
  options.folder = folder;
  options.service = arguments.words[0];
  const std::string keys = arguments.Option("keys");
  options.key_file = keys + kKeyFile;
  options.to = arguments.Option("to");
  ASSIGN_OR_RETURN(options.erased, ErasedOf(arguments.Option("erased")));
  ASSIGN_OR_RETURN(const backup::Restored restored, backup::Restore(options));
  PrintManifest(restored.manifest, out);
  const std::string updated = UpdatedAt(keys);
  out << "restored to " << options.to << "\n"
      << "what was acknowledged after "
      << google::protobuf::util::TimeUtil::ToString(restored.manifest.taken_at())
      << " is not in it\n"
      << restored.erased << " persons are erased; an erasure ordered after "
      << (updated.empty() ? "the copy of the keys was brought up to date" : updated)
      << " must be ordered again\n";
  return absl::OkStatus();
}

}  // namespace pdp::pdpctl
