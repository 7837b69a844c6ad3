#ifndef PDP_SERVICES_SUBCONTRACTOR_PUBLIC_EVENTS_H_
#define PDP_SERVICES_SUBCONTRACTOR_PUBLIC_EVENTS_H_

#include <memory>
#include <vector>

#include "google/protobuf/message.h"
#include "libs/projection/projection.h"

namespace pdp::subcontractor {

// What the world sees of a recorded event (interfaces, B4): one exhaustive switch, nothing for what
// stays private. Pure.
std::vector<std::unique_ptr<google::protobuf::Message>> ToPublic(
    const projection::RecordedEvent& recorded);

}  // namespace pdp::subcontractor

#endif  // PDP_SERVICES_SUBCONTRACTOR_PUBLIC_EVENTS_H_
