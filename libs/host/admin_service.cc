#include "libs/host/admin_service.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "libs/base/hash.h"
#include "libs/base/status_macros.h"
#include "libs/host/backup_stream.h"
#include "libs/host/stream_work.h"
#include "libs/rpc/auth.h"
#include "libs/rpc/status.h"
#include "libs/view/archive.h"

namespace pdp::host {
namespace {

using common::v1::RebuildProgress;
using common::v1::RecordInfo;

constexpr uint32_t kRecordsMax = 1000;

common::v1::RecordInfo Describe(const log::v1::Record& record, absl::string_view bytes) {
  RecordInfo info;
  info.mutable_position()->set_area(record.area());
  info.mutable_position()->set_epoch(record.epoch());
  info.mutable_position()->set_seq(record.seq());
  info.set_hash_hex(Sha256(bytes).hex());
  info.set_prev_hash_hex(absl::BytesToHexString(record.prev_hash()));
  info.set_bytes(static_cast<uint32_t>(bytes.size()));
  info.set_text(record.ShortDebugString());
  switch (record.kind_case()) {
    case log::v1::Record::kEpochStarted:
      info.set_kind("EpochStarted");
      *info.mutable_recorded_at() = record.epoch_started().recorded_at();
      break;
    case log::v1::Record::kCommit: {
      const log::v1::Commit& commit = record.commit();
      info.set_kind("Commit");
      *info.mutable_recorded_at() = commit.recorded_at();
      info.set_command_type(commit.command_type());
      info.set_command_id_hex(absl::BytesToHexString(commit.command_id()));
      for (const log::v1::RecordedEvent& event : commit.events()) {
        common::v1::EventSummary& summary = *info.add_events();
        summary.set_aggregate_id(event.aggregate_id());
        summary.set_version(event.version());
        summary.set_type(event.type());
      }
      break;
    }
    case log::v1::Record::kBarrier:
      info.set_kind("Barrier");
      *info.mutable_recorded_at() = record.barrier().recorded_at();
      break;
    case log::v1::Record::kHandoff:
      info.set_kind("Handoff");
      *info.mutable_recorded_at() = record.handoff().recorded_at();
      break;
    case log::v1::Record::KIND_NOT_SET:
      break;
  }
  return info;
}

// A rebuild on a thread of its own; the stream shows the newest progress, skipping what a slow
// reader has missed. It goes on when the caller leaves.
class RebuildStream final : public grpc::ServerWriteReactor<RebuildProgress> {
 public:
  RebuildStream(projection::ProjectionRunner& runner, std::string name, std::string service)
      : work_([this, &runner, name = std::move(name), service = std::move(service)] {
          absl::Status status = runner.Rebuild(name, [this](uint64_t done, uint64_t total) {
            RebuildProgress progress;
            progress.set_done(done);
            progress.set_total(total);
            Show(progress);
          });
          if (status.ok()) {
            absl::MutexLock lock(&mutex_);
            next_ = newest_;
            next_->set_switched(true);
          }
          End(rpc::ToStatus(status, service));
        }) {}

