#include "libs/log/rocks_log.h"

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "libs/base/check.h"
#include "libs/base/log.h"
#include "libs/base/planted.h"
#include "libs/base/status_macros.h"
#include "libs/log/rocks_source.h"
#include "libs/log/tail.h"
#include "libs/record/codec.h"
#include "rocksdb/db.h"
#include "rocksdb/utilities/checkpoint.h"
#include "rocksdb/write_batch.h"

namespace pdp::log {
namespace {

absl::Time Now() { return Clock::System().Now(); }

// The durable end of one area and its newest records.
struct Lane {
  absl::Mutex mutex;
  absl::CondVar changed;
  // Index of the next record; everything below is on the disk.
  int64_t end ABSL_GUARDED_BY(mutex) = 0;
  // The records [end - recent.size(), end).
  std::deque<std::string> recent ABSL_GUARDED_BY(mutex);
  size_t recent_bytes ABSL_GUARDED_BY(mutex) = 0;

  // Only the writer thread, which also owns the next index.
  int64_t next_index = 0;
};

// Reads one lane: the newest records from memory, older ones from the disk.
class LaneSource final : public RawSource {
 public:
  LaneSource(rocksdb::DB& db, Area area, Lane& lane) : db_(db), area_(area), lane_(lane) {}

  absl::StatusOr<Bounds> GetBounds() override {
    absl::MutexLock lock(&lane_.mutex);
    return Bounds{0, lane_.end};
  }
  absl::Status Seek(int64_t index) override {
    next_ = index;
    return absl::OkStatus();
  }
  absl::StatusOr<Batch> Read(size_t records_max, absl::Duration timeout, Wait wait) override {
    const absl::Time deadline = Now() + timeout;
    Batch batch;
    int64_t end;
    {
      absl::MutexLock lock(&lane_.mutex);
      while (next_ >= lane_.end) {
        batch.at_end = true;
        if (wait == Wait::kForRecordsOrEnd) return batch;
        if ((batch.woken = std::exchange(woken_, false))) return batch;
        if (lane_.changed.WaitWithDeadline(&lane_.mutex, deadline)) {
          if (next_ >= lane_.end) return batch;
        }
      }
      end = lane_.end;
      const int64_t first_recent = end - static_cast<int64_t>(lane_.recent.size());
      if (next_ >= first_recent) {
        while (next_ < end && batch.records.size() < records_max) {
          batch.records.push_back({next_, lane_.recent[next_ - first_recent]});
          ++next_;
        }
        batch.at_end = next_ == end;
        return batch;
      }
    }
    batch.at_end = false;
    RETURN_IF_ERROR(ReadRocksRecords(db_, area_, next_, end, records_max, batch.records));
    if (!batch.records.empty()) next_ = batch.records.back().index + 1;
    batch.at_end = batch.records.empty() || next_ == end;
    return batch;
  }
  void Wake() override {
    absl::MutexLock lock(&lane_.mutex);
    woken_ = true;
    lane_.changed.SignalAll();
  }

 private:
  rocksdb::DB& db_;
  const Area area_;
  Lane& lane_;
  int64_t next_ = 0;
  bool woken_ ABSL_GUARDED_BY(lane_.mutex) = false;
};

class RocksLog final : public SteppedRocksLog {
 public:
  RocksLog(std::unique_ptr<rocksdb::DB> db, RocksLogOptions options, bool stepped)
      : db_(std::move(db)), options_(options), stepped_(stepped), lanes_(Area::kCount) {}

  absl::Status Open() {
    for (const Area area : Area::All()) {
      ASSIGN_OR_RETURN(const int64_t end, RocksEnd(*db_, area));
      Lane& lane = lanes_[area.index()];
      absl::MutexLock lock(&lane.mutex);
      lane.end = lane.next_index = end;
    }
    if (!stepped_) writer_ = std::thread([this] { WriteUntilClosed(); });
    return absl::OkStatus();
  }

  // What was appended before is written.
  ~RocksLog() override {
    {
      absl::MutexLock lock(&mutex_);
      closing_ = true;
    }
    if (writer_.joinable()) writer_.join();
  }

  absl::StatusOr<std::unique_ptr<PendingClaim>> BeginClaim(Area area, const std::string& owner_id,
                                                           const std::string& endpoint,
                                                           TailPosition from) override {
    ASSIGN_OR_RETURN(std::unique_ptr<Tail> tail, OpenTail(area, std::move(from)));
    return ClaimThrough(
        std::move(tail),
        {area, owner_id, endpoint, options_.claim_timeout, options_.clock,
         stepped_ ? options_.clock : &Clock::System()},
        [this, area](std::string bytes) { return Append(area, std::move(bytes)); });
  }

