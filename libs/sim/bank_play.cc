#include "absl/strings/str_cat.h"
#include "libs/engine/testing/bank.h"
#include "libs/sim/bank_model.h"
#include "libs/sim/courier.h"
#include "libs/sim/plan.h"
#include "libs/sim/scheduler.h"

namespace pdp::sim {
namespace {

using namespace engine::testing;  // the commands of the bank

constexpr int kOwners = 6;
std::string Owner(uint64_t n) { return absl::StrCat("T", n); }
// Personal, and so recognisable that a search of every byte finds it.
std::string NameOf(const std::string& owner, int64_t n) {
  return absl::StrCat(kPersonalName, owner, "-", n);
}

// Most runs are of everything; some press on one place, so that rare meetings are not so rare.
//
//   remitting   money goes between two cells while links break: reactions fail and are parked
//   contested   each process has clients that stay with it while ownership is torn from owners that
//               do not hear of it, some of them with clocks put back: leases must end in time
//   timing      timers are set anew all the time, with commits long in flight
enum class Mood { kPlain, kRemitting, kContested, kTiming };

Mood DrawMood(uint64_t seed) {
  Dice dice(seed, "mood");
  const uint64_t draw = dice.Below(100);
  return draw < 76   ? Mood::kPlain
         : draw < 84 ? Mood::kRemitting
         : draw < 92 ? Mood::kContested
                     : Mood::kTiming;
}

void Press(Mood mood, Plan* plan) {
  Dice dice(plan->seed, "press");
  const auto fault = [&](Fault::Kind kind, int slot, int64_t at_ms, int64_t lasts_ms) {
    plan->faults.push_back({.kind = kind, .at = absl::Milliseconds(at_ms), .slot = slot,
                            .lasts = absl::Milliseconds(lasts_ms), .arg = 0});
  };
  if (mood == Mood::kPlain) return;
  plan->embedded = false;
  plan->clients = 4;
  plan->cell.lease = absl::Milliseconds(500);
  if (mood == Mood::kRemitting) {
    plan->areas = {*Area::FromCode("N56"), *Area::FromCode("N07")};
    plan->processes = true;
    for (int64_t at = 500; at < 8'000; at += dice.Between(500, 2'000)) {
      fault(Fault::Kind::kCutBroker, static_cast<int>(dice.Below(plan->slots)), at,
            dice.Between(300, 4'000));
    }
  }
  if (mood == Mood::kContested) {
    plan->slots = static_cast<int>(dice.Between(2, 3));
    plan->cell.in_flight_max = 64;
    plan->cell.queue_max = 256;
    plan->stubborn = true;
    plan->patience = absl::Milliseconds(60);
    plan->active = absl::Seconds(5);
    for (int64_t at = 800; at < 5'000; at += dice.Between(600, 1'500)) {
      const int owner = static_cast<int>(dice.Below(plan->slots));
      const int other = (owner + 1) % plan->slots;
      const bool back = dice.Chance(500);
      fault(Fault::Kind::kKill, other, at, 1);
      fault(Fault::Kind::kCutBroker, owner, at + 3, back ? 3'500 : 600);
      if (!back) continue;
      fault(Fault::Kind::kClockJump, owner, at + 4, 0);
      plan->faults.back().arg = dice.Between(-20'000'000, -5'000'000);
    }
  }
  if (mood == Mood::kTiming) plan->calm.read_lag_us_max = 400'000;
}

testing::v1::Command PressedCommand(Mood mood, Dice& dice, const Plan& plan, Area area, int op) {
  const int64_t pence = dice.Between(1, 60);
  if (mood == Mood::kTiming) {
    const std::string owner = Owner(dice.Below(2));
    const absl::Time at = plan.play->begins() + absl::Seconds(dice.Between(-1, 8));
    if (op < 6 || dice.Chance(100)) return OpenAccount(owner, NameOf(owner, op));
    return dice.Chance(850) ? PayInterestAt(owner, pence, at) : Deposit(owner, pence);
  }
  // People come and go all the time, so that what is stale is wrong.
  const std::string owner = Owner(op / 8 + dice.Below(3));
  if (mood == Mood::kContested) {
    const std::string alias = absl::StrCat("a", dice.Below(2));
    const uint64_t draw = dice.Below(10);
    return draw < 3   ? OpenAccount(owner, NameOf(owner, op))
           : draw < 7 ? Deposit(owner, pence)
           : draw < 9 ? ClaimAlias(owner, alias)
                      : ReleaseAlias(owner, alias);
  }
  const std::string from = Owner(dice.Below(3));
  if (op < 8) return OpenAccount(Owner(op % 3), NameOf(Owner(op % 3), op));
  if (dice.Chance(300)) return Deposit(from, 3 * pence);
  for (const Area to : plan.areas) {
    if (to != area) return Remit(from, std::string(to.code()), Owner(dice.Below(4)), pence);
  }
  return Deposit(from, pence);
}

testing::v1::Command DrawCommand(Dice& dice, const Plan& plan, Area area, int op) {
  const std::string owner = Owner(dice.Below(kOwners));
  std::string other = Owner(dice.Below(kOwners));
  if (other == owner) other = Owner(kOwners);
  const std::string alias = absl::StrCat("a", dice.Below(3));
  const int64_t pence = dice.Between(1, 60);
  const absl::Time at =
      absl::FromUnixSeconds(1'700'000'000) + absl::Seconds(dice.Between(1, 9));
  const uint64_t draw = dice.Below(100);
  if (draw < 22) return OpenAccount(owner, NameOf(owner, op));
  if (draw < 50) return Deposit(owner, pence);
  if (draw < 62) return Transfer(owner, other, pence);
  if (draw < 72) return ClaimAlias(owner, alias);
  if (draw < 77) return ReleaseAlias(owner, alias);
  if (draw < 82) return CloseAt(owner, at);
  if (draw < 88) return PayInterestAt(owner, pence, at);
  if (draw < 90) return Forget(owner);
  if (!plan.processes) return Deposit(owner, pence);
  for (const Area to : plan.areas) {
    if (to != area) return Remit(owner, std::string(to.code()), other, pence);
  }
  return Deposit(owner, pence);
}

std::vector<Op> DrawOps(const Plan& plan) {
  Dice dice(plan.seed, "ops");
  std::vector<Op> ops;
  std::vector<int> last(static_cast<size_t>(plan.clients), -1);
  const Mood mood = DrawMood(plan.seed);
  const bool pressed = mood != Mood::kPlain;
  const bool contested = mood == Mood::kContested;
  const int count = contested ? 240 : pressed ? 80 : static_cast<int>(dice.Between(8, 60));
  const bool hasty = dice.Chance(400);
  for (int i = 0; i < count; ++i) {
    Op op;
    op.client = static_cast<int>(dice.Below(plan.clients));
    op.area = plan.areas[dice.Below(plan.areas.size())];
    op.command = std::make_shared<testing::v1::Command>(
        pressed ? PressedCommand(mood, dice, plan, op.area, i)
                : DrawCommand(dice, plan, op.area, i));
    op.pause = contested ? dice.Micros(5'000, 60'000)
               : pressed ? dice.Micros(5'000, 150'000)
               : hasty ? dice.Micros(0, 20'000) : dice.Micros(1'000, 1'200'000);
    op.twice = dice.Chance(120);
    op.attempts_max = contested ? 1 : dice.Chance(100) ? 2 : 30;
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

class Bank final : public Play {
 public:
  std::string name() const override { return "bank"; }
  std::shared_ptr<const engine::Domain> domain() const override {
    return engine::MakeDomain<engine::testing::Bank>();
  }
  projection::PublicEventMapper to_public() const override { return PublicEventsOf; }
  std::vector<std::unique_ptr<projection::Projection>> Projections(
      privacy::KeyVault&) const override {
    return {};
  }
  std::vector<std::unique_ptr<projection::Process>> Processes(
      Area, Random&, const projection::Surroundings&) const override {
    std::vector<std::unique_ptr<projection::Process>> all;
    all.push_back(std::make_unique<Courier>());
    return all;
  }
  absl::Time begins() const override { return absl::FromUnixSeconds(1'700'000'000); }
  std::vector<std::string> subjects() const override {
    std::vector<std::string> all;
    for (int i = 0; i < kOwners; ++i) all.push_back(Owner(i));
    return all;
  }
  void Draw(Plan* plan) const override {
    Press(DrawMood(plan->seed), plan);
    plan->ops = DrawOps(*plan);
  }
  bool ReadsBack(const AggregateId& id) const override { return id.kind() == "account"; }
  // Its judge has a model to compare with.
  bool ComparesReplicas() const override { return false; }
  std::string Judge(World& world) const override { return CheckBank(world); }
};

}  // namespace

const Play& BankPlay() {
  static const Bank bank;
  return bank;
}

}  // namespace pdp::sim
