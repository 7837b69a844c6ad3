#include "libs/engine/cell_impl.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/base/check.h"
#include "libs/base/log.h"
#include "libs/base/mark.h"
#include "libs/base/planted.h"
#include "libs/base/status_macros.h"
#include "libs/view/archive.h"
#include "libs/view/keys.h"

// Longer than the house rule because all that moves a cell from one state to another is here.

namespace pdp::engine {
namespace {

// Between two looks at deadlines, timers and leases: real time, whatever the clock says.
constexpr absl::Duration kBusyTick = absl::Milliseconds(10);
constexpr absl::Duration kIdleTick = absl::Milliseconds(100);
constexpr size_t kTailRecordsMax = 1024;
// Somebody has to make room on a disk, or replace it.
constexpr absl::Duration kStoppedRetry = absl::Seconds(10);

absl::Status WithRetry(absl::Status status, absl::Duration after) {
  status.SetPayload(kRetryPayload, absl::Cord(absl::StrCat(absl::ToInt64Milliseconds(after))));
  return status;
}

absl::string_view ModeName(int mode) {
  static constexpr absl::string_view kNames[] = {"STARTING", "STANDBY", "CLAIMING", "LEADING",
                                                 "STOPPED"};
  return kNames[mode];
}

}  // namespace

Cell::Impl::Impl(CellOptions options, Parts parts, bool stepped)
    : options_(std::move(options)),
      parts_(std::move(parts)),
      domain_(*parts_.domain),
      states_(options_.area, domain_, *parts_.views, *parts_.vault,
              options_.state_cache_bytes_max),
      stepped_(stepped) {
  absl::MutexLock lock(&mutex_);
  admit_ = options_.queue_max;
  info_.service = domain_.service();
  info_.area = options_.area;
  info_.state = "STARTING";
}

Cell::Impl::~Impl() { Stop(); }

absl::Status Cell::Impl::Start() {
  RETURN_IF_ERROR(Open());
  if (stepped_) return absl::OkStatus();
  thread_ = std::thread([this] { Run(); });
  tail_thread_ = std::thread([this] { RunTail(); });
  return absl::OkStatus();
}

absl::Status Cell::Impl::Open() {
  ASSIGN_OR_RETURN(const log::v1::CheckpointRow row,
                   view::Archive(*parts_.views).Checkpoint(options_.area));
  applied_ = {.epoch = Epoch(row.epoch()),
              .seq = Seq(row.seq()),
              .hash = Digest::FromBytes(row.hash()),
              .hint = row.epoch() == 0 ? -1 : row.hint(),
              .owner_id = row.owner_id(),
              .endpoint = row.endpoint()};
  if (row.recorded_at_us() != 0) last_recorded_at_ = absl::FromUnixMicros(row.recorded_at_us());
  purged_ = Seq(row.purged_seq());
  written_ = applied_;
  // The process that was here before may have read the last record of another a moment ago.
  last_seen_ = claim_again_at_ = stranger_seen_ = Steady();
  RETURN_IF_ERROR(LoadTimerDue());
  ASSIGN_OR_RETURN(tail_, parts_.log->OpenTail(options_.area, applied_));
  Publish();
  absl::MutexLock lock(&mutex_);
  started_ = true;
  return absl::OkStatus();
}

void Cell::Impl::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stop_ = true;
    if (!started_) return;
    started_ = false;
  }
  if (stepped_) return EndAll();
  tail_->Wake();
  tail_thread_.join();
  thread_.join();
  if (claimer_.joinable()) claimer_.join();
}

