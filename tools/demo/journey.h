#ifndef PDP_TOOLS_DEMO_JOURNEY_H_
#define PDP_TOOLS_DEMO_JOURNEY_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "tools/demo/platform.h"

namespace pdp::demo {

struct JourneyOptions {
  std::string area = "N56";
  // Distinguishes journeys on one platform: the same name again changes nothing.
  std::string name = "first";
  // Gets each line of the story as it happens.
  std::function<void(const std::string&)> tell = [](const std::string&) {};
};

// What the journey found at its end.
struct JourneyResult {
  std::string referral_id;
  std::string reference;
  std::string route;
  std::string stratum;
  std::string holder;
};

// A person is registered with needs, risk and a sentence; a referral is opened, completed,
// submitted; the platform decides its route and freezes its difficulty; the subcontractor service
// apportions it; the organisation drawn accepts and puts a caseworker on it. Through gRPC and
// events alone. Every step is repeated patiently, so services may be killed and restarted under it.
absl::Status PlayJourney(Service& referral, const JourneyOptions& options, JourneyResult* result);

}  // namespace pdp::demo

#endif  // PDP_TOOLS_DEMO_JOURNEY_H_
