// Longer than the house rule because every judgement needs the state of the replay where it stands.
#include "libs/sim/judge.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/base/hash.h"
#include "libs/base/timestamp.h"
#include "libs/privacy/seal.h"
#include "libs/sim/checks.h"
#include "libs/sim/judged_processes.h"
#include "libs/sim/lane.h"
#include "libs/sim/replica_rows.h"
#include "libs/sim/words.h"
#include "libs/view/keys.h"
#include "pdp/log/v1/views.pb.h"

namespace pdp::sim {
namespace {

using engine::Decision;
using engine::EmittedEvent;
using log::v1::Commit;
using log::v1::Record;

std::string TextOf(const decider::Rejected& rejected) {
  std::string text = rejected.reason;
  for (const decider::Violation& violation : rejected.violations) {
    absl::StrAppend(&text, " ", violation.code, ",", violation.subject, ",", violation.field, ";");
  }
  return text;
}

// What an answer that wrote nothing says.
std::string TextOf(const engine::CommandOutcome& outcome) {
  if (const auto* rejected = std::get_if<decider::Rejected>(&outcome.result)) {
    return TextOf(*rejected);
  }
  return absl::StrCat("nothing to do: ", std::get<engine::Committed>(outcome.result).reply_bytes);
}
std::string TextOf(const Decision& decision) {
  if (decision.rejected.has_value()) return TextOf(*decision.rejected);
  if (decision.events.empty()) return absl::StrCat("nothing to do: ", decision.reply_bytes);
  return "events";
}

bool WroteNothing(const Attempt& attempt) {
  if (!attempt.answered_at.has_value()) return false;
  if (std::holds_alternative<decider::Rejected>(attempt.outcome.result)) return true;
  const auto* done = std::get_if<engine::Committed>(&attempt.outcome.result);
  // A duplicate without events was done, or passed by, long ago.
  return done != nullptr && done->outcome.events_size() == 0 && !done->outcome.duplicate();
}

struct TimerSet {
  absl::Time due;
  std::string command;
  uint64_t armed_seq = 0;
  // A leader drops a timer whose command is refused, or has nothing to do, when it is due: it may
  // have been so in some state.
  bool may_be_dropped = false;
};

// A lane as it is.
class Reading final : public engine::StateReader {
 public:
  explicit Reading(const Lane& lane) : lane_(lane) {}
  const google::protobuf::Message* Find(const AggregateId& id) const override {
    return lane_.Find(id);
  }
  Version VersionOf(const AggregateId& id) const override { return lane_.VersionOf(id); }

 private:
  const Lane& lane_;
};

// One area while its history is replayed.
struct Cell {
  Cell(Area area, const engine::Domain& domain, privacy::KeyVault& all, privacy::KeyVault& kept)
      : area(area), full(area, domain, all), kept(area, domain, kept) {}
  const Area area;
  // As everybody read it before anybody was erased, and as one reads it now who begins with
  // nothing.
  Lane full, kept;
  std::map<std::string, TimerSet> timers;
  // By command id: when it took effect.
  std::map<std::string, absl::Time> done;
  absl::Time log_time = absl::InfinitePast();
  // By aggregate and seq: version, and the state with and without what is personal.
  struct Past {
    uint64_t version = 0;
    std::string whole, impersonal;
  };
  std::map<std::string, std::map<uint64_t, Past>> past;
};

class Judge : public Checks {
 public:
  explicit Judge(World& world)
      : Checks(world),
        domain_(*world.domain()),
        all_keys_(world.keys()),
        kept_keys_(world.keys(), "judge"),
        idempotency_(world.plan().cell.idempotency) {}

  std::string Run() {
    CheckHistories();
    if (!problem_.empty()) return problem_;
    for (const Attempt& attempt : world_.attempts()) by_id_[attempt.command_id].push_back(&attempt);
    for (const Area area : world_.plan().areas) {
      cells_.try_emplace(area.index(), area, domain_, all_keys_, kept_keys_);
      Replay(cells_.at(area.index()));
      if (!problem_.empty()) return problem_;
    }
    CheckAnswers();
    CheckReads();
    for (const Area area : world_.plan().areas) {
      CheckReplicas(area);
      CheckStates(cells_.at(area.index()));
      CheckTimers(cells_.at(area.index()));
      if (!problem_.empty()) return problem_;
    }
    Note(CompareRows(world_));
    Note(FindPersonalWords(world_, histories_));
    Note(FindUnansweredEvents(world_));
    Note(CheckPeerCalls(world_));
    return problem_;
  }

