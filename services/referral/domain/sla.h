#ifndef PDP_SERVICES_REFERRAL_DOMAIN_SLA_H_
#define PDP_SERVICES_REFERRAL_DOMAIN_SLA_H_

#include <optional>
#include <vector>

#include "libs/base/calendar.h"

// Time limits in working days (REF-80 to REF-83): pure arithmetic over the calendar.
namespace pdp::referral {

// Half open: counted days are those with no pause from <= d < to. Open: still paused.
struct Pause {
  Date from;
  std::optional<Date> to;
};

struct Due {
  // nullopt: paused before the limit was reached (REF-82).
  std::optional<Date> due_on;
  int remaining_days = 0;
};

// REF-81: the local date when it is a working day before the cut-off (minutes after midnight),
// else the next working day. nullopt: CALENDAR_NOT_COVERED.
std::optional<Date> DayZero(absl::Time started, int cutoff_min);

// REF-81, REF-82. `n` >= 1. nullopt: CALENDAR_NOT_COVERED.
std::optional<Due> DueAfter(Date day0, int n, const std::vector<Pause>& pauses);

// REF-83: nullopt is met.
inline bool IsMet(Date stopped, std::optional<Date> due_on) {
  return !due_on || stopped <= *due_on;
}

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_DOMAIN_SLA_H_
