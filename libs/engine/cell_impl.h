#ifndef PDP_LIBS_ENGINE_CELL_IMPL_H_
#define PDP_LIBS_ENGINE_CELL_IMPL_H_

// Longer than the house rule because this is the one description of all that the cell thread owns.

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "libs/engine/cell.h"
#include "libs/engine/past.h"
#include "libs/engine/states.h"
#include "rocksdb/write_batch.h"

namespace pdp::engine {

using Done = std::function<void(CommandOutcome)>;

class Cell::Impl {
 public:
  Impl(CellOptions options, Parts parts, bool stepped = false);
  ~Impl();

  void AddCommitListener(std::function<void(Area)> listener) {
    listeners_.push_back(std::move(listener));
  }
  absl::Status Start();
  void Stop();
  void Submit(CommandRequest request, Done done);
  void Wake();

  absl::StatusOr<ReadResult> ReadState(const AggregateId& id) const;
  Past past() const { return Past(options_.area, domain_, *parts_.views, *parts_.vault); }
  absl::Status WaitFor(const common::v1::Position& position, absl::Time deadline) const;
  common::v1::Position position() const;
  absl::StatusOr<common::v1::FeedPosition> InboxMark(absl::string_view process,
                                                     absl::string_view service, Area source) const;
  CellInfo info() const;
  bool leading() const;
  absl::Status WaitUntilLeading(absl::Time deadline) const;

 private:
  friend class SteppedCell;
  // Batches read and not yet applied; more and the tail waits.
  static constexpr size_t kBatchesMax = 16;
  enum class Mode { kStarting, kStandby, kClaiming, kLeading, kStopped };

  struct Queued {
    CommandRequest request;
    Done done;
  };
  struct Waiter {
    Done done;
    absl::Time deadline;
    bool duplicate = false;
  };
  // An answer that may be given once a later own record has been read back.
  struct Rider {
    Done done;
    CommandOutcome outcome;
    absl::Time deadline;
  };
  // A record of this leader that has been chained and not yet read back.
  struct InFlight {
    Seq seq;
    Digest hash;
    absl::Time sent_at;
    // Empty for a barrier.
    std::string command_key;
    std::string digest;
    std::vector<Waiter> waiters;
    std::vector<Rider> riders;
    Committed committed;
    std::vector<EmittedEvent> events;
    std::vector<NewState> states;
    absl::Time recorded_at, occurred_at;
  };
  // What came in while the cell thread was busy.
  struct Work {
    std::vector<log::TailBatch> batches;
    std::vector<Queued> commands;
    std::optional<absl::StatusOr<Epoch>> claim;
    absl::Status tail_error;
    bool stop = false;
  };
  // What one write of the views still has to see of itself.
  struct Applying {
    rocksdb::WriteBatch batch;
    std::map<AggregateId, std::pair<NewState, Seq>> states;
    // Timers as this write leaves them: the value of their id row.
    std::map<std::string, std::optional<std::string>> timers;
    std::vector<std::unique_ptr<InFlight>> answered;
    bool any = false;
  };

  // ---- cell_impl.cc: the threads, and the steps they (or a SteppedCell) take
  void Run();
  void RunTail();
  absl::Status Open();
  enum class TailTurn { kNothing, kRead, kFailed, kEnded };
  // Reads the log once, waiting up to `timeout`. kEnded: never again.
  TailTurn ReadTail(absl::Duration timeout) ABSL_LOCKS_EXCLUDED(mutex_);
  // What has come in, waiting a tick for it when `wait`.
  Work TakeWork(bool wait) ABSL_LOCKS_EXCLUDED(mutex_);
  // admission.cc: what a command costs, and so how many are taken up at once and how many may wait.
  size_t RoundMax() const;
  void RoundEnds();
  void RoundBegins(size_t commands) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // One round of the cell thread. False: the last one.
  bool Turn(Work work);
  void EndAll();
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Publish() ABSL_LOCKS_EXCLUDED(mutex_);
  void SetMode(Mode mode, std::string reason);
  void Tick();
  // Steady time, as an instant: leases and waits are measured by it.
  absl::Time Steady() const;
  void ExpireWaiters(absl::Time now);
  void StartClaim();
  void ClaimEnded(const absl::StatusOr<Epoch>& result);
  void LinkLost(absl::string_view why);
  void StopWith(absl::Status why);
  void FailQueue(const absl::Status& status);
  void AbandonFlight(const absl::Status& status);
  absl::Status NotOwner() const;
  absl::Status NotWritten() const;
  absl::Status Stopped() const ABSL_LOCKS_EXCLUDED(mutex_);

  // ---- decide.cc: from a command to a record on its way
  void Decide(Queued queued);
  bool AnswerRepeat(Queued& queued, const std::string& key);
  absl::StatusOr<log::v1::Record> BuildCommit(const CommandRequest& request,
                                              const decider::Facts& facts,
                                              const Decision& decision);
  void Answer(Done done, CommandOutcome outcome, absl::Time deadline,
              bool rests_on_flight = false);
  // InvalidArgument when the record cannot be encoded or is too large; nothing has changed then.
  absl::StatusOr<InFlight*> Chain(log::v1::Record record);
  void AppendBarrier();
  void Send();
  void FireTimers(absl::Time now);
  void TimerAnswered(const log::v1::TimerRow& row, const CommandOutcome& outcome);
  CommandOutcome StoredOutcome(const log::v1::IdempotencyRow& row);

