#ifndef PDP_SERVICES_PROGRAMMES_ESTIMATE_H_
#define PDP_SERVICES_PROGRAMMES_ESTIMATE_H_

#include <functional>
#include <string>
#include <vector>

#include "libs/base/calendar.h"
#include "pdp/programmes/v1/queries.pb.h"
#include "pdp/programmes/v1/types.pb.h"

// When a version of a route could be finished (PRG-18; interfaces, A1). Pure.

namespace pdp::programmes {

// What delivery tokens say of a person whose name nobody gives (PRG-18).
struct Tokens {
  bool woman = false;  // TRAUMA_INFORMED_STAFF
  bool ldc = false;    // ACCESSIBLE_MATERIALS
  // Her delivery choice (PRG-43).
  bool women_only = false;
  bool one_to_one = false;
};
Tokens ReadTokens(const google::protobuf::RepeatedPtrField<std::string>& tokens);

// Whether people like this may be on the version at all.
bool Admits(const v1::ProgrammeVersion& version, const Tokens& tokens);

// A group that is SCHEDULED, CONFIRMED or RUNNING, as it stands.
struct Joinable {
  v1::Group group;
  // Members who attend now (PRG-42).
  int women = 0;
  int others = 0;
  // PRG-44: every session from now on has trauma-informed staff.
  bool trauma_informed = false;
};
// PRG-18 (a): its join_last_row is dated after `from`, it has a place, and PRG-42 (read as if
// confirmed), 43, 44 and 50 hold with the person in it.
bool MayJoin(const v1::ProgrammeVersion& version, const Joinable& candidate, const Tokens& tokens,
             Date from);

// Planned last date, REVIEW included (rule 10); nullopt without a schedule.
std::optional<Date> LastDate(const v1::Group& group);

// Of each version of the route that fits the tokens, the earlier of the first group to finish and
// the nominal date; earliest first. `groups_of` gives the candidates of a version. Empty: no
// version fits.
using GroupsOf = std::function<std::vector<Joinable>(const v1::ProgrammeVersion& version)>;
std::vector<v1::EstimateCompletionReply::Estimate> Estimate(const std::string& route,
                                                            const Tokens& tokens, Date from,
                                                            const GroupsOf& groups_of);

}  // namespace pdp::programmes

#endif  // PDP_SERVICES_PROGRAMMES_ESTIMATE_H_