void Cell::Impl::Submit(CommandRequest request, Done done) {
  if (request.header.command_id().size() != CommandId::kBytes) {
    return done({absl::InvalidArgumentError(absl::StrCat(
        "COMMAND_ID_MALFORMED: ", request.header.command_id().size(), " bytes, not 16"))});
  }
  if (request.deadline <= parts_.clock->Now()) {
    return done({absl::DeadlineExceededError("the deadline had passed on arrival")});
  }
  if (request.digest.empty()) {
    request.digest = std::string(Sha256(DeterministicBytes(*request.command)).view());
  }
  absl::Status refused;
  {
    absl::MutexLock lock(&mutex_);
    if (!stopped_with_.ok()) {
      refused = stopped_with_;
    } else if (stop_ || !started_) {
      refused = absl::UnavailableError("the cell is not running");
    } else if (queue_.size() >= std::min(admit_, options_.queue_max)) {
      PDP_MARK("queue_full");
      refused = WithRetry(absl::ResourceExhaustedError("the queue of the cell is full"),
                          options_.wait_max);
    } else {
      queue_.push_back({std::move(request), std::move(done)});
      return;
    }
  }
  done({refused});
}

void Cell::Impl::Wake() {
  absl::MutexLock lock(&mutex_);
  woken_ = true;
}

bool Cell::Impl::HasWork() const {
  return stop_ || woken_ || !batches_.empty() || claim_.has_value() || !tail_error_.ok() ||
         (take_ > 0 && !queue_.empty());
}

Cell::Impl::Work Cell::Impl::TakeWork(bool wait) {
  size_t take = 0;
  switch (mode_) {
    case Mode::kLeading:
      if (unsent_.empty() && in_flight_.size() < options_.in_flight_max &&
          Steady() >= serve_from_) {
        take = std::min(RoundMax(), options_.in_flight_max - in_flight_.size());
      }
      break;
    case Mode::kStandby:
    case Mode::kStopped:
      take = options_.queue_max;
      break;
    case Mode::kStarting:
    case Mode::kClaiming:
      break;
  }
  const absl::Duration tick =
      in_flight_.empty() && unsent_.empty() ? kIdleTick : kBusyTick;
  Work work;
  RoundEnds();
  absl::MutexLock lock(&mutex_);
  take_ = take;
  if (wait) mutex_.AwaitWithTimeout(absl::Condition(this, &Impl::HasWork), tick);
  woken_ = false;
  work.batches.swap(batches_);
  work.claim.swap(claim_);
  work.tail_error = tail_error_;
  tail_error_ = absl::OkStatus();
  work.stop = stop_;
  while (!queue_.empty() && work.commands.size() < take) {
    work.commands.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  RoundBegins(work.commands.size());
  return work;
}

void Cell::Impl::RunTail() {
  const auto stopped = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stop_; };
  const auto room = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stop_ || batches_.size() < kBatchesMax;
  };
  while (true) {
    const TailTurn turn = ReadTail(absl::Milliseconds(200));
    absl::MutexLock lock(&mutex_);
    if (stop_ || turn == TailTurn::kEnded) return;
    if (turn == TailTurn::kFailed) {
      mutex_.AwaitWithTimeout(absl::Condition(&stopped), absl::Milliseconds(100));
    } else {
      mutex_.Await(absl::Condition(&room));
    }
  }
}

Cell::Impl::TailTurn Cell::Impl::ReadTail(absl::Duration timeout) {
  auto batch = tail_->Poll(kTailRecordsMax, timeout);
  absl::MutexLock lock(&mutex_);
  if (!batch.ok()) {
    if (batch.status().code() != absl::StatusCode::kDataLoss) return TailTurn::kFailed;
    tail_error_ = batch.status();
    return TailTurn::kEnded;
  }
  if (batch->records.empty() && batch->dropped.empty() &&
      (told_caught_up_ || !batch->caught_up)) {
    return TailTurn::kNothing;
  }
  told_caught_up_ = told_caught_up_ || batch->caught_up;
  batches_.push_back(*std::move(batch));
  return TailTurn::kRead;
}

void Cell::Impl::Run() {
  while (Turn(TakeWork(/*wait=*/true))) {
  }
  EndAll();
}

