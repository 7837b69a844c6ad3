#ifndef PDP_LIBS_ENGINE_DOMAIN_H_
#define PDP_LIBS_ENGINE_DOMAIN_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "libs/base/deterministic_bytes.h"
#include "libs/base/ids.h"
#include "libs/decider/decider.h"
#include "libs/record/upcaster.h"

namespace pdp::engine {

using MessagePtr = std::shared_ptr<google::protobuf::Message>;
using ConstMessagePtr = std::shared_ptr<const google::protobuf::Message>;

// Reads the newest state of an aggregate, without knowing its type.
class StateReader {
 public:
  virtual ~StateReader() = default;
  // nullptr: nothing was ever emitted on it. Valid until the decision is over.
  virtual const google::protobuf::Message* Find(const AggregateId& id) const = 0;
  virtual Version VersionOf(const AggregateId& id) const = 0;
};

struct EmittedEvent {
  AggregateId aggregate;
  Version version;
  ConstMessagePtr event;
};

struct NewState {
  AggregateId aggregate;
  Version version;
  ConstMessagePtr state;
};

struct TimerChange {
  std::string timer_id;
  std::optional<absl::Time> due_at;
  // Serialized command envelope; empty when cancelled.
  std::string command;
};

struct Decision {
  std::optional<decider::Rejected> rejected;
  std::vector<EmittedEvent> events;
  std::vector<NewState> states;
  std::string reply_bytes;
};

// A service's decider with its types erased: what the engine knows of a domain. Stateless,
// thread-safe. Made by MakeDomain<D>(); a decider adds to decider.h's concept
//
//   static constexpr char kService[] = "referral";
//   // Optional. Whose personal data events and state of an aggregate hold. Without it the field
//   // marked (subject) of the event or else of the state says it. "" : no personal data.
//   static std::string SubjectOf(const AggregateId&);
//   // Optional. Timers that follow from an event; `after` is the aggregate's state after the whole
//   // commit. Pure.
//   static std::vector<decider::TimerChange<Command>> Timers(
//       const AggregateId&, const State& after, const Event&, const decider::EventFacts&);
//   // Optional. Lifts of events whose schema changed, by type in order of version.
//   static std::vector<decider::Lift<Event>> Lifts();
class Domain {
 public:
  virtual ~Domain() = default;
  virtual const std::string& service() const = 0;
  virtual std::unique_ptr<google::protobuf::Message> NewCommand() const = 0;
  virtual std::unique_ptr<google::protobuf::Message> NewEvent() const = 0;
  virtual std::unique_ptr<google::protobuf::Message> NewState() const = 0;
  virtual Decision Decide(const StateReader& reader, const google::protobuf::Message& command,
                          const decider::Facts& facts) const = 0;
  virtual void Evolve(google::protobuf::Message& state, const AggregateId& id,
                      const google::protobuf::Message& event,
                      const decider::EventFacts& facts) const = 0;
  // The person whose key seals the personal fields; either message may be null.
  virtual std::string SubjectOf(const AggregateId& id, const google::protobuf::Message* event,
                                const google::protobuf::Message* state) const = 0;
  virtual std::vector<TimerChange> Timers(const AggregateId& id,
                                          const google::protobuf::Message& after,
                                          const google::protobuf::Message& event,
                                          const decider::EventFacts& facts) const = 0;
  // Lifts events as they are read, and says as which version they are written.
  virtual const record::Upcaster& upcaster() const = 0;
};

// The value of the string field marked (pdp.common.v1.subject) of the case set in an envelope;
// empty when there is none.
std::string MarkedSubject(const google::protobuf::Message& envelope);

template <typename D>
class DomainOf final : public Domain {
 public:
  using Message = google::protobuf::Message;

  DomainOf() {
    if constexpr (requires { D::Lifts(); }) {
      for (const decider::Lift<typename D::Event>& lift : D::Lifts()) {
        upcaster_.Add(lift.type, lift.from, [apply = lift.apply](Message& event) {
          apply(static_cast<typename D::Event&>(event));
        });
      }
    }
  }

  const std::string& service() const override { return service_; }
  std::unique_ptr<Message> NewCommand() const override {
    return std::make_unique<typename D::Command>();
  }
  std::unique_ptr<Message> NewEvent() const override {
    return std::make_unique<typename D::Event>();
  }
  std::unique_ptr<Message> NewState() const override {
    return std::make_unique<typename D::State>();
  }

  Decision Decide(const StateReader& reader, const Message& command,
                  const decider::Facts& facts) const override {
    const TypedReader typed(reader);
    decider::Unit<D> unit(typed, facts);
    auto verdict = D::Decide(unit, static_cast<const typename D::Command&>(command), facts);
    Decision decision;
    if (auto* rejected = std::get_if<decider::Rejected>(&verdict)) {
      decision.rejected = std::move(*rejected);
      return decision;
    }
    decision.reply_bytes = DeterministicBytes(std::get<typename D::Reply>(verdict));
    for (auto& emitted : unit.mutable_emitted()) {
      decision.events.push_back(
          {emitted.aggregate, emitted.version,
           std::make_shared<typename D::Event>(std::move(emitted.event))});
    }
    for (auto& [id, working] : unit.working()) {
      decision.states.push_back(
          {id, working.version, std::make_shared<typename D::State>(std::move(working.state))});
    }
    return decision;
  }

  void Evolve(Message& state, const AggregateId& id, const Message& event,
              const decider::EventFacts& facts) const override {
    D::Evolve(static_cast<typename D::State&>(state), id,
              static_cast<const typename D::Event&>(event), facts);
  }

  std::string SubjectOf(const AggregateId& id, const Message* event,
                        const Message* state) const override {
    if constexpr (requires { D::SubjectOf(id); }) {
      if (std::string subject = D::SubjectOf(id); !subject.empty()) return subject;
    }
    if (event != nullptr) {
      if (std::string subject = MarkedSubject(*event); !subject.empty()) return subject;
    }
    return state == nullptr ? "" : MarkedSubject(*state);
  }

  std::vector<TimerChange> Timers(const AggregateId& id, const Message& after,
                                  const Message& event,
                                  const decider::EventFacts& facts) const override {
    std::vector<TimerChange> changes;
    if constexpr (requires(const typename D::State& s, const typename D::Event& e) {
                    D::Timers(id, s, e, facts);
                  }) {
      for (auto& change : D::Timers(id, static_cast<const typename D::State&>(after),
                                    static_cast<const typename D::Event&>(event), facts)) {
        changes.push_back({std::move(change.timer_id), change.due_at,
                           change.due_at ? DeterministicBytes(change.command) : ""});
      }
    }
    return changes;
  }

  const record::Upcaster& upcaster() const override { return upcaster_; }

 private:
  class TypedReader final : public decider::Reader<typename D::State> {
   public:
    explicit TypedReader(const StateReader& reader) : reader_(reader) {}
    const typename D::State* Find(const AggregateId& id) const override {
      return static_cast<const typename D::State*>(reader_.Find(id));
    }
    Version VersionOf(const AggregateId& id) const override { return reader_.VersionOf(id); }

   private:
    const StateReader& reader_;
  };

  const std::string service_ = D::kService;
  record::Upcaster upcaster_;
};

template <typename D>
std::shared_ptr<const Domain> MakeDomain() {
  return std::make_shared<DomainOf<D>>();
}

}  // namespace pdp::engine

#endif  // PDP_LIBS_ENGINE_DOMAIN_H_
