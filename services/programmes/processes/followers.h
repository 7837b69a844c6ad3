#ifndef PDP_SERVICES_PROGRAMMES_PROCESSES_FOLLOWERS_H_
#define PDP_SERVICES_PROGRAMMES_PROCESSES_FOLLOWERS_H_

#include <string>
#include <vector>

#include "libs/projection/process.h"
#include "libs/projection/surroundings.h"

namespace pdp::programmes {

// PM-5: appointments and warnings of unpaid work. Appointments enter the calendar of the person
// (PRG-39): all of the own area, of other areas those of people who are known here. Warnings of an
// order that unpaid work gave itself count here too (PRG-88).
class UnpaidWorkFollower final : public projection::Process {
 public:
  explicit UnpaidWorkFollower(const projection::Surroundings& host) : host_(host) {}
  std::string name() const override { return "unpaid_work_follower"; }
  std::vector<projection::Subscription> subscriptions() const override;
  // In order per person.
  std::string OrderingKey(const common::v1::CloudEvent& event) const override;
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;

 private:
  const projection::Surroundings& host_;
};

// PM-6: the contracts of an organisation in the area. From the end or suspension of the last one
// that covers a service nobody is allocated there any more; a task says so for its groups and
// people.
class Organisations final : public projection::Process {
 public:
  explicit Organisations(const projection::Surroundings& host) : host_(host) {}
  std::string name() const override { return "organisations"; }
  std::vector<projection::Subscription> subscriptions() const override;
  // An organisation may hold several contracts: their events keep their order.
  std::string OrderingKey(const common::v1::CloudEvent&) const override { return ""; }
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;

 private:
  const projection::Surroundings& host_;
};

}  // namespace pdp::programmes

#endif  // PDP_SERVICES_PROGRAMMES_PROCESSES_FOLLOWERS_H_