 private:
  void Note(const std::string& what) {
    if (!what.empty()) Broken(what);
  }

  void Replay(Cell& cell) {
    const History& history = histories_[cell.area.index()];
    std::vector<const Attempt*> open;
    for (const Attempt& attempt : world_.attempts()) {
      if (attempt.area == cell.area && WroteNothing(attempt)) open.push_back(&attempt);
    }
    const auto explain = [&](uint64_t seq) {
      std::erase_if(open, [&](const Attempt* attempt) {
        if (seq < attempt->told_before) return false;
        // Nothing that was stored after the answer can have been its reason.
        if (seq > 0 && history.accepted[seq - 1].at > *attempt->answered_at) return false;
        return Explained(cell, *attempt);
      });
    };
    explain(0);
    for (const History::Entry& entry : history.accepted) {
      if (entry.record.has_commit()) ReplayCommit(cell, entry.record);
      if (!problem_.empty()) return;
      explain(entry.record.seq());
    }
    for (const Attempt* attempt : open) {
      Broken(TextOf(attempt->outcome), " of op ", attempt->op, " (",
             attempt->command->ShortDebugString().substr(0, 500),
             ") had no reason in any state between call and answer; told before: seq ",
             attempt->told_before);
    }
  }

  bool Explained(const Cell& cell, const Attempt& attempt) const {
    const auto done = cell.done.find(attempt.command_id);
    const auto* rejected = std::get_if<decider::Rejected>(&attempt.outcome.result);
    if (rejected != nullptr && rejected->reason == "COMMAND_ID_REUSED") {
      return done != cell.done.end();
    }
    // Once it has taken effect a command is answered with that, as long as it is remembered.
    if (done != cell.done.end() && done->second + idempotency_ >
                                       std::max(cell.log_time, attempt.answered_clock)) {
      return false;
    }
    const std::string said = TextOf(attempt.outcome);
    for (const absl::Time clock : {attempt.took_clock, attempt.answered_clock}) {
      const decider::Facts facts = FactsOf(cell, attempt.header, attempt.command_id,
                                           std::max(clock, cell.log_time));
      for (const auto& states : Readings(cell)) {
        const Decision decision = domain_.Decide(*states, *attempt.command, facts);
        if (TextOf(decision) == said) return true;
        // A row that was read back without its personal part and events after it, replayed without
        // theirs, miss other fields than either alone: the reason is the same.
        if (rejected != nullptr && !world_.erased().empty() && decision.rejected.has_value() &&
            decision.rejected->reason == rejected->reason) {
          return true;
        }
        if (rejected != nullptr && rejected->reason == "PERSON_ERASED" &&
            OfErased(decision, *attempt.answered_at)) {
          return true;
        }
      }
    }
    return false;
  }

  static decider::Facts FactsOf(const Cell& cell, const common::v1::CommandHeader& header,
                                const std::string& command_id, absl::Time recorded_at) {
    decider::Facts facts;
    facts.area = cell.area;
    facts.command_id = CommandId(command_id);
    facts.recorded_at = absl::FromUnixMicros(absl::ToUnixMicros(recorded_at));
    facts.occurred_at =
        header.has_occurred_at() ? FromTimestamp(header.occurred_at()) : facts.recorded_at;
    facts.actor = header.actor();
    if (header.has_expected_version()) {
      facts.expected_version = Version(header.expected_version());
    }
    return facts;
  }

  // What a decider in the run may have read. Without anybody erased there is one answer; else its
  // states may be from before, loaded from their rows since, or replayed since.
  std::vector<std::unique_ptr<engine::StateReader>> Readings(const Cell& cell) const {
    std::vector<std::unique_ptr<engine::StateReader>> all;
    all.push_back(std::make_unique<Reading>(cell.full));
    if (world_.erased().empty()) return all;
    all.push_back(std::make_unique<LoadedLane>(cell.full, domain_, world_.keys()));
    all.push_back(std::make_unique<Reading>(cell.kept));
    return all;
  }

  // Whether it would record something personal about somebody erased by then, in an event or in the
  // state that keeps it under a key of its own.
  bool OfErased(const Decision& decision, absl::Time by) const {
    for (const EmittedEvent& event : decision.events) {
      for (const std::string& subject :
           {SubjectOf(decision, event),
            domain_.SubjectOf(event.aggregate, nullptr, After(decision, event))}) {
        const auto erased = world_.erased().find(subject);
        if (erased != world_.erased().end() && erased->second <= by) return true;
      }
    }
    return false;
  }

