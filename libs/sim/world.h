#ifndef PDP_LIBS_SIM_WORLD_H_
#define PDP_LIBS_SIM_WORLD_H_

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "libs/engine/command.h"
#include "libs/sim/node.h"
#include "libs/sim/peers.h"
#include "libs/sim/plan.h"
#include "libs/sim/scheduler.h"
#include "libs/sim/shared_vault.h"
#include "libs/sim/wire_log.h"

namespace pdp::sim {

// One attempt of an op as the outside saw it, or a command that a process issued (op -1): what the
// checkers judge.
struct Attempt {
  int op = 0;
  std::string command_id;
  std::shared_ptr<const google::protobuf::Message> command;
  common::v1::CommandHeader header;
  // The event that a process reacted to.
  std::string causation_id;
  Area area;
  absl::Time sent_at;
  // The highest seq of the area of which anybody had been told by then.
  uint64_t told_before = 0;
  // The process that took it, and how often that has answered: once, unless it died before.
  std::shared_ptr<Node> taken_by;
  int answers = 0;
  // What the clock of that process showed when it took it and when it answered.
  absl::Time took_clock, answered_clock;
  // When the process answered; the client may never have heard it.
  std::optional<absl::Time> answered_at;
  engine::CommandOutcome outcome;
  bool heard = false;
};

// A read with a token of the client's own write.
struct TokenRead {
  Area area;
  AggregateId aggregate;
  uint64_t token_seq = 0;
  // What the process answered with; null: that there is none.
  uint64_t position_seq = 0;
  uint64_t state_seq = 0;
  uint64_t version = 0;
  std::shared_ptr<google::protobuf::Message> state;
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
  const std::shared_ptr<const engine::Domain>& domain() const { return domain_; }

  // A living process that the one on machine `slot` can reach; null when it finds none.
  std::shared_ptr<Node> AnyReplica(int slot);
  // The one that answers at an endpoint, if the machine `slot` can reach it; else null.
  std::shared_ptr<Node> AtEndpoint(const std::string& endpoint, int slot) const;
  void Died(Node& node);
  void StateChanged(Node& node, Area area, const engine::CellInfo& info);
  // Reactions waiting inside each other.
  int nested = 0;
  // A process issues a command; Answered says what became of it.
  size_t Issued(Node& node, Area area, const engine::CommandRequest& request);
  void Answered(size_t attempt, Node& node, const engine::CommandOutcome& outcome);
  Peers& peers() { return peers_; }
  // A process is done with an event.
  void Reacted(const Reaction& reaction);
  // Another service tells something: at the end of its feed.
  void Tell(const std::string& service, Area area, common::v1::CloudEvent event);
  // What another service has told by now.
  const std::vector<common::v1::CloudEvent>& Feed(const std::string& service, Area area);

  // ---- for the checkers
  const std::vector<Attempt>& attempts() const { return attempts_; }
  const std::vector<TokenRead>& reads() const { return reads_; }
  const std::map<std::string, absl::Time>& erased() const { return erased_; }
  bool has_reacted(const std::string& process, Area area, const std::string& event_id) const {
    return reacted_.contains({process, area.index(), event_id});
  }
  std::vector<std::shared_ptr<Node>> living() const;
  // Disks as they are and as the dead left them.
  std::vector<std::shared_ptr<Disk>> disks() const { return disks_; }
  bool truncated() const { return truncated_; }
  // A replica that read everything from nothing after the healing, with no fault. Null when the log
  // was cut, or when the play wants none.
  const std::shared_ptr<Node>& reference() const { return reference_; }
  // Counts of the play, by name.
  std::map<std::string, uint64_t> tally;
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
  void BootReference();
  void Strike(const Fault& fault);
  void Heal();
  std::shared_ptr<Node> Reach(int other, int slot) const;
  int AnyTarget(int client);
  void NextOp(int client);
  void SendAttempt(int client, int target, bool moves);
  void Deliver(size_t attempt, int client, int target, uint64_t generation, bool moves);
  void Heard(size_t attempt, int client, uint64_t generation);
  void Finish(int client);
  // A living process owes every caller an answer: what is wrong about that; empty when nothing is.
  std::string Owed(const Node& node, Area area) const;
  void ReadBack(const Attempt& attempt);

  const Plan plan_;
  const std::shared_ptr<const engine::Domain> domain_;
  Scheduler scheduler_;
  SeededRandom key_random_;
  KeyStore keys_;
  Broker broker_;
  Dice network_;
  Dice starts_;
  Peers peers_;
  std::map<std::pair<std::string, int>, std::vector<common::v1::CloudEvent>> feeds_;
  std::set<std::tuple<std::string, int, std::string>> reacted_;
  std::vector<Machine> machines_;
  std::vector<Client> clients_;
  std::vector<std::shared_ptr<Node>> graveyard_;
  std::shared_ptr<Node> reference_;
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

}  // namespace pdp::sim

#endif  // PDP_LIBS_SIM_WORLD_H_
