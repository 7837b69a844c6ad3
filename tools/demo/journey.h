#ifndef PDP_TOOLS_DEMO_JOURNEY_H_
#define PDP_TOOLS_DEMO_JOURNEY_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/calendar.h"
#include "tools/demo/platform.h"

namespace pdp::demo {

// A journey takes a month: what happens to a person happens on its day, or the services refuse it.
// It is played in chapters, with the services living in the past (pdp-referral --help,
// --days-behind). It ends on the second of a month, when the statements of the one before have been
// drafted (SUB-100), and within the 30 days for which a command id is remembered.
struct Chapter {
  const char* name;
  // The day on which the services live while it is played, counted from that of the first chapter.
  int day;
};
inline constexpr Chapter kChapters[] = {
    {"placement", 0}, {"beginning", 9}, {"delivery", 26}, {"settlement", 28}};
inline constexpr int kChapterCount = 4;

// The day of the first chapter of the newest journey that has ended by `today`.
Date FirstDayOf(Date today);
// How many times 24 hours before `now` a chapter of a journey is that began on `first_day`.
int DaysBehind(int chapter, Date first_day, absl::Time now);

struct JourneyOptions {
  std::string area = "N56";
  // Distinguishes journeys on one platform: the same name again changes nothing.
  std::string name = "first";
  // The day of the first chapter, as it was first played: a repeat on another day must send the
  // same commands.
  Date first_day;
  // How many chapters to play. Earlier ones are played again, which changes nothing: their command
  // ids are remembered for 30 days, longer than a journey takes.
  int chapters = kChapterCount;
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
  // The man with unpaid work, and who delivers it.
  std::string worker_crn, worker_referral_id, worker_reference, worker_holder, worker_other;
  // What is owed and has been worked of it, in minutes.
  int64_t owed_minutes = 0, worked_minutes = 0;
  // The second woman, who joins the same group.
  std::string companion_crn, companion_referral_id;
  // What the subcontracts owe for both; the charges are on accepted statements at the end.
  int charges = 0;
  int64_t charged_pence = 0;
};

// The names of the steps of one chapter (from 0), in order.
std::vector<std::string> JourneySteps(int chapter);

// The life of two cases.
//
//   placement   A woman with needs, risk and a community order is registered; a referral is opened,
//               completed, submitted; the platform decides its route and freezes its difficulty; it
//               is apportioned; the organisation drawn finds the offer at the gateway, which shows
//               it to nobody else, accepts it there and puts a caseworker on the case. Her
//               enrolment opens by the event, and a women's group is planned from the catalogue. A
//               man with 100 hours of unpaid work comes the same way: his case opens by the event,
//               he is assessed, and instructed to come to an induction.
//   beginning   The first registers and a measure come in through the gateway; completion is
//               refused with every reason. He has been inducted, gets a seat in a session and is
//               instructed in writing.
//   delivery    The rest of the registers, the second measure, the review, completion. His work is
//               credited to a ledger that balances. Each delivery fact has become one charge, once.
//   settlement  The month is over: its statements carry each of these charges once, and the
//               organisations accept them at the gateway.
//
// Through gRPC and events alone. Every step is repeated patiently and carries ids made from the
// journey's name, so services may be killed and restarted under it, and so may the caller: played
// again, it goes on where it stood.
//
// FailedPrecondition says which step was refused and why; DeadlineExceeded what never came.
absl::Status PlayJourney(Platform& platform, const JourneyOptions& options,
                         JourneyResult* result);

}  // namespace pdp::demo

#endif  // PDP_TOOLS_DEMO_JOURNEY_H_
