#include "libs/log/tail.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/base/mark.h"
#include "libs/base/status_macros.h"
#include "libs/base/timestamp.h"
#include "libs/record/acceptance.h"
#include "libs/record/codec.h"

namespace pdp::log {
namespace {

constexpr size_t kSearchRecordsMax = 1024;
constexpr absl::Duration kPollMax = absl::Seconds(1);

std::string Name(Epoch epoch, Seq seq) {
  return absl::StrCat("epoch ", epoch.value(), " seq ", seq.value());
}

record::ReaderState StateOf(const TailPosition& at) {
  return {at.epoch, at.seq, at.hash, at.owner_id, at.endpoint};
}

// Modes, in the order they are passed through:
//   kNew        nothing asked of the source yet
//   kCheckHint  the next record should be the last accepted one
//   kSearch     reading from the beginning for the position
//   kFollow     everything read is offered and given out
//   kStopped    an error of the history, for ever
class FilteredTail final : public Tail {
 public:
  FilteredTail(Area area, std::unique_ptr<RawSource> source, TailPosition after, Clock& waits)
      : area_(area), source_(std::move(source)), after_(std::move(after)), waits_(waits),
        acceptance_(StateOf(after_)), hint_(after_.hint) {}

  absl::StatusOr<TailBatch> Poll(size_t records_max, absl::Duration timeout) override {
    const absl::Time deadline = waits_.Now() + timeout;
    TailBatch batch;
    while (true) {
      if (mode_ == Mode::kStopped) return stopped_;
      if (mode_ == Mode::kNew) RETURN_IF_ERROR(Begin());
      if (mode_ == Mode::kStopped) return stopped_;
      const size_t count = mode_ == Mode::kFollow ? records_max : kSearchRecordsMax;
      const auto wait =
          announced_ ? RawSource::Wait::kForRecords : RawSource::Wait::kForRecordsOrEnd;
      absl::StatusOr<RawSource::Batch> raw =
          source_->Read(count, std::max(absl::ZeroDuration(), deadline - waits_.Now()), wait);
      if (!raw.ok()) {
        if (absl::IsDataLoss(raw.status())) Stop(raw.status());
        return raw.status();
      }
      RETURN_IF_ERROR(Take(*raw, batch));
      if (mode_ == Mode::kStopped && batch.records.empty()) return stopped_;
      const bool at_end = raw->at_end && mode_ == Mode::kFollow;
      if (at_end) batch.caught_up = true;
      if (!batch.records.empty()) {
        announced_ = batch.caught_up;
        return batch;
      }
      if (at_end && !std::exchange(announced_, true)) return batch;
      if (raw->woken || waits_.Now() >= deadline) return batch;
    }
  }

  void Wake() override { source_->Wake(); }

  TailPosition position() const override {
    if (mode_ != Mode::kFollow && mode_ != Mode::kStopped) return after_;
    if (mode_ == Mode::kStopped && !found_) return after_;
    const record::ReaderState& state = acceptance_.state();
    return {state.epoch, state.seq, state.hash, hint_, state.owner_id, state.endpoint};
  }

 private:
  enum class Mode { kNew, kCheckHint, kSearch, kFollow, kStopped };

  absl::Status Begin() {
    ASSIGN_OR_RETURN(const RawSource::Bounds bounds, source_->GetBounds());
    const bool from_start = after_.epoch == Epoch();
    if (!from_start && after_.hint > bounds.first && after_.hint <= bounds.end) {
      RETURN_IF_ERROR(source_->Seek(after_.hint - 1));
      mode_ = Mode::kCheckHint;
      return absl::OkStatus();
    }
    return Restart(bounds, from_start ? Mode::kFollow : Mode::kSearch);
  }

