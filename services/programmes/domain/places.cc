#include "services/programmes/domain/places.h"

#include <algorithm>
#include <set>

#include "services/programmes/domain/catalogue.h"

namespace pdp::programmes {
namespace {

constexpr int kStaffTravelMin = 30;     // staff.travel_min
constexpr int kRoomTurnaroundMin = 15;  // room.turnaround_min

bool Inside(const v1::DateRange& range, Date date) {
  return *ParseDate(range.from()) <= date && date <= *ParseDate(range.to());
}

bool StaffFree(const v1::Facilitator& staff, const v1::Group& group, Date date, int start_min,
               int minutes, const std::set<std::string>& own) {
  for (const v1::DateRange& leave : staff.leave()) {
    if (Inside(leave, date)) return false;
  }
  return std::none_of(staff.bookings().begin(), staff.bookings().end(), [&](const auto& booking) {
    return !own.contains(booking.session_id()) &&
           Clashes(booking, date, start_min, minutes,
                   booking.site_id() == group.site_id() ? 0 : kStaffTravelMin);
  });
}

}  // namespace

bool HasCapability(const v1::Facilitator& staff, absl::string_view kind, Date on) {
  for (const v1::Capability& capability : staff.capabilities()) {
    if (capability.kind() != kind) continue;
    const auto gained = ParseDate(capability.gained_on());
    const auto expires = ParseDate(capability.expires_on());
    const auto revoked = ParseDate(capability.revoked_on());
    if (gained.has_value() && *gained <= on && (!expires.has_value() || on <= *expires) &&
        (!revoked.has_value() || on < *revoked)) {
      return true;
    }
  }
  return false;
}

bool Clashes(const v1::Booking& booking, Date date, int start_min, int minutes, int gap_min) {
  return ParseDate(booking.date()) == date && booking.start_min() < start_min + minutes + gap_min &&
         start_min < booking.start_min() + booking.minutes() + gap_min;
}

bool ExpectsWoman(const Unit& unit, const v1::Group& group) {
  if (group.sex_mode() == v1::WOMEN) return true;
  for (const v1::Member& member : group.members()) {
    const v1::Enrolment* enrolment = FindEnrolment(unit, member.enrolment_id());
    if (enrolment != nullptr && enrolment->responsivity().woman()) return true;
  }
  return false;
}

Places PlacesFor(const Unit& unit, const v1::Group& group) {
  std::vector<const v1::Facilitator*> candidates;
  std::vector<v1::RosteredStaff> order(group.staff().begin(), group.staff().end());
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return std::make_pair(a.cover(), a.order()) < std::make_pair(b.cover(), b.order());
  });
  for (const v1::RosteredStaff& rostered : order) {
    if (const auto* staff = FindFacilitator(unit, rostered.staff_id())) candidates.push_back(staff);
  }
  std::set<std::string> own;
  for (const v1::Session& session : group.sessions()) own.insert(session.session_id());
  const bool woman = ExpectsWoman(unit, group);
  const v1::Site* site = FindSite(unit, group.site_id());
  const v1::ProgrammeVersion* version = FindVersion(group.version_ref());
  const int expected = std::max(group.members_size(), group.size().min());
  return [=, &group](Date date, int start_min, const v1::CatalogueRow& row) -> Place {
    for (const v1::DateRange& closure : site->closures()) {
      if (Inside(closure, date)) return {.blocked = "SITE_CLOSED", .room = "", .staff = {}};
    }
    // PRG-38, 72.
    if (start_min < site->opens_min() || start_min + row.minutes() > site->closes_min()) {
      return {.blocked = "OUTSIDE_HOURS", .room = "", .staff = {}};
    }
    const int wanted = row.kind() == v1::GROUP ? version->staff_group() : 1;
    Place place;
    for (const v1::Room& room : site->rooms()) {
      const bool taken =
          std::any_of(room.bookings().begin(), room.bookings().end(), [&](const auto& booking) {
            return !own.contains(booking.session_id()) &&
                   Clashes(booking, date, start_min, row.minutes(), kRoomTurnaroundMin);
          });
      if (!taken && room.capacity() >= expected + wanted) {
        place.room = room.room_id();
        break;
      }
    }
    if (place.room.empty()) return {.blocked = "ROOM_BOOKED", .room = "", .staff = {}};
    // PRG-35: in order, the first combination that satisfies PRG-32 and 44. Every rule here is
    // about one person at a time, so the first that fit are the first combination.
    for (const v1::Facilitator* staff : candidates) {
      if (static_cast<int>(place.staff.size()) == wanted) break;
      if (staff->org() != group.delivery_org() ||
          !HasCapability(*staff, absl::StrCat("PROG:", version->code()), date) ||
          (woman && !HasCapability(*staff, "TRAUMA", date)) ||
          !StaffFree(*staff, group, date, start_min, row.minutes(), own)) {
        continue;
      }
      place.staff.push_back(staff->staff_id());
    }
    if (static_cast<int>(place.staff.size()) < wanted) {
      return {.blocked = "NO_STAFF", .room = "", .staff = {}};
    }
    return place;
  };
}

}  // namespace pdp::programmes
