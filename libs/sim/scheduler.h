#ifndef PDP_LIBS_SIM_SCHEDULER_H_
#define PDP_LIBS_SIM_SCHEDULER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"

namespace pdp::sim {

// A stream of draws of its own for each use, so that leaving one event out of a run does not change
// what the others draw.
uint64_t SeedOf(uint64_t seed, absl::string_view use);

class Dice {
 public:
  Dice(uint64_t seed, absl::string_view use) : draws_(SeedOf(seed, use)) {}
  uint64_t Below(uint64_t n) { return draws_.Below(n); }
  // Uniform in [low, high].
  int64_t Between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(Below(static_cast<uint64_t>(high - low + 1)));
  }
  bool Chance(uint64_t permille) { return Below(1000) < permille; }
  absl::Duration Micros(int64_t low, int64_t high) {
    return absl::Microseconds(Between(low, high));
  }

 private:
  SplitMix64 draws_;
};

// Virtual time: what is due next runs, and time jumps there. One thread. Things due at the same
// instant run in an order drawn from the seed. A step may run the scheduler again (a reaction that
// waits for its command): nesting is bounded by the caller.
class Scheduler {
 public:
  explicit Scheduler(uint64_t seed) : dice_(seed, "ties") {}

  absl::Time now() const { return now_; }
  // What clocks on walls show: `now` and a distance that grows by leaps, as if a run slept.
  absl::Time wall() const { return now_ + ahead_; }
  void Leap(absl::Duration by) { ahead_ += by; }
  void At(absl::Time when, std::function<void()> run) {
    due_.emplace(std::make_pair(std::max(when, now_), dice_.Below(1u << 30)), std::move(run));
  }
  void After(absl::Duration wait, std::function<void()> run) { At(now_ + wait, std::move(run)); }
  // Runs what is due next. False when that would be after `end`; time is `end` then.
  bool Step(absl::Time end = absl::InfiniteFuture());
  uint64_t steps() const { return steps_; }
  // Nothing more will happen.
  void Clear() { due_.clear(); }

  // ---- the trace: what happened, in order; equal for equal seeds
  void KeepTrace() { keep_ = true; }
  template <typename... Parts>
  void Note(const Parts&... parts) {
    NoteLine(absl::StrCat(parts...));
  }
  uint64_t trace_hash() const { return trace_hash_; }
  const std::string& trace() const { return trace_; }

 private:
  void NoteLine(const std::string& line);

  Dice dice_;
  absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
  absl::Duration ahead_;
  std::multimap<std::pair<absl::Time, uint64_t>, std::function<void()>> due_;
  uint64_t steps_ = 0;
  bool keep_ = false;
  uint64_t trace_hash_ = 0xcbf29ce484222325ULL;
  std::string trace_;
};

// What one process takes for the time: the clock on the wall, wrong by an amount that faults
// change. Its steady side is right.
class SkewedClock final : public Clock {
 public:
  explicit SkewedClock(const Scheduler& scheduler) : scheduler_(scheduler) {}
  absl::Time Now() override { return scheduler_.wall() + skew_; }
  absl::Duration Steady() override { return scheduler_.now() - absl::UnixEpoch(); }
  void Jump(absl::Duration by) { skew_ += by; }
  absl::Duration skew() const { return skew_; }

 private:
  const Scheduler& scheduler_;
  absl::Duration skew_;
};

class SeededRandom final : public Random {
 public:
  SeededRandom(uint64_t seed, absl::string_view use) : draws_(SeedOf(seed, use)) {}
  std::string Bytes(size_t count) override;

 private:
  SplitMix64 draws_;
};

}  // namespace pdp::sim

#endif  // PDP_LIBS_SIM_SCHEDULER_H_
