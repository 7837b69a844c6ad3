#ifndef PDP_LIBS_SIM_PLAN_H_
#define PDP_LIBS_SIM_PLAN_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "libs/base/area.h"
#include "libs/base/hash.h"
#include "libs/engine/cell.h"
#include "libs/sim/play.h"
#include "libs/sim/wire_log.h"
#include "pdp/common/v1/cloud_event.pb.h"
#include "pdp/common/v1/common.pb.h"

namespace pdp::sim {

// One thing a client wants. It keeps one command id over all its attempts.
struct Op {
  int client = 0;
  Area area;
  std::shared_ptr<const google::protobuf::Message> command;
  // Actor, expected version, time of the event; the rest is the client's.
  common::v1::CommandHeader header;
  // After the answer to the one before.
  absl::Duration pause;
  // Sent to two processes at once.
  bool twice = false;
  // Uses the id of this earlier op of the same client; -1: its own.
  int reuse_of = -1;
  // Attempts before it gives up.
  int attempts_max = 0;
  // Clocks on walls leap by so much before it is sent first.
  absl::Duration leap;
};

// One thing that goes wrong.
struct Fault {
  enum class Kind {
    kKill, kPowerCut, kCrashAtSeam, kPowerCutAtSeam, kPause, kCutBroker, kCutClients, kClockJump,
    kDiskFull, kSyncFails, kVaultFails, kErase, kSlowViews, kWire, kTruncate,
    kLeap, kCutPeers, kLosePeers,
  };
  Kind kind = Kind::kKill;
  absl::Duration at;
  // Which machine.
  int slot = 0;
  // How long; for a crash: until the restart.
  absl::Duration lasts;
  // Of the kind: which seam, how many microseconds, which subject, how many seconds.
  int64_t arg = 0;
};
std::string Describe(const Fault& fault);

// What another service tells the processes of the one that is played.
struct Told {
  absl::Duration at;
  std::string service;
  Area area;
  // Without id and place, which it gets when it is told.
  common::v1::CloudEvent event;
};

std::string Describe(const Op& op);

// All that a seed decides before the first step. Features are switched on and off by the seed too,
// so that some runs see one fault alone and some see everything at once.
struct Plan {
  uint64_t seed = 0;
  const Play* play = nullptr;
  int slots = 1;
  int clients = 1;
  std::vector<Area> areas;
  // How long a client waits for an answer before it asks again; whether it always asks the same
  // process, whoever owns the cell.
  absl::Duration patience = absl::Milliseconds(2'500);
  bool stubborn = false;
  // Whether its processes run.
  bool processes = false;
  // Whether they ask other services, so that those can fail them.
  bool asks_peers = false;
  // Processes read the cell of their area alone, and ask others of their service for the rest.
  bool apart = false;
  // One machine with the log on its own disk, instead of a broker.
  bool embedded = false;
  engine::CellOptions cell;
  // Clocks leap by hours to months in the run, so that timers come due.
  bool leaps = false;
  // Appends that a process may have on the wire; more are refused for a while.
  size_t appends_max = 256;
  // The wire when nothing is wrong with it.
  WireFaults calm;
  std::vector<Op> ops;
  std::vector<Told> told;
  std::vector<Fault> faults;
  absl::Duration active;
};

// The id of the command of an op, the same in every attempt.
CommandId OpCommandId(int op);

// `leave_out_*`: indexes of what is left out, to find the shortest story; everything else is as it
// was.
Plan MakePlan(const Repertoire& repertoire, uint64_t seed,
              const std::set<int>& leave_out_ops = {}, const std::set<int>& leave_out_faults = {});

}  // namespace pdp::sim

#endif  // PDP_LIBS_SIM_PLAN_H_