  // ---- apply.cc: from read-back records to views and answers
  void Apply(std::vector<log::TailBatch> batches);
  absl::Status Flush(Applying* applying);
  // Applies and writes; on failure `applying` is what was not written.
  absl::Status ApplyAll(const std::vector<log::TailBatch>& batches, Applying* applying);
  absl::Status ApplyRecord(const log::Accepted& accepted, Applying* applying);
  absl::Status ApplyCommit(const log::Accepted& accepted, InFlight* own, Applying* applying);
  absl::Status Replay(const log::v1::Commit& commit, std::vector<EmittedEvent>* events,
                      std::vector<NewState>* states);
  absl::Status ApplyTimers(const log::v1::Commit& commit, const std::vector<EmittedEvent>& events,
                           const std::vector<NewState>& states, Applying* applying);
  // What a commit changes about timers, in order.
  std::vector<TimerChange> TimerChanges(const std::vector<EmittedEvent>& events,
                                        const std::vector<NewState>& states,
                                        absl::Time recorded_at, absl::Time occurred_at) const;
  absl::Status SetTimer(const TimerChange& change, Applying* applying);
  void ApplyEpoch(const log::Accepted& accepted);
  // Deletes the rows of expired ids; looks through so many records at most.
  absl::Status PurgeExpired(size_t records_max, Applying* applying);
  absl::Status LoadTimerDue();

  const CellOptions options_;
  const Parts parts_;
  const Domain& domain_;
  std::vector<std::function<void(Area)>> listeners_;

  // ---- owned by the cell thread
  States states_;
  // No threads: see SteppedCell.
  const bool stepped_;
  Mode mode_ = Mode::kStarting;
  std::string reason_;
  // What has been read, and what of it the views hold.
  log::TailPosition applied_, written_;
  absl::Time last_recorded_at_ = absl::InfinitePast();
  std::string owner_id_;  // of the last claim
  // By the steady clock, as all that measures a wait.
  absl::Time last_seen_, claim_started_, claim_again_at_;
  bool claim_running_ = false;
  std::thread claimer_;
  std::unique_ptr<log::PendingClaim> pending_claim_;  // of a SteppedCell, instead of the claimer
  // Valid while leading: the end of the chain, in flight included.
  Seq next_seq_;
  Digest next_hash_;
  absl::Time lease_from_ = absl::InfinitePast();
  // When the last record of another process was seen; when the lease of the last owner is over.
  absl::Time stranger_seen_ = absl::InfinitePast();
  absl::Time serve_from_ = absl::InfinitePast();
  std::deque<std::unique_ptr<InFlight>> in_flight_;
  absl::flat_hash_map<std::string, InFlight*> by_command_;
  std::deque<std::string> unsent_;
  bool new_keys_ = false;
  std::optional<int64_t> next_timer_us_;
  std::set<std::string> firing_;
  std::map<std::string, std::pair<uint64_t, uint32_t>> inbox_;
  // Up to where rows of expired ids are gone, and the log time of the first commit behind it.
  Seq purged_;
  absl::Time oldest_kept_ = absl::InfinitePast();
  std::map<std::string, uint64_t> dropped_;
  // The round of the cell thread that is on, and what a command costs it.
  absl::Time round_from_ = absl::InfinitePast();
  size_t round_commands_ = 0;
  absl::Duration command_cost_;

  // ---- shared
  std::unique_ptr<log::Tail> tail_;
  // The tail thread's own: that the end was reached has been told; that it will never read again.
  bool told_caught_up_ = false;
  bool tail_ended_ = false;
  std::thread thread_, tail_thread_;
  mutable absl::Mutex mutex_;
  std::deque<Queued> queue_ ABSL_GUARDED_BY(mutex_);
  std::vector<log::TailBatch> batches_ ABSL_GUARDED_BY(mutex_);
  std::optional<absl::StatusOr<Epoch>> claim_ ABSL_GUARDED_BY(mutex_);
  absl::Status tail_error_ ABSL_GUARDED_BY(mutex_);
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  bool started_ ABSL_GUARDED_BY(mutex_) = false;
  // How many commands the cell thread would take now.
  size_t take_ ABSL_GUARDED_BY(mutex_) = 0;
  // How many may wait (admission.cc).
  size_t admit_ ABSL_GUARDED_BY(mutex_);
  // Published for other threads.
  CellInfo info_ ABSL_GUARDED_BY(mutex_);
  Mode seen_mode_ ABSL_GUARDED_BY(mutex_) = Mode::kStarting;
  absl::Status stopped_with_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace pdp::engine

#endif  // PDP_LIBS_ENGINE_CELL_IMPL_H_
