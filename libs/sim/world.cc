#include "libs/sim/world.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/base/hash.h"
#include "libs/base/mark.h"

namespace pdp::sim {
namespace {

using Kind = Fault::Kind;

// After everything is healed: every client must be done by then.
constexpr absl::Duration kHealedMax = absl::Seconds(60);
// Later than the last timer of a plan.
constexpr absl::Duration kTimersDone = absl::Seconds(14);
// How long processes may go on trying again after that.
constexpr absl::Duration kParkedMax = absl::Seconds(60);

}  // namespace

World::World(const Plan& plan, bool keep_trace)
    : plan_(plan),
      domain_(plan.play->domain()),
      scheduler_(plan.seed),
      key_random_(plan.seed, "keys"),
      keys_(key_random_),
      broker_(scheduler_),
      network_(plan.seed, "network"),
      starts_(plan.seed, "starts"),
      peers_(*this, plan.play->MakePeer(*this)),
      machines_(static_cast<size_t>(plan.slots)),
      clients_(static_cast<size_t>(plan.clients)) {
  if (keep_trace) scheduler_.KeepTrace();
  scheduler_.Leap(plan.play->begins() - scheduler_.now());
  broker_.faults = plan.calm;
  keys_.erased = [this](const std::string& subject) {
    scheduler_.Note("erased ", subject);
    erased_.try_emplace(subject, scheduler_.now());
  };
  broker_.stored = [this](Area area) {
    scheduler_.Note("stored ", area.code(), " ", broker_.records(area).size(), " ",
                    Sha256(broker_.records(area).back().bytes).hex().substr(0, 12));
    for (Machine& machine : machines_) {
      if (machine.node != nullptr) {
        machine.node->PokeTail(area, network_.Micros(100, 1'000 + broker_.faults.read_lag_us_max));
      }
    }
    if (reference_ != nullptr) reference_->PokeTail(area, absl::Milliseconds(1));
  };
}

World::~World() {
  scheduler_.Clear();
  for (const auto& node : living()) node->Close();
  for (const auto& node : graveyard_) node->Close();
  if (reference_ != nullptr) reference_->Close();
}

std::string World::Run() {
  for (int i = 0; i < static_cast<int>(plan_.ops.size()); ++i) {
    if (plan_.ops[i].client >= 0) clients_[plan_.ops[i].client].todo.push_back(i);
  }
  for (int slot = 0; slot < plan_.slots; ++slot) {
    machines_[slot].disk = std::make_shared<Disk>();
    Boot(slot, slot != 0);
  }
  for (int client = 0; client < plan_.clients; ++client) {
    clients_[client].target = AnyTarget(client);
    scheduler_.After(network_.Micros(1'000, 500'000), [this, client] { NextOp(client); });
  }
  const absl::Time start = scheduler_.now();
  for (const Told& told : plan_.told) {
    scheduler_.At(start + told.at, [this, &told] { Tell(told.service, told.area, told.event); });
  }
  for (const Fault& fault : plan_.faults) {
    scheduler_.At(start + fault.at, [this, fault] { Strike(fault); });
  }
  while (scheduler_.Step(start + plan_.active) && problem_.empty()) {
  }
  Heal();
  const absl::Time limit = scheduler_.now() + kHealedMax;
  const auto busy = [this] {
    for (const Client& client : clients_) {
      if (client.current.has_value() || !client.todo.empty()) return true;
    }
    return false;
  };
  while (busy() && !truncated_ && problem_.empty() && scheduler_.Step(limit)) {
  }
  if (busy() && !truncated_ && problem_.empty()) {
    std::string cells;
    for (const auto& node : living()) {
      for (const Area area : plan_.areas) {
        const engine::CellInfo info = node->cell(area).info();
        absl::StrAppend(&cells, " ", node->name(), "/", area.code(), " ", info.state, " at ",
                        info.position.seq(), " ", info.reason, ";");
      }
    }
    return absl::StrCat("stuck: clients still wait a minute after everything was healed;", cells);
  }
  if (problem_.empty() && !truncated_ && plan_.play->ComparesReplicas()) BootReference();
  const absl::Time end =
      std::max(scheduler_.now() + absl::Seconds(4), start + kTimersDone);
  const auto parked = [this] {
    for (const auto& node : living()) {
      if (node->has_parked()) return true;
    }
    return false;
  };
  while (problem_.empty() && scheduler_.Step(end)) {
  }
  const absl::Time tried = end + kParkedMax;
  while (problem_.empty() && !truncated_ && parked() && scheduler_.Step(tried)) {
  }
  // What they did last is everywhere then.
  const absl::Time quiet = scheduler_.now() + absl::Seconds(3);
  while (problem_.empty() && scheduler_.now() > end && scheduler_.Step(quiet)) {
  }
  for (const auto& node : living()) {
    disks_.push_back(node->disk());
    for (const Area area : plan_.areas) {
      if (problem_.empty() && !truncated_) problem_ = Owed(*node, area);
    }
  }
  return problem_;
}

void World::Boot(int slot, bool standby) {
  Machine& machine = machines_[slot];
  if (machine.node != nullptr) return;
  machine.disk_failed = machine.disk_full || machine.sync_fails;
  machine.disk->full = machine.disk_full;
  machine.disk->sync_fails = machine.sync_fails;
  Node::Options options{.slot = slot,
                        .start = machine.starts++,
                        .standby = standby,
                        .areas = plan_.areas,
                        .cell = plan_.cell,
                        .processes = plan_.processes,
                        .apart = plan_.apart,
                        .embedded = plan_.embedded};
  auto node = std::make_shared<Node>(*this, options, machine.disk);
  scheduler_.Note("start ", node->name(), standby ? " standby" : "");
  machine.node = node;
  node->clock().Jump(machine.skew);
  node->log().SetReachable(!machine.cut_from_broker);
  node->set_slow_views(machine.slow_views);
  const absl::Status started = node->Start();
  if (!node->alive()) return;  // Died has seen to it
  if (started.ok()) {
    for (const Area area : plan_.areas) {
      if (node->cell(area).position().seq() < machine.stood_at[area.index()]) {
        PDP_MARK("views_fell_back");
      }
    }
    return;
  }
  scheduler_.Note(node->name(), " does not start: ", started.ToString());
  if (!machine.disk_failed || absl::StrContains(started.message(), "was durable and is gone")) {
    problem_ = absl::StrCat(node->name(), " does not start: ", started.ToString());
  }
  node->Crash(false);
}

void World::BootReference() {
  Node::Options options{.slot = plan_.slots, .start = 0, .standby = true, .areas = plan_.areas,
                        .cell = plan_.cell, .processes = false, .embedded = false};
  options.cell.failover = absl::InfiniteDuration();
  reference_ = std::make_shared<Node>(*this, options, std::make_shared<Disk>());
  if (const absl::Status started = reference_->Start(); !started.ok()) {
    problem_ = absl::StrCat("a replica with nothing does not start: ", started.ToString());
  }
}

void World::Died(Node& node) {
  Machine& machine = machines_[node.options().slot];
  ++counts_.crashes;
  disks_.push_back(node.disk());
  machine.disk = node.left();
  for (const Area area : plan_.areas) {
    if (node.hosts(area)) machine.stood_at[area.index()] = node.cell(area).position().seq();
  }
  graveyard_.push_back(std::move(machine.node));
  machine.node = nullptr;
  const absl::Duration down = healed_ ? absl::Milliseconds(100) : machine.down;
  scheduler_.After(down + starts_.Micros(1'000, 50'000), [this, slot = node.options().slot] {
    Boot(slot, starts_.Chance(500));
  });
}

void World::StateChanged(Node& node, Area area, const engine::CellInfo& info) {
  if (info.state == "LEADING") {
    std::string& leader = led_by_[area.index()];
    if (!leader.empty() && leader != node.name()) ++counts_.failovers;
    leader = node.name();
  }
  if (info.state != "STOPPED" || truncated_) return;
  if (&node == reference_.get() || !machines_[node.options().slot].disk_failed) {
    problem_ = absl::StrCat(node.name(), "/", area.code(), " stopped: ", info.reason);
    return;
  }
  PDP_MARK("stopped_by_its_disk");
  // An operator starts it again.
  scheduler_.After(absl::Seconds(1), [this, area, held = node.shared_from_this()] {
    if (held->alive()) problem_ = Owed(*held, area);
    held->Crash(false);
  });
}

std::string World::Owed(const Node& node, Area area) const {
  for (const Attempt& attempt : attempts_) {
    if (attempt.taken_by.get() != &node || attempt.area != area || attempt.answers == 1) continue;
    return absl::StrCat(node.name(), "/", area.code(), " has answered ", attempt.answers,
                        " times to op ", attempt.op);
  }
  return "";
}

std::vector<std::shared_ptr<Node>> World::living() const {
  std::vector<std::shared_ptr<Node>> all;
  for (const Machine& machine : machines_) {
    if (machine.node != nullptr) all.push_back(machine.node);
  }
  return all;
}

std::shared_ptr<Node> World::AnyReplica(int slot) {
  return Reach(static_cast<int>(network_.Below(plan_.slots)), slot);
}

std::shared_ptr<Node> World::AtEndpoint(const std::string& endpoint, int slot) const {
  int other = -1;
  if (!absl::SimpleAtoi(endpoint.substr(1), &other) || other >= plan_.slots) return nullptr;
  return Reach(other, slot);
}

std::shared_ptr<Node> World::Reach(int other, int slot) const {
  const Machine& machine = machines_[other];
  if (machine.node == nullptr || machine.node->paused()) return nullptr;
  if (other != slot && machine.cut_from_clients) return nullptr;
  return machine.node;
}

void World::Strike(const Fault& fault) {
  if (healed_ && fault.kind != Kind::kTruncate) return;
  Machine& machine = machines_[fault.slot];
  scheduler_.Note("fault ", Describe(fault));
  const auto later = [&](std::function<void()> undo) {
    scheduler_.After(fault.lasts, std::move(undo));
  };
  Machine* m = &machine;
  switch (fault.kind) {
    case Kind::kKill:
    case Kind::kPowerCut:
      machine.down = fault.lasts;
      if (machine.node != nullptr) machine.node->Crash(fault.kind == Kind::kPowerCut);
      return;
    case Kind::kCrashAtSeam:
    case Kind::kPowerCutAtSeam:
      machine.down = fault.lasts;
      if (machine.node != nullptr) {
        machine.node->CrashAtSeam(static_cast<int>(fault.arg),
                                  fault.kind == Kind::kPowerCutAtSeam);
      }
      return;
    case Kind::kPause:
      if (machine.node == nullptr) return;
      machine.node->Pause();
      return later([node = machine.node] { node->Wake(); });
    case Kind::kCutBroker:
      machine.cut_from_broker = true;
      if (machine.node != nullptr) machine.node->log().SetReachable(false);
      return later([m] {
        m->cut_from_broker = false;
        if (m->node != nullptr) m->node->log().SetReachable(true);
      });
    case Kind::kCutClients:
      machine.cut_from_clients = true;
      return later([m] { m->cut_from_clients = false; });
    case Kind::kClockJump:
      machine.skew += absl::Microseconds(fault.arg);
      if (machine.node != nullptr) machine.node->clock().Jump(absl::Microseconds(fault.arg));
      return;
    case Kind::kDiskFull:
      machine.disk_full = machine.disk_failed = true;
      machine.disk->full = true;
      return later([m] { m->disk_full = m->disk->full = false; });
    case Kind::kSyncFails:
      machine.sync_fails = machine.disk_failed = true;
      machine.disk->sync_fails = true;
      return later([m] { m->sync_fails = m->disk->sync_fails = false; });
    case Kind::kVaultFails:
      keys_.failing = true;
      return later([this] { keys_.failing = false; });
    case Kind::kErase: {
      const std::vector<std::string> subjects = plan_.play->subjects();
      const std::string& owner = subjects[static_cast<size_t>(fault.arg) % subjects.size()];
      std::vector<std::string> gone = {owner};
      if (const std::string with = plan_.play->OthersErasedWith(owner); !with.empty()) {
        for (const auto& [subject, key] : keys_.keys) {
          if (absl::StartsWith(subject, with)) gone.push_back(subject);
        }
      }
      for (const std::string& subject : gone) keys_.Erase(subject);
      return;
    }
    case Kind::kLeap:
      return scheduler_.Leap(absl::Seconds(fault.arg));
    case Kind::kSlowViews:
      machine.slow_views = true;
      if (machine.node != nullptr) machine.node->set_slow_views(true);
      return later([m] {
        m->slow_views = false;
        if (m->node != nullptr) m->node->set_slow_views(false);
      });
    case Kind::kWire: {
      WireFaults& faults = broker_.faults;
      const auto bits = static_cast<uint64_t>(fault.arg);
      if (bits & 1) faults.lose = 60;
      if (bits & 2) faults.lose_silently = 40;
      if (bits & 4) faults.deny = 60;
      if (bits & 8) faults.twice = faults.twice_late = 100;
      if (bits & 16) faults.late = 60;
      if (bits & 32) faults.read_lag_us_max = 400'000;
      return later([this] { broker_.faults = healed_ ? WireFaults() : plan_.calm; });
    }
    case Kind::kCutPeers:
      peers_.cut = true;
      return later([this] { peers_.cut = false; });
    case Kind::kLosePeers:
      peers_.lose = static_cast<uint64_t>(fault.arg);
      return later([this] { peers_.lose = 0; });
    case Kind::kTruncate: {
      // The last act of a run: what was read is gone. Nobody may go on as if it were not.
      const Area area = plan_.areas[0];
      const size_t size = broker_.records(area).size();
      if (size <= static_cast<size_t>(fault.arg)) return;
      broker_.Truncate(area, size - static_cast<size_t>(fault.arg));
      truncated_ = true;
      return;
    }
  }
}

void World::Heal() {
  healed_ = true;
  scheduler_.Note("heal");
  broker_.faults = WireFaults();
  keys_.failing = false;
  peers_.cut = false;
  peers_.lose = 0;
  for (Machine& machine : machines_) {
    machine.cut_from_broker = machine.cut_from_clients = machine.slow_views = false;
    machine.disk_full = machine.sync_fails = false;
    machine.disk->full = machine.disk->sync_fails = false;
    machine.down = absl::Milliseconds(100);
    if (machine.node == nullptr) continue;
    machine.node->clock().Jump(-machine.node->clock().skew());
    machine.node->log().SetReachable(true);
    machine.node->set_slow_views(false);
    machine.node->CrashAtSeam(0, false);
    machine.node->Wake();
  }
  for (Machine& machine : machines_) machine.skew = absl::ZeroDuration();
}

Counts World::counts() const {
  Counts counts = counts_;
  counts.steps = scheduler_.steps();
  counts.attempts = attempts_.size();
  return counts;
}

}  // namespace pdp::sim
