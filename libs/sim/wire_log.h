#ifndef PDP_LIBS_SIM_WIRE_LOG_H_
#define PDP_LIBS_SIM_WIRE_LOG_H_

#include <array>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "libs/log/event_log.h"
#include "libs/sim/scheduler.h"

namespace pdp::sim {

// What the wire does to appends and readers, in permille or as bounds; set by the faults of a run.
struct WireFaults {
  int64_t delay_us_max = 3'000;
  // An append lost, and the loss reported / never reported / reported though it was stored.
  uint64_t lose = 0, lose_silently = 0, deny = 0;
  // Stored twice: at once, or the second one seconds later.
  uint64_t twice = 0, twice_late = 0;
  // Held up for up to 10 s, and everything of its sender behind it.
  uint64_t late = 0;
  // Readers see the end this much later.
  int64_t read_lag_us_max = 2'000;
};

// The broker: one physically ordered log an area, shared by the processes. What is stored is
// stored; what counts is for readers to say.
class Broker {
 public:
  struct Stored {
    std::string bytes;
    absl::Time at;
  };
  explicit Broker(Scheduler& scheduler)
      : scheduler_(scheduler), logs_(Area::kCount), seen_(Area::kCount) {}
  void Store(Area area, std::string bytes);
  // Forgets everything from `index` on, behind everybody's back.
  void Truncate(Area area, size_t index);
  const std::vector<Stored>& records(Area area) const { return logs_[area.index()]; }
  // How many records anybody has seen: a new connection sees no fewer.
  size_t& seen(Area area) { return seen_[area.index()]; }

  WireFaults faults;
  // Told after each record stored.
  std::function<void(Area)> stored;

 private:
  Scheduler& scheduler_;
  std::vector<std::vector<Stored>> logs_;
  std::vector<size_t> seen_;
};

// One process's connection to the broker: the simulator's binding of EventLog. Appends of a process
// to one area keep their order (late second copies apart); those of two processes overtake each
// other. A connection that is cut gives Unavailable and holds its appends. Once Die() was called,
// what is on the wire arrives up to a point drawn from the seed, and nothing else goes out.
class WireLog final : public log::EventLog {
 public:
  WireLog(Scheduler& scheduler, Broker& broker, Clock& clock, std::string name, uint64_t seed,
          size_t appends_max);
  ~WireLog() override;

  absl::StatusOr<std::unique_ptr<log::PendingClaim>> BeginClaim(Area area,
                                                                const std::string& owner_id,
                                                                const std::string& endpoint,
                                                                log::TailPosition from) override;
  absl::Status Append(Area area, std::string bytes) override;
  absl::StatusOr<std::unique_ptr<log::Tail>> OpenTail(Area area, log::TailPosition after) override;
  absl::StatusOr<log::TailPosition> End(Area area) override;
  absl::Status Health(Area area) override;

  void SetReachable(bool reachable) { wire_->reachable = reachable; }
  void Die();

  // Called before each append: a place to crash.
  std::function<void()> seam;

 private:
  friend class WireSource;
  struct Frame {
    Area area;
    std::string bytes;
    uint64_t claim = 0;
  };
  // Outlives the process: what is on its way.
  struct Wire {
    Wire(uint64_t seed, const std::string& name, size_t appends_max)
        : dice(seed, name), appends_max(appends_max) {}
    Dice dice;
    // More are refused with ResourceExhausted.
    const size_t appends_max;
    bool reachable = true;
    bool dead = false;
    // Frames that still arrive after the death.
    size_t survive = 0;
    std::array<absl::Time, Area::kCount> busy_until;
    // Counts claims: what a broken connection reports later no longer counts.
    std::array<uint64_t, Area::kCount> claim = {};
    std::array<absl::Status, Area::kCount> broken;
    size_t in_flight = 0;
  };
  absl::Status Send(Area area, std::string bytes);
  static void Arrive(Scheduler& scheduler, Broker& broker, const std::shared_ptr<Wire>& wire,
                     const std::shared_ptr<Frame>& frame);
  std::unique_ptr<log::Tail> TailOf(Area area, log::TailPosition after);

  Scheduler& scheduler_;
  Broker& broker_;
  Clock& clock_;
  const std::string name_;
  const std::shared_ptr<Wire> wire_;
};

}  // namespace pdp::sim

#endif  // PDP_LIBS_SIM_WIRE_LOG_H_
