#ifndef PDP_SERVICES_SUBCONTRACTOR_PROCESSES_CHARGER_H_
#define PDP_SERVICES_SUBCONTRACTOR_PROCESSES_CHARGER_H_

#include <map>
#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "libs/projection/process.h"
#include "pdp/common/v1/delivery_fact.pb.h"

namespace pdp::subcontractor {

// Charger (section 7; interfaces, D13 and E): every public event that carries a delivery fact
// becomes AccrueFact or ReverseFact in the cell of the fact's area. It reads the own partition of
// each source; a fact that belongs to another area goes to that area's cell. The fact_id makes the
// effect happen once, whatever comes twice or in another order. What is refused (NO_PRICE_RULE)
// becomes a task of the authority.
class Charger final : public projection::Process {
 public:
  // The PublicEvent of each service that publishes facts, by service name.
  using Sources = std::map<std::string, const google::protobuf::Message*>;
  explicit Charger(Sources sources) : sources_(std::move(sources)) {}

  std::string name() const override { return "charger"; }
  std::vector<projection::Subscription> subscriptions() const override;
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;

 private:
  static absl::Status RaiseTask(const common::v1::DeliveryFact& fact, Area area,
                                const std::string& code, projection::ProcessContext& context);
  Sources sources_;
};

// The delivery fact of the case set in a PublicEvent envelope; nullptr when it carries none.
const common::v1::DeliveryFact* FactOf(const google::protobuf::Message& public_event);

}  // namespace pdp::subcontractor

#endif  // PDP_SERVICES_SUBCONTRACTOR_PROCESSES_CHARGER_H_
