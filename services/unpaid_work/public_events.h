#ifndef PDP_SERVICES_UNPAID_WORK_PUBLIC_EVENTS_H_
#define PDP_SERVICES_UNPAID_WORK_PUBLIC_EVENTS_H_

#include <memory>
#include <vector>

#include "google/protobuf/message.h"
#include "libs/projection/projection.h"

namespace pdp::unpaid_work {

// What the world sees of a recorded event (interfaces, B3): one exhaustive switch, nothing for what
// stays private. Never personal data beyond the CRN. Pure.
std::vector<std::unique_ptr<google::protobuf::Message>> ToPublic(
    const projection::RecordedEvent& recorded);

}  // namespace pdp::unpaid_work

#endif  // PDP_SERVICES_UNPAID_WORK_PUBLIC_EVENTS_H_
