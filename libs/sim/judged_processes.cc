#include "libs/sim/judged_processes.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

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

// Nothing can be read here and nobody asked. Notes whether a process tried: then what it does
// depends on more than the event.
class Nowhere final : public projection::Surroundings, private projection::RowReader {
 public:
  explicit Nowhere(const std::string& service) : service_(service) {}
  mutable bool looked = false;

  const std::string& service() const override { return service_; }
  Clock& clock() const override { return Clock::System(); }
  const engine::CellReader* reader(Area) const override {
    looked = true;
    return nullptr;
  }
  const projection::RowReader& rows(const std::string&) const override {
    looked = true;
    return *this;
  }
  absl::Status WaitFor(const common::v1::ReadOptions&, absl::Time,
                       const std::vector<std::string>&) const override {
    return Refuse();
  }
  absl::Status DestroyKeys(Area, const std::vector<std::string>&) const override {
    return Refuse();
  }

 private:
  absl::StatusOr<std::string> AskPeer(const std::string&, const std::string&,
                                      const google::protobuf::Message&, absl::Duration,
                                      google::protobuf::Message*) const override {
    return Refuse();
  }
  absl::StatusOr<bool> Get(Area, absl::string_view, google::protobuf::Message*,
                           bool*) const override {
    return Refuse();
  }
  absl::Status Scan(Area, const projection::ScanRange&, google::protobuf::Message*,
                    absl::FunctionRef<bool(absl::string_view, bool)>) const override {
    return Refuse();
  }
  absl::Status Refuse() const {
    looked = true;
    return absl::UnavailableError("nowhere");
  }

  const std::string service_;
};

std::vector<CloudEvent> EventsOf(World& world, const std::string& service, Area area) {
  std::vector<CloudEvent> events;
  if (service != world.plan().play->name()) return world.Feed(service, area);
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
  const Nowhere nowhere(world.plan().play->name());
  for (const Area area : world.plan().areas) {
    for (const auto& process : world.plan().play->Processes(area, random, nowhere)) {
      for (const projection::Subscription& subscription : process->subscriptions()) {
        for (const Area source : AreasOf(world, subscription, area)) {
          for (const CloudEvent& event : EventsOf(world, subscription.service, source)) {
            if (!Wanted(subscription, event)) continue;
            ++world.tally[absl::StrCat("reactions of ", process->name())];
            Asked asked(area, event);
            nowhere.looked = false;
            (void)process->React(event, asked);
            // A process whose steps name the day may have named another one.
            const bool answered =
                nowhere.looked || asked.ids.empty() || answered_events.contains(event.id()) ||
                std::any_of(asked.ids.begin(), asked.ids.end(),
                            [&](const auto& id) { return answered_ids.contains(id); });
            if (!answered || !world.has_reacted(process->name(), area, event.id())) {
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
