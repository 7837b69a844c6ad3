#include "libs/log/memory_log.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/base/status_macros.h"
#include "libs/log/tail.h"
#include "libs/record/codec.h"

namespace pdp::log {

namespace {
constexpr absl::Duration kClaimTimeout = absl::Seconds(30);
}  // namespace

struct MemoryStore::Lane {
  absl::Mutex mutex;
  absl::CondVar changed;
  std::vector<std::string> records ABSL_GUARDED_BY(mutex);
};

MemoryStore::MemoryStore() {
  for (int i = 0; i < Area::kCount; ++i) lanes_.push_back(std::make_unique<Lane>());
}
MemoryStore::~MemoryStore() = default;

void MemoryStore::Append(Area area, std::string bytes) {
  Lane& to = lane(area);
  absl::MutexLock lock(&to.mutex);
  to.records.push_back(std::move(bytes));
  to.changed.SignalAll();
}
size_t MemoryStore::Count(Area area) const {
  absl::MutexLock lock(&lane(area).mutex);
  return lane(area).records.size();
}
std::string MemoryStore::Get(Area area, size_t index) const {
  absl::MutexLock lock(&lane(area).mutex);
  return lane(area).records.at(index);
}
void MemoryStore::Replace(Area area, size_t index, std::string bytes) {
  absl::MutexLock lock(&lane(area).mutex);
  lane(area).records.at(index) = std::move(bytes);
}
void MemoryStore::Truncate(Area area, size_t index) {
  absl::MutexLock lock(&lane(area).mutex);
  if (index < lane(area).records.size()) lane(area).records.resize(index);
  lane(area).changed.SignalAll();
}

class MemorySource final : public RawSource {
 public:
  MemorySource(MemoryLog& log, Area area) : log_(log), lane_(log.store().lane(area)) {}

  absl::StatusOr<Bounds> GetBounds() override {
    if (!log_.reachable_) return Unreachable();
    absl::MutexLock lock(&lane_.mutex);
    return Bounds{0, static_cast<int64_t>(lane_.records.size())};
  }
  absl::Status Seek(int64_t index) override {
    next_ = static_cast<size_t>(std::max<int64_t>(0, index));
    return absl::OkStatus();
  }
  absl::StatusOr<Batch> Read(size_t records_max, absl::Duration timeout, Wait wait) override {
    const absl::Time deadline = Clock::System().Now() + timeout;
    absl::MutexLock lock(&lane_.mutex);
    Batch batch;
    while (true) {
      if (!log_.reachable_) return Unreachable();
      if (next_ > lane_.records.size()) {
        return absl::DataLossError("Truncated: records that were read are gone");
      }
      while (next_ < lane_.records.size() && batch.records.size() < records_max) {
        batch.records.push_back({static_cast<int64_t>(next_), lane_.records[next_]});
        ++next_;
      }
      batch.at_end = next_ == lane_.records.size();
      if (!batch.records.empty() || wait == Wait::kForRecordsOrEnd) return batch;
      if ((batch.woken = std::exchange(woken_, false))) return batch;
      if (lane_.changed.WaitWithDeadline(&lane_.mutex, deadline)) return batch;
    }
  }
  void Wake() override {
    absl::MutexLock lock(&lane_.mutex);
    woken_ = true;
    lane_.changed.SignalAll();
  }

 private:
  static absl::Status Unreachable() { return absl::UnavailableError("the log is unreachable"); }

