#include "libs/sim/judged_processes.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/hash.h"
#include "libs/projection/publisher.h"
#include "libs/sim/world.h"

namespace pdp::sim {
namespace {

using common::v1::CloudEvent;

// Refuses everything and notes whether anything was asked for.
class Asked final : public projection::ProcessContext {
 public:
  Asked(Area area, const CloudEvent& event) : area_(area), event_(event) {}
  Area area() const override { return area_; }
  engine::CommandOutcome Execute(absl::string_view step, const google::protobuf::Message&,
                                 std::optional<Area>) override {
    ids.insert(std::string(DerivedId(step).bytes()));
    return {decider::Reject("NOT_PLAYED")};
  }
  CommandId DerivedId(absl::string_view step) const override {
    return DerivedCommandId(event_.id(), step);
  }
  common::v1::CommandHeader HeaderFor(absl::string_view) const override { return {}; }
  absl::Time now() const override {
    return absl::FromUnixSeconds(event_.time().seconds());
  }

  std::set<std::string> ids;

 private:
  const Area area_;
  const CloudEvent& event_;
};

std::vector<CloudEvent> EventsOf(World& world, const std::string& service, Area area) {
  std::vector<CloudEvent> events;
  if (service != world.plan().play->name()) {
    for (const Told& told : world.plan().told) {
      if (absl::StartsWith(told.event.id(), absl::StrCat(service, "/", area.code(), "/"))) {
        events.push_back(told.event);
      }
    }
    return events;
  }
  if (!world.reference()->hosts(area)) return events;
  auto rows = projection::ReadPublic(world.reference()->public_rows(), area, Seq(0), 0, 10'000);
  return rows.ok() ? *std::move(rows) : events;
}

bool Wanted(const projection::Subscription& subscription, const CloudEvent& event) {
  const auto& types = subscription.types;
  return types.empty() ||
         std::find(types.begin(), types.end(), projection::ShortType(event)) != types.end();
}

std::vector<Area> AreasOf(const World& world, const projection::Subscription& subscription,
                          Area own) {
  switch (subscription.partitions) {
    case projection::Partitions::kOwn: return {own};
    case projection::Partitions::kNat: return {Area::Nat()};
    case projection::Partitions::kAll: return world.plan().areas;
  }
  return {};
}

}  // namespace

std::string FindUnansweredEvents(World& world) {
  if (!world.plan().processes) return "";
  // Events that some command was issued for and answered with a value.
  std::set<std::string> answered_ids, answered_events;
  for (const Attempt& attempt : world.attempts()) {
    if (attempt.op >= 0 || !attempt.answered_at.has_value() ||
        std::holds_alternative<absl::Status>(attempt.outcome.result)) {
      continue;
    }
    answered_ids.insert(attempt.command_id);
    answered_events.insert(attempt.causation_id);
  }
  SeededRandom random(world.seed(), "judge");
  for (const Area area : world.plan().areas) {
    for (const auto& process : world.plan().play->Processes(area, random)) {
      for (const projection::Subscription& subscription : process->subscriptions()) {
        for (const Area source : AreasOf(world, subscription, area)) {
          for (const CloudEvent& event : EventsOf(world, subscription.service, source)) {
            if (!Wanted(subscription, event)) continue;
            Asked asked(area, event);
            (void)process->React(event, asked);
            if (asked.ids.empty()) continue;
            ++world.tally["events reacted to"];
            // A process whose steps name the day may have named another one.
            const bool done =
                std::any_of(asked.ids.begin(), asked.ids.end(),
                            [&](const auto& id) { return answered_ids.contains(id); });
            if (!done && !answered_events.contains(event.id())) {
              return absl::StrCat("the process ", process->name(), "/", area.code(),
                                  " left out the event ", event.id(), " (", event.type(), ")");
            }
          }
        }
      }
    }
  }
  return "";
}

}  // namespace pdp::sim
