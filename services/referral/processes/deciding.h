#ifndef PDP_SERVICES_REFERRAL_PROCESSES_DECIDING_H_
#define PDP_SERVICES_REFERRAL_PROCESSES_DECIDING_H_

#include <functional>
#include <vector>

#include "libs/base/calendar.h"
#include "libs/projection/process.h"
#include "libs/projection/surroundings.h"
#include "services/referral/nat_reader.h"

namespace pdp::referral {

// Asks programmes when the versions of a route could finish (interfaces, A1). Any failure: the
// default of REF-47 is used, so it returns what it got, perhaps nothing.
using Estimator = std::function<std::vector<v1::Estimate>(Area area, const std::string& route,
                                                          const std::vector<std::string>& tokens,
                                                          Date from)>;

// ReferralSubmitted, InformationProvided, DeferralReviewDue, a return with WRONG_ROUTE, a changed
// input, a referral that came from another area: estimates, then DecideRoute with person, sentence
// and catalogue facts (section 7). EstimateRetryDue asks programmes until it answers (REF-47).
class Deciding final : public projection::Process {
 public:
  Deciding(const projection::Surroundings& host, Estimator estimator)
      : host_(host), nat_(host), estimator_(std::move(estimator)) {}
  std::string name() const override { return "deciding"; }
  std::vector<projection::Subscription> subscriptions() const override;
  std::string OrderingKey(const common::v1::CloudEvent& event) const override;
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;

 private:
  absl::Status Retry(const v1::Referral& referral, projection::ProcessContext& context);
  void AddEstimates(const v1::Referral& referral, absl::Time now, Area area,
                    v1::DecideRoute* decide) const;

  const projection::Surroundings& host_;
  NatReader nat_;
  Estimator estimator_;
};

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_PROCESSES_DECIDING_H_
