#ifndef PDP_LIBS_BASE_CALENDAR_H_
#define PDP_LIBS_BASE_CALENDAR_H_

#include <optional>
#include <string>
#include "absl/strings/string_view.h"

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

// The one calendar and month arithmetic of all services (interfaces, C10). Dates are Europe/London
// calendar dates, written YYYY-MM-DD in every message. Pure but for the time-zone database.

namespace pdp {

using Date = absl::CivilDay;

// The version of the shipped bank holiday table.
inline constexpr absl::string_view kCalendarVersion = "ew-2019-2028.1";

// Strict YYYY-MM-DD of an existing day; nullopt for anything else.
std::optional<Date> ParseDate(absl::string_view text);
std::string FormatDate(Date date);

// Local date and local time of an instant, and the first instant of a local date.
Date LocalDate(absl::Time instant);
absl::CivilSecond LocalTime(absl::Time instant);
absl::Time StartOfLocalDate(Date date);
// A local wall-clock time as an instant; `minute` counts from midnight.
absl::Time LocalInstant(Date date, int minute);

// ISO weekday: 1 Monday to 7 Sunday.
int IsoWeekday(Date date);
// Monday of the ISO week of the date.
Date WeekStart(Date date);

// True when the shipped table covers the date (2019-01-01 to 2028-12-31).
bool CalendarCovers(Date date);
bool IsBankHoliday(Date date);
// Monday to Friday and no bank holiday.
bool IsWorkingDay(Date date);
// The n-th working day after `date` (date is day 0), n >= 0; for n = 0 the date itself. nullopt
// when the computation leaves the coverage (CALENDAR_NOT_COVERED).
std::optional<Date> AddWorkingDays(Date date, int n);

// Same day number n months later, clamped to the month's end; n may be negative.
Date AddMonths(Date date, int n);
// Last day of the period of n months beginning with `date`.
Date PeriodLastDay(Date date, int n);
// Full years of age on a date; a 29 February birthday counts on 1 March in common years (REF-41).
int AgeOn(Date born, Date on);

}  // namespace pdp

#endif  // PDP_LIBS_BASE_CALENDAR_H_
