#ifndef PDP_SERVICES_REFERRAL_PROCESSES_REEVALUATION_H_
#define PDP_SERVICES_REFERRAL_PROCESSES_REEVALUATION_H_

#include <string>

#include "libs/projection/process.h"
#include "libs/projection/surroundings.h"
#include "pdp/referral/v1/public_events.pb.h"
#include "services/referral/nat_reader.h"

namespace pdp::referral {

// Why an event of NAT makes an area look again at the referrals of a person, e.g. NEEDS:READING;
// empty: it does not.
std::string CauseOf(const v1::PublicEvent& event);

// A changed fact of a person, a sentence or a requirement: each referral of the person that was
// decided is looked at again with the newest facts (REF-13, REF-57), and records of one person that
// hold referrals of one need are shown to each other (REF-93).
class Reevaluation final : public projection::Process {
 public:
  explicit Reevaluation(const projection::Surroundings& host) : host_(host), nat_(host) {}
  std::string name() const override { return "reevaluation"; }
  std::vector<projection::Subscription> subscriptions() const override;
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;

 private:
  absl::Status FlagDuplicates(const v1::PublicEvent::PersonMerged& merged,
                              projection::ProcessContext& context);
  const projection::Surroundings& host_;
  NatReader nat_;
};

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_PROCESSES_REEVALUATION_H_