  MemoryLog& log_;
  MemoryStore::Lane& lane_;
  size_t next_ = 0;
  bool woken_ ABSL_GUARDED_BY(lane_.mutex) = false;
};

MemoryLog::MemoryLog(std::shared_ptr<MemoryStore> store, Clock& clock)
    : store_(std::move(store)), clock_(clock), broken_(Area::kCount) {}
MemoryLog::~MemoryLog() = default;

absl::StatusOr<std::unique_ptr<PendingClaim>> MemoryLog::BeginClaim(Area area,
                                                                    const std::string& owner_id,
                                                                    const std::string& endpoint,
                                                                    TailPosition from) {
  return ClaimThrough(
      MakeTail(area, std::make_unique<MemorySource>(*this, area), std::move(from)),
      {area, owner_id, endpoint, kClaimTimeout, &clock_},
      [this, area](std::string bytes) {
        absl::MutexLock lock(&mutex_);
        return AppendLocked(area, std::move(bytes));
      },
      [this, area] {
        absl::MutexLock lock(&mutex_);
        broken_[area.index()] = absl::OkStatus();
      });
}

absl::Status MemoryLog::Append(Area area, std::string bytes) {
  if (bytes.size() > record::kRecordBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat("a record of ", bytes.size(), " bytes"));
  }
  absl::MutexLock lock(&mutex_);
  RETURN_IF_ERROR(broken_[area.index()]);
  return AppendLocked(area, std::move(bytes));
}

absl::Status MemoryLog::AppendLocked(Area area, std::string bytes) {
  if (fail_ > 0) {
    --fail_;
    BreakLocked(area);
    return absl::OkStatus();
  }
  if (hold_ || !reachable_ || !held_.empty()) {
    if (held_.size() >= in_flight_max_) {
      return absl::ResourceExhaustedError("too many appends in flight");
    }
    held_.emplace_back(area, std::move(bytes));
    return absl::OkStatus();
  }
  StoreLocked(area, std::move(bytes));
  return absl::OkStatus();
}

void MemoryLog::StoreLocked(Area area, std::string bytes) {
  if (double_ > 0) {
    --double_;
    store_->Append(area, bytes);
  }
  store_->Append(area, std::move(bytes));
}

void MemoryLog::BreakLocked(Area area) {
  broken_[area.index()] =
      absl::UnavailableError(absl::StrCat("an append to ", area.code(), " was lost"));
}

absl::StatusOr<std::unique_ptr<Tail>> MemoryLog::OpenTail(Area area, TailPosition after) {
  return MakeTail(area, std::make_unique<MemorySource>(*this, area), std::move(after));
}

absl::StatusOr<TailPosition> MemoryLog::End(Area area) {
  const std::unique_ptr<Tail> tail =
      MakeTail(area, std::make_unique<MemorySource>(*this, area), TailPosition());
  return ReadToEnd(*tail, Clock::System().Now() + kClaimTimeout);
}

absl::Status MemoryLog::Health(Area area) {
  absl::MutexLock lock(&mutex_);
  return broken_[area.index()];
}

void MemoryLog::SetReachable(bool reachable) {
  reachable_ = reachable;
  for (const Area area : Area::All()) {
    MemoryStore::Lane& lane = store_->lane(area);
    absl::MutexLock lock(&lane.mutex);
    lane.changed.SignalAll();
  }
  absl::MutexLock lock(&mutex_);
  if (reachable && !hold_) ReleaseLocked(held_.size());
}

void MemoryLog::HoldAppends(bool hold) {
  absl::MutexLock lock(&mutex_);
  hold_ = hold;
}
void MemoryLog::ReleaseHeld() { ReleaseHeld(static_cast<size_t>(-1)); }
void MemoryLog::ReleaseHeld(size_t count) {
  absl::MutexLock lock(&mutex_);
  ReleaseLocked(count);
}
void MemoryLog::ReleaseLocked(size_t count) {
  for (; count > 0 && !held_.empty(); --count) {
    StoreLocked(held_.front().first, std::move(held_.front().second));
    held_.pop_front();
  }
}
void MemoryLog::LoseHeld() {
  absl::MutexLock lock(&mutex_);
  for (const auto& [area, bytes] : held_) BreakLocked(area);
  held_.clear();
}
void MemoryLog::FailAppends(size_t count) {
  absl::MutexLock lock(&mutex_);
  fail_ = count;
}
void MemoryLog::DoubleAppends(size_t count) {
  absl::MutexLock lock(&mutex_);
  double_ = count;
}
void MemoryLog::SetInFlightMax(size_t count) {
  absl::MutexLock lock(&mutex_);
  in_flight_max_ = count;
}

}  // namespace pdp::log
