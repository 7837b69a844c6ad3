#ifndef PDP_SERVICES_REFERRAL_DOMAIN_WORKING_DAYS_H_
#define PDP_SERVICES_REFERRAL_DOMAIN_WORKING_DAYS_H_

#include <optional>
#include <string>

#include "libs/base/calendar.h"

// Working days by the calendar in force (in_force.h): the published one, else the shipped one
// (REF-80). Rules of time limits ask these, never libs/base/calendar.h alone.
namespace pdp::referral {

bool InCalendar(Date date);
bool IsDayOfWork(Date date);
// The n-th working day after `date`, n >= 0; nullopt: CALENDAR_NOT_COVERED.
std::optional<Date> DaysOfWorkAfter(Date date, int n);
// The version of the calendar.
std::string CalendarNow();

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_DOMAIN_WORKING_DAYS_H_