bool Cell::Impl::Turn(Work work) {
  if (!work.batches.empty()) Apply(std::move(work.batches));
  if (!work.tail_error.ok()) StopWith(work.tail_error);
  if (work.claim.has_value()) ClaimEnded(*work.claim);
  if (work.stop) {
    for (Queued& queued : work.commands) queued.done({NotWritten()});
    return false;
  }
  for (Queued& queued : work.commands) {
    if (mode_ == Mode::kLeading) {
      Decide(std::move(queued));
    } else if (mode_ == Mode::kStopped) {
      queued.done({Stopped()});
    } else {
      queued.done({mode_ == Mode::kStandby ? NotOwner() : NotWritten()});
    }
  }
  Tick();
  Send();
  states_.Trim();
  Publish();
  return true;
}

void Cell::Impl::EndAll() {
  AbandonFlight(absl::DeadlineExceededError("the service stopped; ask again with the same id"));
  FailQueue(NotWritten());
}

absl::Time Cell::Impl::Steady() const {
  if (PDP_PLANTED(kWallClockLease)) return parts_.clock->Now();
  return absl::UnixEpoch() + parts_.clock->Steady();
}

void Cell::Impl::Tick() {
  ExpireWaiters(parts_.clock->Now());
  const absl::Time now = Steady();
  switch (mode_) {
    case Mode::kLeading:
      if (!in_flight_.empty() && (!parts_.log->Health(options_.area).ok() ||
                                  now - in_flight_.front()->sent_at > options_.read_back_max)) {
        PDP_MARK("commits_in_flight_not_read_back");
        LinkLost("commits in flight are not read back");
        break;
      }
      if (in_flight_.empty() && options_.lease != absl::InfiniteDuration() &&
          now - lease_from_ >= options_.lease) {
        AppendBarrier();
      }
      if (now >= serve_from_) FireTimers(parts_.clock->Now());
      break;
    case Mode::kStandby:
      if (now - last_seen_ >= options_.failover) {
        SetMode(Mode::kClaiming, "nothing was seen of the owner");
      }
      break;
    case Mode::kStarting:
    case Mode::kClaiming:
    case Mode::kStopped:
      break;
  }
  if (mode_ == Mode::kClaiming && !claim_running_ && now >= claim_again_at_) StartClaim();
}

void Cell::Impl::ExpireWaiters(absl::Time now) {
  const auto expire = [&](auto& list, const absl::Status& status) {
    for (auto it = list.begin(); it != list.end();) {
      if (it->deadline > now) {
        ++it;
        continue;
      }
      PDP_MARK("waiter_expired");
      it->done({status});
      it = list.erase(it);
    }
  };
  const absl::Status unknown =
      absl::DeadlineExceededError("not known whether it took effect; ask again with the same id");
  for (auto& flight : in_flight_) {
    expire(flight->waiters, unknown);
    expire(flight->riders, unknown);
  }
  std::vector<Done> late;
  {
    absl::MutexLock lock(&mutex_);
    if (mode_ == Mode::kLeading) return;
    for (auto it = queue_.begin(); it != queue_.end();) {
      if (it->request.deadline > now) {
        ++it;
        continue;
      }
      late.push_back(std::move(it->done));
      it = queue_.erase(it);
    }
  }
  if (!late.empty()) PDP_MARK("expired_in_the_queue");
  for (Done& done : late) done({absl::DeadlineExceededError("no leader before the deadline")});
}

void Cell::Impl::StartClaim() {
  if (claimer_.joinable()) claimer_.join();
  claim_running_ = true;
  claim_started_ = Steady();
  owner_id_ = absl::BytesToHexString(parts_.random->Bytes(8));
  if (PDP_PLANTED(kAnyClaimIsOwn)) owner_id_ = "owner";
  if (stepped_) {
    auto begun = parts_.log->BeginClaim(options_.area, owner_id_, options_.endpoint, applied_);
    if (begun.ok()) {
      pending_claim_ = *std::move(begun);
    } else {
      absl::MutexLock lock(&mutex_);
      claim_ = begun.status();
    }
    return;
  }
  claimer_ = std::thread([this, id = owner_id_, from = applied_] {
    absl::StatusOr<Epoch> result =
        parts_.log->Claim(options_.area, id, options_.endpoint, from);
    absl::MutexLock lock(&mutex_);
    claim_ = std::move(result);
  });
}

