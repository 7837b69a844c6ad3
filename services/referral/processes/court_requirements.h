#ifndef PDP_SERVICES_REFERRAL_PROCESSES_COURT_REQUIREMENTS_H_
#define PDP_SERVICES_REFERRAL_PROCESSES_COURT_REQUIREMENTS_H_

#include <optional>

#include "libs/projection/process.h"
#include "libs/projection/surroundings.h"
#include "pdp/referral/v1/commands.pb.h"
#include "services/referral/nat_reader.h"

namespace pdp::referral {

// REF-24 (interfaces, D2): a requirement of kind UPW or AP registered in NAT opens one referral in
// the sentence's area; its slot is reserved at once where the key is known. Redelivery finds the
// id.
class CourtRequirements final : public projection::Process {
 public:
  explicit CourtRequirements(const projection::Surroundings& host) : nat_(host) {}
  std::string name() const override { return "court_requirements"; }
  std::vector<projection::Subscription> subscriptions() const override;
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;

 private:
  NatReader nat_;
};

// The command to NAT that an event asks for, if any; see SlotKeeper. `referral`: as it now is, for
// ReferralSubmitted and SlotCheckDue; null when it is not this area's.
std::optional<v1::Command> SlotCommandOf(const common::v1::CloudEvent& event,
                                         const v1::Referral* referral);

// REF-33, REF-35: keeps the slots of NAT in step with the referrals of an area.
//
//   ReferralClosed, DeliveryEnded, DraftDiscarded   released
//   ReferralReopened                                taken again
//   ReferralAmended                                 the old one released
//   ReferralSubmitted                               asked for again: nothing when it is held
//   SlotCheckDue (NAT, 15 minutes after a           released when the referral is this area's and
//   reservation)                                    still a draft of the form
class SlotKeeper final : public projection::Process {
 public:
  explicit SlotKeeper(const projection::Surroundings& host) : host_(host) {}
  std::string name() const override { return "slot_keeper"; }
  std::vector<projection::Subscription> subscriptions() const override;
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;

 private:
  // The referral whose state the answer depends on; nullopt: none, or not this area's.
  absl::StatusOr<std::optional<v1::Referral>> Read(const common::v1::CloudEvent& event, Area area);
  const projection::Surroundings& host_;
};

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_PROCESSES_COURT_REQUIREMENTS_H_
