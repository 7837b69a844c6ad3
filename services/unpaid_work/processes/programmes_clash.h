#ifndef PDP_SERVICES_UNPAID_WORK_PROCESSES_PROGRAMMES_CLASH_H_
#define PDP_SERVICES_UNPAID_WORK_PROCESSES_PROGRAMMES_CLASH_H_

#include <optional>
#include <string>
#include <vector>

#include "libs/projection/process.h"
#include "libs/projection/surroundings.h"
#include "pdp/programmes/v1/public_events.pb.h"
#include "pdp/unpaid_work/v1/commands.pb.h"

namespace pdp::unpaid_work {

// Programmes clash (section 8; interfaces, B2): when somebody whose case is here sits in a session
// of a programme, in any area, no unpaid work is offered then (UPW-53). In order per person.
class ProgrammesClash final : public projection::Process {
 public:
  explicit ProgrammesClash(const projection::Surroundings& host) : host_(host) {}
  std::string name() const override { return "programmes_clash"; }
  std::vector<projection::Subscription> subscriptions() const override;
  std::string OrderingKey(const common::v1::CloudEvent& event) const override;
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;

 private:
  const projection::Surroundings& host_;
};

// The block of a session of a programme set, moved or taken away; nullopt: another event. Pure.
std::optional<v1::Command> BlockOf(const programmes::v1::PublicEvent& event);

}  // namespace pdp::unpaid_work

#endif  // PDP_SERVICES_UNPAID_WORK_PROCESSES_PROGRAMMES_CLASH_H_
