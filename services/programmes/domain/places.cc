#include "services/programmes/domain/places.h"

#include <algorithm>
#include <numeric>
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

// PRG-35: the first combination of `wanted` staff, lexicographic by position, that serves every
// minority attendee (PRG-46); empty when there is none. `fit` are in order.
std::vector<std::string> FirstRoster(const std::vector<const v1::Facilitator*>& fit, int wanted,
                                     const std::vector<v1::Responsivity>& minorities, Date date) {
  const int n = static_cast<int>(fit.size());
  if (wanted > n) return {};
  std::vector<int> chosen(wanted);
  std::iota(chosen.begin(), chosen.end(), 0);
  while (true) {
    std::vector<const v1::Facilitator*> roster;
    for (const int i : chosen) roster.push_back(fit[i]);
    if (std::all_of(minorities.begin(), minorities.end(),
                    [&](const auto& person) { return Serves(roster, person, date); })) {
      std::vector<std::string> ids;
      for (const v1::Facilitator* staff : roster) ids.push_back(staff->staff_id());
      return ids;
    }
    // The next combination in lexicographic order.
    int i = wanted - 1;
    while (i >= 0 && chosen[i] == n - wanted + i) --i;
    if (i < 0) return {};
    ++chosen[i];
    for (int j = i + 1; j < wanted; ++j) chosen[j] = chosen[j - 1] + 1;
  }
}

}  // namespace

bool Serves(const std::vector<const v1::Facilitator*>& roster, const v1::Responsivity& person,
            Date date) {
  if (person.minority_ethnic() != "YES") return true;
  return std::any_of(roster.begin(), roster.end(), [&](const v1::Facilitator* staff) {
    return HasCapability(*staff, "CULTURAL", date) ||
           std::any_of(staff->identity_codes().begin(), staff->identity_codes().end(),
                       [&](const std::string& code) {
                         return std::find(person.identity_codes().begin(),
                                          person.identity_codes().end(),
                                          code) != person.identity_codes().end();
                       });
  });
}

std::vector<v1::Responsivity> MinorityMembers(const Unit& unit, const v1::Group& group) {
  std::vector<v1::Responsivity> people;
  for (const v1::Member& member : group.members()) {
    const v1::Enrolment* enrolment = FindEnrolment(unit, member.enrolment_id());
    if (enrolment != nullptr && enrolment->responsivity().minority_ethnic() == "YES") {
      people.push_back(enrolment->responsivity());
    }
  }
  return people;
}

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
  const std::vector<v1::Responsivity> minorities = MinorityMembers(unit, group);
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
    std::vector<const v1::Facilitator*> fit;
    for (const v1::Facilitator* staff : candidates) {
      if (staff->org() == group.delivery_org() &&
          HasCapability(*staff, absl::StrCat("PROG:", version->code()), date) &&
          (!woman || HasCapability(*staff, "TRAUMA", date)) &&
          StaffFree(*staff, group, date, start_min, row.minutes(), own)) {
        fit.push_back(staff);
      }
    }
    place.staff = FirstRoster(fit, wanted, minorities, date);
    if (place.staff.empty()) return {.blocked = "NO_STAFF", .room = "", .staff = {}};
    return place;
  };
}

}  // namespace pdp::programmes
