#ifndef PDP_LIBS_HOST_ADMIN_SERVICE_H_
#define PDP_LIBS_HOST_ADMIN_SERVICE_H_

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "libs/base/clock.h"
#include "libs/engine/cell_host.h"
#include "libs/host/query_pool.h"
#include "libs/log/event_log.h"
#include "libs/privacy/key_vault.h"
#include "libs/projection/runner.h"
#include "libs/view/view_db.h"
#include "pdp/common/v1/admin_service.grpc.pb.h"

namespace pdp::host {

// What an operator asks of a running process. Shows records as they are in the log: sealed. Reads
// only, except for rebuilding a projection. Trusted peers only. Its parts outlive it.
class AdminService final : public common::v1::Admin::CallbackService {
 public:
  struct Parts {
    std::string service;
    // Null until the cells have started.
    std::function<const engine::CellHost*()> cells;
    projection::ProjectionRunner* projections = nullptr;
    const view::ViewDb* views = nullptr;
    QueryPool* pool = nullptr;
    log::EventLog* log = nullptr;
    privacy::KeyVault* vault = nullptr;
    // Where the process keeps its files.
    std::string data_dir;
    Clock* clock = &Clock::System();
  };
  explicit AdminService(Parts parts);

  grpc::ServerUnaryReactor* ListCells(grpc::CallbackServerContext* context,
                                      const common::v1::ListCellsRequest* request,
                                      common::v1::ListCellsReply* reply) override;
  grpc::ServerUnaryReactor* ListProjections(grpc::CallbackServerContext* context,
                                            const common::v1::ListProjectionsRequest* request,
                                            common::v1::ListProjectionsReply* reply) override;
  grpc::ServerWriteReactor<common::v1::RebuildProgress>* RebuildProjection(
      grpc::CallbackServerContext* context,
      const common::v1::RebuildProjectionRequest* request) override;
  grpc::ServerUnaryReactor* ReadRecords(grpc::CallbackServerContext* context,
                                        const common::v1::ReadRecordsRequest* request,
                                        common::v1::ReadRecordsReply* reply) override;
  grpc::ServerUnaryReactor* FindCommand(grpc::CallbackServerContext* context,
                                        const common::v1::FindCommandRequest* request,
                                        common::v1::FindCommandReply* reply) override;
  grpc::ServerUnaryReactor* VerifyLog(grpc::CallbackServerContext* context,
                                      const common::v1::VerifyLogRequest* request,
                                      common::v1::VerifyLogReply* reply) override;
  grpc::ServerWriteReactor<common::v1::BackupPart>* Backup(
      grpc::CallbackServerContext* context, const common::v1::BackupRequest* request) override;

 private:
  grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext* context,
                                   std::function<absl::Status()> answer);
  absl::StatusOr<Area> HostedArea(const std::string& code) const;

  const Parts parts_;
  // One backup at a time.
  std::atomic<bool> backing_up_ = false;
};

}  // namespace pdp::host

#endif  // PDP_LIBS_HOST_ADMIN_SERVICE_H_