  static const google::protobuf::Message* After(const Decision& decision,
                                                const EmittedEvent& event) {
    for (const engine::NewState& state : decision.states) {
      if (state.aggregate == event.aggregate) return state.state.get();
    }
    return nullptr;
  }

  std::string SubjectOf(const Decision& decision, const EmittedEvent& event) const {
    return domain_.SubjectOf(event.aggregate, event.event.get(), After(decision, event));
  }

  // ---- commits

  void ReplayCommit(Cell& cell, const Record& record) {
    const Commit& commit = record.commit();
    const std::string at = absl::StrCat("seq ", record.seq(), " of ", cell.area.code());
    const absl::Time recorded_at = FromTimestamp(commit.recorded_at());
    if (recorded_at < cell.log_time) Broken("log time goes back at ", at);
    DropTimers(cell, recorded_at);
    cell.log_time = recorded_at;
    const auto [done, fresh] = cell.done.try_emplace(commit.command_id(), recorded_at);
    if (!fresh && recorded_at < done->second + idempotency_) {
      return Broken("a command takes effect twice: ", at, ", ", commit.command_type());
    }
    done->second = recorded_at;
    common::v1::CommandHeader header;
    const engine::ConstMessagePtr command = CommandOf(cell, record, at, &header);
    if (command == nullptr) return;
    *header.mutable_actor() = commit.actor();
    *header.mutable_occurred_at() = commit.occurred_at();
    const decider::Facts facts = FactsOf(cell, header, commit.command_id(), recorded_at);
    std::vector<Decision> decisions;
    for (const auto& states : Readings(cell)) {
      decisions.push_back(domain_.Decide(*states, *command, facts));
    }
    auto events = cell.full.Apply(record);
    const auto kept = cell.kept.Apply(record);
    if (!events.ok() || !kept.ok()) {
      return Broken(at, " cannot be opened: ", events.status().ToString(), " ",
                    kept.status().ToString());
    }
    std::string difference;
    for (const Decision& decision : decisions) {
      difference = Difference(decision, commit, *events);
      if (difference.empty()) break;
    }
    if (!difference.empty()) {
      return Broken(at, ": ", commit.command_type(), ": ", difference, " (",
                    command->ShortDebugString().substr(0, 500), ")");
    }
    if (decisions.size() == 1) CompareStates(cell, decisions[0], at);
    Remember(cell, record, *events);
  }

  // What is not as the decider has it; empty when nothing.
  std::string Difference(const Decision& decision, const Commit& commit,
                         const std::vector<EmittedEvent>& events) const {
    if (decision.rejected.has_value()) {
      return absl::StrCat("took effect where ", TextOf(*decision.rejected), " was due");
    }
    if (decision.events.size() != events.size()) {
      return absl::StrCat(events.size(), " events where the state before calls for ",
                          decision.events.size());
    }
    for (size_t i = 0; i < events.size(); ++i) {
      const EmittedEvent& due = decision.events[i];
      const log::v1::RecordedEvent& recorded = commit.events(static_cast<int>(i));
      if (due.aggregate != events[i].aggregate || due.version != events[i].version ||
          decider::CaseName(*due.event) != recorded.type() ||
          DeterministicBytes(*due.event) != DeterministicBytes(*events[i].event)) {
        return absl::StrCat("event ", i, " is ", recorded.type(), " on ", recorded.aggregate_id(),
                            "@", recorded.version(), " {",
                            events[i].event->ShortDebugString().substr(0, 300), "}, due is ",
                            decider::CaseName(*due.event), " on ", due.aggregate.text(), "@",
                            due.version.value(), " {",
                            due.event->ShortDebugString().substr(0, 300), "}");
      }
      if (recorded.has_sealed() && recorded.sealed().key_id() != SubjectOf(decision, due)) {
        return absl::StrCat("event ", i, " is sealed for ", recorded.sealed().key_id());
      }
    }
    return decision.reply_bytes == commit.reply() ? "" : "another reply";
  }

  // The leader's states are of the decision, everybody else's of the events.
  void CompareStates(const Cell& cell, const Decision& decision, const std::string& at) {
    for (const engine::NewState& state : decision.states) {
      if (cell.full.VersionOf(state.aggregate) != state.version) continue;
      const auto* replayed = cell.full.Find(state.aggregate);
      if (replayed == nullptr ||
          DeterministicBytes(*replayed) != DeterministicBytes(*state.state)) {
        Broken(at, ": the decision leaves ", state.aggregate.text(),
               " in another state than its events");
      }
    }
  }

