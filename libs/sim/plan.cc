#include "libs/sim/plan.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/sim/scheduler.h"

namespace pdp::sim {
namespace {

using Kind = Fault::Kind;

std::vector<Fault> DrawFaults(const Plan& plan) {
  Dice dice(plan.seed, "faults");
  struct Weighted {
    Kind kind;
    uint64_t on;  // permille of the seeds
  };
  static constexpr Weighted kKinds[] = {
      {Kind::kKill, 350},       {Kind::kPowerCut, 300},   {Kind::kCrashAtSeam, 400},
      {Kind::kPowerCutAtSeam, 300}, {Kind::kPause, 400},  {Kind::kCutBroker, 350},
      {Kind::kCutClients, 250}, {Kind::kClockJump, 300},  {Kind::kDiskFull, 150},
      {Kind::kSyncFails, 100},  {Kind::kVaultFails, 150}, {Kind::kErase, 250},
      {Kind::kSlowViews, 350},  {Kind::kWire, 600},
  };
  std::vector<Fault> faults = plan.faults;
  const int64_t active_ms = absl::ToInt64Milliseconds(plan.active);
  for (const Weighted& kind : kKinds) {
    if (!dice.Chance(kind.on)) continue;
    const int count = static_cast<int>(dice.Between(1, 3));
    for (int i = 0; i < count; ++i) {
      Fault fault;
      fault.kind = kind.kind;
      fault.at = absl::Milliseconds(dice.Between(50, active_ms));
      fault.slot = static_cast<int>(dice.Below(plan.slots));
      fault.lasts = absl::Milliseconds(dice.Between(20, 4'000));
      fault.arg = dice.Between(1, 60);
      if (kind.kind == Kind::kClockJump) {
        fault.arg = dice.Between(-20'000'000, 20'000'000);
      }
      faults.push_back(fault);
    }
  }
  if (!plan.embedded && dice.Chance(15)) {
    faults.push_back({.kind = Kind::kTruncate, .at = plan.active, .slot = 0,
                      .lasts = absl::ZeroDuration(), .arg = dice.Between(1, 5)});
  }
  // An owner that is cut off while its clock is put back, and does not know what it has lost.
  Dice zombie(plan.seed, "zombie");
  if (plan.slots > 1 && zombie.Chance(150)) {
    Fault cut{.kind = Kind::kCutBroker};
    cut.at = absl::Milliseconds(zombie.Between(1'000, active_ms));
    cut.slot = static_cast<int>(zombie.Below(plan.slots));
    cut.lasts = absl::Milliseconds(zombie.Between(3'000, 6'000));
    Fault back = cut;
    back.kind = Kind::kClockJump;
    back.arg = zombie.Between(-20'000'000, -5'000'000);
    faults.push_back(cut);
    faults.push_back(back);
  }
  for (int i = plan.leaps ? 5 : 0; i > 0; --i) {
    static constexpr int64_t kHours[] = {1, 7, 25, 80, 240, 1'000, 4'400};
    Dice leap(plan.seed, absl::StrCat("leap ", i));
    Fault fault{.kind = Kind::kLeap};
    fault.at = absl::Milliseconds(leap.Between(active_ms / 4, active_ms));
    fault.arg = kHours[leap.Below(7)] * 3'600 + leap.Between(-1'800, 1'800);
    faults.push_back(fault);
  }
  Dice peers(plan.seed, "peer faults");
  for (const Kind kind : {Kind::kCutPeers, Kind::kLosePeers}) {
    if (!plan.asks_peers || !peers.Chance(500)) continue;
    for (int64_t i = peers.Between(1, 3); i > 0; --i) {
      faults.push_back({.kind = kind,
                        .at = absl::Milliseconds(peers.Between(50, active_ms)),
                        .lasts = absl::Milliseconds(peers.Between(200, 3'000)),
                        .arg = peers.Between(100, 600)});
    }
  }
  std::sort(faults.begin(), faults.end(),
            [](const Fault& a, const Fault& b) { return a.at < b.at; });
  return faults;
}

template <typename T>
std::vector<T> Without(std::vector<T> all, const std::set<int>& leave_out) {
  std::vector<T> kept;
  for (int i = 0; i < static_cast<int>(all.size()); ++i) {
    if (!leave_out.contains(i)) kept.push_back(std::move(all[i]));
  }
  return kept;
}

}  // namespace

const Play& Repertoire::Of(uint64_t seed) const {
  uint64_t all = 0;
  for (const Item& item : items) all += item.share;
  uint64_t drawn = Dice(seed, "play").Below(all);
  for (const Item& item : items) {
    if (drawn < item.share) return *item.play;
    drawn -= item.share;
  }
  return *items.back().play;
}

CommandId OpCommandId(int op) { return DerivedCommandId("op", absl::StrCat(op)); }

std::string Describe(const Fault& fault) {
  static constexpr const char* kNames[] = {
      "kill", "power cut", "crash at seam", "power cut at seam", "pause", "broker out of reach",
      "clients cut off", "clock jump", "disk full", "fsync fails", "vault fails", "erase",
      "slow views", "bad wire", "truncate", "clocks leap", "peers out of reach",
      "answers of peers lost"};
  return absl::StrCat("at ", absl::FormatDuration(fault.at), " machine ", fault.slot, ": ",
                      kNames[static_cast<int>(fault.kind)], " for ",
                      absl::FormatDuration(fault.lasts), " (", fault.arg, ")");
}

std::string Describe(const Op& op) {
  return absl::StrCat("client ", op.client, " to ", op.area.code(), ": ",
                      op.command->ShortDebugString().substr(0, 500), op.twice ? " (twice)" : "",
                      op.reuse_of >= 0 ? absl::StrCat(" (id of ", op.reuse_of, ")") : "");
}

Plan MakePlan(const Repertoire& repertoire, uint64_t seed, const std::set<int>& leave_out_ops,
              const std::set<int>& leave_out_faults) {
  Plan plan;
  plan.seed = seed;
  plan.play = &repertoire.Of(seed);
  Dice dice(seed, "plan");
  plan.slots = static_cast<int>(dice.Between(1, 3));
  plan.clients = static_cast<int>(dice.Between(1, 4));
  plan.areas = {*Area::FromCode("N56")};
  if (dice.Chance(350)) plan.areas.push_back(*Area::FromCode("N07"));
  plan.processes = plan.areas.size() > 1;
  plan.active = absl::Milliseconds(dice.Between(2'000, 9'000));
  plan.cell.lease = absl::Milliseconds(dice.Between(200, 500));
  plan.cell.failover = absl::Milliseconds(dice.Between(1'000, 2'000));
  plan.cell.read_back_max = absl::Milliseconds(dice.Between(800, 2'500));
  plan.cell.queue_max = dice.Chance(200) ? 2 : 256;
  plan.cell.in_flight_max = static_cast<size_t>(dice.Chance(300) ? dice.Between(1, 3) : 64);
  plan.cell.group_max = static_cast<size_t>(dice.Between(1, 16));
  plan.cell.state_cache_bytes_max = dice.Chance(300) ? 600 : 1 << 20;
  plan.embedded = plan.slots == 1 && dice.Chance(700);
  if (plan.embedded) plan.cell.lease = absl::InfiniteDuration();
  Dice narrow(seed, "narrow");
  if (narrow.Chance(120)) plan.appends_max = narrow.Below(4) + 1;
  plan.play->Draw(&plan);
  plan.faults = DrawFaults(plan);
  // An op left out stays in the list, so that ids and references keep their numbers.
  for (const int i : leave_out_ops) {
    if (i < static_cast<int>(plan.ops.size())) plan.ops[i].client = -1;
  }
  plan.faults = Without(std::move(plan.faults), leave_out_faults);
  return plan;
}

}  // namespace pdp::sim
