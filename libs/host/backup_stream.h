#ifndef PDP_LIBS_HOST_BACKUP_STREAM_H_
#define PDP_LIBS_HOST_BACKUP_STREAM_H_

#include <functional>
#include <string>

#include "grpcpp/grpcpp.h"
#include "libs/base/clock.h"
#include "libs/engine/cell_host.h"
#include "libs/log/event_log.h"
#include "libs/privacy/key_vault.h"
#include "libs/view/view_db.h"
#include "pdp/common/v1/backup.pb.h"

namespace pdp::host {

// All outlive the stream.
struct BackupParts {
  std::string service;
  const engine::CellHost* cells = nullptr;
  const view::ViewDb* views = nullptr;
  log::EventLog* log = nullptr;
  privacy::KeyVault* vault = nullptr;
  // Takes the copies for as long as they are sent; on the disk of the data, for hard links.
  std::string folder;
  Clock* clock = nullptr;
};

// Sends a consistent copy: of the views (when asked for), then of the log, then of the keys. Made
// in this order none of them lacks what it needs in the next. Commands go on; a slow reader holds
// up nothing and costs disk space. Runs on a thread of its own, which calls `ended` when the copies
// are gone. The stream ends with Cancelled when the reader leaves.
grpc::ServerWriteReactor<common::v1::BackupPart>* StartBackup(
    BackupParts parts, const common::v1::BackupRequest& request, std::function<void()> ended);

}  // namespace pdp::host

#endif  // PDP_LIBS_HOST_BACKUP_STREAM_H_
