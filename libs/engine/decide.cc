#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/base/log.h"
#include "libs/base/mark.h"
#include "libs/base/planted.h"
#include "libs/base/status_macros.h"
#include "libs/base/timestamp.h"
#include "libs/engine/cell_impl.h"
#include "libs/engine/contexts.h"
#include "libs/privacy/seal.h"
#include "libs/record/codec.h"
#include "libs/view/archive.h"
#include "libs/view/keys.h"

namespace pdp::engine {
namespace {

constexpr size_t kTimersMax = 64;

const google::protobuf::Message* StateOf(const Decision& decision, const AggregateId& id) {
  for (const NewState& state : decision.states) {
    if (state.aggregate == id) return state.state.get();
  }
  return nullptr;
}

}  // namespace

void Cell::Impl::Decide(Queued queued) {
  CommandRequest& request = queued.request;
  const absl::Time now = parts_.clock->Now();
  if (request.deadline <= now) {
    PDP_MARK("deadline_passed_in_the_queue");
    return queued.done({absl::DeadlineExceededError("the deadline passed in the queue")});
  }
  const std::string key = view::IdempotencyKey(options_.area, request.header.tenant(),
                                               CommandId(request.header.command_id()));
  if (AnswerRepeat(queued, key)) return;

  decider::Facts facts;
  facts.area = options_.area;
  facts.command_id = CommandId(request.header.command_id());
  // Log time never goes backwards, whatever the machine's clock does.
  facts.recorded_at = absl::FromUnixMicros(absl::ToUnixMicros(std::max(now, last_recorded_at_)));
  facts.occurred_at = request.header.has_occurred_at() ? FromTimestamp(request.header.occurred_at())
                                                       : facts.recorded_at;
  facts.actor = request.header.actor();
  if (request.header.has_expected_version()) {
    facts.expected_version = Version(request.header.expected_version());
  }
  states_.ForgetReads();
  Decision decision = domain_.Decide(states_, *request.command, facts);
  if (!states_.status().ok()) {
    StopWith(states_.status());
    return queued.done({Stopped()});
  }
  if (decision.rejected.has_value()) {
    return Answer(std::move(queued.done), {*std::move(decision.rejected)}, request.deadline,
                  states_.read_in_flight());
  }
  Committed committed{.outcome = {}, .reply_bytes = std::move(decision.reply_bytes)};
  for (const EmittedEvent& event : decision.events) {
    auto* summary = committed.outcome.add_events();
    summary->set_aggregate_id(event.aggregate.text());
    summary->set_version(event.version.value());
    summary->set_type(decider::CaseName(*event.event));
  }
  if (request.header.validate_only() || decision.events.empty()) {
    if (!request.header.validate_only()) *committed.outcome.mutable_position() = position();
    return Answer(std::move(queued.done), {std::move(committed)}, request.deadline,
                  states_.read_in_flight());
  }
  decision.reply_bytes = committed.reply_bytes;
  auto record = BuildCommit(request, facts, decision);
  if (!record.ok()) {
    if (record.status().code() == absl::StatusCode::kNotFound) {
      // The key of the person is destroyed: nothing may be recorded about them any more.
      PDP_MARK("key_destroyed_before_the_record");
      return Answer(std::move(queued.done),
                    {decider::Reject("PERSON_ERASED", "the person's data has been erased")},
                    request.deadline);
    }
    return queued.done({record.status()});
  }
  auto chained = Chain(*std::move(record));
  if (!chained.ok()) return queued.done({chained.status()});
  InFlight* flight = *chained;
  last_recorded_at_ = facts.recorded_at;
  auto* position = committed.outcome.mutable_position();
  position->set_area(std::string(options_.area.code()));
  position->set_epoch(applied_.epoch.value());
  position->set_seq(flight->seq.value());
  flight->committed = std::move(committed);
  flight->command_key = key;
  flight->digest = std::move(request.digest);
  if (PDP_PLANTED(kAckBeforeReadBack) && queued.done != nullptr) {
    queued.done({flight->committed});
    queued.done = [](CommandOutcome) {};
  }
  flight->waiters.push_back({std::move(queued.done), request.deadline, false});
  for (const NewState& state : decision.states) states_.PutInFlight(state);
  flight->events = std::move(decision.events);
  flight->states = std::move(decision.states);
  flight->recorded_at = facts.recorded_at;
  flight->occurred_at = facts.occurred_at;
  by_command_[key] = flight;
}

bool Cell::Impl::AnswerRepeat(Queued& queued, const std::string& key) {
  CommandRequest& request = queued.request;
  const auto reused = [&] {
    Answer(std::move(queued.done),
           {decider::Reject("COMMAND_ID_REUSED", "the command id was used for another command")},
           request.deadline, by_command_.contains(key));
    return true;
  };
  if (const auto it = by_command_.find(key); it != by_command_.end()) {
    if (it->second->digest != request.digest) return reused();
    PDP_MARK("joined_in_flight");
    it->second->waiters.push_back({std::move(queued.done), request.deadline, true});
    return true;
  }
  auto row = view::Archive(*parts_.views)
                 .Find(options_.area, request.header.tenant(),
                       CommandId(request.header.command_id()));
  if (!row.ok()) {
    StopWith(row.status());
    queued.done({Stopped()});
    return true;
  }
  if (row->has_value() &&
      absl::FromUnixMicros((*row)->expires_at_us()) > parts_.clock->Now()) {
    if ((*row)->digest() != request.digest) return reused();
    PDP_MARK("answered_from_a_stored_row");
    Answer(std::move(queued.done), StoredOutcome(**row), request.deadline);
    return true;
  }
  if (request.cause.has_value()) {
    const auto source = Area::FromCode(request.cause->area());
    const std::string inbox_key =
        view::InboxKey(options_.area, request.cause->process(), request.cause->service(),
                       source.value_or(Area::Nat()));
    const auto mark = inbox_.find(inbox_key);
    if (mark == inbox_.end()) {
      auto stored = InboxMark(request.cause->process(), request.cause->service(),
                              source.value_or(Area::Nat()));
      if (!stored.ok()) {
        StopWith(stored.status());
        queued.done({Stopped()});
        return true;
      }
      inbox_[inbox_key] = {stored->seq(), stored->index()};
    }
    // Strictly below the mark: done long ago. At the mark: another step of the same event.
    if (std::make_pair(request.cause->seq(), request.cause->index()) < inbox_[inbox_key]) {
      PDP_MARK("inbox_mark_skipped_an_event");
      Committed done_before;
      done_before.outcome.set_duplicate(true);
      *done_before.outcome.mutable_position() = position();
      Answer(std::move(queued.done), {std::move(done_before)}, request.deadline);
      return true;
    }
  }
  return false;
}

CommandOutcome Cell::Impl::StoredOutcome(const log::v1::IdempotencyRow& row) {
  auto record = view::Archive(*parts_.views).At(options_.area, Seq(row.seq()));
  if (!record.ok() || !record->has_value() || !(*record)->has_commit()) {
    return {
        absl::DataLossError(absl::StrCat("the record ", row.seq(), " of a command is missing"))};
  }
  const log::v1::Commit& commit = (*record)->commit();
  Committed committed;
  committed.outcome.set_duplicate(true);
  committed.outcome.mutable_position()->set_area(std::string(options_.area.code()));
  committed.outcome.mutable_position()->set_epoch((*record)->epoch());
  committed.outcome.mutable_position()->set_seq((*record)->seq());
  for (const log::v1::RecordedEvent& event : commit.events()) {
    auto* summary = committed.outcome.add_events();
    summary->set_aggregate_id(event.aggregate_id());
    summary->set_version(event.version());
    summary->set_type(event.type());
  }
  committed.reply_bytes = commit.reply();
  return {std::move(committed)};
}

absl::StatusOr<log::v1::Record> Cell::Impl::BuildCommit(const CommandRequest& request,
                                                        const decider::Facts& facts,
                                                        const Decision& decision) {
  log::v1::Record record;
  log::v1::Commit* commit = record.mutable_commit();
  *commit->mutable_recorded_at() = ToTimestamp(facts.recorded_at);
  *commit->mutable_occurred_at() = ToTimestamp(facts.occurred_at);
  commit->set_command_id(request.header.command_id());
  commit->set_tenant(request.header.tenant());
  commit->set_digest(request.digest);
  commit->set_command_type(decider::CaseName(*request.command));
  *commit->mutable_actor() = request.header.actor();
  commit->set_correlation_id(request.header.correlation_id());
  commit->set_causation_id(request.causation_id);
  commit->set_traceparent(request.header.traceparent());
  if (request.cause.has_value()) *commit->mutable_cause() = *request.cause;
  commit->set_timer_id(request.timer_id);
  commit->set_reply(decision.reply_bytes);
  for (const EmittedEvent& emitted : decision.events) {
    log::v1::RecordedEvent* event = commit->add_events();
    event->set_aggregate_id(emitted.aggregate.text());
    event->set_version(emitted.version.value());
    event->set_type(decider::CaseName(*emitted.event));
    // Version 1 is said by saying nothing: most events never have another.
    const uint32_t schema = domain_.upcaster().Current(event->type());
    if (schema > 1) event->set_schema(schema);
    const std::string subject = domain_.SubjectOf(emitted.aggregate, emitted.event.get(),
                                                  StateOf(decision, emitted.aggregate));
    ASSIGN_OR_RETURN(privacy::Split split,
                     privacy::Seal(*emitted.event, subject,
                                   EventContext(domain_.service(), options_.area,
                                                emitted.aggregate.text(), emitted.version.value()),
                                   *parts_.vault, *parts_.random));
    event->set_payload(std::move(split.clear));
    if (split.sealed.has_value()) {
      *event->mutable_sealed() = *std::move(split.sealed);
      new_keys_ = true;
      // The state keeps what the event says, and may keep it under another key: with that one gone
      // the command would be acknowledged and its effect missing.
      const std::string keeper = domain_.SubjectOf(emitted.aggregate, nullptr,
                                                   StateOf(decision, emitted.aggregate));
      if (!keeper.empty() && keeper != subject) {
        RETURN_IF_ERROR(parts_.vault->Obtain(keeper).status());
      }
    }
  }
  return record;
}

void Cell::Impl::Answer(Done done, CommandOutcome outcome, absl::Time deadline,
                        bool rests_on_flight) {
  const bool leased =
      options_.lease == absl::InfiniteDuration() || Steady() - lease_from_ < options_.lease;
  if (leased && !rests_on_flight) return done(std::move(outcome));
  if (PDP_PLANTED(kForgetRider)) return done(std::move(outcome));
  if (in_flight_.empty()) {
    PDP_MARK("answer_rides_on_a_barrier");
  } else {
    PDP_MARK("answer_rides_on_a_commit");
  }
  // Another may own the cell by now, or the commits that this answer rests on may be lost: it is
  // true only if a later record of ours is accepted.
  if (in_flight_.empty()) AppendBarrier();
  in_flight_.back()->riders.push_back({std::move(done), std::move(outcome), deadline});
}

absl::StatusOr<Cell::Impl::InFlight*> Cell::Impl::Chain(log::v1::Record record) {
  record.set_area(std::string(options_.area.code()));
  record.set_epoch(applied_.epoch.value());
  record.set_seq(next_seq_.value());
  record.set_prev_hash(std::string(next_hash_.view()));
  const size_t size = record.ByteSizeLong() + record::kHeaderBytes;
  if (size > record::kRecordBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat("COMMAND_TOO_LARGE: its events take ", size,
                                                   " bytes, more than ", record::kRecordBytesMax));
  }
  // Verified: a record that could not be read back would end the cell.
  ASSIGN_OR_RETURN(std::string bytes, record::EncodeVerified(record));
  auto flight = std::make_unique<InFlight>();
  flight->seq = next_seq_;
  flight->hash = Sha256(bytes);
  flight->sent_at = Steady();
  next_hash_ = flight->hash;
  next_seq_ = next_seq_.Next();
  unsent_.push_back(std::move(bytes));
  in_flight_.push_back(std::move(flight));
  return in_flight_.back().get();
}

