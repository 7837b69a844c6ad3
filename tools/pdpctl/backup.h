#ifndef PDP_TOOLS_PDPCTL_BACKUP_H_
#define PDP_TOOLS_PDPCTL_BACKUP_H_

#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "grpcpp/grpcpp.h"
#include "tools/pdpctl/operator.h"

// Backups (libs/backup/README.md). Taking one talks to the running service; verifying and restoring
// one need none.

namespace pdp::pdpctl {

// The service's data into the new folder `folder` (empty: only the keys), and its keys into the
// folder of --keys, where the newest copy is kept up to date. The first status is of the call, the
// inner one of what was done here with what came.
struct BackupResult {
  grpc::Status call;
  absl::Status here;
};
BackupResult TakeBackup(Session& session, const std::string& folder);

absl::Status VerifyFolder(const Arguments& arguments, const std::string& folder,
                          std::ostream& out);
absl::Status RestoreFolder(const Arguments& arguments, const std::string& folder,
                           std::ostream& out);

}  // namespace pdp::pdpctl

#endif  // PDP_TOOLS_PDPCTL_BACKUP_H_
