#ifndef PDP_TOOLS_DEMO_JOURNEY_H_
#define PDP_TOOLS_DEMO_JOURNEY_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/base/calendar.h"
#include "tools/demo/platform.h"

namespace pdp::demo {

struct JourneyOptions {
  std::string area = "N56";
  // Distinguishes journeys on one platform: the same name again changes nothing.
  std::string name = "first";
  // The day it was first played: a repeat on another day must send the same commands.
  Date first_day;
  // Whether the programmes service runs: the journey then goes on to a planned group.
  bool programmes = false;
  // Gets each line of the story as it happens.
  std::function<void(const std::string&)> tell = [](const std::string&) {};
  // Asked before each step, by its name; an error ends the playing with it. Tests kill somebody
  // there, or the player.
  std::function<absl::Status(const std::string&)> before = [](const std::string&) {
    return absl::OkStatus();
  };
};

// What the journey found at its end.
struct JourneyResult {
  std::string crn;
  std::string referral_id;
  std::string reference;
  std::string route;
  std::string stratum;
  // The organisation drawn, and the pool member that was not.
  std::string holder;
  std::string other;
  // cases/{area}-{referral_id}, as the gateway names it.
  std::string case_name;
  // {referral_id}/{round}
  std::string enrolment_id;
  // The second woman, who joins the same group.
  std::string companion_crn, companion_referral_id;
  // What the subcontract owes for it.
  int charges = 0;
  int64_t charged_pence = 0;
};

// The names of the steps that these options play, in order.
std::vector<std::string> JourneySteps(const JourneyOptions& options);

// A person is registered with needs, risk and a sentence; a referral is opened, completed,
// submitted; the platform decides its route and freezes its difficulty; the subcontractor service
// apportions it; the organisation drawn finds the offer at the gateway, which shows it to nobody
// else, accepts it there and puts a caseworker on the case. With programmes: the enrolment opens by
// the event and a women's group is planned from the catalogue. Through gRPC and events alone. Every
// step is repeated patiently and carries ids made from the journey's name, so services may be
// killed and restarted under it, and so may the caller: played again, it goes on where it stood.
//
// FailedPrecondition says which step was refused and why; DeadlineExceeded what never came.
absl::Status PlayJourney(Platform& platform, const JourneyOptions& options,
                         JourneyResult* result);

}  // namespace pdp::demo

#endif  // PDP_TOOLS_DEMO_JOURNEY_H_
