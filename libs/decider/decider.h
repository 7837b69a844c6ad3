#ifndef PDP_LIBS_DECIDER_DECIDER_H_
#define PDP_LIBS_DECIDER_DECIDER_H_

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "libs/base/area.h"
#include "libs/base/ids.h"
#include "pdp/common/v1/common.pb.h"

// The pure core of a service: what a command means, and what an event changes.
//
// A decider `D` is a struct of types and static functions over protobuf messages:
//
//   struct Referral {
//     using Command = referral::v1::Command;   // oneof of all commands
//     using Event = referral::v1::Event;       // oneof of all events
//     using State = referral::v1::State;       // oneof of all aggregates
//     using Reply = referral::v1::Reply;       // oneof of replies, empty for most commands
//     static Verdict<Reply> Decide(Unit<Referral>& unit, const Command&, const Facts&);
//     static void Evolve(State& state, const AggregateId&, const Event&, const EventFacts&);
//   };
//
// Decide reads any aggregate of its own cell through the unit and emits events on any of them; all
// become one commit or none. It calls no clock, no random source, no disk and no network: the same
// state, command and facts give the same events for ever. A refusal is a value.
//
// Evolve is total: it applies every event that was ever committed and never fails.

namespace pdp::decider {

// One failing check. `code` is a registered reason code; `subject` names the person, session or
// row it is about when there are several; `field` is the path of the offending field, if any.
struct Violation {
  std::string code;
  std::string subject;
  std::string field;
  std::string detail;
  friend bool operator==(const Violation&, const Violation&) = default;
};

// A refusal of the domain: nothing was written. `reason` is the first code that applies, in the
// order of the specification; `violations` lists every failing check of that stage.
struct Rejected {
  std::string reason;
  std::string detail;
  std::vector<Violation> violations;
  // Further facts for the caller, e.g. {"current_version", "7"}.
  std::map<std::string, std::string> metadata;
};

// What Decide may know beside its state and command. All set by the engine.
struct Facts {
  Area area;
  CommandId command_id;
  // Log time: when the engine took the command. Drives every clock and expiry of the domain.
  absl::Time recorded_at;
  // When it happened in the world, as the caller says; recorded_at when it did not say.
  absl::Time occurred_at;
  common::v1::Actor actor;
  std::optional<Version> expected_version;

  bool HasRole(absl::string_view role) const {
    for (const std::string& held : actor.roles()) {
      if (held == role) return true;
    }
    return false;
  }
  template <typename... Roles>
  bool HasAnyRole(Roles... roles) const {
    return (HasRole(roles) || ...);
  }
};

// What Evolve may know beside the event.
struct EventFacts {
  Area area;
  Version version;
  absl::Time recorded_at;
  absl::Time occurred_at;
};

template <typename Reply>
using Verdict = std::variant<Reply, Rejected>;

// Reads the newest state of the aggregates of one cell. The pointer stays valid until the decision
// is over. nullptr: no event was ever emitted on that aggregate.
template <typename State>
class Reader {
 public:
  virtual ~Reader() = default;
  virtual const State* Find(const AggregateId& id) const = 0;
  virtual Version VersionOf(const AggregateId& id) const = 0;
};

template <typename Event>
struct Emitted {
  AggregateId aggregate;
  Version version;
  Event event;
};

// The unit of work of one decision. Emit applies the event to a working copy at once, so later
// reads of the same decision see it. When Decide refuses, the unit is thrown away whole.
template <typename D>
class Unit {
 public:
  using State = typename D::State;
  using Event = typename D::Event;

  Unit(const Reader<State>& reader, const Facts& facts) : reader_(reader), facts_(facts) {}
  Unit(const Unit&) = delete;
  Unit& operator=(const Unit&) = delete;

  // nullptr when nothing was ever emitted on `id`. Valid until the next Emit on the same id.
  const State* Find(const AggregateId& id) const {
    const auto it = working_.find(id);
    return it != working_.end() ? &it->second.state : reader_.Find(id);
  }

  Version VersionOf(const AggregateId& id) const {
    const auto it = working_.find(id);
    return it != working_.end() ? it->second.version : reader_.VersionOf(id);
  }

  void Emit(const AggregateId& id, Event event) {
    auto it = working_.find(id);
    if (it == working_.end()) {
      Working working;
      if (const State* state = reader_.Find(id)) working.state = *state;
      working.version = reader_.VersionOf(id);
      it = working_.emplace(id, std::move(working)).first;
    }
    Working& working = it->second;
    working.version = working.version.Next();
    D::Evolve(working.state, id, event,
              EventFacts{facts_.area, working.version, facts_.recorded_at, facts_.occurred_at});
    emitted_.push_back({id, working.version, std::move(event)});
  }

  // The next event on `id` gets the version behind `version`: an aggregate that comes from another
  // cell goes on with its numbers. Before the first Emit on it; never backwards.
  void ContinueFrom(const AggregateId& id, Version version) {
    Working working;
    if (const State* state = reader_.Find(id)) working.state = *state;
    working.version = std::max(version, reader_.VersionOf(id));
    working_.insert_or_assign(id, std::move(working));
  }

  const std::vector<Emitted<Event>>& emitted() const { return emitted_; }

  struct Working {
    State state;
    Version version;
  };
  // The new states of every aggregate emitted on, for the engine's overlay.
  absl::flat_hash_map<AggregateId, Working>& working() { return working_; }
  std::vector<Emitted<Event>>& mutable_emitted() { return emitted_; }

 private:
  const Reader<State>& reader_;
  const Facts& facts_;
  absl::flat_hash_map<AggregateId, Working> working_;
  std::vector<Emitted<Event>> emitted_;
};

// How an event of schema version `from` becomes one of the next version, as it is read. Pure and
// total (libs/record/upcaster.h says when one is needed). `type` is the case name, e.g.
// PersonRegistered.
template <typename Event>
struct Lift {
  const char* type;
  uint32_t from;
  void (*apply)(Event& event);
};

// A row of the timers of a cell: at `due_at` (log time) the leader issues `command` with a
// deterministic id. Setting an id again replaces it; no `due_at` cancels it.
template <typename Command>
struct TimerChange {
  std::string timer_id;
  std::optional<absl::Time> due_at;
  Command command;
};

// The name of the case set in the one oneof of an envelope message, in the message's own name:
// "PersonRegistered" for events, "RegisterPerson" for commands. Empty when none is set.
std::string CaseName(const google::protobuf::Message& envelope);

// Rejections every service shares (interfaces, C12).
Rejected Reject(std::string reason, std::string detail = "");
Rejected NotFound(const AggregateId& id);
Rejected NotAuthorised(std::string detail);
// All bad fields at once; `violations` must not be empty.
Rejected ValidationFailed(std::vector<Violation> violations);
Rejected StateForbidsCommand(absl::string_view state, const std::vector<std::string>& allowed = {});
// VERSION_CONFLICT when the caller expected another version of `id`.
std::optional<Rejected> CheckVersion(const Facts& facts, const AggregateId& id, Version current);
// OCCURRED_AT_OUT_OF_RANGE: more than two minutes ahead of log time, or more than `days_back` days
// behind it (REF-87).
std::optional<Rejected> CheckOccurredAt(const Facts& facts, int days_back);

}  // namespace pdp::decider

#endif  // PDP_LIBS_DECIDER_DECIDER_H_
