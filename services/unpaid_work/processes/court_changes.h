#ifndef PDP_SERVICES_UNPAID_WORK_PROCESSES_COURT_CHANGES_H_
#define PDP_SERVICES_UNPAID_WORK_PROCESSES_COURT_CHANGES_H_

#include <string>
#include <vector>

#include "libs/projection/process.h"
#include "libs/projection/surroundings.h"
#include "pdp/referral/v1/public_events.pb.h"
#include "pdp/unpaid_work/v1/commands.pb.h"

namespace pdp::unpaid_work {

// What the court and life change for somebody whose case is here (section 8; interfaces, B1, C6):
//
//   event               does
//   RequirementVaried   VaryRequirement for new hours, ExtendWindow for a new last day
//   RequirementEnded    TerminateRequirement: REVOKED, QUASHED, TERMINATED as REVOKED (or
//                       TRANSFERRED_JURISDICTION), EXPIRED; COMPLETED nothing
//   LocationChanged     CUSTODY SuspendCase; COMMUNITY ResumeCase, when custody suspended it
//   DeathRecorded       TerminateRequirement(DIED) for each live requirement
//
// A refusal that leaves the case behind the court becomes an intake exception of the requirement's
// referral. In order per person.
class CourtChanges final : public projection::Process {
 public:
  explicit CourtChanges(const projection::Surroundings& host) : host_(host) {}
  std::string name() const override { return "court_changes"; }
  std::vector<projection::Subscription> subscriptions() const override;
  std::string OrderingKey(const common::v1::CloudEvent& event) const override;
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;

 private:
  const projection::Surroundings& host_;
};

struct CourtStep {
  std::string name;
  v1::Command command;
  // Whose referral an exception is raised for; empty: none is.
  std::string referral_id;
};
// The steps an event asks for, in order, for the case as it is. Pure. `event_id` is the cause that
// tells referral that it ended the requirement itself.
std::vector<CourtStep> StepsOf(const referral::v1::PublicEvent& event, const v1::Case& c,
                               const std::string& event_id, const std::string& on);

}  // namespace pdp::unpaid_work

#endif  // PDP_SERVICES_UNPAID_WORK_PROCESSES_COURT_CHANGES_H_
