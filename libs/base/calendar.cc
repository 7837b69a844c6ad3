#include "libs/base/calendar.h"

#include <algorithm>
#include <array>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "libs/base/check.h"

namespace pdp {
namespace {

// England and Wales, referral specification, section 6; YYYYMMDD, ascending.
constexpr std::array kBankHolidays = {
    20190101, 20190419, 20190422, 20190506, 20190527, 20190826, 20191225, 20191226,
    20200101, 20200410, 20200413, 20200508, 20200525, 20200831, 20201225, 20201228,
    20210101, 20210402, 20210405, 20210503, 20210531, 20210830, 20211227, 20211228,
    20220103, 20220415, 20220418, 20220502, 20220602, 20220603, 20220829, 20220919, 20221226,
    20221227,
    20230102, 20230407, 20230410, 20230501, 20230508, 20230529, 20230828, 20231225, 20231226,
    20240101, 20240329, 20240401, 20240506, 20240527, 20240826, 20241225, 20241226,
    20250101, 20250418, 20250421, 20250505, 20250526, 20250825, 20251225, 20251226,
    20260101, 20260403, 20260406, 20260504, 20260525, 20260831, 20261225, 20261228,
    20270101, 20270326, 20270329, 20270503, 20270531, 20270830, 20271227, 20271228,
    20280103, 20280414, 20280417, 20280501, 20280529, 20280828, 20281225, 20281226,
};

int Number(Date date) {
  return static_cast<int>(date.year() * 10000 + date.month() * 100 + date.day());
}

const absl::TimeZone& London() {
  static const absl::TimeZone zone = [] {
    absl::TimeZone loaded;
    PDP_CHECK(absl::LoadTimeZone("Europe/London", &loaded),
              "the time-zone database (package tzdata) is missing");
    return loaded;
  }();
  return zone;
}

int DaysInMonth(absl::CivilMonth month) {
  return static_cast<int>(Date(month + 1) - Date(month));
}

}  // namespace

std::optional<Date> ParseDate(absl::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  int year = 0, month = 0, day = 0;
  const auto digits = [](absl::string_view part, int* value) {
    return part.find_first_not_of("0123456789") == absl::string_view::npos &&
           absl::SimpleAtoi(part, value);
  };
  if (!digits(text.substr(0, 4), &year) || !digits(text.substr(5, 2), &month) ||
      !digits(text.substr(8, 2), &day)) {
    return std::nullopt;
  }
  const Date date(year, month, day);
  if (date.year() != year || date.month() != month || date.day() != day) return std::nullopt;
  return date;
}

std::string FormatDate(Date date) {
  return absl::StrFormat("%04d-%02d-%02d", date.year(), date.month(), date.day());
}

Date LocalDate(absl::Time instant) { return absl::ToCivilDay(instant, London()); }
absl::CivilSecond LocalTime(absl::Time instant) { return absl::ToCivilSecond(instant, London()); }
absl::Time StartOfLocalDate(Date date) { return absl::FromCivil(date, London()); }
absl::Time LocalInstant(Date date, int minute) {
  return absl::FromCivil(absl::CivilMinute(date) + minute, London());
}

int IsoWeekday(Date date) { return static_cast<int>(absl::GetWeekday(date)) + 1; }
Date WeekStart(Date date) { return date - (IsoWeekday(date) - 1); }

bool CalendarCovers(Date date) { return date.year() >= 2019 && date.year() <= 2028; }

bool IsBankHoliday(Date date) {
  return std::binary_search(kBankHolidays.begin(), kBankHolidays.end(), Number(date));
}

bool IsWorkingDay(Date date) { return IsoWeekday(date) <= 5 && !IsBankHoliday(date); }

std::optional<Date> AddWorkingDays(Date date, int n) {
  if (!CalendarCovers(date)) return std::nullopt;
  while (n > 0) {
    ++date;
    if (!CalendarCovers(date)) return std::nullopt;
    if (IsWorkingDay(date)) --n;
  }
  return date;
}

Date AddMonths(Date date, int n) {
  const absl::CivilMonth month = absl::CivilMonth(date) + n;
  return Date(month.year(), month.month(), std::min(date.day(), DaysInMonth(month)));
}

Date PeriodLastDay(Date date, int n) {
  const absl::CivilMonth month = absl::CivilMonth(date) + n;
  if (date.day() > DaysInMonth(month)) return Date(month.year(), month.month(), DaysInMonth(month));
  return Date(month.year(), month.month(), date.day()) - 1;
}

int AgeOn(Date born, Date on) {
  const int years = static_cast<int>(on.year() - born.year());
  // CivilDay normalises 29 February of a common year to 1 March, which is the rule.
  return on < Date(on.year(), born.month(), born.day()) ? years - 1 : years;
}

}  // namespace pdp
