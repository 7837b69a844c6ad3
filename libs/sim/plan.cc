#include "libs/sim/plan.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/engine/testing/bank.h"
#include "libs/sim/scheduler.h"

namespace pdp::sim {
namespace {

using namespace engine::testing;  // the commands of the bank
using Kind = Fault::Kind;

testing::v1::Command DrawCommand(Dice& dice, const Plan& plan, Area area, int op) {
  const std::string owner = Plan::Owner(dice.Below(Plan::kOwners));
  std::string other = Plan::Owner(dice.Below(Plan::kOwners));
  if (other == owner) other = Plan::Owner(Plan::kOwners);
  const std::string alias = absl::StrCat("a", dice.Below(3));
  const int64_t pence = dice.Between(1, 60);
  const absl::Time at =
      absl::FromUnixSeconds(1'700'000'000) + absl::Seconds(dice.Between(1, 9));
  const uint64_t draw = dice.Below(100);
  if (draw < 22) return OpenAccount(owner, Plan::NameOf(owner, op));
  if (draw < 50) return Deposit(owner, pence);
  if (draw < 62) return Transfer(owner, other, pence);
  if (draw < 72) return ClaimAlias(owner, alias);
  if (draw < 77) return ReleaseAlias(owner, alias);
  if (draw < 82) return CloseAt(owner, at);
  if (draw < 88) return PayInterestAt(owner, pence, at);
  if (draw < 90) return Forget(owner);
  if (!plan.courier) return Deposit(owner, pence);
  for (const Area to : plan.areas) {
    if (to != area) return Remit(owner, std::string(to.code()), other, pence);
  }
  return Deposit(owner, pence);
}

std::vector<Op> DrawOps(const Plan& plan) {
  Dice dice(plan.seed, "ops");
  std::vector<Op> ops;
  std::vector<int> last(static_cast<size_t>(plan.clients), -1);
  const int count = static_cast<int>(dice.Between(8, 60));
  const bool hasty = dice.Chance(400);
  for (int i = 0; i < count; ++i) {
    Op op;
    op.client = static_cast<int>(dice.Below(plan.clients));
    op.area = plan.areas[dice.Below(plan.areas.size())];
    op.command = DrawCommand(dice, plan, op.area, i);
    op.pause = hasty ? dice.Micros(0, 20'000) : dice.Micros(1'000, 1'200'000);
    op.twice = dice.Chance(120);
    op.attempts_max = dice.Chance(100) ? 2 : 30;
    int& before = last[op.client];
    if (dice.Chance(60) && before >= 0) {
      op.reuse_of = ops[before].reuse_of >= 0 ? ops[before].reuse_of : before;
      op.area = ops[op.reuse_of].area;
    }
    before = i;
    ops.push_back(std::move(op));
  }
  return ops;
}

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
      {Kind::kSlowViews, 200},  {Kind::kWire, 600},
  };
  std::vector<Fault> faults;
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

std::string Plan::Owner(int64_t n) { return absl::StrCat("T", n); }
std::string Plan::NameOf(const std::string& owner, int64_t n) {
  return absl::StrCat("Personal-Name-", owner, "-", n);
}

std::string Describe(const Fault& fault) {
  static constexpr const char* kNames[] = {
      "kill", "power cut", "crash at seam", "power cut at seam", "pause", "broker out of reach",
      "clients cut off", "clock jump", "disk full", "fsync fails", "vault fails", "erase",
      "slow views", "bad wire", "truncate"};
  return absl::StrCat("at ", absl::FormatDuration(fault.at), " machine ", fault.slot, ": ",
                      kNames[static_cast<int>(fault.kind)], " for ",
                      absl::FormatDuration(fault.lasts), " (", fault.arg, ")");
}

std::string Describe(const Op& op) {
  return absl::StrCat("client ", op.client, " to ", op.area.code(), ": ",
                      op.command.ShortDebugString(), op.twice ? " (twice)" : "",
                      op.reuse_of >= 0 ? absl::StrCat(" (id of ", op.reuse_of, ")") : "");
}

Plan MakePlan(uint64_t seed, const std::set<int>& leave_out_ops,
              const std::set<int>& leave_out_faults) {
  Plan plan;
  plan.seed = seed;
  Dice dice(seed, "plan");
  plan.slots = static_cast<int>(dice.Between(1, 3));
  plan.clients = static_cast<int>(dice.Between(1, 4));
  plan.areas = {*Area::FromCode("N56")};
  if (dice.Chance(350)) plan.areas.push_back(*Area::FromCode("N07"));
  plan.courier = plan.areas.size() > 1;
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
  plan.ops = DrawOps(plan);
  plan.faults = DrawFaults(plan);
  // An op left out stays in the list, so that ids and references keep their numbers.
  for (const int i : leave_out_ops) {
    if (i < static_cast<int>(plan.ops.size())) plan.ops[i].client = -1;
  }
  plan.faults = Without(std::move(plan.faults), leave_out_faults);
  return plan;
}

}  // namespace pdp::sim
