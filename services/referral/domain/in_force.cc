#include "services/referral/domain/in_force.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/referral/domain/policy.h"
#include "services/referral/domain/working_days.h"

namespace pdp::referral {
namespace {

thread_local const RulesInForce* innermost = nullptr;

const v1::CodeList* ShippedCodes(absl::string_view name) {
  for (const v1::CodeList& list : ShippedCodeLists().lists()) {
    if (absl::string_view(list.name()) == name) return &list;
  }
  return nullptr;
}

}  // namespace

const v1::PublishedVersion* VersionOn(const v1::Settings& settings, Date day) {
  const v1::PublishedVersion* found = nullptr;
  for (const v1::PublishedVersion& version : settings.versions()) {
    const std::optional<Date> from = ParseDate(version.effective_from());
    if (!from || *from > day) continue;
    // Of two of one day the one published later.
    if (found == nullptr || *ParseDate(found->effective_from()) <= *from) found = &version;
  }
  return found;
}

RulesInForce::RulesInForce(LookUp look_up, Date today)
    : look_up_(std::move(look_up)), today_(today), outer_(innermost) {
  innermost = this;
}
RulesInForce::RulesInForce(const Unit& unit, Date today)
    : RulesInForce(
          [&unit](absl::string_view name) {
            const v1::State* state = unit.Find(SettingsId(name));
            return state == nullptr ? nullptr : &state->settings();
          },
          today) {}
RulesInForce::~RulesInForce() { innermost = outer_; }

const common::v1::PolicySet& RulesInForce::Policies() {
  const v1::Settings* settings =
      innermost == nullptr ? nullptr : innermost->look_up_(kPolicySettings);
  return settings == nullptr || settings->rows().rows().empty() ? ShippedPolicySet()
                                                                : settings->rows();
}

const v1::BankHolidays* RulesInForce::Calendar() {
  const v1::Settings* settings =
      innermost == nullptr ? nullptr : innermost->look_up_(kCalendarSettings);
  if (settings == nullptr) return nullptr;
  const v1::PublishedVersion* version = VersionOn(*settings, innermost->today_);
  return version == nullptr ? nullptr : &version->calendar();
}

const RulesInForce::Days* RulesInForce::ReadDays() const {
  if (days_known_) return days_ ? &*days_ : nullptr;
  days_known_ = true;
  const v1::BankHolidays* published = Calendar();
  if (published == nullptr) return nullptr;
  days_ = {.version = published->version(),
           .first = *ParseDate(published->first_day()),
           .last = *ParseDate(published->last_day())};
  // Checked when they were published: dates, ascending.
  for (const std::string& holiday : published->holidays()) {
    days_->holidays.push_back(*ParseDate(holiday));
  }
  return &*days_;
}

const RulesInForce::Days* RulesInForce::CalendarDays() {
  return innermost == nullptr ? nullptr : innermost->ReadDays();
}

const v1::CodeList* RulesInForce::Codes(absl::string_view name) {
  const v1::Settings* settings =
      innermost == nullptr ? nullptr : innermost->look_up_(absl::StrCat(kCodesSettings, name));
  const v1::PublishedVersion* version =
      settings == nullptr ? nullptr : VersionOn(*settings, innermost->today_);
  return version == nullptr ? ShippedCodes(name) : &version->codes();
}

// ---- working_days.h

bool InCalendar(Date date) {
  const RulesInForce::Days* published = RulesInForce::CalendarDays();
  if (published == nullptr) return CalendarCovers(date);
  return published->first <= date && date <= published->last;
}

bool IsDayOfWork(Date date) {
  const RulesInForce::Days* published = RulesInForce::CalendarDays();
  if (published == nullptr) return IsWorkingDay(date);
  return IsoWeekday(date) <= 5 && !std::binary_search(published->holidays.begin(),
                                                      published->holidays.end(), date);
}

std::optional<Date> DaysOfWorkAfter(Date date, int n) {
  while (n > 0) {
    ++date;
    if (!InCalendar(date)) return std::nullopt;
    if (IsDayOfWork(date)) --n;
  }
  return InCalendar(date) ? std::optional<Date>(date) : std::nullopt;
}

std::string CalendarNow() {
  const RulesInForce::Days* published = RulesInForce::CalendarDays();
  return published == nullptr ? std::string(kCalendarVersion) : published->version;
}

}  // namespace pdp::referral
