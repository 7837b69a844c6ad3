#ifndef PDP_SERVICES_REFERRAL_PROCESSES_ERASURE_H_
#define PDP_SERVICES_REFERRAL_PROCESSES_ERASURE_H_

#include <optional>
#include <string>
#include <vector>

#include "libs/projection/process.h"
#include "libs/projection/surroundings.h"
#include "pdp/programmes/v1/public_events.pb.h"
#include "pdp/referral/v1/commands.pb.h"
#include "pdp/referral/v1/public_events.pb.h"
#include "pdp/unpaid_work/v1/public_events.pb.h"

namespace pdp::referral {

// What a delivery service's answer means to the erasure it is of; nullopt: nothing.
std::optional<v1::CollectErasure> CollectOf(const programmes::v1::PublicEvent& event);
std::optional<v1::CollectErasure> CollectOf(const unpaid_work::v1::PublicEvent& event);

// In NAT: once the views have passed an erasure, the keys of the person and of every alias are
// destroyed, and that is recorded; what the delivery services confirm is collected (REF-102;
// interfaces, D10).
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

// In each area: the person's referrals take no command any more, the copies of the keys and those
// of the drafts are destroyed, and NAT is told.
class AreaErasures final : public projection::Process {
 public:
  explicit AreaErasures(const projection::Surroundings& host) : host_(host) {}
  std::string name() const override { return "area_erasures"; }
  std::vector<projection::Subscription> subscriptions() const override;
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;

 private:
  const projection::Surroundings& host_;
};

// In each area: the key of a draft is destroyed once it has expired or was discarded (REF-32).
class DraftKeys final : public projection::Process {
 public:
  explicit DraftKeys(const projection::Surroundings& host) : host_(host) {}
  std::string name() const override { return "draft_keys"; }
  std::vector<projection::Subscription> subscriptions() const override;
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;

 private:
  const projection::Surroundings& host_;
};

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_PROCESSES_ERASURE_H_
