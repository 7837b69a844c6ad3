#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/base/log.h"
#include "libs/base/mark.h"
#include "libs/base/planted.h"
#include "libs/base/status_macros.h"
#include "libs/base/timestamp.h"
#include "libs/engine/cell_impl.h"
#include "libs/view/archive.h"
#include "libs/view/keys.h"

namespace pdp::engine {
namespace {

// How many records a write looks through for ids that have expired: more than it adds, or they
// would pile up; and no more, because a cell that was idle for a month has millions of barriers.
size_t PurgeMax(size_t records) { return 64 + 2 * records; }

rocksdb::Slice S(const std::string& text) { return rocksdb::Slice(text); }

}  // namespace

void Cell::Impl::Apply(std::vector<log::TailBatch> batches) {
  if (mode_ == Mode::kStopped) return;
  if (PDP_PLANTED(kApplyOutOfOrder) && in_flight_.empty() && batches[0].records.size() > 1 &&
      batches[0].records[0].record.has_commit() && batches[0].records[1].record.has_commit()) {
    std::swap(batches[0].records[0], batches[0].records[1]);
  }
  Applying applying;
  if (absl::Status applied = ApplyAll(batches, &applying); !applied.ok()) {
    if (PDP_PLANTED(kLoseAnswers)) applying.answered.clear();
    // Their commits are in the log, and this process will never say so: they end with the rest.
    for (auto flight = applying.answered.rbegin(); flight != applying.answered.rend(); ++flight) {
      in_flight_.push_front(std::move(*flight));
    }
    return StopWith(applied);
  }
  const bool caught_up = std::any_of(batches.begin(), batches.end(),
                                     [](const auto& batch) { return batch.caught_up; });
  if (caught_up && mode_ == Mode::kStarting) {
    SetMode(options_.standby ? Mode::kStandby : Mode::kClaiming, "");
  }
}

absl::Status Cell::Impl::ApplyAll(const std::vector<log::TailBatch>& batches,
                                  Applying* applying) {
  size_t records = 0;
  for (const log::TailBatch& batch : batches) records += batch.records.size();
  for (const log::TailBatch& batch : batches) {
    for (const auto& [reason, count] : batch.dropped) dropped_[reason] += count;
    for (const log::Accepted& accepted : batch.records) {
      if (accepted.record.has_epoch_started() && applying->any) {
        // What was accepted before is written before the flight of the old epoch is given up.
        RETURN_IF_ERROR(Flush(applying));
        *applying = Applying();
      }
      // Before the rows of this write: those of an id that is used again stand behind it.
      if (!applying->any) RETURN_IF_ERROR(PurgeExpired(PurgeMax(records), applying));
      applying->any = true;
      RETURN_IF_ERROR(ApplyRecord(accepted, applying));
    }
  }
  if (!applying->any) return absl::OkStatus();
  last_seen_ = Steady();
  return Flush(applying);
}

absl::Status Cell::Impl::Flush(Applying* applying) {
  for (auto& [id, state] : applying->states) {
    ASSIGN_OR_RETURN(const log::v1::StateRow row,
                     SealState(options_.area, domain_, *parts_.vault, state.first,
                               state.second));
    applying->batch.Put(parts_.views->state(), S(view::StateKey(options_.area, id)),
                        S(row.SerializeAsString()));
  }
  log::v1::CheckpointRow checkpoint;
  checkpoint.set_epoch(applied_.epoch.value());
  checkpoint.set_seq(applied_.seq.value());
  checkpoint.set_hash(std::string(applied_.hash.view()));
  checkpoint.set_hint(applied_.hint);
  checkpoint.set_owner_id(applied_.owner_id);
  checkpoint.set_endpoint(applied_.endpoint);
  if (last_recorded_at_ != absl::InfinitePast()) {
    checkpoint.set_recorded_at_us(absl::ToUnixMicros(last_recorded_at_));
  }
  checkpoint.set_purged_seq(purged_.value());
  applying->batch.Put(parts_.views->meta(), S(view::AreaKey(options_.area)),
                      S(checkpoint.SerializeAsString()));
  // A disk that fails here has not lost anything that was acknowledged: the log has it.
  RETURN_IF_ERROR(parts_.views->Write(&applying->batch));
  written_ = applied_;
  std::vector<std::unique_ptr<InFlight>> answered = std::move(applying->answered);
  applying->answered.clear();
  for (auto& flight : answered) {
    for (const NewState& state : flight->states) states_.Applied(state.aggregate);
  }
  Publish();
  for (const auto& listener : listeners_) listener(options_.area);
  for (auto& flight : answered) {
    for (Waiter& waiter : flight->waiters) {
      Committed committed = flight->committed;
      committed.outcome.set_duplicate(waiter.duplicate);
      waiter.done({std::move(committed)});
    }
    for (Rider& rider : flight->riders) rider.done(std::move(rider.outcome));
  }
  return absl::OkStatus();
}

absl::Status Cell::Impl::ApplyRecord(const log::Accepted& accepted, Applying* applying) {
  const log::v1::Record& record = accepted.record;
  const bool starts_epoch = record.has_epoch_started();
  applying->batch.Put(
      parts_.views->archive(),
      S(view::ArchiveKey(options_.area, starts_epoch ? applied_.seq : Seq(record.seq()),
                         starts_epoch ? record.epoch() : 0)),
      S(accepted.bytes));
  applied_.hash = accepted.hash;
  applied_.hint = accepted.hint;
  if (starts_epoch) {
    ApplyEpoch(accepted);
    return absl::OkStatus();
  }
  applied_.seq = Seq(record.seq());
  if (mode_ != Mode::kLeading) stranger_seen_ = Steady();
  InFlight* own = nullptr;
  // In any mode: a leader that has lost its link and claims anew still learns here that its
  // commits are in. Until another epoch is read, what is in flight is of this one.
  if (!in_flight_.empty() && in_flight_.front()->seq == applied_.seq) {
    own = applying->answered.emplace_back(std::move(in_flight_.front())).get();
    in_flight_.pop_front();
    if (own->hash != accepted.hash) {
      return absl::DataLossError(absl::StrCat("seq ", record.seq(),
                                              " was read back with other bytes than were written"));
    }
    by_command_.erase(own->command_key);
    lease_from_ = std::max(lease_from_, own->sent_at);
  }
  switch (record.kind_case()) {
    case log::v1::Record::kCommit:
      return ApplyCommit(accepted, own, applying);
    case log::v1::Record::kHandoff:
    case log::v1::Record::kBarrier:
    case log::v1::Record::kEpochStarted:
    case log::v1::Record::KIND_NOT_SET:
      break;
  }
  return absl::OkStatus();
}

void Cell::Impl::ApplyEpoch(const log::Accepted& accepted) {
  const log::v1::EpochStarted& started = accepted.record.epoch_started();
  const bool owned_by_another =
      applied_.epoch != Epoch() && applied_.endpoint != options_.endpoint;
  applied_.epoch = Epoch(accepted.record.epoch());
  applied_.owner_id = started.owner_id();
  applied_.endpoint = started.endpoint();
  // Whatever was in flight in an older epoch and has not been seen by now is out for ever.
  if (started.owner_id() == owner_id_ && !owner_id_.empty()) {
    SetMode(Mode::kLeading, "");
    if (!in_flight_.empty()) PDP_MARK("flight_given_up_in_own_new_epoch");
    AbandonFlight(NotWritten());
    // The owner before may answer refusals from what it has until its lease is over: nothing may
    // be decided before. The lease began when its last record, at the latest, was sent. A process
    // of our own endpoint is dead: it was this one.
    serve_from_ = owned_by_another && options_.lease != absl::InfiniteDuration() &&
                          !PDP_PLANTED(kServeAtOnce)
                      ? stranger_seen_ + options_.lease
                      : absl::InfinitePast();
    if (serve_from_ > Steady()) PDP_MARK("waited_for_the_lease_before");
    next_seq_ = applied_.seq.Next();
    next_hash_ = accepted.hash;
    lease_from_ = claim_started_;
    return;
  }
  stranger_seen_ = Steady();
  if (mode_ == Mode::kLeading || mode_ == Mode::kClaiming) {
    SetMode(Mode::kStandby, absl::StrCat("epoch ", applied_.epoch.value(), " belongs to ",
                                         applied_.endpoint));
  }
  // On standby too: a claim that was aborted knows of the epoch before it is read here.
  if (!in_flight_.empty()) {
    PDP_MARK("epoch_lost_with_commits_in_flight");
    AbandonFlight(NotOwner());
  }
}

absl::Status Cell::Impl::ApplyCommit(const log::Accepted& accepted, InFlight* own,
                                     Applying* applying) {
  const log::v1::Commit& commit = accepted.record.commit();
  const absl::Time recorded_at = FromTimestamp(commit.recorded_at());
  last_recorded_at_ = std::max(last_recorded_at_, recorded_at);
  std::vector<EmittedEvent> replayed_events;
  std::vector<NewState> replayed_states;
  if (own == nullptr) {
    RETURN_IF_ERROR(Replay(commit, &replayed_events, &replayed_states));
  }
  const auto& events = own != nullptr ? own->events : replayed_events;
  const auto& states = own != nullptr ? own->states : replayed_states;
  for (int i = 0; i < commit.events_size(); ++i) {
    const log::v1::RecordedEvent& event = commit.events(i);
    applying->batch.Put(
        parts_.views->by_aggregate(),
        S(view::ByAggregateKey(options_.area, AggregateId::FromText(event.aggregate_id()),
                               Version(event.version()))),
        S(absl::StrCat(view::BigEndian64(accepted.record.seq()),
                       view::BigEndian32(static_cast<uint32_t>(i)))));
  }
  for (const NewState& state : states) {
    if (PDP_PLANTED(kHalfCommit) && own == nullptr && &state != &states.front()) continue;
    applying->states[state.aggregate] = {state, Seq(accepted.record.seq())};
  }
  const std::string key =
      view::IdempotencyKey(options_.area, commit.tenant(), CommandId(commit.command_id()));
  log::v1::IdempotencyRow row;
  row.set_digest(commit.digest());
  row.set_epoch(accepted.record.epoch());
  row.set_seq(accepted.record.seq());
  row.set_expires_at_us(absl::ToUnixMicros(recorded_at + options_.idempotency));
  if (PDP_PLANTED(kForgetIdempotency)) row.set_expires_at_us(0);
  applying->batch.Put(parts_.views->idempotency(), S(key), S(row.SerializeAsString()));
  if (commit.has_cause() && !PDP_PLANTED(kLoseInboxMark)) {
    const log::v1::Cause& cause = commit.cause();
    const std::string inbox_key =
        view::InboxKey(options_.area, cause.process(), cause.service(),
                       Area::FromCode(cause.area()).value_or(Area::Nat()));
    auto& mark = inbox_[inbox_key];
    mark = std::max(mark, std::make_pair(cause.seq(), cause.index()));
    applying->batch.Put(
        parts_.views->inbox(), S(inbox_key),
        S(absl::StrCat(view::BigEndian64(mark.first), view::BigEndian32(mark.second))));
  }
  return ApplyTimers(commit, events, states, applying);
}

absl::Status Cell::Impl::Replay(const log::v1::Commit& commit, std::vector<EmittedEvent>* events,
                                std::vector<NewState>* states) {
  for (const log::v1::RecordedEvent& recorded : commit.events()) {
    ASSIGN_OR_RETURN(OpenedEvent opened,
                     OpenEvent(domain_, options_.area, recorded, *parts_.vault));
    const AggregateId id = AggregateId::FromText(recorded.aggregate_id());
    auto it = std::find_if(states->begin(), states->end(),
                           [&](const NewState& state) { return state.aggregate == id; });
    MessagePtr next = domain_.NewState();
    const google::protobuf::Message* before =
        it != states->end() ? it->state.get() : states_.Find(id);
    RETURN_IF_ERROR(states_.status());
    if (before != nullptr) next->MergeFrom(*before);
    domain_.Evolve(*next, id, *opened.event,
                   {options_.area, Version(recorded.version()), FromTimestamp(commit.recorded_at()),
                    FromTimestamp(commit.occurred_at())});
    events->push_back({id, Version(recorded.version()), std::move(opened.event)});
    NewState state{id, Version(recorded.version()), std::move(next)};
    if (it != states->end()) {
      *it = std::move(state);
    } else {
      states->push_back(std::move(state));
    }
  }
  for (const NewState& state : *states) states_.PutApplied(state);
  return absl::OkStatus();
}

absl::Status Cell::Impl::ApplyTimers(const log::v1::Commit& commit,
                                     const std::vector<EmittedEvent>& events,
                                     const std::vector<NewState>& states, Applying* applying) {
  if (!commit.timer_id().empty() && !PDP_PLANTED(kTimerFiresTwice)) {
    RETURN_IF_ERROR(SetTimer({.timer_id = commit.timer_id(), .due_at = {}, .command = ""},
                             applying));
  }
  for (const TimerChange& change :
       TimerChanges(events, states, FromTimestamp(commit.recorded_at()),
                    FromTimestamp(commit.occurred_at()))) {
    RETURN_IF_ERROR(SetTimer(change, applying));
  }
  return absl::OkStatus();
}

std::vector<TimerChange> Cell::Impl::TimerChanges(const std::vector<EmittedEvent>& events,
                                                  const std::vector<NewState>& states,
                                                  absl::Time recorded_at,
                                                  absl::Time occurred_at) const {
  std::vector<TimerChange> all;
  for (const EmittedEvent& event : events) {
    for (const NewState& state : states) {
      if (state.aggregate != event.aggregate) continue;
      const decider::EventFacts facts{options_.area, event.version, recorded_at, occurred_at};
      for (TimerChange& change :
           domain_.Timers(event.aggregate, *state.state, *event.event, facts)) {
        all.push_back(std::move(change));
      }
    }
  }
  return all;
}

absl::Status Cell::Impl::SetTimer(const TimerChange& change, Applying* applying) {
  const view::Family family = parts_.views->timers();
  const std::string id_key = view::TimerIdKey(options_.area, change.timer_id);
  auto [known, fresh] = applying->timers.try_emplace(change.timer_id);
  if (fresh) {
    ASSIGN_OR_RETURN(known->second, parts_.views->Get(family, id_key));
  }
  if (known->second.has_value()) {
    const auto due = static_cast<int64_t>(view::FromBigEndian(known->second->substr(0, 8)));
    applying->batch.Delete(family, S(view::TimerKey(options_.area, due, change.timer_id)));
    applying->batch.Delete(family, S(id_key));
    known->second.reset();
  }
  if (!change.due_at.has_value()) return absl::OkStatus();
  log::v1::TimerRow row;
  row.set_timer_id(change.timer_id);
  row.set_due_at_us(absl::ToUnixMicros(*change.due_at));
  row.set_command(change.command);
  row.set_armed_seq(PDP_PLANTED(kTimerArmedOnce) ? 0 : applied_.seq.value());
  known->second = view::TimerStamp(row.due_at_us(), row.armed_seq());
  applying->batch.Put(family, S(view::TimerKey(options_.area, row.due_at_us(), change.timer_id)),
                      S(row.SerializeAsString()));
  applying->batch.Put(family, S(id_key), S(*known->second));
  if (!next_timer_us_.has_value() || row.due_at_us() < *next_timer_us_) {
    next_timer_us_ = row.due_at_us();
  }
  return absl::OkStatus();
}

absl::Status Cell::Impl::LoadTimerDue() {
  const std::string prefix =
      absl::StrCat(view::AreaKey(options_.area), absl::string_view("\0", 1));
  return parts_.views->Scan(parts_.views->timers(), prefix, "",
                            [&](absl::string_view key, absl::string_view) {
                              next_timer_us_ = static_cast<int64_t>(
                                  view::FromBigEndian(key.substr(prefix.size(), 8)));
                              return false;
                            });
}

absl::Status Cell::Impl::PurgeExpired(size_t records_max, Applying* applying) {
  // Log time never goes backwards: ids expire in the order of their commits.
  const absl::Time expired = last_recorded_at_ - options_.idempotency;
  if (oldest_kept_ > expired) return absl::OkStatus();
  const view::Archive archive(*parts_.views);
  size_t records = 0;
  absl::Status read;
  RETURN_IF_ERROR(archive.ForEach(
      options_.area, purged_.Next(), [&](const log::v1::Record& record, absl::string_view) {
        if (++records > records_max) return false;
        if (record.has_commit()) {
          const log::v1::Commit& commit = record.commit();
          oldest_kept_ = FromTimestamp(commit.recorded_at());
          if (oldest_kept_ > expired) return false;
          const CommandId id(commit.command_id());
          const auto row = archive.Find(options_.area, commit.tenant(), id);
          read.Update(row.status());
          if (!read.ok()) return false;
          // An id that was used again after it had expired has the row of its later commit.
          if (row->has_value() && (*row)->seq() == record.seq()) {
            applying->batch.Delete(
                parts_.views->idempotency(),
                S(view::IdempotencyKey(options_.area, commit.tenant(), id)));
          }
        }
        if (!record.has_epoch_started()) purged_ = Seq(record.seq());
        return true;
      }));
  return read;
}

}  // namespace pdp::engine
