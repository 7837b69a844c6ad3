#ifndef PDP_LIBS_SIM_NODE_H_
#define PDP_LIBS_SIM_NODE_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "libs/engine/stepped_cell.h"
#include "libs/log/rocks_log.h"
#include "libs/projection/marks.h"
#include "libs/projection/process_runner.h"
#include "libs/projection/runner.h"
#include "libs/sim/around.h"
#include "libs/sim/disk.h"
#include "libs/sim/peers.h"
#include "libs/sim/scheduler.h"
#include "libs/sim/shared_vault.h"
#include "libs/sim/wire_log.h"

namespace pdp::sim {

class World;

// One process of the service, from a start to its death: the cells of the areas, the projection
// runner with the publisher and the views, the processes, over a disk, a clock, a connection to the
// broker and the keys. Steps run when due; a paused process does nothing until it is woken. A
// process that died goes on only to the end of the step it was in, and nothing of that reaches
// anybody.
class Node : public std::enable_shared_from_this<Node> {
 public:
  struct Options {
    int slot = 0;       // which machine
    int start = 0;      // how often that machine has started before
    bool standby = false;
    std::vector<Area> areas;
    engine::CellOptions cell;
    bool processes = false;
    // The processes of an area read its cell alone, as if others hosted the rest.
    bool apart = false;
    // The log is on the disk of this machine; the broker only notes what is durable.
    bool embedded = false;
  };
  Node(World& world, Options options, std::shared_ptr<Disk> disk);
  ~Node();

  absl::Status Start();
  // The process ends here and now: `power` also takes what no fsync has reached.
  void Crash(bool power);
  // Gives back what it holds. The cells hold answers, and those hold the process: without this it
  // would live for ever.
  void Close();
  void Pause() { paused_ = true; }
  void Wake();

  bool alive() const { return !dead_; }
  bool paused() const { return paused_; }
  const Options& options() const { return options_; }
  const std::string& name() const { return name_; }
  engine::SteppedCell& cell(Area area) { return *cells_.at(area.index()); }
  bool hosts(Area area) const { return cells_.contains(area.index()); }
  const projection::RowReader& public_rows() const { return *public_rows_; }
  view::ViewDb& views() { return *views_; }
  const projection::ProjectionRunner& projections() const { return *runner_; }
  // Of every projection, the public events included.
  const std::vector<std::string>& views_names() const { return views_names_; }
  // What the process that runs now reacts to.
  const Reaction& reaction() const { return reaction_; }
  // Whether a process has an event that it must try again.
  bool has_parked() const;
  const std::shared_ptr<Disk>& disk() const { return disk_; }
  SkewedClock& clock() { return clock_; }
  WireLog& log() { return log_; }
  SharedVault& vault() { return vault_; }
  // What the next start of the machine finds; set by Crash.
  std::shared_ptr<Disk> left() const { return left_; }

  // Looks at everything again soon.
  void PokeAll();
  void PokeTail(Area area, absl::Duration wait);
  void PokeCell(Area area, absl::Duration wait);
  // Crashes at the count-th seam from now (a write, an fsync, a key sync, an append).
  void CrashAtSeam(int count, bool power);
  void set_slow_views(bool slow) { slow_views_ = slow; }
  void Submit(Area area, engine::CommandRequest request,
              std::function<void(engine::CommandOutcome)> done);

 private:
  class Watched;
  enum Actor { kTail, kCell, kClaim, kRunner, kProcesses, kDiskLog };
  struct Due {
    bool pending = false;
    absl::Time at;
  };
  void Poke(Actor actor, Area area, absl::Duration wait);
  void Run(Actor actor, Area area);
  void RunTail(Area area);
  absl::Status OpenDiskLog();
  // Writes what was appended; the process ends when the disk does not take it.
  void RunDiskLog();
  void Tick();
  void Seam();
  // A process of this node has a command executed at a node, this one or another.
  engine::CommandOutcome Execute(Node& at, Area area, engine::CommandRequest request);
  engine::CommandOutcome Forward(Area area, const std::string& owner,
                                 engine::CommandRequest request);

  World& world_;
  const Options options_;
  const std::string name_;
  const std::shared_ptr<Disk> disk_;
  Dice dice_;
  SkewedClock clock_;
  SeededRandom random_;
  SharedVault vault_;
  WireLog log_;
  std::unique_ptr<rocksdb::Env> env_;
  std::unique_ptr<log::SteppedRocksLog> disk_log_;  // embedded only
  std::unique_ptr<view::ViewDb> views_;
  std::map<int, std::unique_ptr<engine::SteppedCell>> cells_;
  std::unique_ptr<projection::ProjectionRunner> runner_;
  const projection::RowReader* public_rows_ = nullptr;
  std::vector<std::string> views_names_;
  std::map<int, std::unique_ptr<Around>> around_;
  Reaction reaction_;
  std::unique_ptr<projection::MarkStore> marks_;
  std::unique_ptr<projection::ProcessRunner> processes_;
  std::map<std::pair<int, int>, Due> due_;
  std::shared_ptr<Disk> left_;
  bool dead_ = false;
  bool paused_ = false;
  bool slow_views_ = false;
  bool in_processes_ = false;
  int seams_left_ = 0;
  bool seam_power_ = false;
};

}  // namespace pdp::sim

#endif  // PDP_LIBS_SIM_NODE_H_
