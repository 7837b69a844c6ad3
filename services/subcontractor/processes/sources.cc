#include "services/subcontractor/processes/sources.h"

#include "pdp/programmes/v1/public_events.pb.h"
#include "pdp/referral/v1/public_events.pb.h"
#include "pdp/unpaid_work/v1/public_events.pb.h"

namespace pdp::subcontractor {

Charger::Sources FactSources() {
  return {{"programmes", &programmes::v1::PublicEvent::default_instance()},
          {"referral", &referral::v1::PublicEvent::default_instance()},
          {"unpaid_work", &unpaid_work::v1::PublicEvent::default_instance()}};
}

}  // namespace pdp::subcontractor