void Cell::Impl::ClaimEnded(const absl::StatusOr<Epoch>& result) {
  claim_running_ = false;
  const absl::Time now = Steady();
  // A claim that succeeded counts when its EpochStarted is read back: that may have been before, or
  // is about to be. Claiming again at once would only write another.
  if (result.ok()) claim_again_at_ = now + options_.read_back_max;
  if (result.ok() || mode_ != Mode::kClaiming) return;
  if (result.status().code() == absl::StatusCode::kDataLoss) return StopWith(result.status());
  claim_again_at_ = now + options_.claim_retry;
  if (result.status().code() == absl::StatusCode::kAborted) {
    last_seen_ = now;
    SetMode(Mode::kStandby, "another claimed the cell");
    return;
  }
  reason_ = std::string(result.status().message());
  FailQueue(NotWritten());
}

void Cell::Impl::LinkLost(absl::string_view why) {
  PDP_LOG(WARNING) << "cell " << domain_.service() << "/" << options_.area.code() << ": " << why;
  unsent_.clear();
  claim_again_at_ = Steady();
  SetMode(Mode::kClaiming, std::string(why));
}

void Cell::Impl::StopWith(absl::Status why) {
  if (mode_ == Mode::kStopped) return;
  const std::string text = absl::StrCat("cell ", domain_.service(), "/", options_.area.code(),
                                        " stopped: ", why.message());
  PDP_LOG(ERROR) << text;
  SetMode(Mode::kStopped, text);
  const bool damaged = absl::IsDataLoss(why);
  const absl::Status status =
      damaged ? absl::DataLossError(text)
              : WithRetry(absl::UnavailableError(text), kStoppedRetry);
  {
    absl::MutexLock lock(&mutex_);
    stopped_with_ = status;
  }
  // Before anybody is answered, so that whoever looks then sees why.
  Publish();
  // What was on its way may be in the log: after a restart the same id is told.
  AbandonFlight(damaged ? status
                        : absl::DeadlineExceededError(
                              absl::StrCat(text, "; ask again with the same id")));
  FailQueue(status);
}

absl::Status Cell::Impl::Stopped() const {
  absl::MutexLock lock(&mutex_);
  return stopped_with_;
}

void Cell::Impl::FailQueue(const absl::Status& status) {
  std::deque<Queued> failed;
  {
    absl::MutexLock lock(&mutex_);
    failed.swap(queue_);
  }
  for (Queued& queued : failed) queued.done({status});
}

void Cell::Impl::AbandonFlight(const absl::Status& status) {
  std::deque<std::unique_ptr<InFlight>> gone;
  gone.swap(in_flight_);
  by_command_.clear();
  unsent_.clear();
  firing_.clear();
  states_.DropInFlight();
  for (auto& flight : gone) {
    for (Waiter& waiter : flight->waiters) waiter.done({status});
    for (Rider& rider : flight->riders) rider.done({status});
  }
}

absl::Status Cell::Impl::NotOwner() const {
  absl::Status status = absl::UnavailableError(
      absl::StrCat("the cell is owned by ", applied_.endpoint.empty() ? "nobody yet"
                                                                      : applied_.endpoint));
  if (!applied_.endpoint.empty() && applied_.endpoint != options_.endpoint) {
    status.SetPayload(kOwnerPayload, absl::Cord(applied_.endpoint));
  }
  return WithRetry(status, absl::Milliseconds(200));
}

absl::Status Cell::Impl::NotWritten() const {
  return WithRetry(absl::UnavailableError(absl::StrCat(
                       "not written", reason_.empty() ? "" : ": ", reason_)),
                   absl::Seconds(1));
}

