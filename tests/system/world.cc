#include "tests/system/world.h"

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

absl::Status World::Open(int chapter, Processes::Options options) {
  if (platform_ == nullptr) {
    processes_ = std::make_unique<Processes>(std::move(options));
    first_day_ = demo::FirstDayOf(LocalDate(absl::Now()));
    processes_->LiveDaysAgo(demo::DaysBehind(0, first_day_, absl::Now()));
    RETURN_IF_ERROR(processes_->StartAll());
    ASSIGN_OR_RETURN(platform_, demo::Platform::Open(processes_->dir()));
    demo::AreaOptions area;
    area.first_day = first_day_;
    RETURN_IF_ERROR(demo::SetUpSupplyChain(platform_->subcontractor, area));
    RETURN_IF_ERROR(Tell());
  }
  if (chapter < chapter_) return absl::FailedPreconditionError("that chapter is over");
  while (chapter_ < chapter) {
    ++chapter_;
    RETURN_IF_ERROR(processes_->StopAll());
    processes_->LiveDaysAgo(demo::DaysBehind(chapter_, first_day_, absl::Now()));
    RETURN_IF_ERROR(processes_->StartAll());
    RETURN_IF_ERROR(Settle());
    RETURN_IF_ERROR(Tell());
  }
  return absl::OkStatus();
}

// The measure of the present chapter.
absl::Status World::Tell() {
  JourneyResult result;
  RETURN_IF_ERROR(Play("undisturbed", &result));
  RETURN_IF_ERROR(Settle());
  ASSIGN_OR_RETURN(const auto events, Events());
  ASSIGN_OR_RETURN(undisturbed_, StoryOf(events, result));
  return absl::OkStatus();
}

// What fell due, or was set off, has been told: nothing more comes for a while.
absl::Status World::Settle() {
  size_t told = 0;
  absl::Time quiet_since = absl::Now();
  const absl::Time give_up = absl::Now() + absl::Seconds(60);
  while (absl::Now() < quiet_since + absl::Seconds(1)) {
    if (absl::Now() > give_up) return absl::DeadlineExceededError("the days between do not end");
    ASSIGN_OR_RETURN(const auto feeds, Events());
    size_t now = 0;
    for (const auto& [service, events] : feeds) now += events.size();
    if (now != told) quiet_since = absl::Now();
    told = now;
    absl::SleepFor(absl::Milliseconds(50));
  }
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
  options.chapters = chapter_ + 1;
  return options;
}

absl::Status World::Play(const std::string& name, JourneyResult* result) {
  return demo::PlayJourney(*platform_, OptionsOf(name), result);
}

std::string World::Disturbance(const std::map<std::string, JourneyResult>& journeys) {
  std::string wrong = Faults(*platform_, processes_->services());
  for (const char* org : {"S01", "S02"}) {
    const auto faults = demo::LedgerFaults(*platform_, "N56", org);
    absl::StrAppend(&wrong, faults.ok() ? *faults : faults.status().ToString() + "\n");
  }
  // What a story's last step set off may still be on its way.
  const absl::Time give_up = absl::Now() + absl::Seconds(15);
  std::string different;
  do {
    different.clear();
    const auto events = Events();
    if (!events.ok()) return absl::StrCat(wrong, events.status().ToString(), "\n");
    for (const auto& [name, result] : journeys) {
      const auto story = StoryOf(*events, result);
      const std::string difference =
          story.ok() ? Difference(undisturbed_, *story) : story.status().ToString();
      if (!difference.empty()) absl::StrAppend(&different, name, ":\n", difference);
    }
  } while (!different.empty() && absl::Now() < give_up);
  return wrong + different;
}

std::string World::StrikeAtEveryStep(const std::string& label,
                                     const std::function<void()>& strike, int stride,
                                     int offset) {
  std::map<std::string, JourneyResult> journeys;
  std::map<std::string, absl::Status> ends;
  absl::Mutex mutex;
  size_t waiting = 0, expected = 0;
  bool go = false;
  std::vector<std::thread> players;
  int number = offset;
  for (int chapter = 0; chapter < demo::kChapterCount; ++chapter) {
    for (const std::string& at : demo::JourneySteps(chapter)) {
      if (number++ % stride != 0 || chapter < chapter_) continue;
      const std::string name = absl::StrCat(label, " at ", at);
      JourneyResult* result = &journeys[name];
      absl::Status* end = &ends[name];
      const bool waits = chapter == chapter_;
      if (waits) ++expected;
      players.emplace_back([&, at, name, result, end, waits] {
        JourneyOptions options = OptionsOf(name);
        bool waited = false;
        options.before = [&](const std::string& step) {
          if (!waits || step != at) return absl::OkStatus();
          absl::MutexLock lock(&mutex);
          ++waiting;
          waited = true;
          mutex.Await(absl::Condition(&go));
          return absl::OkStatus();
        };
        *end = demo::PlayJourney(*platform_, options, result);
        // One that failed before its step must not be waited for.
        absl::MutexLock lock(&mutex);
        if (waits && !waited) ++waiting;
      });
    }
  }
  const auto all_wait = [&] { return waiting == expected; };
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
