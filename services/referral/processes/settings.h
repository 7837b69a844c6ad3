#ifndef PDP_SERVICES_REFERRAL_PROCESSES_SETTINGS_H_
#define PDP_SERVICES_REFERRAL_PROCESSES_SETTINGS_H_

#include <optional>
#include <string>
#include <vector>

#include "libs/projection/process.h"
#include "libs/projection/surroundings.h"
#include "pdp/referral/v1/commands.pb.h"
#include "pdp/referral/v1/public_events.pb.h"
#include "services/referral/nat_reader.h"

namespace pdp::referral {

// The copy of what NAT published, without its order; nullopt: nothing was published.
std::optional<v1::CopySettings> CopyOf(const v1::PublicEvent& event);

// In each area: keeps the copies of the published rules (interfaces, D14).
class SettingsFollower final : public projection::Process {
 public:
  std::string name() const override { return "settings_follower"; }
  std::vector<projection::Subscription> subscriptions() const override;
  std::string OrderingKey(const common::v1::CloudEvent&) const override { return ""; }
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;
};

// In each area, when a version begins to count: policies and codes, every decided referral is
// looked at again (REF-57); a calendar, every clock that runs is computed again (REF-86).
class RuleChanges final : public projection::Process {
 public:
  explicit RuleChanges(const projection::Surroundings& host) : host_(host), nat_(host) {}
  std::string name() const override { return "rule_changes"; }
  std::vector<projection::Subscription> subscriptions() const override;
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;

 private:
  absl::Status Review(const v1::Referral& referral, const std::string& cause,
                      projection::ProcessContext& context) const;
  const projection::Surroundings& host_;
  NatReader nat_;
};

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_PROCESSES_SETTINGS_H_
