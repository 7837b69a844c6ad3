#ifndef PDP_LIBS_PROJECTION_TESTING_CLINIC_H_
#define PDP_LIBS_PROJECTION_TESTING_CLINIC_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/projection/testing/clinic.pb.h"
#include "libs/decider/decider.h"
#include "libs/projection/projection.h"

// The domain, the view and the public events of the clinic of the tests.

namespace pdp::clinic {

struct Clinic {
  using Command = v1::Command;
  using Event = v1::Event;
  using State = v1::State;
  using Reply = v1::Reply;
  static constexpr char kService[] = "clinic";

  static std::string SubjectOf(const AggregateId& id) { return std::string(id.id()); }

  static decider::Verdict<Reply> Decide(decider::Unit<Clinic>& unit, const Command& command,
                                        const decider::Facts&) {
    Event event;
    switch (command.command_case()) {
      case Command::kRegisterPerson: {
        const v1::RegisterPerson& c = command.register_person();
        const AggregateId id("person", c.crn());
        if (unit.Find(id) != nullptr) return decider::Reject("PERSON_EXISTS");
        event.mutable_person_registered()->set_crn(c.crn());
        event.mutable_person_registered()->set_name(c.name());
        unit.Emit(id, event);
        return Reply();
      }
      case Command::kRecordVisit: {
        const v1::RecordVisit& c = command.record_visit();
        const AggregateId id("person", c.crn());
        if (unit.Find(id) == nullptr) return decider::NotFound(id);
        event.mutable_visit_recorded()->set_crn(c.crn());
        event.mutable_visit_recorded()->set_minutes(c.minutes());
        unit.Emit(id, event);
        return Reply();
      }
      case Command::COMMAND_NOT_SET:
        break;
    }
    return decider::Reject("VALIDATION_FAILED");
  }
  static void Evolve(State& state, const AggregateId& id, const Event& event,
                     const decider::EventFacts&) {
    state.set_crn(std::string(id.id()));
    state.set_minutes(state.minutes() + event.visit_recorded().minutes());
  }
};

inline std::vector<std::unique_ptr<google::protobuf::Message>> ToPublic(
    const projection::RecordedEvent& recorded) {
  std::vector<std::unique_ptr<google::protobuf::Message>> out;
  auto data = std::make_unique<v1::PublicEvent>();
  const auto& event = recorded.As<v1::Event>();
  if (event.has_person_registered()) {
    data->mutable_person_known()->set_crn(event.person_registered().crn());
    data->mutable_person_known()->set_name(event.person_registered().name());
  } else {
    data->mutable_visit_counted()->set_crn(event.visit_recorded().crn());
    data->mutable_visit_counted()->set_minutes(event.visit_recorded().minutes());
  }
  out.push_back(std::move(data));
  return out;
}

// People by CRN. `before` is called with every event (tests block or fail there).
class People final : public projection::Projection {
 public:
  explicit People(uint32_t version = 1,
                  std::function<absl::Status(const projection::RecordedEvent&)> before = {})
      : version_(version), before_(std::move(before)) {}
  std::string name() const override { return "people"; }
  uint32_t version() const override { return version_; }
  absl::Status Project(const projection::RecordedEvent& recorded,
                       projection::RowWriter& rows) override {
    if (before_) {
      if (absl::Status status = before_(recorded); !status.ok()) return status;
    }
    const std::string crn(recorded.aggregate.id());
    v1::PersonRow row;
    rows.Get(crn, &row);
    row.set_crn(crn);
    const auto& event = recorded.As<v1::Event>();
    if (event.has_person_registered()) {
      row.set_name(event.person_registered().name());
    } else {
      row.set_minutes(row.minutes() + event.visit_recorded().minutes());
      row.set_visits(row.visits() + version_);
    }
    rows.Put(crn, row, crn);
    return absl::OkStatus();
  }

 private:
  const uint32_t version_;
  const std::function<absl::Status(const projection::RecordedEvent&)> before_;
};

}  // namespace pdp::clinic

#endif  // PDP_LIBS_PROJECTION_TESTING_CLINIC_H_
