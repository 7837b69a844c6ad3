#ifndef PDP_SERVICES_UNPAID_WORK_PROCESSES_ERASURE_H_
#define PDP_SERVICES_UNPAID_WORK_PROCESSES_ERASURE_H_

#include <string>
#include <vector>

#include "libs/projection/process.h"
#include "libs/projection/surroundings.h"

namespace pdp::unpaid_work {

// In each area: a person whom referral has erased is purged here (interfaces, B1 and D10). Once the
// views have passed what the cell has, the keys of every CRN of the person are destroyed, so that
// no log, view or topic of this service can be read for them any more; then ErasureConfirmed says
// so. What fails is tried again until it is done: nothing is confirmed before. Referral asks again
// daily, and is answered again.
class Erasures final : public projection::Process {
 public:
  explicit Erasures(const projection::Surroundings& host) : host_(host) {}
  std::string name() const override { return "erasures"; }
  std::vector<projection::Subscription> subscriptions() const override;
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;

 private:
  const projection::Surroundings& host_;
};

}  // namespace pdp::unpaid_work

#endif  // PDP_SERVICES_UNPAID_WORK_PROCESSES_ERASURE_H_
