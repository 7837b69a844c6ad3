#include "services/programmes/domain/schedule.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"

namespace pdp::programmes {
namespace {

constexpr int kHorizonDays = 730;  // sched.horizon_days

// PRG-61: the first date a row may have behind the one before it.
Date Bound(Date previous, const v1::CatalogueRow& row) {
  return row.gap_weeks() > 0 ? previous + 7 * row.gap_weeks() : previous + 1;
}

struct Occurrence {
  Date date;
  int start_min;
};

std::vector<v1::Slot> Sorted(std::vector<v1::Slot> slots) {
  std::sort(slots.begin(), slots.end(), [](const v1::Slot& a, const v1::Slot& b) {
    return std::make_pair(a.iso_weekday(), a.start_min()) <
           std::make_pair(b.iso_weekday(), b.start_min());
  });
  return slots;
}

v1::Session MakeSession(const std::string& id, const v1::CatalogueRow& row, Date date,
                        int start_min, const Place& place) {
  v1::Session session;
  session.set_session_id(id);
  session.set_row(row.code());
  session.set_date(FormatDate(date));
  session.set_start_min(start_min);
  session.set_minutes(row.minutes());
  session.set_room(place.room);
  for (const std::string& staff : place.staff) session.add_staff(staff);
  session.set_placeholder(row.kind() != v1::GROUP);
  session.set_status(v1::PLANNED);
  return session;
}

// The first free slot on or after `from`; what is passed over goes to `skipped` (PRG-62).
std::variant<v1::Session, Unplannable> FirstFree(const std::vector<v1::Slot>& slots,
                                                 const std::string& id, const v1::CatalogueRow& row,
                                                 Date from, const Places& places,
                                                 std::vector<v1::SkippedSlot>* skipped) {
  for (int day = 0; day <= kHorizonDays; ++day) {
    const Date date = from + day;
    for (const v1::Slot& slot : slots) {
      if (slot.iso_weekday() != IsoWeekday(date)) continue;
      if (!CalendarCovers(date)) return Unplannable{"CALENDAR_NOT_COVERED", row.code()};
      Place place;
      if (IsBankHoliday(date)) {
        place.blocked = "BANK_HOLIDAY";
      } else {
        place = places(date, slot.start_min(), row);
      }
      if (place.blocked.empty()) return MakeSession(id, row, date, slot.start_min(), place);
      v1::SkippedSlot skip;
      skip.set_row(row.code());
      skip.set_date(FormatDate(date));
      skip.set_start_min(slot.start_min());
      skip.set_reason(place.blocked);
      skipped->push_back(std::move(skip));
    }
  }
  return Unplannable{"SCHEDULE_HORIZON_EXCEEDED", row.code()};
}

}  // namespace

PlanResult PlanRows(const v1::ProgrammeVersion& version, const std::vector<v1::Slot>& slots,
                    const std::string& owner_id, Date earliest, const Places& places) {
  if (slots.empty()) return Unplannable{"NO_SLOTS", ""};
  const std::vector<v1::Slot> sorted = Sorted(slots);
  Plan plan;
  std::optional<Date> previous;
  for (const v1::CatalogueRow& row : version.rows()) {
    const Date from = previous.has_value() ? Bound(*previous, row) : earliest;
    auto found = FirstFree(sorted, absl::StrCat(owner_id, "/", row.code()), row, from, places,
                           &plan.skipped);
    if (auto* failed = std::get_if<Unplannable>(&found)) return *failed;
    plan.sessions.push_back(std::get<v1::Session>(std::move(found)));
    previous = *ParseDate(plan.sessions.back().date());
    if (*previous - earliest > kHorizonDays) {
      return Unplannable{"SCHEDULE_HORIZON_EXCEEDED", row.code()};
    }
  }
  return plan;
}

PlanResult MoveRow(const v1::ProgrammeVersion& version, const std::vector<v1::Slot>& slots,
                   const std::vector<v1::Session>& sessions, const Move& move,
                   const Places& places) {
  const std::vector<v1::Slot> sorted = Sorted(slots);
  Plan plan;
  std::optional<Date> previous;
  bool behind = false;
  for (size_t i = 0; i < sessions.size(); ++i) {
    const v1::Session& session = sessions[i];
    const v1::CatalogueRow& row = version.rows(static_cast<int>(i));
    PDP_CHECK(session.row() == row.code(), "sessions stand in row order");
    const Date date = *ParseDate(session.date());
    if (session.row() != move.row && !behind) {
      previous = date;
      continue;
    }
    const std::optional<Date> bound =
        previous.has_value() ? std::optional<Date>(Bound(*previous, row)) : std::nullopt;
    if (session.row() == move.row) {
      behind = true;
      if (move.cancelled) {
        auto found = FirstFree(sorted, session.session_id(), row, date + 1, places, &plan.skipped);
        if (auto* failed = std::get_if<Unplannable>(&found)) return *failed;
        plan.sessions.push_back(std::get<v1::Session>(std::move(found)));
      } else {
        if (previous.has_value() && move.date <= *previous) {
          return Unplannable{"ORDER_VIOLATION", row.code()};
        }
        if (bound.has_value() && move.date < *bound) {
          return Unplannable{row.gap_weeks() > 0 ? "GAP_VIOLATION" : "ORDER_VIOLATION", row.code()};
        }
        if (!CalendarCovers(move.date)) return Unplannable{"CALENDAR_NOT_COVERED", row.code()};
        if (IsBankHoliday(move.date)) return Unplannable{"BLOCKED_DAY", row.code()};
        if (move.start_min < kDayStartMin || move.start_min + row.minutes() > kDayEndMin) {
          return Unplannable{"OUTSIDE_HOURS", row.code()};
        }
        const Place place = places(move.date, move.start_min, row);
        if (!place.blocked.empty()) {
          return Unplannable{place.blocked == "SITE_CLOSED"     ? "BLOCKED_DAY"
                             : place.blocked == "OUTSIDE_HOURS" ? "OUTSIDE_HOURS"
                             : place.blocked == "ROOM_BOOKED"   ? "ROOM_DOUBLE_BOOKED"
                                                                : "STAFF_DOUBLE_BOOKED",
                             row.code()};
        }
        plan.sessions.push_back(
            MakeSession(session.session_id(), row, move.date, move.start_min, place));
      }
      previous = *ParseDate(plan.sessions.back().date());
      continue;
    }
    // PRG-66: keeps its place when it may; the ripple stops there. Nothing is pulled earlier.
    if (date >= *bound) break;
    if (move.cascade_none) {
      return Unplannable{row.gap_weeks() > 0 ? "GAP_VIOLATION" : "ORDER_VIOLATION", row.code()};
    }
    auto found = FirstFree(sorted, session.session_id(), row, *bound, places, &plan.skipped);
    if (auto* failed = std::get_if<Unplannable>(&found)) return *failed;
    plan.sessions.push_back(std::get<v1::Session>(std::move(found)));
    previous = *ParseDate(plan.sessions.back().date());
  }
  return plan;
}

}  // namespace pdp::programmes
