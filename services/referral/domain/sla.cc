#include "services/referral/domain/sla.h"

#include "services/referral/domain/working_days.h"

namespace pdp::referral {
namespace {

bool IsPaused(Date day, const std::vector<Pause>& pauses) {
  for (const Pause& pause : pauses) {
    if (pause.from <= day && (!pause.to || day < *pause.to)) return true;
  }
  return false;
}

// From this day on nothing is counted: a pause of it is open.
std::optional<Date> OpenFrom(const std::vector<Pause>& pauses) {
  std::optional<Date> open;
  for (const Pause& pause : pauses) {
    if (!pause.to && (!open || pause.from < *open)) open = pause.from;
  }
  return open;
}

}  // namespace

std::optional<Date> DayZero(absl::Time started, int cutoff_min) {
  const absl::CivilSecond local = LocalTime(started);
  const Date day(local);
  if (!InCalendar(day)) return std::nullopt;
  if (IsDayOfWork(day) && local.hour() * 60 + local.minute() < cutoff_min) return day;
  return DaysOfWorkAfter(day, 1);
}

std::optional<Due> DueAfter(Date day0, int n, const std::vector<Pause>& pauses) {
  const std::optional<Date> open = OpenFrom(pauses);
  Date day = day0;
  int remaining = n;
  while (remaining > 0) {
    ++day;
    if (open && day >= *open) return Due{std::nullopt, remaining};
    if (!InCalendar(day)) return std::nullopt;
    if (IsDayOfWork(day) && !IsPaused(day, pauses)) --remaining;
  }
  return Due{day, 0};
}

}  // namespace pdp::referral
