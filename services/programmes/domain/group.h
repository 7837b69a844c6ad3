#ifndef PDP_SERVICES_PROGRAMMES_DOMAIN_GROUP_H_
#define PDP_SERVICES_PROGRAMMES_DOMAIN_GROUP_H_

#include <string>
#include <vector>

#include "services/programmes/domain/membership.h"

// What the commands on a group share.

namespace pdp::programmes {

struct FoundGroup {
  const v1::Group* group = nullptr;
  std::optional<Rejected> refused;
};
// The group, or the common refusals (interfaces, C12).
FoundGroup FindGroupFor(const Unit& unit, const std::string& group_id, const Facts& facts,
                        std::initializer_list<const char*> roles);
Rejected StateForbids(const v1::Group& group);
// Neither closed nor cancelled.
bool IsOpen(const v1::Group& group);

// Emits on the calendars of staff and rooms what the sessions take, and what those of the group
// with the same ids gave back.
void Book(Unit& unit, const v1::Group& group, const std::vector<v1::Session>& sessions);
// Frees rooms and rosters of every session that was not held.
void ReleasePlaces(Unit& unit, const v1::Group& group);
// Puts what members are expected at on their calendars.
void BookMembers(Unit& unit, const v1::Group& group, const std::vector<v1::Session>& sessions,
                 bool moved);
// Date on which everything the order must cover is over: the last session, REVIEW included
// (PRG-70); nullopt while the group has no schedule.
std::optional<Date> PlannedFinish(const v1::Group& group);
// What leaving makes of an enrolment: back to waiting when nothing was begun, else paused while its
// credit lives (PRG-102).
void ReleaseEnrolment(Unit& unit, const v1::Enrolment& enrolment, const std::string& reason_code,
                      Date on);

}  // namespace pdp::programmes

#endif  // PDP_SERVICES_PROGRAMMES_DOMAIN_GROUP_H_