  absl::Status Restart(const RawSource::Bounds& bounds, Mode mode) {
    if (bounds.first > 0) {
      Stop(absl::DataLossError(absl::StrCat("Truncated: the log of ", area_.code(),
                                            " begins at index ", bounds.first)));
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(source_->Seek(0));
    acceptance_ = record::Acceptance(record::ReaderState{});
    hint_ = 0;
    mode_ = mode;
    found_ = mode == Mode::kFollow;
    return absl::OkStatus();
  }

  absl::Status Take(RawSource::Batch& raw, TailBatch& batch) {
    for (RawRecord& record : raw.records) {
      if (mode_ == Mode::kStopped) break;
      if (mode_ == Mode::kCheckHint) {
        if (record.index == after_.hint - 1 && Sha256(record.bytes) == after_.hash) {
          mode_ = Mode::kFollow;
          found_ = true;
          continue;
        }
        return FallBack(raw);
      }
      Offer(record, batch);
    }
    if (raw.at_end && mode_ == Mode::kCheckHint) return FallBack(raw);
    if (raw.at_end && mode_ == Mode::kSearch) {
      Stop(absl::DataLossError(absl::StrCat(
          "Truncated: the log of ", area_.code(), " ends at ",
          Name(acceptance_.state().epoch, acceptance_.state().seq), ", before ",
          Name(after_.epoch, after_.seq))));
    }
    return absl::OkStatus();
  }

  // The hint is of another copy of the log: search from the beginning.
  absl::Status FallBack(RawSource::Batch& raw) {
    PDP_MARK("tail_hint_did_not_fit");
    raw.at_end = false;
    ASSIGN_OR_RETURN(const RawSource::Bounds bounds, source_->GetBounds());
    return Restart(bounds, Mode::kSearch);
  }

  void Offer(RawRecord& raw, TailBatch& batch) {
    absl::StatusOr<v1::Record> record = record::Decode(raw.bytes);
    if (!record.ok()) {
      return Stop(absl::DataLossError(absl::StrCat(record.status().message(), " at index ",
                                                   raw.index, " of ", area_.code())));
    }
    if (record->area() != area_.code()) {
      return Stop(absl::DataLossError(absl::StrCat("Forked: a record of ", record->area(),
                                                   " at index ", raw.index, " of ", area_.code())));
    }
    const record::Verdict verdict = acceptance_.Offer(raw.bytes, *record);
    if (verdict == record::Verdict::kFork) {
      return Stop(absl::DataLossError(absl::StrCat(
          "Forked: index ", raw.index, " of ", area_.code(), " (",
          Name(Epoch(record->epoch()), Seq(record->seq())), ") does not continue ",
          Name(acceptance_.state().epoch, acceptance_.state().seq))));
    }
    if (verdict != record::Verdict::kAccepted) {
      if (mode_ == Mode::kFollow) CountDropped(verdict, batch);
      return;
    }
    hint_ = raw.index + 1;
    if (mode_ == Mode::kSearch) return Compare();
    batch.records.push_back(
        {*std::move(record), std::move(raw.bytes), acceptance_.state().hash, hint_});
  }

  static void CountDropped(record::Verdict verdict, TailBatch& batch) {
    ++batch.dropped[std::string(record::VerdictName(verdict))];
    switch (verdict) {
      case record::Verdict::kStaleEpoch: PDP_MARK("dropped_stale_epoch"); break;
      case record::Verdict::kGap: PDP_MARK("dropped_gap"); break;
      case record::Verdict::kDuplicate: PDP_MARK("dropped_duplicate"); break;
      case record::Verdict::kAccepted:
      case record::Verdict::kFork: break;
    }
  }

  // Searching: has the position been reached, or passed?
  void Compare() {
    const record::ReaderState& at = acceptance_.state();
    if (at.epoch == after_.epoch && at.seq == after_.seq && at.hash == after_.hash) {
      mode_ = Mode::kFollow;
      found_ = true;
      return;
    }
    // A later epoch may begin below the seq of the position only when that position is not in this
    // log.
    if (at.epoch > after_.epoch || (at.epoch == after_.epoch && at.seq >= after_.seq)) {
      Stop(absl::DataLossError(absl::StrCat("Forked: the log of ", area_.code(), " does not hold ",
                                            Name(after_.epoch, after_.seq),
                                            " with the hash it was read with")));
    }
  }

  void Stop(absl::Status why) {
    stopped_ = std::move(why);
    mode_ = Mode::kStopped;
  }

  const Area area_;
  const std::unique_ptr<RawSource> source_;
  const TailPosition after_;
  Clock& waits_;
  Mode mode_ = Mode::kNew;
  record::Acceptance acceptance_;
  int64_t hint_;
  bool found_ = false;
  // caught_up has been said since the last record.
  bool announced_ = false;
  absl::Status stopped_;
};

// Phases, in order: reading to the end, then reading until the own EpochStarted is seen.
class TailClaim final : public PendingClaim {
 public:
  TailClaim(std::unique_ptr<Tail> tail, ClaimRequest request,
            std::function<absl::Status(std::string bytes)> append, std::function<void()> succeeded)
      : tail_(std::move(tail)),
        request_(std::move(request)),
        append_(std::move(append)),
        succeeded_(std::move(succeeded)),
        deadline_(request_.waits->Now() + request_.timeout) {}

