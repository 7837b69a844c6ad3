#include "tests/system/world.h"

#include <algorithm>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "libs/base/status_macros.h"
#include "tools/demo/area.h"
#include "tools/demo/money.h"

namespace pdp::system_test {

using demo::JourneyOptions;
using demo::JourneyResult;

absl::Status World::Open(Processes::Options options) {
  if (platform_ != nullptr) return absl::OkStatus();
  processes_ = std::make_unique<Processes>(std::move(options));
  RETURN_IF_ERROR(processes_->StartAll());
  ASSIGN_OR_RETURN(auto platform, demo::Platform::Open(processes_->dir()));
  first_day_ = LocalDate(absl::Now());
  demo::AreaOptions area;
  area.first_day = first_day_;
  RETURN_IF_ERROR(demo::SetUpSupplyChain(platform->subcontractor, area));
  JourneyResult result;
  RETURN_IF_ERROR(demo::PlayJourney(*platform, OptionsOf("undisturbed"), &result));
  ASSIGN_OR_RETURN(const auto events, AllPublicEvents(*platform, processes_->services()));
  ASSIGN_OR_RETURN(undisturbed_, StoryOf(events, result));
  platform_ = std::move(platform);
  return absl::OkStatus();
}

absl::Status World::Close() {
  if (processes_ == nullptr) return absl::OkStatus();
  absl::Status ended = processes_->StopAll();
  processes_.reset();
  return ended;
}

JourneyOptions World::OptionsOf(const std::string& name) const {
  JourneyOptions options;
  options.name = name;
  options.first_day = first_day_;
  const std::vector<std::string>& services = processes_->services();
  options.programmes =
      std::find(services.begin(), services.end(), "programmes") != services.end();
  return options;
}

absl::Status World::Play(const std::string& name, JourneyResult* result) {
  return demo::PlayJourney(*platform_, OptionsOf(name), result);
}

std::string World::Disturbance(const std::map<std::string, JourneyResult>& journeys) {
  std::string wrong = Faults(*platform_, processes_->services());
  const auto events = Events();
  if (!events.ok()) return absl::StrCat(wrong, events.status().ToString(), "\n");
  for (const char* org : {"S01", "S02"}) {
    const auto faults = demo::LedgerFaults(*platform_, "N56", org);
    absl::StrAppend(&wrong, faults.ok() ? *faults : faults.status().ToString() + "\n");
  }
  for (const auto& [name, result] : journeys) {
    const auto story = StoryOf(*events, result);
    const std::string difference =
        story.ok() ? Difference(undisturbed_, *story) : story.status().ToString();
    if (!difference.empty()) absl::StrAppend(&wrong, name, ":\n", difference);
  }
  return wrong;
}

std::string World::StrikeAtEveryStep(const std::string& label,
                                     const std::function<void()>& strike) {
  const std::vector<std::string> steps = demo::JourneySteps(OptionsOf(""));
  std::map<std::string, JourneyResult> journeys;
  std::map<std::string, absl::Status> ends;
  absl::Mutex mutex;
  size_t waiting = 0;
  bool go = false;
  std::vector<std::thread> players;
  for (const std::string& at : steps) {
    const std::string name = absl::StrCat(label, " at ", at);
    JourneyResult* result = &journeys[name];
    absl::Status* end = &ends[name];
    players.emplace_back([&, at, name, result, end] {
      JourneyOptions options = OptionsOf(name);
      bool waited = false;
      options.before = [&](const std::string& step) {
        if (step != at) return absl::OkStatus();
        absl::MutexLock lock(&mutex);
        ++waiting;
        waited = true;
        mutex.Await(absl::Condition(&go));
        return absl::OkStatus();
      };
      *end = demo::PlayJourney(*platform_, options, result);
      // One that failed before its step must not be waited for.
      absl::MutexLock lock(&mutex);
      if (!waited) ++waiting;
    });
  }
  const auto all_wait = [&] { return waiting == steps.size(); };
  mutex.LockWhen(absl::Condition(&all_wait));
  go = true;
  mutex.Unlock();
  strike();
  for (std::thread& player : players) player.join();
  std::string wrong;
  for (const auto& [name, end] : ends) {
    if (!end.ok()) absl::StrAppend(&wrong, name, ": ", end.ToString(), "\n");
  }
  return wrong.empty() ? Disturbance(journeys) : wrong;
}

}  // namespace pdp::system_test
