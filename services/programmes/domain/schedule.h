#ifndef PDP_SERVICES_PROGRAMMES_DOMAIN_SCHEDULE_H_
#define PDP_SERVICES_PROGRAMMES_DOMAIN_SCHEDULE_H_

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "libs/base/calendar.h"
#include "pdp/programmes/v1/types.pb.h"

// The one schedule engine (PRG-60 to 67): plans the rows of a version on weekly slots, and ripples
// what has to move behind a moved or lost session. Pure.

namespace pdp::programmes {

// Sessions begin and end between these minutes of the day (PRG-72).
inline constexpr int kDayStartMin = 7 * 60;  // sched.day_start
inline constexpr int kDayEndMin = 21 * 60;   // sched.day_end

// Where a session could be held: free with a room and a roster, or the reason why not
// (SITE_CLOSED, OUTSIDE_HOURS, ROOM_BOOKED, NO_STAFF). Bank holidays are the engine's own.
struct Place {
  std::string blocked;
  std::string room;
  std::vector<std::string> staff;
};
using Places = std::function<Place(Date date, int start_min, const v1::CatalogueRow& row)>;

struct Plan {
  std::vector<v1::Session> sessions;
  std::vector<v1::SkippedSlot> skipped;
};
// A reason code: NO_SLOTS, SCHEDULE_HORIZON_EXCEEDED, CALENDAR_NOT_COVERED, ORDER_VIOLATION,
// GAP_VIOLATION, BLOCKED_DAY, OUTSIDE_HOURS.
struct Unplannable {
  std::string code;
  std::string row;
};
using PlanResult = std::variant<Plan, Unplannable>;

// All rows from `earliest` on (PRG-60). Session ids are {owner_id}/{row} (PRG-64).
PlanResult PlanRows(const v1::ProgrammeVersion& version, const std::vector<v1::Slot>& slots,
                    const std::string& owner_id, Date earliest, const Places& places);

// Row `row` is put on (date, start_min), or, for a cancelled occurrence, on the first free slot
// behind its date; later rows keep their place while they may, else take the first free slot
// (PRG-65, 66). The plan holds the sessions that move, in row order.
struct Move {
  std::string row;
  bool cancelled = false;
  Date date;
  int start_min = 0;
  // Refuse instead of moving a later row.
  bool cascade_none = false;
};
PlanResult MoveRow(const v1::ProgrammeVersion& version, const std::vector<v1::Slot>& slots,
                   const std::vector<v1::Session>& sessions, const Move& move,
                   const Places& places);

}  // namespace pdp::programmes

#endif  // PDP_SERVICES_PROGRAMMES_DOMAIN_SCHEDULE_H_