  void OnWriteDone(bool ok) override {
    {
      absl::MutexLock lock(&mutex_);
      writing_ = false;
      if (!ok) gone_ = true;
    }
    Continue();
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
  void Show(const RebuildProgress& progress) {
    {
      absl::MutexLock lock(&mutex_);
      newest_ = progress;
      if (!gone_) next_ = progress;
    }
    Continue();
  }
  void End(grpc::Status status) {
    {
      absl::MutexLock lock(&mutex_);
      end_ = std::move(status);
    }
    Continue();
  }
  void Continue() {
    bool write = false;
    bool finish = false;
    {
      absl::MutexLock lock(&mutex_);
      if (writing_ || finished_) return;
      if (next_ && !gone_) {
        current_ = *std::exchange(next_, std::nullopt);
        writing_ = write = true;
      } else if (end_) {
        finished_ = finish = true;
      }
    }
    if (write) StartWrite(&current_);
    if (finish) Finish(*end_);
  }

  absl::Mutex mutex_;
  RebuildProgress newest_ ABSL_GUARDED_BY(mutex_);
  std::optional<RebuildProgress> next_ ABSL_GUARDED_BY(mutex_);
  std::optional<grpc::Status> end_;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  bool gone_ ABSL_GUARDED_BY(mutex_) = false;
  RebuildProgress current_;
  std::thread work_;
};

template <typename Message>
class RefusedStream final : public grpc::ServerWriteReactor<Message> {
 public:
  explicit RefusedStream(const grpc::Status& status) { this->Finish(status); }
  void OnDone() override { delete this; }
};

std::string BackupFolder(const std::string& data_dir) { return data_dir + "/backup.partial"; }

}  // namespace

AdminService::AdminService(Parts parts) : parts_(std::move(parts)) {
  // What a process left that was killed while it sent a backup: its links hold deleted files.
  std::error_code ignored;
  std::filesystem::remove_all(BackupFolder(parts_.data_dir), ignored);
}

grpc::ServerUnaryReactor* AdminService::Answer(grpc::CallbackServerContext* context,
                                               std::function<absl::Status()> answer) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const grpc::Status trusted = rpc::RequireTrustedPeer(*context, parts_.service);
  if (!trusted.ok()) {
    reactor->Finish(trusted);
    return reactor;
  }
  absl::Status taken = parts_.pool->Run([this, reactor, answer = std::move(answer)] {
    reactor->Finish(rpc::ToStatus(answer(), parts_.service));
  });
  if (!taken.ok()) reactor->Finish(rpc::ToStatus(taken, parts_.service));
  return reactor;
}

absl::StatusOr<Area> AdminService::HostedArea(const std::string& code) const {
  const std::optional<Area> area = Area::FromCode(code);
  if (!area) return absl::InvalidArgumentError(absl::StrCat("no such area: ", code));
  const engine::CellHost* cells = parts_.cells();
  if (cells == nullptr || cells->cell(*area) == nullptr) {
    return absl::NotFoundError(absl::StrCat("area ", code, " is not hosted here"));
  }
  return *area;
}

grpc::ServerUnaryReactor* AdminService::ListCells(grpc::CallbackServerContext* context,
                                                  const common::v1::ListCellsRequest*,
                                                  common::v1::ListCellsReply* reply) {
  return Answer(context, [this, reply] {
    const engine::CellHost* cells = parts_.cells();
    if (cells == nullptr) return absl::UnavailableError("the cells are starting");
    for (Area area : cells->areas()) {
      const engine::CellInfo cell = cells->cell(area)->info();
      common::v1::CellInfo& info = *reply->add_cells();
      info.set_service(cell.service);
      info.set_area(std::string(area.code()));
      info.set_state(cell.state);
      info.set_reason(cell.reason);
      *info.mutable_position() = cell.position;
      info.set_hash_hex(cell.hash.hex());
      info.set_owner(cell.owner);
      info.mutable_dropped()->insert(cell.dropped.begin(), cell.dropped.end());
      info.set_queue_length(cell.queue_length);
    }
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* AdminService::ListProjections(grpc::CallbackServerContext* context,
                                                        const common::v1::ListProjectionsRequest*,
                                                        common::v1::ListProjectionsReply* reply) {
  return Answer(context, [this, reply] {
    for (common::v1::ProjectionInfo& info : parts_.projections->info()) {
      *reply->add_projections() = std::move(info);
    }
    return absl::OkStatus();
  });
}

grpc::ServerWriteReactor<RebuildProgress>* AdminService::RebuildProjection(
    grpc::CallbackServerContext* context, const common::v1::RebuildProjectionRequest* request) {
  const grpc::Status trusted = rpc::RequireTrustedPeer(*context, parts_.service);
  if (!trusted.ok()) return new RefusedStream<RebuildProgress>(trusted);
  return new RebuildStream(*parts_.projections, request->name(), parts_.service);
}

grpc::ServerUnaryReactor* AdminService::ReadRecords(grpc::CallbackServerContext* context,
                                                    const common::v1::ReadRecordsRequest* request,
                                                    common::v1::ReadRecordsReply* reply) {
  return Answer(context, [this, request, reply]() -> absl::Status {
    ASSIGN_OR_RETURN(Area area, HostedArea(request->area()));
    const uint32_t wanted = request->limit() == 0 ? 100 : std::min(request->limit(), kRecordsMax);
    return view::Archive(*parts_.views)
        .ForEach(area, Seq(request->from_seq() <= 1 ? 0 : request->from_seq()),
                 [&](const log::v1::Record& record, absl::string_view bytes) {
                   *reply->add_records() = Describe(record, bytes);
                   return reply->records_size() < static_cast<int>(wanted);
                 });
  });
}

grpc::ServerUnaryReactor* AdminService::FindCommand(grpc::CallbackServerContext* context,
                                                    const common::v1::FindCommandRequest* request,
                                                    common::v1::FindCommandReply* reply) {
  return Answer(context, [this, request, reply]() -> absl::Status {
    ASSIGN_OR_RETURN(Area area, HostedArea(request->area()));
    if (request->command_id().size() != CommandId::kBytes) {
      return absl::InvalidArgumentError("a command id has 16 bytes");
    }
    const view::Archive archive(*parts_.views);
    ASSIGN_OR_RETURN(auto row,
                     archive.Find(area, request->tenant(), CommandId(request->command_id())));
    if (!row) return absl::OkStatus();
    std::string bytes;
    ASSIGN_OR_RETURN(auto record, archive.At(area, Seq(row->seq()), &bytes));
    if (!record) return absl::OkStatus();
    reply->set_found(true);
    *reply->mutable_record() = Describe(*record, bytes);
    for (common::v1::ProjectionInfo& info : parts_.projections->info()) {
      // Those that have not seen it too: what an operator looks for.
      if (info.area() == request->area()) *reply->add_projections() = std::move(info);
    }
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* AdminService::VerifyLog(grpc::CallbackServerContext* context,
                                                  const common::v1::VerifyLogRequest* request,
                                                  common::v1::VerifyLogReply* reply) {
  return Answer(context, [this, request, reply]() -> absl::Status {
    ASSIGN_OR_RETURN(Area area, HostedArea(request->area()));
    ASSIGN_OR_RETURN(view::Archive::Verified verified, view::Archive(*parts_.views).Verify(area));
    reply->set_intact(verified.intact);
    reply->set_records(verified.records);
    reply->set_finding(verified.finding);
    reply->mutable_head()->set_area(request->area());
    reply->mutable_head()->set_epoch(verified.epoch.value());
    reply->mutable_head()->set_seq(verified.seq.value());
    reply->set_hash_hex(verified.hash.hex());
    return absl::OkStatus();
  });
}

grpc::ServerWriteReactor<common::v1::BackupPart>* AdminService::Backup(
    grpc::CallbackServerContext* context, const common::v1::BackupRequest* request) {
  const grpc::Status trusted = rpc::RequireTrustedPeer(*context, parts_.service);
  if (!trusted.ok()) return new RefusedStream<common::v1::BackupPart>(trusted);
  BackupParts parts;
  parts.service = parts_.service;
  parts.cells = parts_.cells();
  parts.views = parts_.views;
  parts.log = parts_.log;
  parts.vault = parts_.vault;
  parts.folder = BackupFolder(parts_.data_dir);
  parts.clock = parts_.clock;
  absl::Status refused;
  if (parts.cells == nullptr) {
    refused = absl::UnavailableError("the cells are starting");
  } else if (backing_up_.exchange(true)) {
    refused = absl::AbortedError("a backup is running");
  }
  if (!refused.ok()) {
    return new RefusedStream<common::v1::BackupPart>(rpc::ToStatus(refused, parts_.service));
  }
  return StartBackup(std::move(parts), *request, [this] { backing_up_ = false; });
}

}  // namespace pdp::host