  engine::ConstMessagePtr CommandOf(Cell& cell, const Record& record, const std::string& at,
                                    common::v1::CommandHeader* header) {
    const Commit& commit = record.commit();
    if (!commit.timer_id().empty()) return TimerCommand(cell, commit, at);
    const auto known = by_id_.find(commit.command_id());
    if (known == by_id_.end()) {
      Broken(at, " is of no known command");
      return nullptr;
    }
    for (const Attempt* attempt : known->second) {
      if (attempt->area == cell.area &&
          decider::CaseName(*attempt->command) == commit.command_type() &&
          Sha256(DeterministicBytes(*attempt->command)).view() == commit.digest()) {
        *header = attempt->header;
        ++world_.tally[attempt->op < 0 ? "accepted of processes" : "accepted"];
        if (attempt->op < 0) ++world_.tally[absl::StrCat("deed ", commit.command_type())];
        return attempt->command;
      }
    }
    Broken(at, " has a digest of no command");
    return nullptr;
  }

  engine::ConstMessagePtr TimerCommand(Cell& cell, const Commit& commit, const std::string& at) {
    const auto timer = cell.timers.find(commit.timer_id());
    if (timer == cell.timers.end()) {
      Broken("timer ", commit.timer_id(), " fires at ", at, " without being set (or twice)");
      return nullptr;
    }
    const TimerSet set = timer->second;
    cell.timers.erase(timer);
    // By the leader's clock, which stamps the commit.
    if (FromTimestamp(commit.recorded_at()) < set.due) {
      Broken("timer ", commit.timer_id(), " fires before it is due at ", at);
    }
    if (Sha256(set.command).view() != commit.digest()) {
      Broken("timer ", commit.timer_id(), " fires at ", at, " with a command that was replaced");
    }
    const CommandId id = DerivedCommandId(
        absl::StrCat("timer|", commit.timer_id(), "|", absl::ToUnixMicros(set.due), "|",
                     set.armed_seq),
        "fire");
    if (id.bytes() != commit.command_id()) {
      Broken("timer ", commit.timer_id(), " fires at ", at, " under another command id");
    }
    ++world_.tally["accepted of timers"];
    engine::MessagePtr command = domain_.NewCommand();
    if (!command->ParseFromString(set.command)) Broken("the command of a timer does not parse");
    return command;
  }

  void Remember(Cell& cell, const Record& record, const std::vector<EmittedEvent>& events) {
    const Commit& commit = record.commit();
    const decider::EventFacts facts{cell.area, Version(), FromTimestamp(commit.recorded_at()),
                                    FromTimestamp(commit.occurred_at())};
    for (const EmittedEvent& event : events) {
      ++world_.tally[absl::StrCat("event ", decider::CaseName(*event.event))];
      const google::protobuf::Message& after = *cell.full.Find(event.aggregate);
      decider::EventFacts of = facts;
      of.version = event.version;
      for (engine::TimerChange& change :
           domain_.Timers(event.aggregate, after, *event.event, of)) {
        cell.timers.erase(change.timer_id);
        if (!change.due_at.has_value()) continue;
        cell.timers[change.timer_id] = {
            absl::FromUnixMicros(absl::ToUnixMicros(*change.due_at)), std::move(change.command),
            record.seq()};
      }
      cell.past[event.aggregate.text()][record.seq()] = {
          cell.full.VersionOf(event.aggregate).value(), DeterministicBytes(after),
          CanonicalImpersonal(after)};
    }
  }

  // ---- the end of a run

  void CheckReads() {
    for (const TokenRead& read : world_.reads()) {
      const std::string& id = read.aggregate.text();
      const auto& past = cells_.at(read.area.index()).past[id];
      const auto at = past.find(read.state_seq);
      if (read.state == nullptr || at == past.end() || at->second.version != read.version ||
          (at->second.whole != DeterministicBytes(*read.state) &&
           (world_.erased().empty() ||
            at->second.impersonal != CanonicalImpersonal(*read.state)))) {
        Broken("a read of ", id, " at seq ", read.state_seq, " gave a state that never was");
        continue;
      }
      // Nothing of it may lie between what was read and the token.
      const auto next = past.upper_bound(read.state_seq);
      if (next != past.end() && next->first <= read.token_seq) {
        Broken("a client did not read its own write: ", id, " as of seq ", read.state_seq,
               " with a token of seq ", read.token_seq);
      }
    }
  }