  std::optional<absl::StatusOr<Epoch>> Step(absl::Duration wait) override {
    const absl::Duration left = deadline_ - request_.waits->Now();
    absl::StatusOr<TailBatch> batch =
        tail_->Poll(kSearchRecordsMax, std::max(absl::ZeroDuration(), std::min(wait, left)));
    if (!batch.ok()) return batch.status();
    if (at_.has_value()) {
      if (auto decided = Look(*batch)) return decided;
    } else if (batch->caught_up) {
      if (absl::Status appended = AppendClaim(); !appended.ok()) return appended;
      return std::nullopt;
    }
    if (request_.waits->Now() < deadline_) return std::nullopt;
    PDP_MARK("claim_undecided_in_time");
    return absl::UnavailableError(at_.has_value() ? "the claim has not been seen in the log yet"
                                                  : "the end of the log was not reached in time");
  }

 private:
  absl::Status AppendClaim() {
    at_ = tail_->position();
    v1::Record record;
    record.set_area(std::string(request_.area.code()));
    record.set_epoch(at_->epoch.Next().value());
    record.set_seq(at_->seq.value());
    record.set_prev_hash(std::string(at_->hash.view()));
    record.mutable_epoch_started()->set_owner_id(request_.owner_id);
    record.mutable_epoch_started()->set_endpoint(request_.endpoint);
    *record.mutable_epoch_started()->mutable_recorded_at() = ToTimestamp(request_.clock->Now());
    ASSIGN_OR_RETURN(std::string bytes, record::EncodeVerified(record));
    return append_(std::move(bytes));
  }

  std::optional<absl::StatusOr<Epoch>> Look(const TailBatch& batch) {
    for (const Accepted& accepted : batch.records) {
      if (accepted.record.epoch() <= at_->epoch.value()) continue;
      if (accepted.record.epoch_started().owner_id() == request_.owner_id) {
        if (succeeded_) succeeded_();
        return at_->epoch.Next();
      }
      PDP_MARK("claim_aborted");
      return absl::AbortedError(absl::StrCat("epoch ", accepted.record.epoch(), " of ",
                                             request_.area.code(), " belongs to ",
                                             accepted.record.epoch_started().endpoint()));
    }
    return std::nullopt;
  }

  const std::unique_ptr<Tail> tail_;
  const ClaimRequest request_;
  const std::function<absl::Status(std::string bytes)> append_;
  const std::function<void()> succeeded_;
  const absl::Time deadline_;
  // Where the claim was appended; none while the end is not reached.
  std::optional<TailPosition> at_;
};

}  // namespace

std::unique_ptr<Tail> MakeTail(Area area, std::unique_ptr<RawSource> source, TailPosition after,
                               Clock& waits) {
  return std::make_unique<FilteredTail>(area, std::move(source), std::move(after), waits);
}

absl::StatusOr<TailPosition> ReadToEnd(Tail& tail, absl::Time deadline) {
  Clock& waits = Clock::System();
  while (true) {
    ASSIGN_OR_RETURN(const TailBatch batch,
                     tail.Poll(kSearchRecordsMax, std::min(kPollMax, deadline - waits.Now())));
    if (batch.caught_up) return tail.position();
    if (waits.Now() >= deadline)
      return absl::UnavailableError("the end of the log was not reached in time");
  }
}

std::unique_ptr<PendingClaim> ClaimThrough(std::unique_ptr<Tail> tail, ClaimRequest request,
                                           std::function<absl::Status(std::string bytes)> append,
                                           std::function<void()> succeeded) {
  return std::make_unique<TailClaim>(std::move(tail), std::move(request), std::move(append),
                                     std::move(succeeded));
}

absl::StatusOr<Epoch> EventLog::Claim(Area area, const std::string& owner_id,
                                      const std::string& endpoint, TailPosition from) {
  ASSIGN_OR_RETURN(const std::unique_ptr<PendingClaim> claim,
                   BeginClaim(area, owner_id, endpoint, std::move(from)));
  while (true) {
    if (std::optional<absl::StatusOr<Epoch>> decided = claim->Step(kPollMax)) {
      return *std::move(decided);
    }
  }
}

}  // namespace pdp::log
