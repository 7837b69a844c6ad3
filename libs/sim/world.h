#ifndef PDP_LIBS_SIM_WORLD_H_
#define PDP_LIBS_SIM_WORLD_H_

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "libs/engine/command.h"
#include "libs/sim/node.h"
#include "libs/sim/plan.h"
#include "libs/sim/scheduler.h"
#include "libs/sim/shared_vault.h"
#include "libs/sim/wire_log.h"

namespace pdp::sim {

// One attempt of an op as the outside saw it: what the checkers judge.
struct Attempt {
  int op = 0;
  std::string command_id;
  testing::v1::Command command;
  Area area;
  absl::Time sent_at;
  // The highest seq of the area of which anybody had been told by then.
  uint64_t told_before = 0;
  // The process that took it, and how often that has answered: once, unless it died before.
  std::shared_ptr<Node> taken_by;
  int answers = 0;
  // When the process answered; the client may never have heard it.
  std::optional<absl::Time> answered_at;
  engine::CommandOutcome outcome;
  bool heard = false;
};

// A read with a token of the client's own write.
struct TokenRead {
  Area area;
  std::string owner;
  uint64_t token_seq = 0;
  // What the process answered with.
  uint64_t position_seq = 0;
  uint64_t state_seq = 0;
  uint64_t version = 0;
  int64_t pence = 0;
  bool found = false;
};

struct Counts {
  uint64_t commands = 0, attempts = 0, crashes = 0, failovers = 0, steps = 0;
  void Add(const Counts& other) {
    commands += other.commands;
    attempts += other.attempts;
    crashes += other.crashes;
    failovers += other.failovers;
    steps += other.steps;
  }
};

// Everything of one run: machines and their processes, broker, keys, network, clients, faults.
class World {
 public:
  World(const Plan& plan, bool keep_trace);
  ~World();

  // Plays the plan, heals everything, and waits until all is quiet. What went wrong on the way:
  // empty when nothing.
  std::string Run();

  Scheduler& scheduler() { return scheduler_; }
  Broker& broker() { return broker_; }
  KeyStore& keys() { return keys_; }
  uint64_t seed() const { return plan_.seed; }
  const Plan& plan() const { return plan_; }
  Dice& network_dice() { return network_; }

  // A living process that the one on machine `slot` can reach; null when it finds none.
  std::shared_ptr<Node> AnyReplica(int slot);
  void Died(Node& node);
  void StateChanged(Node& node, Area area, const engine::CellInfo& info);
  // Reactions waiting inside each other.
  int nested = 0;

  // ---- for the checkers
  const std::vector<Attempt>& attempts() const { return attempts_; }
  const std::vector<TokenRead>& reads() const { return reads_; }
  const std::map<std::string, absl::Time>& erased() const { return erased_; }
  std::vector<std::shared_ptr<Node>> living() const;
  // Disks as they are and as the dead left them.
  std::vector<std::shared_ptr<Disk>> disks() const { return disks_; }
  bool truncated() const { return truncated_; }
  bool op_given_up(int op) const { return given_up_.contains(op); }
  Counts counts() const;

 private:
  struct Machine {
    std::shared_ptr<Node> node;  // null while nothing runs
    std::shared_ptr<Disk> disk;
    int starts = 0;
    bool cut_from_clients = false;
    bool cut_from_broker = false;
    bool disk_full = false;
    bool sync_fails = false;
    bool slow_views = false;
    // In the life of the process that runs now. RocksDB writes no more after a failed write.
    bool disk_failed = false;
    absl::Duration skew;
    // Where the views of the process before stood when it died, by area.
    std::map<int, uint64_t> stood_at;
    absl::Duration down = absl::Milliseconds(300);
  };
  struct Client {
    std::deque<int> todo;
    std::optional<int> current;
    int attempts = 0;
    int target = 0;
    // Which attempt the client waits for; older answers are heard and do not move it.
    uint64_t generation = 0;
  };

  void Boot(int slot, bool standby);
  void Strike(const Fault& fault);
  void Heal();
  void Erase(const std::string& owner);
  void NextOp(int client);
  void SendAttempt(int client, int target, bool moves);
  void Deliver(size_t attempt, int client, int target, uint64_t generation, bool moves);
  void Heard(size_t attempt, int client, uint64_t generation);
  void Finish(int client);
  // A living process owes every caller an answer: what is wrong about that; empty when nothing is.
  std::string Owed(const Node& node, Area area) const;
  void ReadBack(const Attempt& attempt);

  const Plan plan_;
  Scheduler scheduler_;
  SeededRandom key_random_;
  KeyStore keys_;
  Broker broker_;
  Dice network_;
  Dice starts_;
  std::vector<Machine> machines_;
  std::vector<Client> clients_;
  std::vector<std::shared_ptr<Node>> graveyard_;
  std::vector<std::shared_ptr<Disk>> disks_;
  std::vector<Attempt> attempts_;
  std::vector<TokenRead> reads_;
  std::map<int, uint64_t> told_;  // area -> seq
  std::map<std::string, absl::Time> erased_;
  std::set<int> given_up_;
  std::map<int, std::string> led_by_;
  bool truncated_ = false;
  bool healed_ = false;
  std::string problem_;
  Counts counts_;
};

// Judges a run that has ended: every promise of the design (section 8). Empty when all are kept;
// else what was broken.
std::string Check(World& world);

}  // namespace pdp::sim

#endif  // PDP_LIBS_SIM_WORLD_H_
