#ifndef PDP_SERVICES_SUBCONTRACTOR_PROCESSES_DESK_H_
#define PDP_SERVICES_SUBCONTRACTOR_PROCESSES_DESK_H_

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "libs/base/hash.h"
#include "libs/projection/process.h"
#include "services/subcontractor/domain/story.h"

// A process before the real decider, for tests only: each cell is a Story, and a command id takes
// effect once, as in the engine.

namespace pdp::subcontractor {

class Desk final : public projection::ProcessContext {
 public:
  explicit Desk(std::string own = "N56") : own_(*Area::FromCode(own)) {
    cells_[std::move(own)] = std::make_unique<Story>();
  }

  Story& story(const std::string& area = "N56") { return *cells_.at(area); }
  void Host(const std::string& area) {
    cells_[area] = std::make_unique<Story>();
    cells_[area]->world.In(area);
  }

  Area area() const override { return own_; }
  engine::CommandOutcome Execute(absl::string_view step, const google::protobuf::Message& command,
                                 std::optional<Area> cell) override {
    const std::string area((cell ? *cell : own_).code());
    engine::CommandOutcome outcome;
    const auto found = cells_.find(area);
    if (found == cells_.end()) {
      outcome.result = absl::UnavailableError("not hosted here");
      return outcome;
    }
    executed.push_back(std::string(step));
    const std::string id(DerivedId(step).bytes());
    if (!taken_.insert({area, id}).second) {
      outcome.result = engine::Committed{};
      return outcome;
    }
    Story& story = *found->second;
    story.System();
    const Story::Result result = story.world.When(static_cast<const v1::Command&>(command));
    for (const auto& emitted : result.events) {
      events.push_back(decider::CaseName(emitted.event));
    }
    if (result.accepted()) {
      outcome.result = engine::Committed{};
    } else {
      outcome.result = result.rejected();
      refusals.push_back(result.reason());
      // A refusal leaves nothing behind, so the same id may be tried again.
      taken_.erase({area, id});
    }
    return outcome;
  }
  CommandId DerivedId(absl::string_view step) const override {
    return DerivedCommandId(event_id_, step);
  }
  common::v1::CommandHeader HeaderFor(absl::string_view) const override { return {}; }
  absl::Time now() const override { return cells_.at(std::string(own_.code()))->world.now(); }

  // One event to the process. `id` names it; a repeat of an id is a redelivery.
  absl::Status Give(projection::Process& process, const std::string& type,
                    const google::protobuf::Message& data, const std::string& id) {
    common::v1::CloudEvent event;
    event.set_id(id);
    event.set_type(type);
    event.set_area(std::string(own_.code()));
    event.mutable_time()->set_seconds(absl::ToUnixSeconds(now()));
    event.set_data(data.SerializeAsString());
    event_id_ = id;
    return process.React(event, *this);
  }
  // Of a text: the envelope's case with its fields.
  template <typename Envelope>
  absl::Status GiveText(projection::Process& process, const std::string& package,
                        const std::string& text, std::string id = "") {
    Envelope data;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &data)) << text;
    if (id.empty()) id = absl::StrCat(package, "/N56/", ++given_, "/0");
    return Give(process, absl::StrCat("pdp.", package, ".", decider::CaseName(data)), data, id);
  }

  // Steps tried, events emitted and refusals met, in order.
  std::vector<std::string> executed;
  std::vector<std::string> events;
  std::vector<std::string> refusals;

 private:
  Area own_;
  std::map<std::string, std::unique_ptr<Story>> cells_;
  std::set<std::pair<std::string, std::string>> taken_;
  std::string event_id_;
  int given_ = 0;
};

}  // namespace pdp::subcontractor

#endif  // PDP_SERVICES_SUBCONTRACTOR_PROCESSES_DESK_H_
