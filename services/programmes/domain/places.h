#ifndef PDP_SERVICES_PROGRAMMES_DOMAIN_PLACES_H_
#define PDP_SERVICES_PROGRAMMES_DOMAIN_PLACES_H_

#include "services/programmes/domain/programmes.h"
#include "services/programmes/domain/schedule.h"

namespace pdp::programmes {

// PRG-31: valid on the date.
bool HasCapability(const v1::Facilitator& staff, absl::string_view kind, Date on);
// PRG-36: two bookings closer than `gap_min` minutes on one date.
bool Clashes(const v1::Booking& booking, Date date, int start_min, int minutes, int gap_min);
// PRG-46 (comp.cultural_scope = ANY): for somebody of an ethnic minority at least one of the roster
// holds CULTURAL on the date or shares an identity code, exactly. True for everybody else.
bool Serves(const std::vector<const v1::Facilitator*>& roster, const v1::Responsivity& person,
            Date date);
// The members for whom PRG-46 asks.
std::vector<v1::Responsivity> MinorityMembers(const Unit& unit, const v1::Group& group);
// Whether a member or the mode of the group means that a woman is expected (PRG-44).
bool ExpectsWoman(const Unit& unit, const v1::Group& group);
// Where and with whom sessions of the group can be held (PRG-35 to 38, 44, 62), its own bookings
// left aside. Valid while the unit is.
Places PlacesFor(const Unit& unit, const v1::Group& group);

}  // namespace pdp::programmes

#endif  // PDP_SERVICES_PROGRAMMES_DOMAIN_PLACES_H_
