#include <algorithm>

#include "services/referral/domain/recorder.h"
#include "services/referral/domain/working_days.h"

// PauseClock, ResumeClock: by hand (REF-84). The automatic ones are the recorder's (REF-85).
namespace pdp::referral {
namespace {

struct ByHand {
  std::string clock;
  std::string reason;
  std::string effective_on;
};

bool IsPausable(absl::string_view clock) { return clock != "OFFER" && clock != "TRANSFER"; }

bool IsOpen(const v1::SlaPause& pause, const v1::SlaClock& clock) {
  return pause.clock() == clock.code() && pause.n() == clock.n() && pause.to().empty();
}

// The day of the last resume of this instance; empty: never paused.
std::string LastResume(const v1::Referral& referral, const v1::SlaClock& clock) {
  std::string last;
  for (const v1::SlaPause& pause : referral.pauses()) {
    if (pause.clock() == clock.code() && pause.n() == clock.n()) last = std::max(last, pause.to());
  }
  return last;
}

// The nth working day before `date`; nullopt when the calendar ends before it.
std::optional<Date> WorkingDaysBefore(Date date, int64_t n) {
  while (n > 0) {
    --date;
    if (!InCalendar(date)) return std::nullopt;
    if (IsDayOfWork(date)) --n;
  }
  return date;
}

std::optional<Rejected> CheckShape(const ByHand& given) {
  std::vector<Violation> found;
  if (FindCode("clock", given.clock) == nullptr) {
    found.push_back({.code = "UNKNOWN_CODE", .field = "clock", .detail = given.clock});
  }
  if (FindCode("pause", given.reason) == nullptr) {
    found.push_back({.code = "UNKNOWN_CODE", .field = "reason", .detail = given.reason});
  }
  if (!given.effective_on.empty() && !ParseDate(given.effective_on)) {
    found.push_back({.code = "DATE_MALFORMED", .field = "effective_on"});
  }
  if (found.empty()) return std::nullopt;
  return decider::ValidationFailed(std::move(found));
}

// Not before `earliest`, not after today, not before the 5th working day before today.
bool IsDateAllowed(Date on, const std::string& earliest, const Facts& facts) {
  if (FormatDate(on) < earliest || on > Today(facts)) return false;
  const auto oldest = WorkingDaysBefore(Today(facts), PolicyNow(facts).Int("clock.backdate_wd"));
  return !oldest || on >= *oldest;
}

}  // namespace

Verdict Handle(Unit& unit, const v1::PauseClock& command, const Facts& facts) {
  const AggregateId id = ReferralId(command.referral_id());
  if (auto refused = AdmitReferral(unit, facts, id, {"RO", "AA", "AM", "SYS"})) return *refused;
  if (auto refused = CheckShape({command.clock(), command.reason(), command.effective_on()})) {
    return *refused;
  }
  if (!IsPausable(command.clock())) return decider::Reject("CLOCK_NOT_PAUSABLE");
  Recorder record(unit, facts, id);
  const v1::SlaClock* live = record.LiveClock(command.clock());
  if (live == nullptr || live->status() == v1::SlaClock::BREACHED) {
    return decider::Reject("CLOCK_NOT_RUNNING");
  }
  const v1::Referral& referral = ReferralAt(unit, id);
  for (const v1::SlaPause& pause : referral.pauses()) {
    // The same reason is open already: nothing runs that it could stop.
    if (IsOpen(pause, *live) && pause.reason() == command.reason()) {
      return decider::Reject("CLOCK_NOT_RUNNING");
    }
  }
  const Date on = ParseDate(command.effective_on()).value_or(Today(facts));
  if (!IsDateAllowed(on, std::max(live->day0(), LastResume(referral, *live)), facts)) {
    return decider::Reject("PAUSE_DATE_INVALID");
  }
  record.PauseByHand(command.clock(), command.reason(), on);
  return record.Done();
}

Verdict Handle(Unit& unit, const v1::ResumeClock& command, const Facts& facts) {
  const AggregateId id = ReferralId(command.referral_id());
  if (auto refused = AdmitReferral(unit, facts, id, {"RO", "AA", "AM", "SYS"})) return *refused;
  if (auto refused = CheckShape({command.clock(), command.reason(), command.effective_on()})) {
    return *refused;
  }
  if (!IsPausable(command.clock())) return decider::Reject("CLOCK_NOT_PAUSABLE");
  Recorder record(unit, facts, id);
  const v1::SlaClock* live = record.LiveClock(command.clock());
  if (live == nullptr || live->status() == v1::SlaClock::BREACHED) {
    return decider::Reject("CLOCK_NOT_RUNNING");
  }
  const v1::SlaPause* open = nullptr;
  for (const v1::SlaPause& pause : ReferralAt(unit, id).pauses()) {
    if (IsOpen(pause, *live) && pause.reason() == command.reason()) open = &pause;
  }
  if (open == nullptr) return decider::Reject("CLOCK_NOT_PAUSED");
  const Date on = ParseDate(command.effective_on()).value_or(Today(facts));
  if (!IsDateAllowed(on, open->from(), facts)) return decider::Reject("PAUSE_DATE_INVALID");
  record.ResumeByHand(command.clock(), command.reason(), on);
  return record.Done();
}

}  // namespace pdp::referral
