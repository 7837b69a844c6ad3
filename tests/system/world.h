#ifndef PDP_TESTS_SYSTEM_WORLD_H_
#define PDP_TESTS_SYSTEM_WORLD_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/base/calendar.h"
#include "tests/system/processes.h"
#include "tests/system/story.h"
#include "tools/demo/journey.h"
#include "tools/demo/platform.h"

namespace pdp::system_test {

// A platform of real processes with the demonstration area, and the story of a journey that nobody
// disturbed: the measure of all journeys after it. Used from the main thread.
class World {
 public:
  // Started by the first Open, in the first chapter; later ones return the same. Goes on to
  // `chapter` where it stands before it: the services end, and live on in the days of that chapter.
  // FailedPrecondition when it stands behind it.
  absl::Status Open(int chapter = 0, Processes::Options options = {});
  // Every process must end by itself with 0: then no sanitizer had anything to say.
  absl::Status Close();

  demo::JourneyOptions OptionsOf(const std::string& name) const;
  // As far as the present chapter.
  absl::Status Play(const std::string& name, demo::JourneyResult* result);

  // Plays one journey for each step, together: each waits before its step, and when all wait they
  // go on and `strike` runs. So each step of the present chapter meets the strike; journeys for
  // steps of later chapters are played as far as this one. `label` is the same in each chapter.
  // With `stride` above 1, every stride-th step, counted over all chapters from `offset`.
  // Returns what is wrong afterwards: a journey that did not end, or whose story is not the
  // undisturbed one; empty when nothing is.
  std::string StrikeAtEveryStep(const std::string& label, const std::function<void()>& strike,
                                int stride = 1, int offset = 0);

  // What is wrong with these journeys, with any feed, or with any log; empty when nothing is.
  std::string Disturbance(const std::map<std::string, demo::JourneyResult>& journeys);

  absl::StatusOr<std::map<std::string, std::vector<common::v1::CloudEvent>>> Events() {
    return AllPublicEvents(*platform_, processes_->services());
  }
  Processes& processes() { return *processes_; }
  demo::Platform& platform() { return *platform_; }
  const Story& undisturbed() const { return undisturbed_; }

 private:
  absl::Status Tell();
  absl::Status Settle();

  int chapter_ = 0;
  std::unique_ptr<Processes> processes_;
  std::unique_ptr<demo::Platform> platform_;
  Date first_day_;
  Story undisturbed_;
};

}  // namespace pdp::system_test

#endif  // PDP_TESTS_SYSTEM_WORLD_H_
