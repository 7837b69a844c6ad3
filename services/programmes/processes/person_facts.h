#ifndef PDP_SERVICES_PROGRAMMES_PROCESSES_PERSON_FACTS_H_
#define PDP_SERVICES_PROGRAMMES_PROCESSES_PERSON_FACTS_H_

#include "libs/host/host.h"
#include "libs/projection/process.h"

namespace pdp::programmes {

// PM-2: what referral learns of a person whose enrolment is open here. The event tells that, not
// what: the facts are asked for at or after its position, and only newer ones change anything.
class PersonFacts final : public projection::Process {
 public:
  explicit PersonFacts(const host::ServiceHost& host) : host_(host) {}
  std::string name() const override { return "person_facts"; }
  std::vector<projection::Subscription> subscriptions() const override;
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;

 private:
  const host::ServiceHost& host_;
};

// PM-5: appointments and warnings of unpaid work. Appointments enter the calendar of the person
// (PRG-39): all of the own area, of other areas those of people who are known here. Warnings of an
// order that unpaid work gave itself count here too (PRG-88).
class UnpaidWorkFollower final : public projection::Process {
 public:
  explicit UnpaidWorkFollower(const host::ServiceHost& host) : host_(host) {}
  std::string name() const override { return "unpaid_work_follower"; }
  std::vector<projection::Subscription> subscriptions() const override;
  // In order per person.
  std::string OrderingKey(const common::v1::CloudEvent& event) const override;
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;

 private:
  const host::ServiceHost& host_;
};

// PM-6: what subcontractor says of the organisations of the area.
class Organisations final : public projection::Process {
 public:
  explicit Organisations(const host::ServiceHost& host) : host_(host) {}
  std::string name() const override { return "organisations"; }
  std::vector<projection::Subscription> subscriptions() const override;
  // An organisation may hold several contracts: their events keep their order.
  std::string OrderingKey(const common::v1::CloudEvent&) const override { return ""; }
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;

 private:
  const host::ServiceHost& host_;
};

}  // namespace pdp::programmes

#endif  // PDP_SERVICES_PROGRAMMES_PROCESSES_PERSON_FACTS_H_
