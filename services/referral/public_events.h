#ifndef PDP_SERVICES_REFERRAL_PUBLIC_EVENTS_H_
#define PDP_SERVICES_REFERRAL_PUBLIC_EVENTS_H_

#include <memory>
#include <vector>

#include "libs/projection/projection.h"

namespace pdp::referral {

// What the world sees of a recorded event (interfaces, B1): at most one PublicEvent, no personal
// data.
std::vector<std::unique_ptr<google::protobuf::Message>> ToPublic(
    const projection::RecordedEvent& recorded);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_PUBLIC_EVENTS_H_
