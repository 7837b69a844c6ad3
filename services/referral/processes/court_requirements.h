#ifndef PDP_SERVICES_REFERRAL_PROCESSES_COURT_REQUIREMENTS_H_
#define PDP_SERVICES_REFERRAL_PROCESSES_COURT_REQUIREMENTS_H_

#include "libs/projection/process.h"
#include "services/referral/nat_reader.h"

namespace pdp::referral {

// REF-24 (interfaces, D2): a requirement of kind UPW or AP registered in NAT opens one referral in
// the sentence's area; its slot is reserved at once where the key is known. Redelivery finds the
// id.
class CourtRequirements final : public projection::Process {
 public:
  explicit CourtRequirements(const host::ServiceHost& host) : nat_(host) {}
  std::string name() const override { return "court_requirements"; }
  std::vector<projection::Subscription> subscriptions() const override;
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;

 private:
  NatReader nat_;
};

// REF-33: releases the slot in NAT when a referral is closed or ended, takes it again when
// reopened.
class SlotKeeper final : public projection::Process {
 public:
  std::string name() const override { return "slot_keeper"; }
  std::vector<projection::Subscription> subscriptions() const override;
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;
};

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_PROCESSES_COURT_REQUIREMENTS_H_
