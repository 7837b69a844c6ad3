#ifndef PDP_LIBS_SIM_COURIER_H_
#define PDP_LIBS_SIM_COURIER_H_

#include <memory>
#include <vector>

#include "libs/projection/process.h"
#include "libs/projection/projection.h"

namespace pdp::sim {

// Brings remitted money to the account of another cell: the process between two cells.
class Courier final : public projection::Process {
 public:
  std::string name() const override { return "courier"; }
  std::vector<projection::Subscription> subscriptions() const override;
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;
};

// The public events of the bank.
std::vector<std::unique_ptr<google::protobuf::Message>> PublicEventsOf(
    const projection::RecordedEvent& event);

}  // namespace pdp::sim

#endif  // PDP_LIBS_SIM_COURIER_H_
