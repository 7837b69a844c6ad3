#ifndef PDP_LIBS_DECIDER_TESTKIT_H_
#define PDP_LIBS_DECIDER_TESTKIT_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "libs/base/calendar.h"
#include "libs/decider/decider.h"

// Given / when / then for deciders.
//
//   World<Referral> world;
//   world.At("2025-09-01T10:00:00Z").As("ro-1", {"RO"});
//   world.Given(person_id, PersonRegistered(...));
//   EXPECT_EQ(world.When(RegisterPerson(...)).reason(), "PERSON_EXISTS");
//
// `When` applies the events of an accepted command, so a test reads as a story.

namespace pdp::decider {

template <typename D>
class World final : public Reader<typename D::State> {
 public:
  using State = typename D::State;
  using Event = typename D::Event;
  using Command = typename D::Command;
  using Reply = typename D::Reply;

  struct Result {
    std::vector<Emitted<Event>> events;
    Verdict<Reply> verdict;

    bool accepted() const { return std::holds_alternative<Reply>(verdict); }
    // The reason of the refusal; empty when accepted.
    std::string reason() const { return accepted() ? "" : std::get<Rejected>(verdict).reason; }
    const Rejected& rejected() const { return std::get<Rejected>(verdict); }
    const Reply& reply() const { return std::get<Reply>(verdict); }
    // "PersonRegistered, SlotReserved"
    std::string event_names() const {
      return absl::StrJoin(events, ", ", [](std::string* out, const Emitted<Event>& e) {
        absl::StrAppend(out, CaseName(e.event));
      });
    }
  };

  World() { At("2025-09-01T09:00:00Z"); }

  World& In(absl::string_view area) {
    facts_.area = *Area::FromCode(area);
    return *this;
  }
  // Log time of the commands that follow, RFC 3339.
  World& At(absl::string_view instant) {
    absl::Time time;
    std::string error;
    EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, instant, &time, &error)) << error;
    facts_.recorded_at = time;
    return *this;
  }
  World& As(std::string id, std::vector<std::string> roles, std::string organisation = "") {
    facts_.actor.Clear();
    facts_.actor.set_id(std::move(id));
    facts_.actor.set_organisation(std::move(organisation));
    for (std::string& role : roles) facts_.actor.add_roles(std::move(role));
    return *this;
  }
  World& Given(const AggregateId& id, const Event& event) {
    Apply(id, event);
    return *this;
  }
  // Runs one command. `occurred_at` and `expected_version` are used once.
  Result When(const Command& command) {
    Facts facts = facts_;
    facts.occurred_at = occurred_at_.value_or(facts.recorded_at);
    facts.expected_version = expected_version_;
    facts.command_id = CommandId(absl::StrCat("test-", ++commands_));
    occurred_at_.reset();
    expected_version_.reset();
    Unit<D> unit(*this, facts);
    Result result{.events = {}, .verdict = D::Decide(unit, command, facts)};
    if (result.accepted()) {
      result.events = unit.emitted();
      for (const Emitted<Event>& e : result.events) {
        Apply(e.aggregate, e.event, facts.occurred_at, e.version);
      }
    }
    return result;
  }
  World& OccurredAt(absl::Time time) {
    occurred_at_ = time;
    return *this;
  }
  World& Expecting(uint64_t version) {
    expected_version_ = Version(version);
    return *this;
  }

  const State* Find(const AggregateId& id) const override {
    const auto it = states_.find(id);
    return it == states_.end() ? nullptr : &it->second->first;
  }
  Version VersionOf(const AggregateId& id) const override {
    const auto it = states_.find(id);
    return it == states_.end() ? Version(0) : it->second->second;
  }
  absl::Time now() const { return facts_.recorded_at; }
  Facts& facts() { return facts_; }

 private:
  void Apply(const AggregateId& id, const Event& event, std::optional<absl::Time> occurred = {},
             std::optional<Version> version = {}) {
    auto& slot = states_[id];
    if (slot == nullptr) slot = std::make_unique<std::pair<State, Version>>();
    slot->second = version.value_or(slot->second.Next());
    D::Evolve(slot->first, id, event,
              EventFacts{facts_.area, slot->second, facts_.recorded_at,
                         occurred.value_or(facts_.recorded_at)});
  }

  Facts facts_;
  std::optional<absl::Time> occurred_at_;
  std::optional<Version> expected_version_;
  int commands_ = 0;
  absl::flat_hash_map<AggregateId, std::unique_ptr<std::pair<State, Version>>> states_;
};

}  // namespace pdp::decider

#endif  // PDP_LIBS_DECIDER_TESTKIT_H_
