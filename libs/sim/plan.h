#ifndef PDP_LIBS_SIM_PLAN_H_
#define PDP_LIBS_SIM_PLAN_H_

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/area.h"
#include "libs/engine/cell.h"
#include "pdp/testing/v1/bank.pb.h"

namespace pdp::sim {

// One thing a client wants. It keeps one command id over all its attempts.
struct Op {
  int client = 0;
  Area area;
  testing::v1::Command command;
  // After the answer to the one before.
  absl::Duration pause;
  // Sent to two processes at once.
  bool twice = false;
  // Uses the id of this earlier op of the same client; -1: its own.
  int reuse_of = -1;
  // Attempts before it gives up.
  int attempts_max = 0;
};

// One thing that goes wrong.
struct Fault {
  enum class Kind {
    kKill, kPowerCut, kCrashAtSeam, kPowerCutAtSeam, kPause, kCutBroker, kCutClients, kClockJump,
    kDiskFull, kSyncFails, kVaultFails, kErase, kSlowViews, kWire, kTruncate,
  };
  Kind kind = Kind::kKill;
  absl::Duration at;
  // Which machine.
  int slot = 0;
  // How long; for a crash: until the restart.
  absl::Duration lasts;
  // Of the kind: which seam, how many microseconds, which owner.
  int64_t arg = 0;
};
std::string Describe(const Fault& fault);
std::string Describe(const Op& op);

// All that a seed decides before the first step. Features are switched on and off by the seed too,
// so that some runs see one fault alone and some see everything at once.
struct Plan {
  uint64_t seed = 0;
  int slots = 1;
  int clients = 1;
  std::vector<Area> areas;
  bool courier = false;
  // One machine with the log on its own disk, instead of a broker.
  bool embedded = false;
  engine::CellOptions cell;
  std::vector<Op> ops;
  std::vector<Fault> faults;
  absl::Duration active;

  static constexpr int kOwners = 6;
  static std::string Owner(int64_t n);
  // Personal, and so recognisable that a search of every byte finds it.
  static std::string NameOf(const std::string& owner, int64_t n);
};

// `leave_out_*`: indexes of what is left out, to find the shortest story; everything else is as it
// was.
Plan MakePlan(uint64_t seed, const std::set<int>& leave_out_ops = {},
              const std::set<int>& leave_out_faults = {});

}  // namespace pdp::sim

#endif  // PDP_LIBS_SIM_PLAN_H_
