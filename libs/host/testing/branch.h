#ifndef PDP_LIBS_HOST_TESTING_BRANCH_H_
#define PDP_LIBS_HOST_TESTING_BRANCH_H_

#include <string>
#include <utility>
#include <vector>

#include "libs/projection/process.h"
#include "libs/projection/testing/clinic.h"

// A second service beside the clinic, and a process that reads a service's events.

namespace pdp::clinic {

// Registers in its own area whoever becomes known at `source`, under CRN + "c".
class Follower final : public projection::Process {
 public:
  explicit Follower(std::string source) : source_(std::move(source)) {}
  std::string name() const override { return "follower"; }
  std::vector<projection::Subscription> subscriptions() const override {
    return {{.service = source_, .types = {"PersonKnown"}}};
  }
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override {
    const auto data = projection::DataOf<clinic::v1::PublicEvent>(event);
    if (data.person_known().crn().back() == 'c') return absl::OkStatus();
    clinic::v1::Command command;
    command.mutable_register_person()->set_crn(data.person_known().crn() + "c");
    command.mutable_register_person()->set_name("copy");
    return projection::Done(context.Execute("copy", command));
  }

 private:
  const std::string source_;
};

// The same domain as another service.
struct Branch : Clinic {
  static constexpr char kService[] = "branch";
  static decider::Verdict<Reply> Decide(decider::Unit<Branch>& unit, const Command& command,
                                        const decider::Facts&) {
    const auto& c = command.register_person();
    if (unit.Find(AggregateId("person", c.crn())) != nullptr) {
      return decider::Reject("PERSON_EXISTS");
    }
    Event event;
    event.mutable_person_registered()->set_crn(c.crn());
    event.mutable_person_registered()->set_name(c.name());
    unit.Emit(AggregateId("person", c.crn()), event);
    return Reply();
  }
};

}  // namespace pdp::clinic

#endif  // PDP_LIBS_HOST_TESTING_BRANCH_H_