void Cell::Impl::SetMode(Mode mode, std::string reason) {
  if (mode != mode_) {
    PDP_LOG(INFO) << "cell " << domain_.service() << "/" << options_.area.code() << " "
                  << ModeName(static_cast<int>(mode)) << (reason.empty() ? "" : ": ") << reason;
  }
  mode_ = mode;
  reason_ = std::move(reason);
}

void Cell::Impl::Publish() {
  if (PDP_PLANTED(kPositionAhead)) written_ = applied_;
  absl::MutexLock lock(&mutex_);
  seen_mode_ = mode_;
  info_.state = std::string(ModeName(static_cast<int>(mode_)));
  info_.reason = reason_;
  info_.position.set_area(std::string(options_.area.code()));
  info_.position.set_epoch(written_.epoch.value());
  info_.position.set_seq(written_.seq.value());
  info_.hash = written_.hash;
  info_.owner = written_.endpoint;
  info_.dropped = dropped_;
}

absl::StatusOr<Cell::ReadResult> Cell::Impl::ReadState(const AggregateId& id) const {
  ASSIGN_OR_RETURN(LoadedState loaded,
                   LoadState(options_.area, domain_, *parts_.views, *parts_.vault, id));
  if (loaded.state == nullptr) return absl::NotFoundError(absl::StrCat(id.text(), " is not known"));
  return ReadResult{.state = std::move(loaded.state),
                    .version = Version(loaded.row.version()),
                    .seq = Seq(loaded.row.seq()),
                    .erased = loaded.erased};
}

absl::Status Cell::Impl::WaitFor(const common::v1::Position& position, absl::Time deadline) const {
  if (position.area() != options_.area.code()) return absl::OkStatus();
  const auto passed = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return info_.position.seq() >= position.seq() || stop_;
  };
  absl::MutexLock lock(&mutex_);
  if (!mutex_.AwaitWithDeadline(absl::Condition(&passed), deadline)) {
    return absl::DeadlineExceededError("the views have not reached the position");
  }
  return info_.position.seq() >= position.seq() ? absl::OkStatus()
                                                : absl::UnavailableError("the cell stopped");
}

common::v1::Position Cell::Impl::position() const {
  absl::MutexLock lock(&mutex_);
  return info_.position;
}

absl::StatusOr<common::v1::FeedPosition> Cell::Impl::InboxMark(absl::string_view process,
                                                               absl::string_view service,
                                                               Area source) const {
  common::v1::FeedPosition mark;
  mark.set_area(std::string(source.code()));
  ASSIGN_OR_RETURN(auto row,
                   parts_.views->Get(parts_.views->inbox(),
                                     view::InboxKey(options_.area, process, service, source)));
  if (row.has_value() && row->size() == 12) {
    mark.set_seq(view::FromBigEndian(absl::string_view(*row).substr(0, 8)));
    mark.set_index(static_cast<uint32_t>(view::FromBigEndian(absl::string_view(*row).substr(8))));
  }
  return mark;
}

CellInfo Cell::Impl::info() const {
  absl::MutexLock lock(&mutex_);
  CellInfo info = info_;
  info.queue_length = queue_.size();
  return info;
}

bool Cell::Impl::leading() const {
  absl::MutexLock lock(&mutex_);
  return seen_mode_ == Mode::kLeading;
}

absl::Status Cell::Impl::WaitUntilLeading(absl::Time deadline) const {
  const auto settled = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return seen_mode_ == Mode::kLeading || seen_mode_ == Mode::kStopped;
  };
  absl::MutexLock lock(&mutex_);
  if (!mutex_.AwaitWithDeadline(absl::Condition(&settled), deadline)) {
    return absl::UnavailableError(absl::StrCat("not leading: ", info_.state, " ", info_.reason));
  }
  return seen_mode_ == Mode::kLeading ? absl::OkStatus() : stopped_with_;
}

}  // namespace pdp::engine