  absl::Status Append(Area area, std::string bytes) override {
    if (bytes.size() > record::kRecordBytesMax) {
      return absl::InvalidArgumentError(absl::StrCat("a record of ", bytes.size(), " bytes"));
    }
    absl::MutexLock lock(&mutex_);
    if (queue_.size() >= options_.in_flight_records_max ||
        queued_bytes_ + bytes.size() > options_.in_flight_bytes_max) {
      return absl::ResourceExhaustedError("too many appends wait for the disk");
    }
    queued_bytes_ += bytes.size();
    queue_.push_back({area, std::move(bytes)});
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<Tail>> OpenTail(Area area, TailPosition after) override {
    return MakeTail(area, std::make_unique<LaneSource>(*db_, area, lanes_[area.index()]),
                    std::move(after));
  }

  // Goes on from where the last call stopped.
  absl::StatusOr<TailPosition> End(Area area) override {
    TailPosition from;
    {
      absl::MutexLock lock(&mutex_);
      from = ends_[area.index()];
    }
    ASSIGN_OR_RETURN(const std::unique_ptr<Tail> tail, OpenTail(area, from));
    ASSIGN_OR_RETURN(TailPosition end, ReadToEnd(*tail, Now() + options_.claim_timeout));
    absl::MutexLock lock(&mutex_);
    ends_[area.index()] = end;
    return end;
  }

  // A failed write ends the process, so an open log is a healthy one.
  absl::Status Health(Area) override { return absl::OkStatus(); }

  absl::Status Step() override {
    std::vector<Queued> group;
    {
      absl::MutexLock lock(&mutex_);
      group.swap(queue_);
      queued_bytes_ = 0;
    }
    if (group.empty()) return absl::OkStatus();
    if (const rocksdb::Status status = Write(group); !status.ok()) {
      return absl::InternalError(status.ToString());
    }
    Publish(group);
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<std::string>> Frames(Area area, int64_t from) override {
    ASSIGN_OR_RETURN(const int64_t end, RocksEnd(*db_, area));
    std::vector<RawRecord> records;
    RETURN_IF_ERROR(ReadRocksRecords(*db_, area, from, end,
                                     static_cast<size_t>(std::max<int64_t>(0, end - from)),
                                     records));
    std::vector<std::string> frames;
    for (RawRecord& record : records) frames.push_back(std::move(record.bytes));
    return frames;
  }

  absl::Status Checkpoint(const std::string& path) override {
    rocksdb::Checkpoint* made = nullptr;
    rocksdb::Status status = rocksdb::Checkpoint::Create(db_.get(), &made);
    const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
    if (status.ok()) status = checkpoint->CreateCheckpoint(path);
    if (status.ok()) return absl::OkStatus();
    return absl::UnavailableError(absl::StrCat("copying the log: ", status.ToString()));
  }

 private:
  struct Queued {
    Area area;
    std::string bytes;
  };

  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return closing_ || !queue_.empty(); }

  void WriteUntilClosed() {
    std::vector<Queued> group;
    while (true) {
      {
        absl::MutexLock lock(&mutex_);
        mutex_.Await(absl::Condition(this, &RocksLog::HasWork));
        if (queue_.empty()) return;
        group.clear();
        group.swap(queue_);
        queued_bytes_ = 0;
      }
      if (const rocksdb::Status status = Write(group); !status.ok()) {
        // What is on the disk is unknown and a second fsync would lie about it: the next start
        // reads it.
        PDP_LOG(ERROR) << "the event log cannot be written, stopping: " << status.ToString();
        std::abort();
      }
      Publish(group);
    }
  }

  rocksdb::Status Write(const std::vector<Queued>& group) {
    rocksdb::WriteBatch batch;
    for (const Queued& queued : group) {
      const std::string key = RocksKey(queued.area, lanes_[queued.area.index()].next_index++);
      PDP_CHECK(batch.Put(key, queued.bytes).ok(), "a batch of one log takes any record");
    }
    rocksdb::WriteOptions sync;
    sync.sync = !PDP_PLANTED(kUnsyncedLog);
    return db_->Write(sync, &batch);
  }

  void Publish(std::vector<Queued>& group) {
    std::array<bool, Area::kCount> touched{};
    for (Queued& queued : group) {
      Lane& lane = lanes_[queued.area.index()];
      absl::MutexLock lock(&lane.mutex);
      ++lane.end;
      lane.recent_bytes += queued.bytes.size();
      lane.recent.push_back(std::move(queued.bytes));
      while (lane.recent.size() > options_.recent_records_max ||
             lane.recent_bytes > options_.recent_bytes_max) {
        lane.recent_bytes -= lane.recent.front().size();
        lane.recent.pop_front();
      }
      touched[queued.area.index()] = true;
    }
    for (int i = 0; i < Area::kCount; ++i) {
      if (!touched[i]) continue;
      absl::MutexLock lock(&lanes_[i].mutex);
      lanes_[i].changed.SignalAll();
    }
  }

  const std::unique_ptr<rocksdb::DB> db_;
  const RocksLogOptions options_;
  const bool stepped_;
  std::vector<Lane> lanes_;
  absl::Mutex mutex_;
  std::vector<Queued> queue_ ABSL_GUARDED_BY(mutex_);
  size_t queued_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  std::array<TailPosition, Area::kCount> ends_ ABSL_GUARDED_BY(mutex_);
  std::thread writer_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<EventLog>> OpenRocksLog(const std::string& path,
                                                       RocksLogOptions options) {
  ASSIGN_OR_RETURN(std::unique_ptr<rocksdb::DB> db,
                   OpenRocks(path, RocksAccess::kWrite, options.env));
  auto log = std::make_unique<RocksLog>(std::move(db), options, /*stepped=*/false);
  RETURN_IF_ERROR(log->Open());
  return log;
}

absl::StatusOr<std::unique_ptr<SteppedRocksLog>> OpenSteppedRocksLog(const std::string& path,
                                                                     rocksdb::Env* env,
                                                                     RocksLogOptions options) {
  ASSIGN_OR_RETURN(std::unique_ptr<rocksdb::DB> db, OpenRocks(path, RocksAccess::kWrite, env));
  auto log = std::make_unique<RocksLog>(std::move(db), options, /*stepped=*/true);
  RETURN_IF_ERROR(log->Open());
  return log;
}

}  // namespace pdp::log
