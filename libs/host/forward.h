#ifndef PDP_LIBS_HOST_FORWARD_H_
#define PDP_LIBS_HOST_FORWARD_H_

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "libs/base/area.h"
#include "libs/engine/command.h"

namespace pdp::host {

// A command of a process, executed by another process of the same service: the one that leads the
// cell. One attempt, by that service's Execute, so the command id counts as it does here. The
// answer is that of the cell: committed, refused, or a status to try again after. Blocking.
// Unimplemented when this binary does not know the service's Execute.
engine::CommandOutcome Forward(const std::string& service,
                               const std::shared_ptr<grpc::Channel>& channel, Area area,
                               const engine::CommandRequest& request, absl::Duration attempt);

}  // namespace pdp::host

#endif  // PDP_LIBS_HOST_FORWARD_H_