void Cell::Impl::AppendBarrier() {
  log::v1::Record record;
  *record.mutable_barrier()->mutable_recorded_at() = ToTimestamp(parts_.clock->Now());
  PDP_CHECK(Chain(std::move(record)).ok(), "a barrier can always be encoded");
}

void Cell::Impl::Send() {
  if (unsent_.empty() || mode_ != Mode::kLeading) return;
  if (new_keys_ && !PDP_PLANTED(kUnsyncedKeys)) {
    // What is sealed must be readable after a crash: keys first, then the log.
    if (absl::Status synced = parts_.vault->Sync(); !synced.ok()) {
      PDP_MARK("keys_not_synced");
      return LinkLost(absl::StrCat("the key vault cannot store keys: ", synced.message()));
    }
    new_keys_ = false;
  }
  while (!unsent_.empty()) {
    std::string bytes = unsent_.front();
    const absl::Status sent = parts_.log->Append(options_.area, std::move(bytes));
    if (sent.code() == absl::StatusCode::kResourceExhausted) {
      PDP_MARK("append_refused_for_a_round");
      return;  // the next round goes on
    }
    if (!sent.ok()) return LinkLost(sent.message());
    unsent_.pop_front();
  }
}

void Cell::Impl::FireTimers(absl::Time now) {
  if (!next_timer_us_.has_value() || absl::FromUnixMicros(*next_timer_us_) > now) return;
  const std::string prefix = absl::StrCat(view::AreaKey(options_.area),
                                          absl::string_view("\0", 1));
  std::vector<log::v1::TimerRow> due;
  std::optional<int64_t> next;
  const absl::Status scanned = parts_.views->Scan(
      parts_.views->timers(), prefix, "", [&](absl::string_view, absl::string_view value) {
        log::v1::TimerRow row;
        if (!row.ParseFromArray(value.data(), static_cast<int>(value.size()))) return true;
        if (absl::FromUnixMicros(row.due_at_us()) > now) {
          next = row.due_at_us();
          return false;
        }
        if (firing_.contains(row.timer_id())) return true;
        due.push_back(std::move(row));
        return due.size() < kTimersMax;
      });
  if (!scanned.ok()) return StopWith(scanned);
  // While some are being fired their rows are still there: look again at the next tick.
  if (due.empty() && firing_.empty()) next_timer_us_ = next;
  if (due.empty()) return;
  std::set<std::string> changing;
  for (const auto& flight : in_flight_) {
    for (TimerChange& change : TimerChanges(flight->events, flight->states, flight->recorded_at,
                                            flight->occurred_at)) {
      changing.insert(std::move(change.timer_id));
    }
  }
  for (const log::v1::TimerRow& row : due) {
    // A commit on its way sets or clears it: what the row says is no longer so. The next tick sees.
    if (changing.contains(row.timer_id()) && !PDP_PLANTED(kStaleTimer)) {
      PDP_MARK("timer_waits_for_a_commit_in_flight");
      continue;
    }
    Queued queued;
    auto command = domain_.NewCommand();
    if (!command->ParseFromString(row.command())) continue;
    queued.request.header.set_command_id(std::string(
        DerivedCommandId(absl::StrCat("timer|", row.timer_id(), "|", row.due_at_us(), "|",
                                      row.armed_seq()),
                         "fire")
            .bytes()));
    if (PDP_PLANTED(kTimerFiresTwice)) {
      queued.request.header.set_command_id(parts_.random->Bytes(CommandId::kBytes));
    }
    queued.request.header.mutable_actor()->set_id("timer");
    queued.request.header.mutable_actor()->add_roles("SYS");
    queued.request.digest = std::string(Sha256(row.command()).view());
    queued.request.command = std::move(command);
    queued.request.timer_id = row.timer_id();
    queued.done = [this, row](CommandOutcome outcome) { TimerAnswered(row, outcome); };
    PDP_MARK("timer_fired");
    if (applied_.epoch.value() > 1) PDP_MARK("timer_fired_after_a_failover");
    firing_.insert(row.timer_id());
    Decide(std::move(queued));
  }
}

void Cell::Impl::TimerAnswered(const log::v1::TimerRow& row, const CommandOutcome& outcome) {
  firing_.erase(row.timer_id());
  if (std::holds_alternative<absl::Status>(outcome.result)) return;  // fired again later
  // Its commit removed the row; a refusal, or nothing to do, leaves that to us. Set anew since, it
  // is another one.
  const std::string id_key = view::TimerIdKey(options_.area, row.timer_id());
  auto set = parts_.views->Get(parts_.views->timers(), id_key);
  if (!set.ok() || !set->has_value() ||
      **set != view::TimerStamp(row.due_at_us(), row.armed_seq())) {
    return;
  }
  rocksdb::WriteBatch batch;
  batch.Delete(parts_.views->timers(),
               view::TimerKey(options_.area, row.due_at_us(), row.timer_id()));
  batch.Delete(parts_.views->timers(), id_key);
  if (absl::Status written = parts_.views->Write(&batch); !written.ok()) StopWith(written);
}

}  // namespace pdp::engine