  // The states of the replica that began with nothing are those that Evolve makes; the rows of all
  // others equal its rows.
  void CheckStates(const Cell& cell) {
    Node& reference = *world_.reference();
    for (const auto& [text, known] : cell.kept.states()) {
      const AggregateId id = AggregateId::FromText(text);
      auto read = reference.cell(cell.area).ReadState(id);
      if (!read.ok() || read->version != known.version || read->seq.value() != known.seq) {
        Broken(text, " is not what its events make of it: ", read.status().ToString());
        continue;
      }
      const std::string subject = domain_.SubjectOf(id, nullptr, known.state.get());
      const bool erased = world_.erased().contains(subject);
      if (erased && DeterministicBytes(*read->state) != CanonicalImpersonal(*read->state)) {
        Broken(text, " is not erased");
      }
      if (erased ? CanonicalImpersonal(*read->state) != CanonicalImpersonal(*known.state)
                 : DeterministicBytes(*read->state) != DeterministicBytes(*known.state)) {
        Broken(text, " is not what its events make of it: ", read->state->ShortDebugString(),
               " where they make ", known.state->ShortDebugString());
      }
    }
  }

  void CheckTimers(Cell& cell) {
    DropTimers(cell, world_.scheduler().wall());
    std::map<std::string, std::string> due;
    for (const auto& [id, set] : cell.timers) {
      log::v1::TimerRow row;
      row.set_timer_id(id);
      row.set_due_at_us(absl::ToUnixMicros(set.due));
      row.set_command(set.command);
      row.set_armed_seq(set.armed_seq);
      due[view::TimerKey(cell.area, row.due_at_us(), id)] = row.SerializeAsString();
      due[view::TimerIdKey(cell.area, id)] = view::TimerStamp(row.due_at_us(), set.armed_seq);
    }
    if (RowsOf(world_.reference()->views(), world_.reference()->views().timers(), cell.area) !=
        due) {
      Broken("the timers of a replica that began with nothing are not those of the history");
    }
    for (const auto& node : world_.living()) {
      const auto rows = RowsOf(node->views(), node->views().timers(), cell.area);
      for (const auto& [key, value] : rows) {
        const auto at = due.find(key);
        if (at == due.end() || at->second != value) {
          Broken(node->name(), " has a timer that the history does not set");
        }
      }
      const absl::Time now = node->clock().Now();
      for (const auto& [id, set] : cell.timers) {
        const bool held = rows.contains(view::TimerIdKey(cell.area, id));
        if (held && node->cell(cell.area).leading() && set.due < now - absl::Seconds(3)) {
          Broken(node->name(), ": timer ", id, " is long due and has not fired");
        }
        if (!held && !set.may_be_dropped) {
          Broken(node->name(), " has lost timer ", id);
        }
      }
    }
  }

  // Marks the timers that may have been due in the state before the next commit, or the last one,
  // with a command that was no use then. `until`: what clocks showed by its end.
  void DropTimers(Cell& cell, absl::Time until) {
    for (auto& [id, set] : cell.timers) {
      // By a clock that may have been put forward.
      if (!set.may_be_dropped && set.due <= until + absl::Minutes(2)) {
        set.may_be_dropped = OfNoUse(cell, id, set, until);
      }
    }
  }

  bool OfNoUse(const Cell& cell, const std::string& id, const TimerSet& set,
               absl::Time until) const {
    const std::unique_ptr<google::protobuf::Message> command = domain_.NewCommand();
    if (!command->ParseFromString(set.command)) return false;
    common::v1::CommandHeader header;
    header.mutable_actor()->set_id("timer");
    header.mutable_actor()->add_roles("SYS");
    const std::string command_id(
        DerivedCommandId(absl::StrCat("timer|", id, "|", absl::ToUnixMicros(set.due), "|",
                                      set.armed_seq),
                         "fire")
            .bytes());
    for (const auto& states : Readings(cell)) {
      for (const absl::Time at : {std::max(set.due, cell.log_time), std::max(set.due, until)}) {
        const Decision decision =
            domain_.Decide(*states, *command, FactsOf(cell, header, command_id, at));
        if (decision.rejected.has_value() || decision.events.empty() ||
            OfErased(decision, absl::InfiniteFuture())) {
          return true;
        }
      }
    }
    return false;
  }

  const engine::Domain& domain_;
  KnowingVault all_keys_;
  SharedVault kept_keys_;
  const absl::Duration idempotency_;
  std::map<std::string, std::vector<const Attempt*>> by_id_;
  std::map<int, Cell> cells_;
};

}  // namespace

std::string JudgeByReplay(World& world) { return Judge(world).Run(); }

}  // namespace pdp::sim
