#ifndef PDP_SERVICES_PROGRAMMES_PUBLIC_EVENTS_H_
#define PDP_SERVICES_PROGRAMMES_PUBLIC_EVENTS_H_

#include <memory>
#include <vector>

#include "google/protobuf/message.h"
#include "libs/projection/projection.h"

namespace pdp::programmes {

// What the world sees of a recorded event (interfaces, B2): one exhaustive switch, nothing for what
// stays private; never free text, never personal data. Pure.
std::vector<std::unique_ptr<google::protobuf::Message>> ToPublic(
    const projection::RecordedEvent& recorded);

}  // namespace pdp::programmes

#endif  // PDP_SERVICES_PROGRAMMES_PUBLIC_EVENTS_H_
