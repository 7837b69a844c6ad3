#include "libs/sim/wire_log.h"

#include <algorithm>
#include <utility>

#include "libs/base/status_macros.h"
#include "libs/log/tail.h"

namespace pdp::sim {

namespace {
constexpr absl::Duration kClaimTimeout = absl::Seconds(3);
// What a client holds for a broker it cannot reach.
constexpr absl::Duration kDeliveryTimeout = absl::Seconds(4);
}  // namespace

void Broker::Store(Area area, std::string bytes) {
  logs_[area.index()].push_back({std::move(bytes), scheduler_.now()});
  if (stored) stored(area);
}

void Broker::Truncate(Area area, size_t index) {
  auto& log = logs_[area.index()];
  if (index < log.size()) log.resize(index);
  seen_[area.index()] = std::min(seen_[area.index()], log.size());
}

class WireSource final : public log::RawSource {
 public:
  WireSource(const WireLog& log, Area area) : log_(log), area_(area) {}

  absl::StatusOr<Bounds> GetBounds() override {
    if (!log_.wire_->reachable) return Cut();
    seen_ = std::max(seen_, log_.broker_.seen(area_));
    See();
    return Bounds{0, static_cast<int64_t>(seen_)};
  }
  absl::Status Seek(int64_t index) override {
    next_ = static_cast<size_t>(std::max<int64_t>(0, index));
    return absl::OkStatus();
  }
  absl::StatusOr<Batch> Read(size_t records_max, absl::Duration, Wait) override {
    if (!log_.wire_->reachable) return Cut();
    See();
    const auto& records = log_.broker_.records(area_);
    if (next_ > records.size() || seen_ > records.size()) {
      return absl::DataLossError("Truncated: records that were read are gone");
    }
    Batch batch;
    while (next_ < seen_ && batch.records.size() < records_max) {
      batch.records.push_back({static_cast<int64_t>(next_), records[next_].bytes});
      ++next_;
    }
    batch.at_end = next_ >= seen_;
    return batch;
  }
  void Wake() override {}

 private:
  static absl::Status Cut() { return absl::UnavailableError("the broker cannot be reached"); }
  // How far this reader sees by now: never less than before.
  void See() {
    const auto& records = log_.broker_.records(area_);
    const absl::Time until =
        log_.scheduler_.now() -
        log_.wire_->dice.Micros(0, log_.broker_.faults.read_lag_us_max);
    while (seen_ < records.size() && records[seen_].at <= until) ++seen_;
    size_t& anybody = log_.broker_.seen(area_);
    anybody = std::max(anybody, seen_);
  }

  const WireLog& log_;
  const Area area_;
  size_t next_ = 0;
  size_t seen_ = 0;
};

WireLog::WireLog(Scheduler& scheduler, Broker& broker, Clock& clock, std::string name,
                 uint64_t seed, size_t appends_max)
    : scheduler_(scheduler),
      broker_(broker),
      clock_(clock),
      name_(std::move(name)),
      wire_(std::make_shared<Wire>(seed, absl::StrCat("wire ", name_), appends_max)) {
  wire_->busy_until.fill(absl::InfinitePast());
}
WireLog::~WireLog() { Die(); }

void WireLog::Die() {
  if (wire_->dead) return;
  wire_->dead = true;
  wire_->survive = wire_->dice.Below(wire_->in_flight + 1);
}

absl::StatusOr<std::unique_ptr<log::PendingClaim>> WireLog::BeginClaim(
    Area area, const std::string& owner_id, const std::string& endpoint, log::TailPosition from) {
  // A new claim is a new connection: what the broken one reported no longer counts.
  return log::ClaimThrough(
      TailOf(area, std::move(from)), {area, owner_id, endpoint, kClaimTimeout, &clock_, &clock_},
      [this, area](std::string bytes) {
        ++wire_->claim[area.index()];
        wire_->broken[area.index()] = absl::OkStatus();
        return Send(area, std::move(bytes));
      });
}

absl::Status WireLog::Append(Area area, std::string bytes) {
  if (seam) seam();
  RETURN_IF_ERROR(wire_->broken[area.index()]);
  return Send(area, std::move(bytes));
}

absl::Status WireLog::Send(Area area, std::string bytes) {
  if (wire_->dead) return absl::OkStatus();
  if (wire_->in_flight >= wire_->appends_max) {
    return absl::ResourceExhaustedError("too many appends wait for the broker");
  }
  const WireFaults& faults = broker_.faults;
  absl::Time& busy = wire_->busy_until[area.index()];
  absl::Time at = scheduler_.now() + wire_->dice.Micros(50, faults.delay_us_max);
  if (wire_->dice.Chance(faults.late)) at += wire_->dice.Micros(100'000, 10'000'000);
  at = busy = std::max(at, busy + absl::Microseconds(1));
  ++wire_->in_flight;
  auto frame = std::make_shared<Frame>(Frame{area, std::move(bytes), wire_->claim[area.index()]});
  scheduler_.At(at, [&scheduler = scheduler_, &broker = broker_, wire = wire_, frame] {
    Arrive(scheduler, broker, wire, frame);
  });
  return absl::OkStatus();
}

void WireLog::Arrive(Scheduler& scheduler, Broker& broker, const std::shared_ptr<Wire>& wire,
                     const std::shared_ptr<Frame>& frame) {
  --wire->in_flight;
  if (wire->dead && wire->survive == 0) return;
  if (wire->dead) --wire->survive;
  const WireFaults& faults = broker.faults;
  Dice& dice = wire->dice;
  const auto report = [&] {
    scheduler.After(dice.Micros(100, 20'000), [wire, area = frame->area, claim = frame->claim] {
      if (wire->claim[area.index()] == claim && wire->broken[area.index()].ok()) {
        wire->broken[area.index()] = absl::UnavailableError("an append was not delivered");
      }
    });
  };
  if (!wire->reachable && !wire->dead) {
    // The client holds it for a while. Order is kept: nothing behind it arrives before it.
    const absl::Time again = scheduler.now() + dice.Micros(200'000, 2'000'000);
    if (again - scheduler.now() < kDeliveryTimeout && dice.Chance(600)) {
      absl::Time& busy = wire->busy_until[frame->area.index()];
      ++wire->in_flight;
      busy = std::max(again, busy + absl::Microseconds(1));
      scheduler.At(busy, [&scheduler, &broker, wire, frame] {
        Arrive(scheduler, broker, wire, frame);
      });
    } else {
      report();
    }
    return;
  }
  if (dice.Chance(faults.lose)) return report();
  if (dice.Chance(faults.lose_silently)) return;
  if (dice.Chance(faults.deny)) report();
  if (dice.Chance(faults.twice)) broker.Store(frame->area, frame->bytes);
  if (dice.Chance(faults.twice_late)) {
    scheduler.After(dice.Micros(1'000, 5'000'000),
                    [&broker, frame] { broker.Store(frame->area, frame->bytes); });
  }
  broker.Store(frame->area, frame->bytes);
}

std::unique_ptr<log::Tail> WireLog::TailOf(Area area, log::TailPosition after) {
  return log::MakeTail(area, std::make_unique<WireSource>(*this, area), std::move(after), clock_);
}

absl::StatusOr<std::unique_ptr<log::Tail>> WireLog::OpenTail(Area area, log::TailPosition after) {
  return TailOf(area, std::move(after));
}

absl::StatusOr<log::TailPosition> WireLog::End(Area area) {
  return log::ReadToEnd(*TailOf(area, {}), absl::InfinitePast());
}

absl::Status WireLog::Health(Area area) { return wire_->broken[area.index()]; }

}  // namespace pdp::sim
