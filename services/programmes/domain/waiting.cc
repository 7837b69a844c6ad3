#include "services/programmes/domain/waiting.h"

#include <algorithm>

namespace pdp::programmes {

WaitingDays WaitingOn(const v1::Enrolment& enrolment, Date date) {
  const auto received = ParseDate(enrolment.received_on());
  if (!received.has_value()) return {};
  if (const auto started = ParseDate(enrolment.started_on())) date = std::min(date, *started);
  WaitingDays days;
  days.elapsed = static_cast<int>(std::max<int64_t>(0, date - *received));
  days.counted = days.elapsed;
  // Pauses may overlap (a suspension inside a time of not being ready); a day counts once.
  for (Date day = *received; day < date; ++day) {
    const std::string text = FormatDate(day);
    const bool paused = std::any_of(
        enrolment.pauses().begin(), enrolment.pauses().end(), [&](const v1::ClockPause& pause) {
          return pause.from() <= text && (pause.to().empty() || text < pause.to());
        });
    days.counted -= paused;
  }
  return days;
}

}  // namespace pdp::programmes
